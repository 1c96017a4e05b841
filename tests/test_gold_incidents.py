"""Incidents and values on the annotated news, where its texts are at hand beside the checkout."""

import importlib.util
import json
from pathlib import Path

import pytest

from arevent.corpus import read_corpus
from arevent.scoring import b_cubed
from arevent.values.annotate import add_values

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "data" / "gold-dev.jsonl"
SCRIPT = ROOT / "training" / "evaluate_values.py"
ANNOTATION = ROOT / "training" / "data" / "incidents-dev.jsonl"

with_news = pytest.mark.skipif(not CORPUS.exists(), reason="the news texts are not at hand")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("evaluate_values", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def documents():
    return {document.id: add_values(document) for document in read_corpus(CORPUS)}


@with_news
def test_incidents_on_thirty_documents(script, documents, ontology):
    records = [json.loads(line) for line in ANNOTATION.read_text(encoding="utf-8").splitlines()]
    assert len(records) == 30
    scores = script.incident_scores(records, documents, ontology)
    assert scores["b_cubed"]["f1"] > 0.85
    assert scores["sources"]["precision"] > 0.8
    assert scores["sources"]["recall"] > 0.7


@with_news
def test_share_of_mentions_with_a_value(script, documents):
    found = script.coverage(documents.values())
    assert found["NUM"]["with_value"] > 0.95
    assert found["DATE"]["with_value"] > 0.85
    assert found["LOC"]["with_value"] > 0.65


def test_annotation_holds_no_text():
    """Offsets, labels and checksums alone: the texts are their publishers'."""
    assert ANNOTATION.read_text(encoding="utf-8").isascii()


def test_b_cubed_by_hand():
    """Items a, b | c against a | b, c: precision and recall are 1, 1/2, 1/2 each."""
    precision, recall, n_items = b_cubed([["a", "b"], ["c"]], [["a"], ["b", "c"]])
    assert (precision, recall, n_items) == (2.0, 2.0, 3)


def test_b_cubed_needs_the_same_items():
    with pytest.raises(ValueError, match=r"found on one alone: \['c'\]"):
        b_cubed([["a"]], [["a", "c"]])
