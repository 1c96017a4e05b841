"""The annotated texts that the project ships keep the guidelines' mechanical rules."""

from collections import Counter
from pathlib import Path

import pytest

from arevent.corpus import read_corpus
from arevent.curation.check import check_corpus
from arevent.curation.duplicates import leaks
from arevent.ontology import Ontology

DATA = Path(__file__).parents[1] / "training" / "data"
FILES = (
    "written/rare-types.jsonl",
    "written/constructions.jsonl",
    "tutorial/train.jsonl",
    "tutorial/dev.jsonl",
)

if not DATA.exists():
    pytest.skip("the corpora are part of a checkout, not of the wheel", allow_module_level=True)


@pytest.mark.parametrize("name", FILES)
def test_corpus_breaks_no_rule(name):
    findings = [f for f in check_corpus(DATA / name, Ontology.from_file()) if f.level == "error"]
    assert findings == []


def test_tutorial_corpus_has_every_type_and_modality():
    documents = read_corpus(DATA / "tutorial/train.jsonl") + read_corpus(
        DATA / "tutorial/dev.jsonl"
    )
    assert len(documents) == 126
    types = Counter(event.type for document in documents for event in document.events)
    assert set(types) == set(Ontology.from_file().event_types)
    assert min(types.values()) >= 20
    modalities = Counter(event.modality for document in documents for event in document.events)
    assert min(modalities.values()) >= 40


def test_tutorial_dev_documents_are_not_in_its_training_part():
    train, dev = (read_corpus(DATA / f"tutorial/{part}.jsonl") for part in ("train", "dev"))
    assert list(leaks(train, dev)) == []
