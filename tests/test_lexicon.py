"""The lexicon: what it learns, how it is read from a file, and its vote beside a network."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.corpus import document_from_record
from arevent.extractor import prepare
from arevent.lexicon import (
    LEXICON_FILE,
    Lexicon,
    class_of_tag,
    hashed_features,
    sentence_features,
    shape,
    trigger_tags,
)
from arevent.spans import span_log_probs
from arevent.tagger import Tagger
from arevent.train.lexicon import train_lexicon


def features_of(text):
    (sentence,) = prepare(text).sentences
    return sentence_features(sentence)


def test_features_of_a_word():
    assert features_of("أصيب") == [
        [
            "bias",
            "word=أصيب",
            "folded=اصيب",
            "shape=ع",
            *("prefix=ا", "prefix=اص", "prefix=اصي"),
            *("suffix=ب", "suffix=يب", "suffix=صيب"),
            "stem=اصيب",
            *("place=0", "place=last"),
        ]
    ]


def test_affixes_have_four_letters_at_most_and_clitics_come_off():
    (features,) = features_of("وبالرقة")
    assert [f for f in features if f.startswith("prefix=")][-1] == "prefix=وبال"
    assert [f for f in features if f.startswith("suffix=")][-1] == "suffix=لرقه"
    stems = [f for f in features if f.startswith("stem=")]
    assert stems == ["stem=وبالرقه", "stem=بالرقه", "stem=الرقه", "stem=رقه"]


def test_features_of_neighbours():
    features = features_of("قتل 12 جنديا في الهجوم")[1]
    assert [f for f in features if f[0] in "+-"] == [
        *("-1:folded=قتل", "-1:stem=قتل", "-1:shape=ع", "-1:pair=12 قتل"),
        *("+1:folded=جنديا", "+1:stem=جنديا", "+1:shape=ع", "+1:pair=12 جنديا"),
        *("+2:folded=في", "+2:stem=ي", "+2:shape=ع"),
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("قتل", "ع", id="letters"),
        pytest.param("2018", "0", id="digits"),
        pytest.param("١٢٬٥٠٠", "0٬0", id="Arabic digits with a separator"),
        pytest.param("BBC2", "x0", id="Latin"),
        pytest.param("«", "«", id="punctuation"),
        pytest.param("مخيم3", "ع0", id="mixed"),
    ],
)
def test_shape(word, expected):
    assert shape(word) == expected


TEXTS = ("مقتل جندي في هجوم", "مقتل رجل في بلدة", "وصول رجل إلى بلدة", "زيارة جندي إلى بلدة")


@pytest.fixture
def documents(sentence_record):
    """Killed or arrived: the first word tells."""
    documents = []
    for number in range(40):
        text = TEXTS[number % len(TEXTS)]
        events = [("Death", "مقتل", "actual", [])] if text.startswith("مقتل") else []
        record = {"doc_id": f"d{number}", "sentences": [sentence_record(text, [], events)]}
        documents.append(document_from_record(record))
    return documents


@pytest.fixture
def lexicon(documents, ontology):
    return train_lexicon(documents, ontology)


def read(lexicon, text, ontology):
    (sentence,) = prepare(text).sentences
    return np.exp(lexicon.log_probs([sentence], ontology))


def test_it_learns_the_words_of_triggers(lexicon, ontology):
    probs = read(lexicon, "مقتل امرأة في المدينة", ontology)
    assert probs[0, ontology.tags.index("B-Death")] > 0.5
    assert (probs[1:, ontology.tags.index("B-Death")] < 0.2).all()
    assert read(lexicon, "زيارة امرأة", ontology)[0, 0] > 0.8


def test_features_that_are_seen_once_and_small_weights_are_left_out(
    documents, sentence_record, ontology
):
    events = [("Death", "اغتيال", "actual", [])]
    record = {"doc_id": "once", "sentences": [sentence_record("اغتيال", [], events)]}
    lexicon = train_lexicon([*documents, document_from_record(record)], ontology)
    often = {key for d in documents for own in hashed_features(d.sentences[0]) for key in own}
    (once,) = hashed_features(prepare("اغتيال").sentences[0])
    assert set(once) - often
    assert set(lexicon.keys) <= often
    assert np.abs(lexicon.weights).min() >= 0.1
    assert (np.diff(lexicon.keys.astype(np.int64)) > 0).all()
    assert lexicon.starts[-1] == len(lexicon.weights) == len(lexicon.classes)


def test_features_that_no_trigger_has_are_left_out(lexicon, documents):
    def features_of(wanted):
        return {
            key
            for document in documents
            for sentence in document.sentences
            for token, own in zip(sentence.tokens, hashed_features(sentence), strict=True)
            if (token.norm == "مقتل") == wanted
            for key in own
        }

    assert len(lexicon.keys)
    assert set(lexicon.keys) <= features_of(True)
    assert features_of(False) - set(lexicon.keys)


def test_a_corpus_without_events_gives_an_empty_lexicon(documents, ontology):
    quiet = [replace(document, events=()) for document in documents]
    lexicon = train_lexicon(quiet, ontology)
    assert len(lexicon.keys) == len(lexicon.weights) == 0
    assert lexicon.starts.tolist() == [0]
    assert (read(lexicon, TEXTS[0], ontology)[:, 1:].sum(axis=1) > 0).all()


def test_outside_and_mentions_have_one_probability(lexicon, ontology):
    probs = read(lexicon, TEXTS[0], ontology)
    outside = class_of_tag(ontology) == 0
    assert [tag for tag, own in zip(ontology.tags, outside, strict=True) if own] == [
        "O",
        *(f"{part}-{label}" for label in ontology.mention_labels for part in "BI"),
    ]
    assert (probs[:, outside] == probs[:, :1]).all()
    assert probs[:, ~outside].sum(axis=1) + probs[:, 0] == pytest.approx(1.0, abs=1e-2)


def test_weights_are_added_up_as_they_stand(lexicon, ontology):
    """The quick sum of all tokens at once against a plain one, feature by feature."""
    sentences = [prepare(text).sentences[0] for text in TEXTS]
    n_classes = 1 + len(trigger_tags(ontology))
    expected = []
    for features in (own for sentence in sentences for own in hashed_features(sentence)):
        row = np.zeros(n_classes)
        for key in features:
            for i in np.flatnonzero(lexicon.keys == key):
                for k in range(lexicon.starts[i], lexicon.starts[i + 1]):
                    row[lexicon.classes[k]] += float(lexicon.weights[k])
        expected.append(row - np.logaddexp.reduce(row))
    found = lexicon.log_probs(sentences, ontology)
    expected = np.array(expected)[:, class_of_tag(ontology)]
    np.testing.assert_allclose(found, np.maximum(expected, -14.0), atol=1e-5)


def test_same_corpus_same_lexicon(documents, ontology, lexicon, tmp_path):
    lexicon.save(tmp_path / LEXICON_FILE)
    train_lexicon(documents, ontology).save(tmp_path / "again")
    assert (tmp_path / LEXICON_FILE).read_bytes() == (tmp_path / "again").read_bytes()
    loaded = Lexicon.from_file(tmp_path / LEXICON_FILE, ontology)
    for name in Lexicon.__slots__:
        np.testing.assert_array_equal(getattr(loaded, name), getattr(lexicon, name))


def test_lexicon_of_other_event_types_is_refused(lexicon, ontology, tmp_path):
    lexicon.save(tmp_path / LEXICON_FILE)
    death = {"Death": ontology.event_types["Death"]}
    with pytest.raises(ValueError, match="expected weights of 2 tags of triggers, found more"):
        Lexicon.from_file(tmp_path / LEXICON_FILE, replace(ontology, event_types=death))


def test_lexicon_without_features_knows_nothing(ontology):
    empty = np.zeros(0)
    nothing = Lexicon(
        empty.astype(np.uint32), np.zeros(1, np.uint32), empty.astype(np.uint8), empty
    )
    probs = read(nothing, TEXTS[0], ontology)
    assert probs == pytest.approx(1 / (1 + len(trigger_tags(ontology))))
    assert nothing.log_probs([], ontology).shape == (0, len(ontology.tags))


@given(st.text(alphabet="قتلجندي ٢0.،«»", min_size=1, max_size=40))
def test_every_token_has_features(text):
    for sentence in prepare(text).sentences:
        own = sentence_features(sentence)
        assert len(own) == len(sentence.tokens)
        assert all("bias" in features for features in own)


@pytest.fixture
def folder(tiny_model_dir, lexicon, tmp_path):
    """A tiny model with a lexicon that has a quarter of the vote."""
    shutil.copytree(tiny_model_dir, tmp_path / "model")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    config["arevent"] |= {"lexicon_weight": 0.25, "tag_temperature": 2.0, "span_temperature": 3.0}
    (tmp_path / "model" / "config.json").write_text(json.dumps(config))
    lexicon.save(tmp_path / "model" / LEXICON_FILE)
    return tmp_path / "model"


def test_vote_beside_a_network(folder, lexicon, ontology):
    tagger = Tagger.from_pretrained(folder, "cpu")
    sentences = [prepare(text).sentences for text in TEXTS]
    found = tagger.score(sentences)
    tagger.model.settings = replace(
        tagger.model.settings, lexicon_weight=0.0, tag_temperature=1.0, span_temperature=1.0
    )
    for (sentence,), entry, alone in zip(sentences, found, tagger.score(sentences), strict=True):
        votes = lexicon.log_probs([sentence], ontology)
        pooled = (0.75 * alone.log_probs + 0.25 * votes) / 2.0
        pooled -= np.logaddexp.reduce(pooled, axis=1, keepdims=True)
        np.testing.assert_allclose(entry.log_probs, pooled, atol=1e-4)
        np.testing.assert_array_equal(entry.vectors, alone.vectors)
        votes = span_log_probs(votes, alone.candidates.bounds, ontology)
        pooled = (0.75 * alone.candidates.log_probs + 0.25 * votes) / 3.0
        pooled -= np.logaddexp.reduce(pooled, axis=1, keepdims=True)
        np.testing.assert_allclose(entry.candidates.log_probs, pooled, atol=1e-3)


def test_a_model_without_the_file_has_the_network_alone(folder):
    sentences = [prepare(TEXTS[0]).sentences]
    tagger = Tagger.from_pretrained(folder, "cpu")
    tagger.model.settings = replace(tagger.model.settings, lexicon_weight=0.0)
    (expected,) = tagger.score(sentences)
    (folder / LEXICON_FILE).unlink()
    (found,) = Tagger.from_pretrained(folder, "cpu").score(sentences)
    np.testing.assert_array_equal(found.log_probs, expected.log_probs)


def test_the_bundled_model_has_its_lexicon(extractor):
    assert extractor.tagger.lexicon is not None
    assert extractor.tagger.model.settings.lexicon_weight == 0.35
