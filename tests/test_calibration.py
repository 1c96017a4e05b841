import json
import math
import shutil

import numpy as np
import pytest

import arevent
from arevent.calibration import Judged, calibrate, judge, reliability
from arevent.corpus import document_from_record, write_corpus
from arevent.document import Argument, EventFrame, Span
from arevent.extractor import Extractor, _trigger_bias
from arevent.model import SPANS_FILE
from arevent.spans import BioDecoder, best_spans


def test_reliability_of_known_scores():
    scores = np.array([0.95, 0.92, 0.91, 0.55, 0.52, 1.0])
    correct = np.array([True, True, False, True, False, True])
    found = reliability(Judged(scores, correct))
    assert found["items"] == 6
    assert found["bins"] == [
        {"from": 0.5, "items": 2, "score": 0.535, "correct": 0.5},
        {"from": 0.9, "items": 4, "score": 0.945, "correct": 0.75},
    ]
    assert math.isclose(found["ece"], (0.035 * 2 + 0.195 * 4) / 6, abs_tol=1e-4)


def test_reliability_of_nothing():
    nothing = Judged(np.zeros(0), np.zeros(0, bool))
    assert reliability(nothing) == {"items": 0, "ece": 0.0, "bins": []}


def test_arguments_are_judged_only_between_right_spans(news_document):
    first, second = news_document.events[:2]
    wrong_role = Argument("Agent", first.arguments[1].mention, score=0.6)
    right = first.arguments[1]
    stray = EventFrame("Aid", Span("Aid", *_bounds(second)), (wrong_role,), score=0.3)
    read = arevent.Document(
        text=news_document.text,
        mentions=news_document.mentions,
        events=(EventFrame(first.type, first.trigger, (wrong_role, right), score=0.9), stray),
    )
    found = judge([news_document], [read])
    assert found["events"].scores.tolist() == [0.9, 0.3]
    assert found["events"].correct.tolist() == [True, False]
    assert found["arguments"].scores.tolist() == [0.6, 1.0]
    assert found["arguments"].correct.tolist() == [False, True]
    assert found["mentions"].correct.all()


def _bounds(event):
    return event.trigger.text, event.trigger.start, event.trigger.end


@pytest.fixture
def model(tiny_model_dir, tmp_path):
    return shutil.copytree(tiny_model_dir, tmp_path / "model")


@pytest.fixture
def as_the_model_reads(model, tmp_path, news_document):
    """A corpus that says what the model says, so that all its spans are right."""
    extractor = arevent.load(str(model), device="cpu")
    path = tmp_path / "corpus.jsonl"
    write_corpus(extractor.pipe([news_document]), path)
    return path


def test_calibration_is_written_into_the_model(model, as_the_model_reads):
    fitted = calibrate(model, as_the_model_reads)
    kept = json.loads((model / "config.json").read_text(encoding="utf-8"))["arevent"]
    assert {name: kept[name] for name in fitted} == fitted
    assert fitted["span_temperature"] < 1.0, "everything is right, so the scores were too low"
    assert fitted["tag_temperature"] != 1.0, "curation reads the tags beside"
    settings = arevent.load(str(model), device="cpu").tagger.model.settings
    assert settings.span_temperature == fitted["span_temperature"]
    assert settings.trigger_threshold == fitted["trigger_threshold"]


def test_tags_are_calibrated_where_spans_are_read_from_them(model, tmp_path, news_document):
    (model / SPANS_FILE).unlink()
    corpus = tmp_path / "corpus.jsonl"
    write_corpus(arevent.load(str(model), device="cpu").pipe([news_document]), corpus)
    fitted = calibrate(model, corpus)
    assert fitted["tag_temperature"] < 1.0
    assert fitted["span_temperature"] == 1.0


def test_calibrating_twice_changes_nothing(model, as_the_model_reads):
    assert calibrate(model, as_the_model_reads) == calibrate(model, as_the_model_reads)


def test_corpus_with_other_labels_is_refused(model, tmp_path, news_record):
    other = json.loads(json.dumps(news_record).replace('"ACTOR"', '"PERSON"'))
    corpus = tmp_path / "other.jsonl"
    corpus.write_text(json.dumps(other) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.jsonl: .*mention label PERSON"):
        calibrate(model, corpus)
    corpus.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="expected annotated documents, found none"):
        calibrate(model, corpus)


def test_model_that_finds_nothing_right_is_refused(model, tmp_path, news_record):
    bare = {"text": "وكان الطقس هادئا في المدينة", "mentions": [], "events": []}
    record = {**news_record, "sentences": [bare]}
    path = tmp_path / "bare.jsonl"
    write_corpus([document_from_record(record)], path)
    with pytest.raises(ValueError, match="expected a model that finds some spans"):
        calibrate(model, path)


TAGS = ("O", "B-ACTOR", "I-ACTOR", "B-Attack", "I-Attack")


@pytest.mark.parametrize(
    ("threshold", "labels"),
    [
        pytest.param(0.1, ["Attack", "Attack"], id="low finds the weak one"),
        pytest.param(0.5, ["Attack"], id="the model's choice"),
        pytest.param(0.9, [], id="high leaves out the likely one"),
    ],
)
def test_threshold_trades_precision_for_recall(threshold, labels):
    probabilities = np.array(
        [[0.2, 0.0, 0.0, 0.8, 0.0], [0.8, 0.0, 0.0, 0.1, 0.1], [0.95, 0.0, 0.0, 0.05, 0.0]]
    )
    bias = _trigger_bias(TAGS, {"B-Attack"}, threshold)
    by_tags = BioDecoder(TAGS).decode(np.log(probabilities + 1e-12), bias)
    bias = _trigger_bias(("ACTOR", "Attack"), {"Attack"}, threshold)
    bounds = np.array([[0, 0], [1, 1], [2, 2]])
    log_probs = np.log(probabilities[:, [1, 3, 0]] + 1e-12)
    for spans in (by_tags, best_spans(bounds, log_probs, ("ACTOR", "Attack"), bias)):
        assert [span.label for span in spans] == labels
        assert [round(span.score, 6) for span in spans] == [0.8, 0.1][: len(labels)]
        assert all(span.token_end - span.token_start == 1 for span in spans)


@pytest.mark.parametrize("name", ["threshold", "role_threshold"])
@pytest.mark.parametrize("value", [0.0, 1.0, -0.2, 7])
def test_threshold_that_is_no_probability(tiny_extractor, name, value):
    with pytest.raises(ValueError, match=f"^{name}: expected a number between 0 and 1"):
        Extractor(tiny_extractor.tagger, **{name: value})
