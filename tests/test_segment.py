import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.normalize import normalize
from arevent.segment import segment


def texts(text, whole_lines=0):
    return [sentence.text for sentence in segment(normalize(text), whole_lines)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param("قتل اثنان. أصيب ثلاثة.", ["قتل اثنان.", "أصيب ثلاثة."], id="dot"),
        pytest.param("لماذا؟ لا! نعم.", ["لماذا؟", "لا!", "نعم."], id="question, exclamation"),
        pytest.param("قتل اثنان\nأصيب ثلاثة", ["قتل اثنان", "أصيب ثلاثة"], id="line break"),
        pytest.param("أ. محمد وصل", ["أ. محمد وصل"], id="initial"),
        pytest.param("عددهم 5. وأكدت", ["عددهم 5. وأكدت"], id="single digit"),
        pytest.param("عددهم 15. وأكدت", ["عددهم 15.", "وأكدت"], id="two digits"),
        pytest.param("موقع a.b.com هنا", ["موقع a.b.com هنا"], id="dot inside a name"),
        pytest.param("بلغ 3.5 مليون", ["بلغ 3.5 مليون"], id="decimal point"),
        pytest.param("اليمن.. مقتل ستة", ["اليمن..", "مقتل ستة"], id="two dots"),
        pytest.param("  \n \n", [], id="nothing"),
    ],
)
def test_sentences(text, sentences):
    assert texts(text) == sentences


def test_headline_stays_whole():
    assert texts("اليمن.. مقتل ستة\nقتل ستة. أصيب اثنان", whole_lines=1) == [
        "اليمن.. مقتل ستة",
        "قتل ستة.",
        "أصيب اثنان",
    ]


def test_all_lines_whole():
    assert texts("أولا. ثانيا\nثالثا. رابعا", whole_lines=2) == ["أولا. ثانيا", "ثالثا. رابعا"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param("قُتل 12,5 و٣٫٥ مليون", ["قُتل", "12,5", "و٣", "٫", "٥", "مليون"], id="numbers"),
        pytest.param("١٢٬٥٠٠ و 3.5", ["١٢٬٥٠٠", "و", "3.5"], id="separators of both kinds"),
        pytest.param("«داعش»، (قسد)", ["«", "داعش", "»", "،", "(", "قسد", ")"], id="punctuation"),
        pytest.param("مقتـــل عشرة", ["مقتـــل", "عشرة"], id="tatweel stays in the token"),
        pytest.param("كانون2/يناير", ["كانون2", "/", "يناير"], id="slash"),
        pytest.param("قال ﷺ", ["قال", "ﷺ"], id="word ligature is a token"),
    ],
)
def test_tokens(text, tokens):
    (sentence,) = segment(normalize(text))
    assert [token.text for token in sentence.tokens] == tokens


def check(text):
    for sentence in segment(normalize(text)):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.tokens
        for token in sentence.tokens:
            assert text[token.start : token.end] == token.text
            norm_end = token.norm_start + len(token.norm)
            assert sentence.norm[token.norm_start : norm_end] == token.norm


def test_offsets_of_hard_texts(hard_text):
    check(hard_text)


@given(st.text(alphabet="قتل 12.،؟!\n\r\u200f\u064bـ\ufefb😢a"))
def test_offsets_of_any_text(text):
    check(text)


@given(st.text(alphabet="قتل 12.،؟!\n\u200f\u064bـ\ufefb😢a"))
def test_every_visible_character_is_in_a_token(text):
    covered = {
        position
        for sentence in segment(normalize(text))
        for token in sentence.tokens
        for position in range(token.start, token.end)
    }
    normalized = normalize(text)
    for char, start in zip(normalized.text, normalized.starts, strict=True):
        assert char.isspace() or start in covered
