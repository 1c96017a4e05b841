"""`arevent import` and `arevent export`."""

import pytest
from typer.testing import CliRunner

from arevent.cli import app
from arevent.cli.formats import FormatName
from arevent.corpus import read_corpus, write_corpus
from arevent.formats import FORMATS

BROKEN = {"id": 1, "text": "قتل جندي", "label": [[0, 3, "Death"], [4, 7, "ACTOR"]]}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(app, list(map(str, args)))


def test_command_line_knows_all_formats():
    assert [str(name) for name in FormatName] == list(FORMATS)


def test_export_and_import(run, documents, tmp_path):
    write_corpus(documents, tmp_path / "gold.jsonl")
    result = run("export", "gold.jsonl", "gold.conll", "--format", "conll")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "      27  arguments" in result.stderr
    result = run("import", "gold.conll", "back.jsonl", "--date", "2024-01-01")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.split("\n")[:5] == [
        "documents          2",
        "sentences         10",
        "mentions          23",
        "events            15",
        "arguments          0",
    ]
    assert [d.date for d in read_corpus(tmp_path / "back.jsonl")] == ["2024-03-12", "2024-01-01"]
    assert not (tmp_path / "back.problems.tsv").exists()


def test_problems_are_listed_beside_the_output(run, write, tmp_path):
    path = write("all.jsonl", BROKEN)
    result = run("import", path, "out.jsonl")
    assert result.exit_code == 0
    assert "       1  not on whole tokens" in result.stderr
    assert "all problems: out.problems.tsv" in result.stderr
    lines = (tmp_path / "out.problems.tsv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "file\tline\tkind\tid\treason\tdetail",
        f"{path}\t1\tmention\tspan 2\tnot on whole tokens\tACTOR «جند» in «قتل جندي»",
    ]
    assert run("import", path, "out.jsonl", "--snap").exit_code == 0
    assert read_corpus(tmp_path / "out.jsonl")[0].mentions[0].text == "جندي"
    write("all.jsonl", {**BROKEN, "label": []})
    run("import", path, "out.jsonl")
    assert not (tmp_path / "out.problems.tsv").exists(), "the list of the import before"


def test_strict_ends_at_the_first_loss_but_not_at_a_repair(run, write, tmp_path):
    path = write("all.jsonl", BROKEN)
    result = run("import", path, "out.jsonl", "--strict")
    assert result.exit_code == 2
    assert "all.jsonl:1: mention span 2: not on whole tokens" in result.stderr
    assert not (tmp_path / "out.jsonl").exists()
    assert run("import", path, "out.jsonl", "--strict", "--snap").exit_code == 0


def test_unknown_labels_and_the_mapping_to_fill_in(run, write, tmp_path):
    path = write("a.conll", "باريس B-GPE")
    result = run("import", path, "out.jsonl")
    assert result.exit_code == 2
    assert "mention label GPE (1); --write-mapping FILE" in result.stderr
    result = run("import", path, "out.jsonl", "--write-mapping", "m.yaml")
    assert result.exit_code == 2
    assert "fill in m.yaml" in result.stderr
    assert run("import", path, "out.jsonl", "--write-mapping", "m.yaml").exit_code == 2
    mapping = tmp_path / "m.yaml"
    text = mapping.read_text(encoding="utf-8").replace("'?'", "LOC")
    mapping.write_text(text, encoding="utf-8")
    assert run("import", path, "out.jsonl", "--mapping", "m.yaml").exit_code == 0
    assert read_corpus(tmp_path / "out.jsonl")[0].mentions[0].label == "LOC"


def test_every_line_a_sentence(run, write, tmp_path):
    path = write("all.jsonl", {**BROKEN, "text": "قتل. جندي", "label": []})
    for option, n_sentences in ((), 2), (("--lines",), 1):
        run("import", path, "out.jsonl", *option)
        assert len(read_corpus(tmp_path / "out.jsonl")[0].sentences) == n_sentences


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(("import", "none", "out.jsonl"), "none: no such file", id="no source"),
        pytest.param(("import", "a.txt", "out.jsonl"), "name it: --format", id="no format"),
        pytest.param(("import", "a.txt", "o", "--format", "jsonl"), "a.txt:1: ", id="no JSON"),
        pytest.param(("import", "a.txt", "o", "--date", "أمس"), "expected ISO 8601", id="date"),
        pytest.param(("import", "a.txt", "o", "--mapping", "none"), "none", id="no mapping"),
        pytest.param(("export", "a.txt", "o", "--format", "brat"), "a.txt:1: ", id="no corpus"),
    ],
)
def test_bad_input_is_one_line(run, write, args, message):
    write("a.txt", "قتل")
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
