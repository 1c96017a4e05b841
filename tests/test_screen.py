"""Screening: the design, effects of runs whose outcome is known, the way with a tiny encoder."""

import importlib.util
import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from arevent.corpus import document_from_record, read_corpus, write_corpus

SCRIPT = Path(__file__).parents[1] / "training" / "screen.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("screen", SCRIPT)
script = importlib.util.module_from_spec(_spec)
sys.modules["screen"] = script  # dataclasses look their module up
_spec.loader.exec_module(script)

LEVERS = {
    "smoothing": {"label_smoothing": 0.05},
    "more text": {"train": ["more.jsonl"]},
    "first piece": {"pooling": "first"},
}


@pytest.fixture
def documents(sentence_record):
    mentions = [("m1", "ACTOR", "رجل"), ("m2", "LOC", "بلدة السلام")]
    events = [("Death", "مقتل", "actual", [("Target", "m1"), ("Place", "m2")])]
    sentences = [sentence_record("مقتل رجل في بلدة السلام", mentions, events)]
    return [
        document_from_record({"doc_id": f"doc-{number}", "sentences": sentences})
        for number in range(4)
    ]


@pytest.fixture
def config(tmp_path, documents, encoder_dir):
    """A config file of three levers."""
    write_corpus(documents, tmp_path / "corpus.jsonl")
    write_corpus(documents[:1], tmp_path / "more.jsonl")
    base = {
        "train": str(tmp_path / "corpus.jsonl"),
        "dev": str(tmp_path / "corpus.jsonl"),
        "output": str(tmp_path / "screening"),
        "encoder": str(encoder_dir),
        "epochs": 1,
        "batch_pieces": 128,
        "window_pieces": [64],
        "max_pieces": 64,
        "linker_size": 16,
        "precision": "no",
    }
    levers = {**LEVERS, "more text": {"train": [str(tmp_path / "more.jsonl")]}}
    path = tmp_path / "screening.yaml"
    path.write_text(yaml.safe_dump({"base": base, "every": 2, "levers": levers}, sort_keys=False))
    return path


@pytest.mark.parametrize("n_levers", [1, 3, 4, 7])
def test_every_lever_is_on_in_half_and_every_two_in_a_quarter(config, n_levers):
    levers = {f"lever {number}": {} for number in range(n_levers)}
    screening = replace(script.Screening.from_file(config, {}), levers=levers)
    assert screening.n_runs == (4 if n_levers < 4 else 8)
    on = [set(screening.levers_of(run)) for run in range(screening.n_runs)]
    assert on[0] == set()
    for name, other in itertools.product(levers, repeat=2):
        n_together = sum({name, other} <= own for own in on)
        assert n_together == screening.n_runs // (2 if name == other else 4)


def test_settings_of_a_run(config):
    screening = script.Screening.from_file(config, {"epochs": "3"})
    configs = {
        frozenset(screening.levers_of(run)): screening.config(run)
        for run in range(screening.n_runs)
    }
    assert configs[frozenset()].label_smoothing == 0.0
    both = configs[frozenset({"smoothing", "more text"})]
    assert (both.label_smoothing, both.pooling, both.epochs) == (0.05, "mean", 3)
    assert [Path(path).name for path in both.train] == ["corpus.jsonl", "more.jsonl"]


def test_effect_is_the_difference_of_the_means(config, documents):
    """«smoothing» finds every event, without it none is found; the other levers do nothing."""
    screening = script.Screening.from_file(config, {})
    for run in range(screening.n_runs):
        is_on = "smoothing" in screening.levers_of(run)
        found = [d if is_on else replace(d, events=()) for d in documents]
        screening.folder(run).mkdir(parents=True)
        write_corpus(found, screening.folder(run) / script.FOUND)
    answer = script.effects(screening)
    assert answer["effects"]["smoothing"]["Tri-C"] == {"effect": 1.0, "interval": [1.0, 1.0]}
    assert answer["effects"]["smoothing"]["mentions"]["effect"] == 0.0
    assert answer["effects"]["first piece"]["Tri-C"] == {"effect": 0.0, "interval": [0.0, 0.0]}
    assert [run["Tri-C"] for run in answer["runs"]] == [
        float("smoothing" in run["levers"]) for run in answer["runs"]
    ]
    assert "| smoothing | +1.000 (+1.000 to +1.000) |" in script.tables(answer)


def test_marks_between_sentences_shift_nothing(config, documents):
    """A corpus may have direction marks that no sentence holds; a written one has none."""
    marked = replace(documents[0], text=documents[0].text + "\u200f")
    write_corpus([marked, *documents[1:]], config.parent / "corpus.jsonl")
    screening = script.Screening.from_file(config, {})
    screening.folder(0).mkdir(parents=True)
    write_corpus([marked, *documents[1:]], screening.folder(0) / script.FOUND)
    gold, predicted, correct = script.counts_of(screening, 0).sum(axis=1).T
    assert (gold == predicted).all()
    assert (gold == correct).all()
    write_corpus(documents[1:], screening.folder(0) / script.FOUND)
    with pytest.raises(ValueError, match=r"found\.jsonl: expected the documents of dev"):
        script.counts_of(screening, 0)


def test_config_that_is_none_is_refused(tmp_path):
    path = tmp_path / "screening.yaml"
    path.write_text("base: {}\n")
    with pytest.raises(ValueError, match="expected base, every and levers, found"):
        script.Screening.from_file(path, {})


def run_command(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["screen.py", *map(str, arguments)])
    script.main()


@pytest.mark.slow
def test_command_with_a_tiny_encoder(config, monkeypatch, capsys):
    run_command(monkeypatch, config, "--runs", 0, 2)
    assert "lever" not in capsys.readouterr().out  # two runs are missing
    output = config.parent / "screening"
    kept = (output / "run-2" / script.FOUND).stat().st_mtime_ns
    run_command(monkeypatch, config)
    assert "| lever | Tri-I | Tri-C | Arg-C | mentions |" in capsys.readouterr().out
    assert (output / "run-2" / script.FOUND).stat().st_mtime_ns == kept
    answer = json.loads((output / "effects.json").read_text())
    assert len(answer["runs"]) == 4
    assert answer["effects"].keys() == LEVERS.keys()
    learned = [document.id for document in read_corpus(output / "run-0" / "train.jsonl")]
    rest = [document.id for document in read_corpus(output / script.REST)]
    assert (learned, rest) == (["doc-0", "doc-2"], ["doc-1", "doc-3"])


def test_runs_of_another_screening_are_not_taken_over(config, monkeypatch):
    screening = script.Screening.from_file(config, {})
    script.claim(screening)
    script.claim(screening)
    with pytest.raises(ValueError, match="holds runs of other settings or corpora"):
        script.claim(script.Screening.from_file(config, {"epochs": 2}))
    monkeypatch.setattr(sys, "argv", ["screen.py", str(config), "--set", "epochs"])
    with pytest.raises(SystemExit, match="screen: --set: expected name=value, found 'epochs'"):
        script.main()


def test_a_lever_may_name_one_corpus(config, tmp_path):
    data = yaml.safe_load(config.read_text())
    data["levers"]["more text"] = {"train": str(tmp_path / "more.jsonl")}
    config.write_text(yaml.safe_dump(data, sort_keys=False))
    screening = script.Screening.from_file(config, {})
    (run,) = [r for r in range(4) if screening.levers_of(r) == ["smoothing", "more text"]] or [3]
    assert screening.config(run).train[1:] == (str(tmp_path / "more.jsonl"),)
