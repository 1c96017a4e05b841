import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from arevent.normalize import normalize
from arevent.pieces import MAX_PIECES_PER_TOKEN, PieceEncoder
from arevent.segment import segment


def sentences_of(text):
    return segment(normalize(text))


def test_pieces_of_each_token(tokenizer):
    (sentence,) = sentences_of("قتل المدنيين، في")
    (encoded,) = PieceEncoder(tokenizer, 64).encode([sentence])
    pieces = [
        [tokenizer.id_to_token(i) for i in encoded.ids[slice(*bounds)]] for bounds in encoded.bounds
    ]
    assert pieces == [["▁", "ق", "ت", "ل"], ["▁ال", "م", "د", "ن", "ي", "ين"], ["،"], ["▁في"]]


def test_token_that_the_tokenizer_does_not_see_has_no_pieces(tokenizer):
    """The soft hyphen of another script's mark vanishes in NFKC; its token stays."""
    (sentence,) = sentences_of("قتل \u115f في")
    (encoded,) = PieceEncoder(tokenizer, 64).encode([sentence])
    assert len(encoded.bounds) == len(sentence.tokens)


def test_piece_over_two_tokens_belongs_to_the_longer_one():
    """«2016.» is one piece of the shipped vocabulary; read by both tokens, it had one tag."""
    vocabulary = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), ("▁", -1.0), ("2016.", -1.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    (sentence,) = sentences_of("2016.")
    assert [token.text for token in sentence.tokens] == ["2016", "."]
    (encoded,) = PieceEncoder(tokenizer, 64).encode([sentence])
    (first, last), (dot_first, dot_last) = encoded.bounds
    assert [tokenizer.id_to_token(i) for i in encoded.ids[first:last]] == ["▁", "2016."]
    assert dot_first == dot_last == last


def test_link_is_read_in_part(tokenizer):
    (sentence,) = sentences_of("ا" * 500 + " في")
    (encoded,) = PieceEncoder(tokenizer, 64).encode([sentence])
    first, second = encoded.bounds
    assert first[1] - first[0] == MAX_PIECES_PER_TOKEN
    assert tokenizer.id_to_token(encoded.ids[second[0]]) == "▁في"


def test_sentences_share_a_window_as_long_as_they_fit(tokenizer):
    encoder = PieceEncoder(tokenizer, 24)
    sentences = sentences_of("قتل في.\nقتل في.\nقتل في.\nقتل في.")
    windows = encoder.pack(encoder.encode(sentences))
    assert [[s.sentence for s in window.segments] for window in windows] == [[0, 1, 2], [3]]


def test_pack_pieces_of_one_gives_every_sentence_its_window(tokenizer):
    encoder = PieceEncoder(tokenizer, 24)
    windows = encoder.pack(encoder.encode(sentences_of("قتل في.\nقتل في.")), 1)
    assert [[s.sentence for s in window.segments] for window in windows] == [[0], [1]]


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(40, 80))
def test_every_token_is_read_once_from_a_window_that_holds_it(tokenizer, lengths, max_pieces):
    text = "\n".join(" ".join(["قتل", "المدنيين"][: 1 + n % 2] * n) for n in lengths)
    encoder = PieceEncoder(tokenizer, max_pieces)
    sentences = sentences_of(text)
    encoded = encoder.encode(sentences)
    read = []
    for window in encoder.pack(encoded):
        assert len(window.ids) <= max_pieces
        for part in window.segments:
            for token in range(part.token_start, part.token_end):
                first, last = encoded[part.sentence].bounds[token]
                own = encoded[part.sentence].ids[first:last]
                assert window.ids[first + part.shift : last + part.shift] == own
                read.append((part.sentence, token))
    assert read == [(s, t) for s, e in enumerate(encoded) for t in range(len(e.bounds))]


def test_tokenizer_without_special_pieces_is_refused():
    bare = Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0)], unk_id=0))
    with pytest.raises(ValueError, match="adds one piece before a text and one after"):
        PieceEncoder(bare, 64)
