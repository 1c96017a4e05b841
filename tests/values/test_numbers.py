"""Number mentions are read by construction; what is no number stays unread."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.document import Quantity
from arevent.tables import TableError, read_table
from arevent.values.number_grammar import load_words
from arevent.values.numbers import ends_range, load_modifiers, read_number

COLUMNS = ("construction", "before", "mention", "after", "value", "low", "high", "approximate")
CASES = read_table(Path(__file__).with_name("numbers.tsv"), COLUMNS)


def number(cell: str) -> float | None:
    return None if cell == "-" else float(cell)


def text(cell: str) -> str:
    return cell.removeprefix("«").removesuffix("»")


@pytest.mark.parametrize("case", CASES, ids=[f"{c['construction']}: {c['mention']}" for c in CASES])
def test_read_number(case: dict[str, str]) -> None:
    read = read_number(text(case["mention"]), text(case["before"]), text(case["after"]))
    if case["approximate"] == "unread":
        assert read == Quantity(reason=read.reason)
        assert read.reason
    else:
        expected = [number(case[column]) for column in ("value", "low", "high")]
        assert [read.value, read.low, read.high] == expected
        assert read.is_approximate == (case["approximate"] == "yes")
        assert read.reason is None


def test_whole_numbers_are_int_and_others_float() -> None:
    assert isinstance(read_number("1.5 مليون").value, int)
    assert isinstance(read_number("2,5").value, float)


@pytest.mark.parametrize(
    ("mention", "reason"),
    [
        ("الثالث", "an ordinal"),
        ("20%", "a percentage"),
        ("نصف", "a share of a number that is not named"),
        ("1,250 مليار", "unclear separators in 1,250"),
        ("ثلاثة خمسة", "cannot read «خمسة» in a number"),
        ("مدنيين", "no number word"),
    ],
)
def test_the_reason_says_why(mention: str, reason: str) -> None:
    assert read_number(mention).reason == reason


@pytest.mark.parametrize(
    ("before", "mention", "expected"),
    [
        ("مقتل بين 20 ", "و30", True),
        ("مقتل بين 20 و", "30", True),
        ("من 10 إلى ", "15", True),
        ("مقتل بين ", "20", False),
        ("مقتل 20 ", "و30", False),
        ("ارتفع من 10 إلى ", "15", False),
        ("", "", False),
    ],
)
def test_ends_range(before: str, mention: str, expected: bool) -> None:
    assert ends_range(mention, before) is expected


WORDS = [
    "ثلاثة",
    "خمس",
    "عشرة",
    "عشرون",
    "مئة",
    "مئتي",
    "ثلاثمئة",
    "ألف",
    "ألفا",
    "آلاف",
    "ألفين",
    "مليون",
    "ملايين",
    "مليارات",
    "عشرات",
    "مئات",
    "بضعة",
    "عدة",
    "العديد",
    "نصف",
    "أرباع",
    "ربع",
    "أحد",
    "الثالث",
    "و",
    "إلى",
    "بين",
    "ما",
    "من",
    "نحو",
    "أكثر",
    "أقل",
    "على",
    "الأقل",
    "أو",
    "شخصا",
    "قتيل",
    "20",
    "1,500",
    "1.5",
    "٣",
    "۴",
    "٫",
    "-",
    "%",
    "بالمئة",
    "لـ",
    "الـ",
    '"',
    "(",
    "ارتفع",
]
phrases = st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
texts = phrases | st.text(max_size=20)


@given(texts, texts, texts)
def test_never_raises_and_bounds_hold(mention: str, before: str, after: str) -> None:
    read = read_number(mention, before, after)
    assert read == read_number(mention, before, after)
    known = [n for n in (read.low, read.value, read.high) if n is not None]
    assert known == sorted(known)
    assert (read.reason is None) == bool(known)
    if known and not read.is_approximate:
        assert read.value == read.low == read.high
    assert isinstance(ends_range(mention, before), bool)


@given(st.integers(0, 10**15))
def test_digits_are_read_as_they_are(value: int) -> None:
    assert read_number(str(value)).value == value
    assert read_number(f"{value:,}").value == value
    assert read_number(f"{value:,}".replace(",", "٬")).value == value


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("ثلاثة\tunits\t3\t-", "kind: expected one of"),
        ("ثلاثة\tunit\tthree\t-", "value: expected a whole number"),
        ("ثلاثة\tunit\t3\tplurals", "form: expected one of"),
        ("ثلاثة\tunit\t3", "expected 4 cells"),
    ],
)
def test_a_bad_word_is_rejected_by_line(tmp_path: Path, row: str, problem: str) -> None:
    path = tmp_path / "words.tsv"
    path.write_text(f"word\tkind\tvalue\tform\nألف\tscale\t1000\tsingular\n{row}\n", "utf-8")
    with pytest.raises(TableError, match=rf"words\.tsv:3: {problem}"):
        load_words(path)


def test_a_bad_vague_word_is_rejected_by_line(tmp_path: Path) -> None:
    path = tmp_path / "vague.tsv"
    path.write_text("word\tlow\thigh\nبضعة\t3\tnine\n", "utf-8")
    with pytest.raises(TableError, match=r"vague\.tsv:2: high: expected a whole number"):
        load_words(vague=path)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("نحو\tbeside\tabout", "position: expected before or after"),
        ("نحو\tbefore\troughly", "effect: expected one of"),
    ],
)
def test_a_bad_modifier_is_rejected_by_line(tmp_path: Path, row: str, problem: str) -> None:
    path = tmp_path / "modifiers.tsv"
    path.write_text(f"phrase\tposition\teffect\n{row}\n", "utf-8")
    with pytest.raises(TableError, match=rf"modifiers\.tsv:2: {problem}"):
        load_modifiers(path)
