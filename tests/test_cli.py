import csv
import io
import json

import pytest
from typer.testing import CliRunner

from arevent import __version__
from arevent.cli import app


@pytest.fixture
def run(tiny_model_dir):
    """Run a command; `extract` uses the tiny model unless told otherwise."""

    def run(*args, stdin=None, model=tiny_model_dir):
        options = ["--model", str(model)] if model else []
        return CliRunner().invoke(app, [*args, *options], input=stdin)

    return run


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text("قتل ثلاثة جنود في هجوم قرب المدينة أمس.", encoding="utf-8")
    return str(path)


def test_table_for_people_isolates_arabic(run, article):
    result = run("extract", article)
    assert result.exit_code == 0
    assert "── article ──" in result.stdout
    assert "\u2067قتل ثلاثة جنود في هجوم قرب المدينة أمس.\u2069" in result.stdout


def test_visual_output_joins_and_reorders(run, article):
    result = run("extract", article, "--visual")
    assert result.exit_code == 0
    assert "\u2067" not in result.stdout
    assert "ﺩﻮﻨﺟ" in result.stdout, "the letters of «جنود», joined, from left to right"


def test_json_lines(run, article):
    result = run("extract", article, "--format", "jsonl", "--date", "2024-03-12")
    (document,) = map(json.loads, result.stdout.splitlines())
    assert (document["id"], document["date"]) == ("article", "2024-03-12")
    for mention in document["mentions"]:
        assert document["text"][mention["start"] : mention["end"]] == mention["text"]


def test_csv_has_one_row_an_event(run, article):
    documents = run("extract", article, "--format", "jsonl").stdout.splitlines()
    rows = list(csv.DictReader(io.StringIO(run("extract", article, "--format", "csv").stdout)))
    assert len(rows) == len(json.loads(documents[0])["events"])
    assert {"document", "type", "trigger", "Agent", "Count", "sentence"} <= rows[0].keys()


def test_thresholds_trade_precision_for_recall(run, article):
    def count(*options):
        rows = run("extract", article, "--format", "jsonl", *options).stdout
        events = json.loads(rows)["events"]
        return len(events), sum(len(event["arguments"]) for event in events)

    surest, most = count("--threshold", "0.999999"), count("--threshold", "0.000001")
    assert surest[0] < most[0]
    few = count("--threshold", "0.000001", "--role-threshold", "0.999999")
    many = count("--threshold", "0.000001", "--role-threshold", "0.000001")
    assert few[0] == many[0]
    assert few[1] < many[1]


def test_several_files_and_standard_input(run, article, tmp_path):
    more = tmp_path / "more.jsonl"
    records = [{"id": "a", "text": "وصل الوزير."}, {"text": "قتل جندي.", "date": "2024-01-02"}]
    more.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    result = run("extract", article, str(more), "-", "--format", "jsonl", stdin="انفجرت سيارة.")
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert [d["id"] for d in documents] == ["article", "a", "more-2", "stdin"]


def test_own_date_of_an_article_wins(run, tmp_path):
    path = tmp_path / "dated.jsonl"
    path.write_text(json.dumps({"text": "قتل جندي.", "date": "2024-01-02"}), encoding="utf-8")
    result = run("extract", str(path), "--format", "jsonl", "--date", "2020-01-01")
    assert json.loads(result.stdout)["date"] == "2024-01-02"


def test_title_column_becomes_the_first_sentence(run, tmp_path):
    path = tmp_path / "articles.csv"
    path.write_text("title,text\nعاجل.. هجوم,قتل جندي.\n", encoding="utf-8")
    document = json.loads(run("extract", str(path), "--format", "jsonl").stdout)
    assert document["text"] == "عاجل.. هجوم\nقتل جندي."


