"""`arevent corpus …` from files to what people and machines read."""

import json

import pytest
from typer.testing import CliRunner

from arevent.cli import app
from arevent.corpus import read_corpus


@pytest.fixture
def run():
    return lambda *args: CliRunner().invoke(app, ["corpus", *map(str, args)])


@pytest.fixture
def news(corpus_file, news_record):
    return corpus_file(news_record, name="news.jsonl")


def test_stats_for_people_and_machines(run, news):
    result = run("stats", news)
    assert result.exit_code == 0, result.stderr
    assert "Event types and their roles" in result.stdout
    assert "1 (25.0%)" in result.stdout
    assert json.loads(run("stats", news, "--json").stdout)["labels"]["ACTOR"] == 5


def test_check_of_a_clean_corpus(run, news):
    result = run("check", news)
    assert (result.exit_code, result.stdout) == (0, "errors: 0, warnings: 0\n")


def test_check_names_the_place_and_ends_with_1(run, corpus_file, record, sentence_record):
    bad = sentence_record("قتل جندي", [("m1", "PERSON", "جندي")])
    path = corpus_file("{", record("d1", "عنوان", bad))
    result = run("check", path)
    assert result.exit_code == 1
    malformed, label, total = result.stdout.splitlines()
    assert malformed.startswith(f"{path}:1: error malformed-record: ")
    assert label == (
        f"{path}:2 d1, sentence 1 [4, 8): error unknown-label: "
        "expected a mention label of the ontology, found 'PERSON'"
    )
    assert total == "errors: 2, warnings: 0"
    (_, found) = json.loads(run("check", path, "--json").stdout)
    assert (found["rule"], found["start"], found["text"]) == ("unknown-label", 4, "جندي")


def test_arabic_in_a_finding_is_isolated(run, corpus_file, record, sentence_record):
    late = sentence_record("قتل في بيان", [("m1", "DATE", "في بيان")])
    line = run("check", corpus_file(record("d1", late))).stdout.splitlines()[0]
    assert line.endswith("a date without its preposition, found \u2067«في»\u2069 before it")


def test_rules_can_be_listed_and_left_out(run, corpus_file, record):
    assert "near-duplicate" in run("check", "--rules").stdout
    path = corpus_file("{", record("d1", "عنوان"))
    assert run("check", path, "--ignore", "malformed-record").exit_code == 0
    result = run("check", path, "--ignore", "malformed")
    assert result.exit_code == 2
    assert "expected rules that --rules lists, found ['malformed']" in result.stderr


def test_warnings_alone_are_no_failure(run, corpus_file, record):
    result = run("check", corpus_file(record("d1", "عنوان", date=None)))
    assert (result.exit_code, "warning missing-date" in result.stdout) == (0, True)


def test_an_ontology_of_ones_own(run, news, tmp_path, ontology):
    from dataclasses import replace

    path = tmp_path / "own.yaml"
    replace(ontology, modalities=("actual",)).save(path)
    result = run("check", news, "--ontology", path)
    assert result.exit_code == 1
    assert "expected a modality of the ontology, found 'negated'" in result.stdout


def test_agreement(run, corpus_file, news_record, news, record):
    other = json.loads(json.dumps(news_record))
    other["sentences"][2]["events"][0]["modality"] = "hypothetical"
    path = corpus_file(other, record("more", "هدوء"), name="other.jsonl")
    result = run("agreement", news, path)
    assert result.exit_code == 0, result.stderr
    assert f"in {path} only: more" in result.stdout
    found = json.loads(run("agreement", news, path, "--json").stdout)
    assert (found["documents"], found["only_a"], found["only_b"]) == (1, [], ["more"])
    assert found["f1"]["Tri-C"]["f1"] == 1.0
    assert found["kappa"]["modality"]["observed"] == 0.75
    assert found["kappa"]["types"]["kappa"] == 1.0
    assert [(d["layer"], d["a"], d["b"]) for d in found["disagreements"]] == [
        ("modality", "negated", "hypothetical")
    ]


def test_sample(run, tmp_path, tiny_model_dir):
    texts = tmp_path / "texts.jsonl"
    rows = [{"id": f"t{n}", "text": f"قتل {n} جنود في هجوم رقم {n}."} for n in range(4)]
    texts.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    output = tmp_path / "chosen.jsonl"
    result = run("sample", texts, "--n", 2, "--model", tiny_model_dir, "--output", output)
    assert result.exit_code == 0, result.stderr
    ids = [document.id for document in read_corpus(output)]
    assert len(ids) == 2
    assert ids[0] in result.stdout
    record = json.loads(output.read_text(encoding="utf-8").splitlines()[0])
    assert set(record["uncertainty"]) == {"tags", "roles", "modality", "total"}


def test_split_and_its_warning(run, corpus_file, record, tmp_path):
    copy = "قتل ثلاثة جنود في هجوم"
    path = corpus_file(
        record("old", copy, date="2024-03-01"), record("new", copy, date="2024-03-02")
    )
    options = ("--by", "date", "--parts", "train=0.5,test=0.5", "--no-together")
    result = run("split", path, tmp_path / "out", *options)
    assert result.exit_code == 0, result.stderr
    assert "warning: old and new are 100% alike and in different parts" in result.stderr
    assert [d.id for d in read_corpus(tmp_path / "out" / "test.jsonl")] == ["new"]
    found = json.loads(run("split", path, tmp_path / "out", *options, "--json").stdout)
    assert [part["documents"] for part in found["parts"]] == [1, 1]
    assert found["crossing"] == [{"first": "old", "second": "new", "similarity": 1.0}]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(("stats", "none.jsonl"), "No such file", id="no corpus"),
        pytest.param(("check",), "expected a corpus to check, or --rules", id="nothing to check"),
        pytest.param(("check", "none.jsonl"), "No such file", id="no corpus to check"),
        pytest.param(("agreement", "none.jsonl", "none.jsonl"), "No such file", id="no pair"),
        pytest.param(
            ("sample", "none.txt", "--output", "x.jsonl"), "none.txt: no such file", id="no texts"
        ),
        pytest.param(("split", "none.jsonl", "out"), "No such file", id="nothing to split"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, args, message):
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_shares_that_do_not_add_up(run, news, tmp_path):
    result = run("split", news, tmp_path / "out", "--parts", "a=0.5,b=0.1")
    assert result.exit_code == 2
    assert "parts: expected shares that add up to 1" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_malformed_corpus_names_the_line(run, corpus_file):
    result = run("stats", corpus_file("{"))
    assert result.exit_code == 2
    assert "corpus.jsonl:1: Expecting property name" in result.stderr
