"""The baseline without an encoder, on one document that it learns by heart."""

import importlib.util
import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

from arevent.corpus import document_from_record, write_corpus
from arevent.lexicon import sentence_features
from arevent.ontology import Ontology

pytest.importorskip("sklearn_crfsuite")

SCRIPT = Path(__file__).parents[1] / "training" / "crf_baseline.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("crf_baseline", SCRIPT)
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)

SETTINGS = {"algorithm": "lbfgs", "c1": 0.0, "c2": 0.01, "max_iterations": 50}


def test_what_it_was_taught_it_reads(news_document, ontology):
    crf = script.train_crf([news_document] * 3, ontology, SETTINGS)
    read = script.read_document(crf, news_document, ontology)
    assert [(e.type, e.trigger.text, e.modality) for e in read.events] == [
        ("Death", "مقتل", "actual"),
        ("Strike", "قصف", "actual"),
        ("Death", "قتل", "actual"),
        ("Attack", "هجوم", "actual"),  # negated in the corpus: the baseline has one modality
    ]
    assert [(a.role, a.mention.text) for a in read.events[2].arguments if a.mention] == [
        ("Source", "الشرطة"),
        ("Agent", "جنديا"),  # the rules take who stands before a verb for its subject
        ("Time", "أمس"),
        ("Instrument", "برصاص"),
        ("Target", "مسلحين"),
    ]


def test_command_writes_and_prints_scores(news_record, tmp_path, monkeypatch, capsys):
    corpus, output = tmp_path / "corpus.jsonl", tmp_path / "scores.json"
    write_corpus([document_from_record(news_record)] * 4, corpus)
    arguments = [str(corpus), "--dev", str(corpus), "--every", "2", "--iterations", "30"]
    arguments += ["--output", str(output), "--save", str(tmp_path / "crf.pkl")]
    monkeypatch.setattr(sys, "argv", ["crf_baseline.py", *arguments])
    script.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("Tri-I", "Tri-C", "Arg-I", "Arg-C", "mentions", "tags", "modality", "rules")
    ]
    written = json.loads(output.read_text(encoding="utf-8"))
    assert written["rules"]["Tri-C"]["gold"] == 16
    assert written["about"]["train_documents"] == 2
    assert written["about"]["settings"]["max_iterations"] == 30
    crf = pickle.loads((tmp_path / "crf.pkl").read_bytes())
    check_vote(crf, document_from_record(news_record).sentences[0])


def check_vote(crf, sentence):
    """See that the CRF votes for its own tags, and leaves every tag a chance."""
    tags = Ontology.from_file().tags
    log_probs = script.tag_log_probs(crf, sentence, tags)
    assert log_probs.shape == (len(sentence.tokens), len(tags))
    assert np.exp(log_probs).sum(axis=1) == pytest.approx(1.0)
    assert np.isfinite(log_probs).all()
    own = crf.predict_single(sentence_features(sentence))
    assert [tags[index] for index in log_probs.argmax(axis=1)] == own


def test_missing_corpus_ends_with_one_line(tmp_path, monkeypatch):
    missing = str(tmp_path / "missing.jsonl")
    monkeypatch.setattr(sys, "argv", ["crf_baseline.py", missing, "--dev", missing])
    with pytest.raises(SystemExit, match=r"crf_baseline: .*missing\.jsonl"):
        script.main()
