"""Each rule finds its breach, and nothing in a clean corpus."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from arevent.curation.check import RULES, check_corpus
from arevent.curation.rules import Level

TEXT = "قالت الشرطة في بيان إن جنديا قتل، أمس، في هجوم"
POLICE, SOLDIER, YESTERDAY = (
    ("m1", "ACTOR", "الشرطة"),
    ("m2", "ACTOR", "جنديا"),
    ("m3", "DATE", "أمس"),
)


def death(*arguments, modality="actual"):
    return ("Death", "قتل", modality, list(arguments))


CASES = [
    pytest.param(
        "mention-overlap", "جنديا", [SOLDIER, ("m4", "ACTOR", "إن جنديا")], [], id="mention overlap"
    ),
    pytest.param(
        "trigger-in-mention", "قتل", [("m1", "ACTOR", "جنديا قتل")], [death()], id="trigger"
    ),
    pytest.param(
        "trigger-overlap",
        "قتل",
        [],
        [("Attack", "جنديا قتل", "actual", []), death()],
        id="triggers",
    ),
    pytest.param("repeated-event", "قتل", [], [death(), death()], id="repeated event"),
    pytest.param(
        "double-event", "قتل", [], [death(), ("Attack", "قتل", "actual", [])], id="two types"
    ),
    pytest.param("unknown-label", "جنديا", [("m1", "PERSON", "جنديا")], [], id="label"),
    pytest.param("unknown-label", "قتل", [], [("Kill", "قتل", "actual", [])], id="type"),
    pytest.param("unknown-label", "قتل", [], [death(modality="likely")], id="modality"),
    pytest.param("unknown-label", "قتل", [SOLDIER], [death(("Victim", "m2"))], id="role"),
    pytest.param("role-of-type", "قتل", [], [death(("AgentCount", 2))], id="role of type"),
    pytest.param("filler-label", "أمس", [YESTERDAY], [death(("Target", "m3"))], id="filler"),
    pytest.param("literal-role", "قتل", [], [death(("Target", 2))], id="literal role"),
    pytest.param("literal-value", "قتل", [], [death(("Count", 0))], id="literal value"),
    pytest.param(
        "repeated-argument",
        "جنديا",
        [SOLDIER],
        [death(("Target", "m2"), ("Target", "m2"))],
        id="repeated argument",
    ),
    pytest.param("date-preposition", "في بيان", [("m1", "DATE", "في بيان")], [], id="preposition"),
    pytest.param("span-punctuation", "قتل،", [("m1", "ACTOR", "قتل،")], [], id="comma"),
    pytest.param("span-punctuation", "، أمس", [("m1", "DATE", "، أمس")], [], id="comma before"),
]


@pytest.mark.parametrize(("rule", "words", "mentions", "events"), CASES)
def test_a_breach_is_found_once(
    rule, words, mentions, events, record, sentence_record, corpus_file, ontology
):
    path = corpus_file(record("d", "عنوان", sentence_record(TEXT, mentions, events)))
    (finding,) = check_corpus(path, ontology)
    assert (finding.rule, finding.text) == (rule, words)
    assert (finding.line, finding.document, finding.sentence) == (1, "d", 1)
    assert TEXT[finding.start : finding.end] == words, "offsets are those of the file"


@pytest.mark.parametrize(
    ("rule", "text", "mention"),
    [
        pytest.param("number-percent", "خسر 50% منهم", ("m1", "NUM", "50"), id="sign after"),
        pytest.param("number-percent", "خسر %50 منهم", ("m1", "NUM", "50"), id="sign before"),
        pytest.param("number-percent", "خسر 50 في المئة", ("m1", "NUM", "50"), id="words"),
        pytest.param("number-qualifier", "قتل نحو 50", ("m1", "NUM", "نحو 50"), id="about"),
        pytest.param("no-mention", "وقال هو ذلك", ("m1", "ACTOR", "هو"), id="pronoun"),
        pytest.param("no-mention", "أصيب آخرون", ("m1", "ACTOR", "آخرون"), id="others"),
        pytest.param("sentence-end", "قتل زيد. عمرو نجا", ("m1", "ACTOR", "زيد. عمرو"), id="end"),
        pytest.param(None, "قتل أ. عمرو", ("m1", "ACTOR", "أ. عمرو"), id="an initial is no end"),
        pytest.param(None, "بين 50 و60 جنديا", ("m1", "NUM", "50 و60"), id="a range"),
        pytest.param(None, "قتل 5 في المعارك", ("m1", "NUM", "5"), id="a preposition of its own"),
        pytest.param(None, "قبل يومين قتل", ("m1", "DATE", "قبل يومين"), id="before is no place"),
    ],
)
def test_rules_about_the_words_of_mentions(
    rule, text, mention, record, sentence_record, corpus_file, ontology
):
    path = corpus_file(record("d", sentence_record(text, [mention])))
    assert [finding.rule for finding in check_corpus(path, ontology)] == ([rule] if rule else [])


def test_a_clean_corpus_has_no_findings(news_record, corpus_file, ontology):
    assert check_corpus(corpus_file(news_record), ontology) == []


def test_what_is_allowed(record, sentence_record, corpus_file, ontology):
    """Words of double_events carry two types; two people are two literals of one."""
    double = [("Death", "اغتيال", "actual", []), ("Attack", "اغتيال", "actual", [])]
    people = [death(("Count", 1), ("Count", 1))]
    sentences = (
        sentence_record("اغتيال وزير", (), double),
        sentence_record("قتل رجل وامرأة", (), people),
    )
    assert check_corpus(corpus_file(record("d", *sentences)), ontology) == []


def test_every_malformed_line_is_listed(record, corpus_file, ontology):
    broken = record("broken", {"text": "قتل", "mentions": [], "events": [{"id": "e1"}]})
    path = corpus_file("{", record("fine", "هدوء"), broken, "[]")
    findings = check_corpus(path, ontology)
    assert [(f.rule, f.line, f.level) for f in findings] == [
        ("malformed-record", 1, Level.ERROR),
        ("malformed-record", 3, Level.ERROR),
        ("malformed-record", 4, Level.ERROR),
    ]
    assert findings[1].message.startswith(f"{path}:3: missing key")


def test_rules_about_documents(record, corpus_file, ontology):
    path = corpus_file(
        record("a", "قتل ثلاثة جنود في هجوم"),
        record("b", "وصل الوزير إلى العاصمة", date=None),
        "",
        record("a", "انفجرت سيارة في السوق", date="12/3/2024"),
        record("c", "قتل ثلاثة جنود في هجوم أمس"),
    )
    findings = check_corpus(path, ontology)
    assert [(f.line, f.document, f.rule) for f in findings] == [
        (2, "b", "missing-date"),
        (4, "a", "duplicate-id"),
        (4, "a", "bad-date"),
        (5, "c", "near-duplicate"),
    ]
    assert findings[3].message == (
        "expected a text of its own, found that of «a» on line 1, 75% alike"
    )
    strict = check_corpus(path, ontology, similarity=0.9)
    assert "near-duplicate" not in {finding.rule for finding in strict}


def test_the_documentation_lists_the_rules():
    text = (Path(__file__).parents[2] / "docs" / "corpus-tools.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", text, re.MULTILINE)
    assert listed == [(rule.name, rule.level) for rule in RULES]
    assert len(dict(listed)) == len(listed), "names differ"


def test_an_ontology_of_ones_own(record, sentence_record, corpus_file, ontology):
    """Its labels are known, and rules about numbers find nothing without them."""
    own = replace(ontology, mention_labels=("VIP",), roles={"Host": ("VIP",)}, double_events=())
    path = corpus_file(record("d", sentence_record(TEXT, [("m1", "VIP", "الشرطة")])))
    assert check_corpus(path, own) == []
    assert [finding.rule for finding in check_corpus(path, ontology)] == ["unknown-label"]
