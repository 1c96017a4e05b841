"""Proclitics come off only where what remains is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.values.clitics import clitic_readings, strip_clitics

WORDS = (
    "قسد الحوثيين بوتين لبنان فلسطين ليبيا حلب الرقة رقة اللجنة لجنة كندا وزارة فرنسا"
    " الأمم واشنطن باريس عشرين أربعة الاثنين كابول بكين"
)
KNOWN = frozenset(WORDS.split())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        # one preposition
        ("لقسد", "قسد"),
        ("بعشرين", "عشرين"),
        ("بحلب", "حلب"),
        ("كفرنسا", "فرنسا"),
        ("لواشنطن", "واشنطن"),
        # a conjunction
        ("والأربعة", "أربعة"),
        ("وحلب", "حلب"),
        ("فقسد", "قسد"),
        ("وواشنطن", "واشنطن"),
        ("والاثنين", "الاثنين"),
        # conjunction and preposition
        ("وبحلب", "حلب"),
        ("ولقسد", "قسد"),
        ("فبعشرين", "عشرين"),
        ("وكفرنسا", "فرنسا"),
        ("وبباريس", "باريس"),
        # preposition and article
        ("للحوثيين", "الحوثيين"),
        ("وللحوثيين", "الحوثيين"),
        ("بالرقة", "الرقة"),
        ("كالحوثيين", "الحوثيين"),
        ("فللأمم", "الأمم"),
        # «لل» before a word that itself begins with lam
        ("للبنان", "لبنان"),
        ("لليبيا", "ليبيا"),
        ("وللبنان", "لبنان"),
        ("ولليبيا", "ليبيا"),
        # the article alone
        ("الوزارة", "وزارة"),
        ("الأربعة", "أربعة"),
        ("العشرين", "عشرين"),
        ("بالأربعة", "أربعة"),
        ("للوزارة", "وزارة"),
        # the first letter belongs to the word
        ("بوتين", "بوتين"),
        ("لبنان", "لبنان"),
        ("فلسطين", "فلسطين"),
        ("كندا", "كندا"),
        ("وزارة", "وزارة"),
        ("باريس", "باريس"),
        ("بكين", "بكين"),
        ("الرقة", "الرقة"),
        # what remains is unknown
        ("بلاطوس", "بلاطوس"),
        ("فاطمة", "فاطمة"),
        ("وديع", "وديع"),
        ("لؤي", "لؤي"),
        ("كامل", "كامل"),
        ("", ""),
        ("و", "و"),
        ("ال", "ال"),
    ],
)
def test_strip_clitics(word: str, expected: str) -> None:
    assert strip_clitics(word, KNOWN.__contains__) == expected


def test_three_lams_are_written_as_two() -> None:
    assert strip_clitics("للجنة", {"اللجنة"}.__contains__) == "اللجنة"
    assert strip_clitics("للجنة", {"لجنة"}.__contains__) == "لجنة"


def test_a_phrase_loses_the_clitics_of_its_first_word() -> None:
    assert strip_clitics("للأمم المتحدة", {"الأمم المتحدة"}.__contains__) == "الأمم المتحدة"


def test_readings_begin_with_the_word_and_peel_from_the_outside() -> None:
    assert list(clitic_readings("وبالرقة")) == ["وبالرقة", "بالرقة", "الرقة", "رقة"]


words = st.text(alphabet="وفبكلالقسدة ", max_size=12) | st.text(max_size=12)


@given(words)
def test_nothing_known_nothing_stripped(word: str) -> None:
    assert strip_clitics(word, lambda _: False) == word


@given(words)
def test_stripping_twice_changes_nothing(word: str) -> None:
    once = strip_clitics(word, KNOWN.__contains__)
    assert strip_clitics(once, KNOWN.__contains__) == once


@given(words)
def test_no_reading_is_empty_or_given_twice(word: str) -> None:
    readings = list(clitic_readings(word))
    assert readings[0] == word
    assert all(readings[1:])
    assert len(set(readings)) == len(readings)
