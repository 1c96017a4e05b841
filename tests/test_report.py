"""What a model does with a corpus to one HTML page."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from typer.testing import CliRunner

from arevent.calibration import judge, reliability
from arevent.cli import app
from arevent.corpus import document_from_record
from arevent.evaluation import THRESHOLDS, Evaluation
from arevent.report.charts import Axis, line_chart, reliability_chart
from arevent.report.markup import Markup, element, escape, join
from arevent.report.page import render_report
from arevent.scoring import score, total

SECTIONS = [
    "Scores",
    "Event types",
    "Roles",
    "Mentions",
    "Modalities of matched triggers",
    "Confused types",
    "Honesty of scores",
    "Precision against recall",
    "Errors",
]
TRAINING = {
    "config": {"epochs": 2},
    "epochs": [
        {
            "epoch": number,
            "loss": {"tags": 1.5 / number, "roles": 0.5, "modalities": 0.25},
            "dev": {"Tri-C": 0.5, "Arg-C": 0.25, "mentions": 0.75, "score": 0.25 * number},
        }
        for number in (1, 2)
    ],
}


class Page(HTMLParser):
    """Reads a page, and makes sure that every element ends where it should."""

    def __init__(self, page):
        super().__init__()
        self.open, self.names, self.rows, self.headings, self.text = [], set(), [], [], ""
        self.items, self.attributes = [], []
        self.feed(page)
        self.close()
        assert self.open == [], "elements that never end"

    def handle_starttag(self, name, attributes):
        self.names.add(name)
        self.attributes += attributes
        if name != "meta":
            self.open.append(name)
        if name == "tr":
            self.rows.append([])
        if name in ("td", "th"):
            self.rows[-1].append("")
        if name == "li":
            self.items.append("")
        if name == "h2":
            self.headings.append("")

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
        if "li" in self.open:
            self.items[-1] += data
        if "h2" in self.open:
            self.headings[-1] += data


def evaluation(gold, found, ontology):
    """Give what `measure` would, had the model found this."""
    sides = [gold], [found]
    scores = score(*sides, ontology, n_resamples=20)
    figures = {layer: total(*sides, layer).to_dict() for layer in ("Tri-C", "Arg-C")}
    about = {
        "corpus": "dev.jsonl",
        "corpus_sha256": "0" * 64,
        "command": "arevent evaluate dev.jsonl --model tiny",
        "sentences_per_second": 40.5,
        "device": "cpu",
        "versions": {"arevent": "1.0"},
    }
    honesty = {name: reliability(judged) for name, judged in judge(*sides).items()}
    thresholds = [{"threshold": value, **figures} for value in THRESHOLDS]
    return Evaluation(
        {
            "model": scores,
            "rules": scores,
            "reliability": honesty,
            "thresholds": thresholds,
            "about": about,
        },
        gold=[gold],
        found=[found],
        chances=[{}],
    )


@pytest.fixture
def two(sentence_record):
    """A document, and the same as a model reads it that takes a strike for an attack."""

    def document(event_type, score):
        record = sentence_record(
            "قصف على بلدة الكرامة",
            [("l", "LOC", "بلدة الكرامة")],
            [(event_type, "قصف", "actual", [("Place", "l")])],
        )
        read = document_from_record({"doc_id": "news-1", "sentences": [record]})
        (event,) = read.events
        trigger = replace(event.trigger, score=score)
        return replace(read, events=(replace(event, trigger=trigger, score=score),))

    return document("Strike", 1.0), document("Attack", 0.875)


def test_command_writes_a_page_with_the_figures_of_evaluate(tmp_path, tiny_model_dir, news_record):
    corpus = tmp_path / "gold.jsonl"
    corpus.write_text(json.dumps(news_record), encoding="utf-8")
    options = [str(corpus), "--model", str(tiny_model_dir), "--output"]
    result = CliRunner().invoke(app, ["evaluate", *options, str(tmp_path / "scores")])
    assert result.exit_code == 0, result.stderr
    result = CliRunner().invoke(app, ["report", *options, str(tmp_path / "new" / "report.html")])
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{tmp_path / 'new' / 'report.html'}\n"
    page = Page((tmp_path / "new" / "report.html").read_text(encoding="utf-8"))
    assert page.headings == SECTIONS
    scores = json.loads((tmp_path / "scores" / "scores.json").read_text(encoding="utf-8"))["model"]
    rows = {row[0]: row[1:] for row in page.rows}
    for layer in ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "mentions"):
        low, high = scores[layer]["interval"]
        assert rows[layer][1:] == [
            *figures(scores[layer]),
            f"{low:.3f}–{high:.3f}",
            "",
            str(scores[layer]["gold"]),
        ]
    names = {**scores["types"], **scores["roles"], **scores["labels"]}
    for name, entry in names.items():
        row = [name, *figures(entry), "", str(entry["gold"]), str(entry["predicted"])]
        assert row in page.rows, name
    assert len(page.items) == 20


def figures(entry):
    return [f"{entry[figure]:.3f}" for figure in ("precision", "recall", "f1")]


def test_command_on_a_bad_corpus(tmp_path, tiny_model_dir):
    corpus = tmp_path / "gold.jsonl"
    corpus.write_text("\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["report", str(corpus), "--model", str(tiny_model_dir)])
    assert result.exit_code == 2
    assert "gold.jsonl: expected annotated documents, found none" in " ".join(result.stderr.split())


def test_learning_curve(two, ontology):
    page = render_report("tiny", evaluation(*two, ontology), TRAINING)
    assert Page(page).headings == [SECTIONS[0], "Learning curve", *SECTIONS[1:]]
    assert "The model is that of epoch 2, the best by the mean" in page
    assert "<title>tags 0.750 at epoch 2</title>" in page
    assert "<title>Arg-C 0.250 at epoch 1</title>" in page


def test_broken_training_file_is_named(tmp_path, tiny_model_dir, news_record):
    for file in tiny_model_dir.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "training.json").write_text("{", encoding="utf-8")
    result = CliRunner().invoke(app, ["report", "gold.jsonl", "--model", str(tmp_path)])
    assert result.exit_code == 2
    assert "training.json: expected the JSON that training writes" in result.stderr


def test_confused_types(two, ontology):
    page = Page(render_report("tiny", evaluation(*two, ontology)))
    matrix = page.rows[page.rows.index(["gold ↓  found →", "Attack", "Strike", "none"]) :][:4]
    assert matrix[1:] == [
        ["Attack", "", "", ""],
        ["Strike", "1", "", ""],
        ["none", "", "", ""],
    ]
    assert ("title", "gold Strike, found Attack: 1") in page.attributes


def test_error_in_words_and_in_its_sentence(two, ontology):
    page = render_report("tiny", evaluation(*two, ontology))
    (item,) = Page(page).items
    assert item == (
        "Wrong type0.875news-1, sentence 0, the title"
        "«قصف» is Strike; the model says Attack."
        "gold" + "قصفStrike على بلدة الكرامة" + "found" + "قصفAttack على بلدة الكرامة"
    )
    assert (
        '<dd dir="rtl" lang="ar"><mark class="focus">قصف<bdi class="label" lang="en">Attack</bdi>'
        "</mark> على بلدة الكرامة</dd>"
    ) in page
    assert '<bdi lang="ar">«قصف»</bdi> is <b>Strike</b>' in page
    assert "1 in all." in page


@pytest.mark.parametrize(
    ("gold", "found", "said"),
    [
        pytest.param(
            [("Place", "l")],
            [],
            "Missed role–news-1, sentence 0, the title«المدينة» is the Place of «هجوم» (Attack); "
            "the model does not say so.goldهجومAttack في المدينةPlacefoundهجومAttack في المدينة",
            id="missed",
        ),
        pytest.param(
            [],
            [("Place", "l")],
            "Extra role1.000news-1, sentence 0, the title"
            "The model takes «المدينة» for the Place of «هجوم» (Attack); the annotation does not."
            "goldهجومAttack في المدينةfoundهجومAttack في المدينةPlace",
            id="extra",
        ),
        pytest.param(
            [("Place", "l")],
            [("Target", "l")],
            "Wrong role1.000news-1, sentence 0, the title«المدينة» is the Place of «هجوم» (Attack);"
            " the model says Target.goldهجومAttack في المدينةPlacefoundهجومAttack في المدينةTarget",
            id="wrong",
        ),
    ],
)
def test_roles_in_words(sentence_record, ontology, gold, found, said):
    def document(arguments):
        record = sentence_record(
            "هجوم في المدينة",
            [("l", "LOC", "المدينة")],
            [("Attack", "هجوم", "actual", arguments)],
        )
        return document_from_record({"doc_id": "news-1", "sentences": [record]})

    page = render_report("tiny", evaluation(document(gold), document(found), ontology))
    assert Page(page).items == [said.replace("1.000", "> 0.999")]


def test_model_that_finds_nothing(news_document, ontology):
    empty = replace(news_document, mentions=(), events=())
    page = Page(render_report("tiny", evaluation(news_document, empty, ontology), TRAINING))
    assert page.headings == [SECTIONS[0], "Learning curve", *SECTIONS[1:]]
    assert ["Death", "0.000", "0.000", "0.000", "", "2", "0"] in page.rows
    assert "ECE 0.000, 0 items" in page.text
    assert "The annotation has Strike in «قصف»; the model does not find it." in page.text


def test_corpus_without_annotations(news_document, ontology):
    empty = replace(news_document, mentions=(), events=())
    page = Page(render_report("tiny", evaluation(empty, empty, ontology)))
    assert page.headings == SECTIONS
    assert "The model and the annotation agree everywhere." in page.text


def test_model_that_finds_everything(news_document, ontology):
    page = Page(render_report("tiny", evaluation(news_document, news_document, ontology)))
    assert page.items == []
    assert "The model and the annotation agree everywhere." in page.text


def test_hostile_strings_are_shown_and_do_nothing(sentence_record, ontology):
    evil = "<script>alert('x')</script>"
    record = sentence_record(
        f'وقال {evil} & "إن" \u202eهجوما وقع \ud800', [], [("Attack", "هجوما", "actual", [])]
    )
    gold = document_from_record({"doc_id": f'"{evil}', "sentences": [record]})
    result = evaluation(gold, replace(gold, events=()), ontology)
    result.scores["about"] |= {"corpus": evil, "command": evil, "device": evil}
    html = render_report(f"</title>{evil}", result)
    html.encode("utf-8")
    page = Page(html)
    assert "script" not in page.names
    assert not [value for name, value in page.attributes if name.startswith("on")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", html)
    (item,) = page.items
    assert f'وقال {evil} & "إن" [U+202E]هجوماAttack وقع [U+D800]' in item
    assert f'"{evil}, sentence 0' in item


def test_page_needs_nothing_else(two, ontology):
    page = render_report("tiny", evaluation(*two, ontology), TRAINING)
    assert not re.search(r"https?:|url\(|@import|<script|<link|<img", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert not re.search(r"(margin|padding)-(left|right)", page)


def test_markup_is_escaped_once():
    bold = element("b", "<&>", title='a "b"')
    assert bold == '<b title="a &quot;b&quot;">&lt;&amp;&gt;</b>'
    assert join(bold, " <") == f"{bold} &lt;"
    assert isinstance(escape("x"), Markup)
    assert element("line", x1=1 / 3, stroke_width=2, class_=None) == (
        '<line x1="0.33333" stroke-width="2"></line>'
    )


def test_line_chart_of_one_point():
    chart = line_chart("F1", {"Tri-C": [(1, 0.5)]}, Axis("epoch", 0, 2, (1,)))
    assert '<polyline points="150.0,190.0" class="line">' in chart
    assert chart.count("<circle") == 1


def test_names_of_lines_that_end_together_stand_apart():
    lines = {"a": [(0, 0.0), (1, 0.0)], "b": [(0, 0.5), (1, 0.0)], "c": [(0, 0.0), (1, 0.0)]}
    chart = line_chart("F1", lines, Axis("epoch", 0, 1, (0, 1)))
    heights = re.findall(r'<text x="264" y="([\d.]+)"', chart)
    assert heights == ["167.5", "180.5", "193.5"]


def test_reliability_chart():
    entry = {
        "items": 5,
        "ece": 0.04,
        "bins": [
            {"from": 0.5, "items": 1, "score": 0.5, "correct": 0.0},
            {"from": 0.9, "items": 4, "score": 1.0, "correct": 1.0},
        ],
    }
    page = Page(reliability_chart("events", entry))
    assert "eventsECE 0.040, 5 items" in page.text.replace("events ", "events")
    assert "4 items with a mean score of 1.000: 1.000 are right" in page.text
    places = [value for name, value in page.attributes if name in ("cx", "cy", "r")]
    assert places == ["129", "190", "5", "214", "14", "8"]
