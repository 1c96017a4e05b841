"""Date mentions to days: a gold table by construction, and what holds for every text."""

from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arevent.document import DateValue
from arevent.tables import TableError, read_table
from arevent.values import dates_words
from arevent.values.dates import read_date

COLUMNS = (
    "construction",
    "mention",
    "before",
    "after",
    "reference",
    "start",
    "end",
    "granularity",
    "part_of_day",
    "reason",
)
CASES = read_table(Path(__file__).with_name("dates.tsv"), COLUMNS)


def read(case):
    return read_date(case["mention"], case["reference"] or None, case["before"], case["after"])


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['construction']}: {c['mention']}")
def test_gold(case):
    value = read(case)
    expected = tuple(case[name] or None for name in COLUMNS[5:9])
    assert (value.start, value.end, value.granularity, value.part_of_day) == expected, value.reason
    assert (value.reason is None) == (value.start is not None)
    assert case["reason"] in (value.reason or "")


READ_IN_NEWS = [
    pytest.param("الثالث من الشهر الجاري", "", "", "2018-05-03", id="day of a relative month"),
    pytest.param("الـ24 الساعة الماضية", "", "", "2018-05-15", id="counted hour with an article"),
    pytest.param('عيد "النوروز', "", "", "2018-03-21", id="quotation mark inside"),
    pytest.param("أسبوع", "هدنة سارية منذ", " على الحدود", "2018-05-07", id="منذ is not anchored"),
    pytest.param("الخميس", "ستستمر الجلسات المنعقدة منذ", "", "2018-05-10", id="منذ looks back"),
    pytest.param("الأحد", "استقبل سيرجيو ستيفنز", " وفدا", "2018-05-13", id="names are no verbs"),
    pytest.param("الأحد", "أعلن المرشح سيسيليو", "", "2018-05-13", id="a name under a past verb"),
    pytest.param("الأحد", "أعلن المرشح أنه سيزورها", "", "2018-05-20", id="a verb in a clause"),
    pytest.param("قبل ربع قرن", "", "", "1990-01-01", id="fraction of a unit"),
    pytest.param("مارس", "", " الماضي", "2018-03-01", id="direction outside the mention"),
]


@pytest.mark.parametrize(("mention", "before", "after", "start"), READ_IN_NEWS)
def test_wording_of_news(mention, before, after, start):
    assert read_date(mention, "2018-05-16", before, after).start == start


def test_gold_has_enough_of_every_construction():
    by_construction = defaultdict(int)
    for case in CASES:
        by_construction[case["construction"]] += 1
    assert len(CASES) >= 200
    assert len(by_construction) >= 25
    assert min(by_construction.values()) >= 5


# Words of the tables in any order are harder to read than random letters.
WORDS = st.sampled_from(sorted(dates_words.lexicon()[0]))
NUMBERS = st.integers(0, 3000).map(str)
SIGNS = st.sampled_from(["و", "ال", "ه", "م", "/", "-", "20/1/2022", "10:30", "\u200f", "كلمة"])
DATE_LIKE = st.lists(st.one_of(WORDS, NUMBERS, SIGNS), max_size=8).map(" ".join)
TEXTS = st.one_of(st.text(max_size=40), DATE_LIKE)
GRANULARITIES = frozenset(
    {"day", "week", "month", "season", "quarter", "half", "year", "decade", "century", "span"}
)
REFERENCES = st.one_of(st.none(), st.dates())


@settings(max_examples=300, deadline=None)
@given(mention=TEXTS, reference=REFERENCES, before=TEXTS, after=TEXTS)
def test_any_text_gives_an_ordered_interval_or_a_reason(mention, reference, before, after):
    value = read_date(mention, reference, before, after)
    assert value == read_date(mention, reference, before, after)
    if value.start is None:
        assert value.reason
        assert value.end is value.granularity is None
        return
    assert value.reason is None
    assert value.granularity in GRANULARITIES
    assert date.fromisoformat(value.start) <= date.fromisoformat(value.end)
    assert (value.granularity == "day") <= (value.start == value.end)


RELATIVE = st.sampled_from(
    ["أمس", "الاثنين", "الأسبوع الماضي", "قبل يومين", "5 مايو", "رمضان", "عيد الفطر", "هذا العام"]
)


@given(mention=RELATIVE, before=DATE_LIKE)
def test_relative_words_never_resolve_without_a_reference_date(mention, before):
    assert read_date(mention, None, before).reason == "needs the document's date"


@given(reference=st.dates(min_value=date(1950, 1, 1), max_value=date(2060, 1, 1)))
def test_a_weekday_is_one_of_the_last_seven_days(reference):
    found = date.fromisoformat(read_date("الخميس", reference).start)
    assert found.weekday() == 3
    assert 0 <= (reference - found).days < 7


def test_a_reference_is_a_day_a_moment_or_a_string():
    expected = DateValue("2022-01-30", "2022-01-30", "day")
    assert read_date("أمس", date(2022, 1, 31)) == expected
    assert read_date("أمس", datetime(2022, 1, 31, 23, 59)) == expected
    assert read_date("أمس", "2022-01-31T10:00:00") == expected


def test_a_reference_that_is_no_date_is_an_error():
    with pytest.raises(ValueError, match="expected ISO 8601"):
        read_date("أمس", "31.1.2022")


def test_dates_at_the_end_of_the_calendar_are_unread():
    assert read_date("غدا", date.max).reason == "lies outside the calendar"
    assert read_date("العام الماضي", date.min).reason == "lies outside the calendar"


@pytest.mark.parametrize(
    ("name", "row", "line"),
    [
        ("months.tsv", "name\tcalendar\tmonth\tvariety\nيناير\tgregorian\t13\tEgypt", 2),
        ("weekdays.tsv", "name\tweekday\nالاثنين\t0\nالأحد\t7", 3),
        ("date_words.tsv", "phrase\tkind\tvalue\nأمس\tday_ofset\t-1", 2),
        ("date_units.tsv", "form\tunit\tnumber\nيوم\tdays\t1", 2),
        ("date_numbers.tsv", "word\tkind\tvalue\nثلاثة\tcardinal\tthree", 2),
        ("date_feasts.tsv", "name\tcalendar\tmonth\tday\tdays\nعيد\tlunar\t1\t1\t1", 2),
        ("date_signals.tsv", "word\tsignal\nسوف\tahead", 2),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path, monkeypatch, name, row, line):
    tables = tables_with(tmp_path, name, row)
    monkeypatch.setattr("arevent.tables.RESOURCES", tables)
    dates_words.lexicon.cache_clear()
    dates_words.signals.cache_clear()
    read_words = dates_words.signals if name == "date_signals.tsv" else dates_words.lexicon
    try:
        with pytest.raises(TableError, match=f"{name}:{line}"):
            read_words()
    finally:
        dates_words.lexicon.cache_clear()
        dates_words.signals.cache_clear()


def tables_with(folder, name, text):
    """Copy the tables of dates, one of them replaced."""
    resources = Path(dates_words.__file__).parent.parent / "resources"
    for table in [*resources.glob("date_*.tsv"), *resources.glob("*s.tsv")]:
        (folder / table.name).write_bytes(table.read_bytes())
    (folder / name).write_text(text, encoding="utf-8")
    return folder
