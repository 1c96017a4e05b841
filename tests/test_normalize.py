import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.normalize import normalize


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("قُتِلَ", "قتل", id="harakat"),
        pytest.param("مدنياً", "مدنيا", id="tanwin"),
        pytest.param("هٰذا", "هذا", id="superscript alef"),
        pytest.param("مقتـــل", "مقتل", id="tatweel"),
        pytest.param("\u200fقتل\u200e", "قتل", id="direction marks"),
        pytest.param("قت\u200cل", "قتل", id="zero-width non-joiner"),
        pytest.param("ﻻ", "لا", id="lam-alef ligature"),
        pytest.param("ﺍﻟﻬﺠﻮﻡ", "الهجوم", id="presentation forms"),
        pytest.param("ﷲ", "الله", id="ligature of one word"),
        pytest.param("ﷺ", "ﷺ", id="ligature of several words stays"),
        pytest.param("a \u00a0\t b", "a b", id="white space folded"),
        pytest.param("a\r\n\r\n b", "a\nb", id="line breaks folded to one"),
        pytest.param("أإآى ة ١٢٬٥ ٫", "أإآى ة ١٢٬٥ ٫", id="letters, digits, separators stay"),
        pytest.param(
            "ا\u0654صيب ا\u0654ربعة في مو\u0654تمر الا\u0653ن",
            "أصيب أربعة في مؤتمر الآن",
            id="decomposed letters",
        ),
        pytest.param("ا\u064e\u0654خذ", "أخذ", id="hamza after another mark"),
        pytest.param("ب\u0654ر", "بر", id="no letter has this mark"),
        pytest.param("شكر\ufd3c \ufc5b", "شكرا ذ", id="ligature with a mark"),
        pytest.param("a\ud800b", "a\ufffdb", id="lone surrogate"),
        pytest.param("", "", id="empty"),
    ],
)
def test_folded_text(text, folded):
    assert normalize(text).text == folded


def test_dropped_marks_belong_to_the_letter_before_them():
    assert normalize("قُتِلَ").to_original(0, 3) == (0, 6)


def test_direction_marks_belong_to_nothing():
    normalized = normalize("\u200fقتل\u200f هجوم")
    assert normalized.to_original(0, 3) == (1, 4)


def test_letters_of_a_ligature_share_its_offsets():
    normalized = normalize("قﻻ")
    assert normalized.starts == (0, 1, 1)
    assert normalized.ends == (1, 2, 2)


@given(st.text())
def test_offsets_never_decrease_and_stay_inside(text):
    normalized = normalize(text)
    assert len(normalized.starts) == len(normalized.ends) == len(normalized.text)
    assert list(normalized.starts) == sorted(normalized.starts)
    assert list(normalized.ends) == sorted(normalized.ends)
    assert all(
        0 <= s < e <= len(text) for s, e in zip(normalized.starts, normalized.ends, strict=True)
    )


@given(st.text())
def test_folding_twice_changes_nothing(text):
    once = normalize(text).text
    assert normalize(once).text == once
