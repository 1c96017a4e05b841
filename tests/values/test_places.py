"""Place mentions to gazetteer entries."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.document import PlaceValue
from arevent.tables import TableError, read_table
from arevent.values.gazetteer import SUPPLEMENT_COLUMNS, Gazetteer, fold_name, read_supplement
from arevent.values.places import read_class_nouns, read_place

CASES = read_table(
    Path(__file__).parent / "places.tsv",
    ("construction", "mention", "context", "place", "kind", "country"),
)


def context_of(case: dict[str, str]) -> list[str]:
    return [mention.strip() for mention in case["context"].split("|") if mention.strip()]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['construction']}: {case['mention']}"
)
def test_place(case):
    value = read_place(case["mention"].replace("∅", ""), context_of(case))
    if case["place"] == "-":
        assert value.name is None
        assert value.reason
        return
    assert value.reason is None
    found = str(value.geonames_id) if case["place"].isdigit() else value.name
    assert (found, value.kind, value.country or "") == (
        case["place"],
        case["kind"],
        case["country"],
    )


def test_enough_constructions():
    sizes = Counter(case["construction"] for case in CASES)
    assert len(sizes) >= 25
    assert min(sizes.values()) >= 5


NAMES = st.sampled_from([case["mention"] for case in CASES])
ARABIC = st.text(alphabet="ابتجدرسعفقكلمنهويةىأإءؤئ ال\u064e\u0640\u200f#«»،", max_size=25)
MENTIONS = NAMES | ARABIC | st.text(max_size=25) | st.tuples(NAMES, NAMES).map(" ".join)


@given(MENTIONS, st.lists(MENTIONS, max_size=4))
def test_any_text_gives_a_sound_value(mention, context):
    value = read_place(mention, context)
    assert value == read_place(mention, list(context))
    assert 0 <= value.score <= 1
    if value.name is None:
        assert value == PlaceValue(reason=value.reason)
        assert value.reason
    else:
        assert value.reason is None
        assert value.country or value.kind in ("area", "region")
        assert -90 <= value.latitude <= 90
        assert -180 <= value.longitude <= 180


@given(NAMES)
def test_marks_do_not_change_the_place(mention):
    assert read_place("\u200f" + "\u0640".join(mention)) == read_place(mention)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أميركا", "اميركا"),
        ("الحديدة", "حديده"),
        ("أبو ظبي", "ابوظبى"),
        ("شيفونية", "الشيفونيه"),
        ("سامراء", "سامرا"),
    ],
)
def test_fold_name(one, other):
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize("mention", ["أراضي كشمير", "مستشفى الشرق الأوسط", "مدن أوروبا"])
def test_a_region_without_a_country_stays_one(mention):
    value = read_place(mention)
    assert value.name is None or (value.kind, value.country) == ("region", None)


@pytest.mark.parametrize("mention", ["دورية تركية", "الحدود المالية الموريتانية"])
def test_an_adjective_beside_unknown_words_names_nothing(mention):
    assert read_place(mention).name is None


def test_an_embassy_is_not_where_its_country_is():
    assert read_place("سفارة جمهورية مصر العربية").name is None
    assert read_place("سفارة دولة قطر", ["بيروت"]).name == "Beirut"


def test_admin_area():
    assert read_place("تدمر").admin == "Homs"
    assert read_place("الفلوجة").admin == "Anbar"


def test_what_the_context_decides_scores_higher_with_it():
    assert read_place("حلب").score > 0.9
    assert read_place("المطار", ["حلب"]).score <= 0.4


GOOD_ROW = "Somewhere\tمكان ما\tcity\tSY\t\t35.0\t38.0\t\t\t"


def supplement_with(tmp_path, row):
    path = tmp_path / "places.tsv"
    path.write_text("\t".join(SUPPLEMENT_COLUMNS) + f"\n{GOOD_ROW}\n{row}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (GOOD_ROW.replace("city", "town"), "kind"),
        (GOOD_ROW.replace("SY", "Syria"), "country"),
        (GOOD_ROW.replace("35.0", "95.0"), "latitude"),
        (GOOD_ROW.replace("38.0", "east"), "longitude"),
        (GOOD_ROW.replace("مكان ما", "no Arabic"), "aliases"),
        (GOOD_ROW.replace("38.0\t", "38.0\tQ12"), "geonames_id"),
        (GOOD_ROW + "no", "needs_context"),
    ],
)
def test_bad_row_of_the_supplement(tmp_path, row, column):
    with pytest.raises(TableError, match=rf"places\.tsv:3: {column}"):
        read_supplement(supplement_with(tmp_path, row))


def test_a_row_without_coordinates_and_unknown_id(tmp_path):
    path = supplement_with(tmp_path, "Nowhere\tلا مكان\tcity\tSY\t\t\t\t1\t\t")
    with pytest.raises(TableError, match="Nowhere: expected coordinates"):
        Gazetteer(supplement=path)


def test_supplement_of_your_own(tmp_path):
    gazetteer = Gazetteer(supplement=supplement_with(tmp_path, GOOD_ROW))
    assert gazetteer.named(fold_name("مكان ما"))[0].name == "Somewhere"


@pytest.mark.parametrize(
    "row", ["مدينة\ttown\tcity\tcity", "مدينة\tcity\ttown\tcity", "مدينة\tcity"]
)
def test_bad_row_of_the_class_nouns(tmp_path, row):
    path = tmp_path / "nouns.tsv"
    path.write_text(f"forms\tkind\ttakes\talone\n{row}\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"nouns\.tsv:2"):
        read_class_nouns(path)
