"""The benchmark of encoders on tagged names."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "training" / "ner_benchmark.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("ner_benchmark", SCRIPT)
script = importlib.util.module_from_spec(_spec)
sys.modules["ner_benchmark"] = script  # where its data classes look for their module
_spec.loader.exec_module(script)

CORPUS = """قال O
محمد B-PERS
علي I-PERS
في O
القاهرة B-LOC

انفجار O
في O
بغداد B-LOC
"""


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "train.txt"
    path.write_text(CORPUS, encoding="utf-8")
    return path


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["ner_benchmark.py", *map(str, arguments)])
    script.main()


def test_an_encoder_learns_the_names_of_a_corpus(
    corpus, encoder_dir, tmp_path, monkeypatch, capsys
):
    output = tmp_path / "model"
    arguments = (encoder_dir, "--train", corpus, "--test", corpus, "--output", output)
    run(monkeypatch, *arguments, "--epochs", 60, "--rate", 0.01)
    scores = json.loads(capsys.readouterr().out)
    assert (scores["f1"], scores["gold"], scores["epochs"]) == (1.0, 3, 60)
    assert (output / "model.safetensors").is_file()


def test_lines_end_sentences_and_a_token_may_have_a_bracket(tmp_path):
    path = tmp_path / "tagged.txt"
    path.write_text("\n(د B-ORG\nب I-ORG\n\n\nأ O", encoding="utf-8")
    first, second = script.read_tagged(path)
    assert first == script.TaggedSentence(("(د", "ب"), ("B-ORG", "I-ORG"))
    assert second == script.TaggedSentence(("أ",), ("O",))


def test_tokens_without_a_piece_are_read_as_outside(corpus, encoder_dir):
    benchmark = script.Benchmark(str(encoder_dir), script.read_tagged(corpus), seed=1)
    long = script.TaggedSentence(("محمد",) * 300, ("B-PERS",) * 300)
    assert len(benchmark._encode([long])[0].tokens) < 300
    assert benchmark.evaluate([long])["gold"] == 300


def test_a_line_that_is_no_token_and_tag_is_named(corpus, encoder_dir, monkeypatch):
    corpus.write_text(CORPUS + "\nبغداد LOC\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"ner_benchmark: .*train\.txt:11: expected «token tag»"):
        run(monkeypatch, encoder_dir, "--train", corpus, "--test", corpus)
