"""Cross-validation: how folds are made and reported, and the whole way with a tiny encoder."""

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from arevent.corpus import document_from_record, read_corpus, write_corpus
from arevent.train import TrainConfig
from arevent.train.trainer import train

SCRIPT = Path(__file__).parents[1] / "training" / "cross_validate.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("cross_validate", SCRIPT)
script = importlib.util.module_from_spec(_spec)
sys.modules["cross_validate"] = script  # dataclasses look their module up
_spec.loader.exec_module(script)

TOWNS = ("الكرامة", "السلام", "النهر", "الجبل", "الوادي", "الزيتون")


@pytest.fixture
def documents(sentence_record):
    """Six documents of different towns; three tell of deaths, three of arrests."""
    documents = []
    for number, town in enumerate(TOWNS):
        event_type, word = [("Death", "مقتل"), ("Arrest", "اعتقال")][number % 2]
        text = f"{word} رجل في بلدة {town} قرب {town} الشمالية"
        mentions = [("m1", "ACTOR", "رجل"), ("m2", "LOC", f"بلدة {town}")]
        events = [(event_type, word, "actual", [("Target", "m1"), ("Place", "m2")])]
        record = {"doc_id": f"doc-{number}", "sentences": [sentence_record(text, mentions, events)]}
        documents.append(document_from_record(record))
    return documents


@pytest.fixture
def config(tmp_path, documents, encoder_dir):
    corpus = tmp_path / "corpus.jsonl"
    write_corpus(documents, corpus)
    return TrainConfig(
        train=str(corpus),
        dev=str(corpus),
        output=str(tmp_path / "folds"),
        encoder=str(encoder_dir),
        epochs=1,
        batch_pieces=128,
        window_pieces=(64,),
        max_pieces=64,
        linker_size=16,
        precision="no",
    )


def test_folds_have_their_share_of_every_type(documents):
    parts = script.make_folds(documents, 3, seed=13)
    assert sorted(n for positions in parts.values() for n in positions) == [0, 1, 2, 3, 4, 5]
    for positions in parts.values():
        assert {documents[n].events[0].type for n in positions} == {"Death", "Arrest"}


def test_a_fold_without_documents_is_refused(documents):
    with pytest.raises(ValueError, match="folds: expected at least 2, found 1"):
        script.make_folds(documents, 1, seed=13)
    same = [documents[0]] * 4
    with pytest.raises(ValueError, match=r"found none for fold-\d; there are 4 documents"):
        script.make_folds(same, 2, seed=13)


def test_scores_of_all_folds_and_of_each(documents, ontology):
    empty = [replace(document, events=(), mentions=()) for document in documents]
    folds = [
        script.Fold("fold-1", documents[:4], [*documents[:3], empty[3]]),
        script.Fold("fold-2", documents[4:], documents[4:]),
    ]
    scores = script.pool(folds, ontology)
    assert scores["pooled"]["types"] == {
        "Death": {
            **{"precision": 1.0, "recall": 1.0, "f1": 1.0},
            **{"gold": 3, "predicted": 3, "correct": 3},
        },
        "Arrest": {
            **{"precision": 1.0, "recall": 0.6667, "f1": 0.8},
            **{"gold": 3, "predicted": 2, "correct": 2},
        },
    }
    assert [(fold["fold"], fold["documents"], fold["Tri-C"]) for fold in scores["folds"]] == [
        ("fold-1", 4, 0.8571),
        ("fold-2", 2, 1.0),
    ]
    lines = script.tables(scores).splitlines()
    assert lines[0].startswith("6 documents, 6 sentences, each read by a model")
    assert "| Tri-C | 1.000 | 0.833 | 0.909 | 0.857 | 1.000 |" in lines
    assert "| Arrest | 1.000 | 0.667 | 0.800 | 3 | 2 | 2 |" in lines
    assert "| actual | 1.000 | 1.000 | 1.000 | 5 | 5 | 5 |" in lines


def test_every_document_is_read_by_a_model_that_has_not_seen_it(config, monkeypatch):
    """Two folds, trained, read and scored; what is finished is not trained again."""
    trained = []

    def recorded(run):
        trained.append(Path(run.output).parent.name)
        return train(run)

    monkeypatch.setattr(script, "train", recorded)
    scores = script.cross_validate(config, 2)
    assert trained == ["fold-1", "fold-2"]
    assert scores["pooled"]["Tri-C"]["gold"] == 6
    output = Path(config.output)
    ids = {
        name: [{d.id for d in read_corpus(output / fold / name)} for fold in trained]
        for name in ("train.jsonl", "held-out.jsonl", "found.jsonl")
    }
    assert ids["train.jsonl"] == ids["held-out.jsonl"][::-1]
    assert ids["found.jsonl"] == ids["held-out.jsonl"]
    assert json.loads((output / "scores.json").read_text(encoding="utf-8")) == scores
    assert (output / "scores.md").read_text(encoding="utf-8") == script.tables(scores)
    assert not (output / "fold-1" / "run" / "checkpoint").exists()

    (output / "fold-2" / "found.jsonl").unlink()
    script.cross_validate(config, 2)
    assert trained[2:] == ["fold-2"]


@pytest.mark.parametrize(
    ("changes", "n_folds"),
    [pytest.param({"epochs": 2}, 2, id="settings"), pytest.param({}, 3, id="number of folds")],
)
def test_folder_of_another_run_is_refused(config, monkeypatch, changes, n_folds):
    script._claim_folder(Path(config.output), config, 2)
    script._claim_folder(Path(config.output), config, 2)
    with pytest.raises(ValueError, match="holds folds of other settings or corpora"):
        script.cross_validate(replace(config, **changes), n_folds)


def test_encoder_that_has_learned_events_is_refused(config, tiny_model_dir):
    with pytest.raises(ValueError, match="found none, which means the bundled model's"):
        script.cross_validate(replace(config, encoder=None), 2)
    with pytest.raises(ValueError, match=r"found an event model, .*; name a pretrained encoder"):
        script.cross_validate(replace(config, encoder=str(tiny_model_dir)), 2)


def test_bad_input_ends_with_one_line(config, tmp_path, monkeypatch):
    file = tmp_path / "run.yaml"
    file.write_text(json.dumps(config.to_dict()), encoding="utf-8")
    arguments = [str(file), "--set", "encoder=", "--set", "epochs=1"]
    monkeypatch.setattr(sys, "argv", ["cross_validate.py", *arguments])
    with pytest.raises(SystemExit, match="cross_validate: encoder: expected one that has not"):
        script.main()
    monkeypatch.setattr(sys, "argv", ["cross_validate.py", str(file), "--set", "epochs"])
    with pytest.raises(SystemExit, match="--set: expected name=value, found 'epochs'"):
        script.main()
