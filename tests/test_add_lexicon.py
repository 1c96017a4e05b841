"""The script that gives a trained model a lexicon."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import pytest

import arevent
from arevent.corpus import read_corpus, write_corpus
from arevent.lexicon import LEXICON_FILE

SCRIPT = Path(__file__).parents[1] / "training" / "add_lexicon.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("add_lexicon", SCRIPT)
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["add_lexicon.py", *map(str, arguments)])
    script.main()


def test_a_model_gets_a_lexicon_that_it_uses(
    tiny_model_dir, news_document, tmp_path, monkeypatch, capsys
):
    model, corpus = tmp_path / "model", tmp_path / "corpus.jsonl"
    shutil.copytree(tiny_model_dir, model)
    write_corpus([news_document] * 4, corpus)
    arguments = [model, "--train", corpus, "--dev", corpus, "--weight", "0.95"]
    run(monkeypatch, *arguments)
    fitted = json.loads(capsys.readouterr().out)
    settings = arevent.load(model, device="cpu").tagger.model.settings
    assert settings.lexicon_weight == 0.95
    assert settings.tag_temperature == fitted["tag_temperature"]
    read = arevent.load(model, device="cpu", threshold=0.5)(read_corpus(corpus)[0])
    found = {(event.type, event.trigger.text) for event in read.events}
    assert {(e.type, e.trigger.text) for e in news_document.events} <= found


def test_a_corpus_that_is_missing_ends_in_one_line(tiny_model_dir, tmp_path, monkeypatch):
    model = tmp_path / "model"
    shutil.copytree(tiny_model_dir, model)
    with pytest.raises(SystemExit, match=r"add_lexicon: .*none\.jsonl"):
        run(monkeypatch, model, "--train", "none.jsonl", "--dev", "none.jsonl")
    assert not (model / LEXICON_FILE).exists()


@pytest.mark.parametrize(
    ("dev", "weight", "message"),
    [
        pytest.param("none.jsonl", "0.3", r"none\.jsonl", id="no dev"),
        pytest.param(None, "7.5", "expected a share from 0 up to 1, found 7.5", id="weight"),
    ],
)
def test_what_fails_leaves_the_model_as_it_was(
    tiny_model_dir, news_document, tmp_path, monkeypatch, dev, weight, message
):
    model, corpus = tmp_path / "model", tmp_path / "corpus.jsonl"
    shutil.copytree(tiny_model_dir, model)
    write_corpus([news_document] * 4, corpus)
    arguments = [model, "--train", corpus, "--dev", dev or corpus, "--weight", weight]
    with pytest.raises(SystemExit, match=message):
        run(monkeypatch, *arguments)
    files = {file.name: file.read_bytes() for file in model.iterdir()}
    assert files == {file.name: file.read_bytes() for file in tiny_model_dir.iterdir()}
    assert {entry.name for entry in tmp_path.iterdir()} == {"model", "corpus.jsonl"}
