"""Actor mentions to names and kinds; abbreviations that a document defines."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.document import ActorValue
from arevent.tables import TableError, read_table
from arevent.values.actors import (
    actor_kinds,
    actor_names,
    find_definitions,
    find_short_names,
    read_actor,
    read_kinds,
    read_names,
)

CASES = read_table(
    Path(__file__).with_name("actors.tsv"),
    ("construction", "mention", "definitions", "name", "kind"),
)


def _definitions(cell: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in cell.split(";") if pair)


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['construction']}-{case['mention']}" for case in CASES]
)
def test_read_actor(case: dict[str, str]) -> None:
    value = read_actor(case["mention"], _definitions(case["definitions"]))
    assert (value.name, value.kind or "") == (case["name"], case["kind"])


def test_no_kind_has_a_reason() -> None:
    for case in CASES:
        value = read_actor(case["mention"], _definitions(case["definitions"]))
        assert (value.kind is None) == bool(value.reason)


DEFINITIONS = [
    # the abbreviation in brackets after the long name, its letters taken from the words
    ("أعلنت قوات سوريا الديمقراطية (قسد) سيطرتها على البلدة.", {"قسد": "قوات سوريا الديمقراطية"}),
    ("وقال مجلس سوريا الديمقراطية (مسد) إنه يرفض.", {"مسد": "مجلس سوريا الديمقراطية"}),
    ("اتهمت حركة المقاومة الإسلامية (حماس) إسرائيل.", {"حماس": "حركة المقاومة الإسلامية"}),
    ("ونقلت وكالة الأنباء السعودية (واس) عن مصدر.", {"واس": "وكالة الأنباء السعودية"}),
    ("التقى وفد حركة تحرير فاران (حتف) بالوسطاء.", {"حتف": "حركة تحرير فاران"}),
    # in quotation marks
    ("تبنى تنظيم الدولة الإسلامية «داعش» الهجوم.", {"داعش": "تنظيم الدولة الإسلامية"}),
    ('انسحبت قوات سوريا الديمقراطية "قسد" أمس.', {"قسد": "قوات سوريا الديمقراطية"}),
    # known alias whose letters do not fit
    ("قال حلف شمال الأطلسي (الناتو) إنه مستعد.", {"الناتو": "حلف شمال الأطلسي"}),
    ("ذكرت وكالة الأنباء السورية (سانا) أن النار أخمدت.", {"سانا": "وكالة الأنباء السورية"}),
    # with a clitic on the long name
    ("سلمت المعدات لقوات سوريا الديمقراطية (قسد).", {"قسد": "قوات سوريا الديمقراطية"}),
    # Latin letters
    ("حذرت الأمم المتحدة (UN) من المجاعة.", {"UN": "الأمم المتحدة"}),
    ("قالت منظمة الصحة العالمية (WHO) إن الوباء انحسر.", {"WHO": "منظمة الصحة العالمية"}),
    ("أسس العمال اتحاد عمال النهر (NWA) قبل عام.", {"NWA": "اتحاد عمال النهر"}),
    # the long name in brackets after the abbreviation
    ("هاجمت قسد (قوات سوريا الديمقراطية) القرية.", {"قسد": "قوات سوريا الديمقراطية"}),
    # in words
    (
        "قوات سوريا الديمقراطية المعروفة باسم قسد أعلنت النصر.",
        {"قسد": "قوات سوريا الديمقراطية"},
    ),
    ('كتائب النهر الأزرق المعروفة اختصارا بـ"كنز" تبنت الهجوم.', {"كنز": "كتائب النهر الأزرق"}),
    ('أدين سمير عبد الصبور المعروف باسم "الصقر".', {"الصقر": "سمير عبد الصبور"}),
    ("تقع القرية على خط قديم يعرف باسم نهر.", {}),
    ('اعتقل سالم بن راشد المعروف باسم "أبو ليث".', {"أبو ليث": "سالم بن راشد"}),
    # brackets and quotation marks that define nothing
    ("وقع الهجوم في مدينة الرقة (شمال).", {}),
    ("فاز الحزب الاشتراكي (يسار) بالمقاعد.", {}),
    ("نفت الحكومة السورية (CNN) الخبر.", {}),
    ("قال حزب العدالة والتنمية (إسلامي) إنه فاز.", {}),
    ('هاجمت حركة "حسم" النقطة.', {}),
    ("سجل نادي النصر (2) هدفين.", {}),
    ("تظاهر عمال شركة النفط (حكومية) أمس.", {}),
    ("القوات الحكومية (غرب) تقدمت.", {}),
    ("وصف الرئيس التنظيم بأنه «إرهابي» وطالب بمحاسبته.", {}),
    ("", {}),
    ("()", {}),
]


@pytest.mark.parametrize(("text", "expected"), DEFINITIONS)
def test_find_definitions(text: str, expected: dict[str, str]) -> None:
    assert find_definitions(text) == expected


def test_a_document_joins_its_names() -> None:
    text = "أعلنت حركة تحرير فاران (حتف) هدنة.\nثم قصفت طائرات مواقع لحتف."
    definitions = find_definitions(text)
    names = {read_actor(m, definitions).name for m in ("حركة تحرير فاران", "لحتف", "«حتف»")}
    assert names == {"حركة تحرير فاران"}


@pytest.mark.parametrize(
    ("mentions", "expected"),
    [
        (["مايك ستون", "لستون"], {"ستون": "مايك ستون"}),
        (["رجب طيب درويش", "رجب درويش"], {"درويش": "رجب طيب درويش"}),
        (["محمد الكندري", "وأحمد الكندري"], {}),  # two men of one name
        (["محمد علي"], {}),  # «علي» alone may be anyone
        (["سالم بن راشد", "رامي عبد الصبور"], {}),
        (["حركة الشباب", "وزارة الدفاع", "الشرطة", "", "ستون"], {}),
        (["حسن نصر الله"], {}),
        (["سمير قسد"], {}),  # already the name of another
    ],
)
def test_find_short_names(mentions: list[str], expected: dict[str, str]) -> None:
    assert find_short_names(mentions) == expected


def test_a_surname_is_read_as_the_whole_name() -> None:
    short_names = find_short_names(["وقالت", "مايك ستون", "ستون"])
    assert read_actor("لستون", short_names) == ActorValue("مايك ستون", "person")


def test_every_name_of_the_table_is_read_as_itself() -> None:
    for name, kind in actor_names().items():
        assert read_actor(name) == ActorValue(name, kind)


WORDS = sorted({word for case in CASES for word in case["mention"].split()})
mentions = st.text() | st.lists(
    st.sampled_from([*WORDS, "و", "(", ")", '"', "بن", "المعروف", "باسم", "من", "ـ", "_", "#"]),
    max_size=7,
).map(" ".join)


@given(mentions)
def test_any_text_is_read_and_canonical_names_stay(mention: str) -> None:
    value = read_actor(mention)
    assert read_actor(mention) == value
    assert value.kind is None or value.kind in actor_kinds()
    assert (value.kind is None) == bool(value.reason)
    assert read_actor(value.name).name == value.name


@given(mentions)
def test_definitions_never_raise_and_join(text: str) -> None:
    definitions = find_definitions(text)
    assert find_definitions(text) == definitions
    for short, long in definitions.items():
        assert short != long
        assert read_actor(short, definitions).name == read_actor(long, definitions).name


def test_a_kind_that_is_not_declared_is_rejected(tmp_path: Path) -> None:
    table = tmp_path / "kinds.tsv"
    table.write_text("words\tmatch\tkind\nbirds\tkind\tflock\nسرب\tclass\therd\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"kinds\.tsv:3: kind: .*herd"):
        read_kinds(table)


def test_a_match_that_does_not_exist_is_rejected(tmp_path: Path) -> None:
    table = tmp_path / "kinds.tsv"
    table.write_text("words\tmatch\tkind\nسرب\tmiddle\t\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"kinds\.tsv:2: match: .*middle"):
        read_kinds(table)


def test_a_name_of_unknown_kind_is_rejected(tmp_path: Path) -> None:
    table = tmp_path / "names.tsv"
    table.write_text("name\tkind\taliases\nقسد\tarmy of ants\t\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"names\.tsv:2: kind: .*army of ants"):
        read_names(table)