@pytest.mark.parametrize(
    ("content", "args", "message"),
    [
        pytest.param(None, (), "no such file", id="missing file"),
        pytest.param(
            b"\xc7\xe1\xd3\xe1\xc7\xe3", (), "expected UTF-8, found byte 0xc7", id="encoding"
        ),
        pytest.param(b" \n", (), "expected an article, found an empty file", id="empty"),
        pytest.param(b"text", ("--date", "1/2/22"), "expected ISO 8601", id="date"),
        pytest.param(b"text", ("--linker", "x"), "'x' is not one of", id="linker"),
        pytest.param(b"text", ("--threshold", "7"), "threshold: expected a number", id="threshold"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, tmp_path, content, args, message):
    path = tmp_path / "input.txt"
    if content is not None:
        path.write_bytes(content)
    result = run("extract", str(path), *args)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_no_files(run):
    result = run("extract")
    assert result.exit_code == 2
    assert "expected either files to read or --example" in result.stderr


def test_unknown_model(run, article, tmp_path):
    result = run("extract", article, model=tmp_path)
    assert result.exit_code == 2
    assert "expected a model folder with a config.json" in result.stderr


def test_example_needs_no_file(run):
    result = run("extract", "--example")
    assert result.exit_code == 0
    assert "example · 2024-03-12" in result.stdout


def test_info_of_a_model_without_scores(run):
    result = run("info")
    assert result.exit_code == 0
    assert f"arevent      {__version__}" in result.stdout
    assert "Agent, Target, Place" in result.stdout


def test_info_of_the_bundled_model_has_scores(run):
    result = run("info", model=None)
    assert result.exit_code == 0
    assert "Tri-C        F1 0." in result.stdout


def test_evaluate_writes_scores_confusions_and_card(run, tmp_path, news_record):
    corpus = tmp_path / "gold.jsonl"
    corpus.write_text(json.dumps(news_record), encoding="utf-8")
    result = run("evaluate", str(corpus), "--output", str(tmp_path / "out"))
    assert result.exit_code == 0, result.stderr
    scores = json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf-8"))
    assert scores["model"]["Tri-C"]["gold"] == scores["rules"]["Tri-C"]["gold"] == 4
    assert scores["about"]["corpus"] == "gold.jsonl"
    table = (tmp_path / "out" / "confusions.tsv").read_text(encoding="utf-8")
    assert table.startswith("gold\tpredicted\tn\n")
    assert "| Tri-C | trigger span and type |" in (tmp_path / "out" / "README.md").read_text()


def test_evaluate_on_a_bad_corpus(run, tmp_path):
    corpus = tmp_path / "gold.jsonl"
    corpus.write_text('{"doc_id": "x"}', encoding="utf-8")
    result = run("evaluate", str(corpus))
    assert result.exit_code == 2
    assert "gold.jsonl:1: missing key 'sentences'" in result.stderr


def test_train_from_a_config_file(run, tmp_path, encoder_dir, news_record):
    corpus = tmp_path / "gold.jsonl"
    corpus.write_text(json.dumps(news_record), encoding="utf-8")
    config = tmp_path / "run.yaml"
    config.write_text(
        f"train: {corpus}\ndev: {corpus}\nencoder: {encoder_dir}\noutput: {tmp_path / 'run'}\n"
        "max_pieces: 64\nwindow_pieces: [64]\nprecision: 'no'\nepochs: 5\n",
        encoding="utf-8",
    )
    result = run("train", str(config), "--set", "epochs=1", model=None)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["epoch"] == 1
    assert (tmp_path / "run" / "best" / "config.json").exists()


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        pytest.param("epochs", "--set: expected name=value", id="no value"),
        pytest.param("epoch=1", "unknown: ['epoch']", id="unknown name"),
    ],
)
def test_train_with_bad_settings(run, tmp_path, setting, message):
    config = tmp_path / "run.yaml"
    config.write_text("train: a\ndev: b\nencoder: c\noutput: d\n", encoding="utf-8")
    result = run("train", str(config), "--set", setting, model=None)
    assert result.exit_code == 2
    assert message in result.stderr
