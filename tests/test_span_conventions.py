"""The script that counts span conventions and rewrites a corpus by them."""

import importlib.util
import sys
from pathlib import Path

import pytest

from arevent.corpus import document_from_record, read_corpus, write_corpus

SCRIPT = Path(__file__).parents[1] / "training" / "span_conventions.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("span_conventions", SCRIPT)
script = importlib.util.module_from_spec(_spec)
sys.modules["span_conventions"] = script
_spec.loader.exec_module(script)

STRIKE = "قصفت مقاتلات التحالف مواقع ميليشيات الحوثي الإيرانية قرب مدينة صعدة اليمنية"
QUOTE = 'وقالت حركة "النور" إنها سيطرت على مواقع ميليشيات الحوثي'


@pytest.fixture
def document(sentence_record):
    strike = [
        ("m0", "WEAPON", "مقاتلات"),
        ("m1", "ACTOR", "التحالف"),
        ("m2", "LOC", "مواقع ميليشيات الحوثي الإيرانية"),
        ("m3", "LOC", "مدينة صعدة اليمنية"),
    ]
    roles = [("Instrument", "m0"), ("Agent", "m1"), ("Target", "m2"), ("Place", "m3")]
    quote = [("m0", "ACTOR", "النور"), ("m1", "LOC", "مواقع ميليشيات الحوثي")]
    record = {
        "doc_id": "habits",
        "sentences": [
            sentence_record(STRIKE, strike, [("Strike", "قصفت", "actual", roles)]),
            sentence_record(QUOTE, quote, [("Takeover", "سيطرت", "actual", [("Agent", "m0")])]),
        ],
    }
    return document_from_record(record)


def arguments(event):
    return [(argument.role, argument.mention.text) for argument in event.arguments]


def test_other_habits_are_counted_and_rewritten(document):
    rewritten = script.by_guidelines(document)
    for convention in script.CONVENTIONS:
        assert script.count([document], convention) == {not convention.together: 1}
        assert script.count([rewritten], convention) == {convention.together: 1}
    assert [(mention.label, mention.text) for mention in rewritten.mentions] == [
        ("ACTOR", "مقاتلات التحالف"),
        ("LOC", "مواقع ميليشيات الحوثي"),
        ("LOC", "مدينة صعدة"),
        ("ACTOR", 'حركة "النور'),
        ("LOC", "مواقع ميليشيات الحوثي"),
    ]
    strike, takeover = rewritten.events
    assert arguments(strike) == [
        ("Agent", "مقاتلات التحالف"),
        ("Target", "مواقع ميليشيات الحوثي"),
        ("Place", "مدينة صعدة"),
    ]
    assert arguments(takeover) == [("Agent", 'حركة "النور')]
    assert script.by_guidelines(rewritten) == rewritten


def test_a_mention_of_two_matches_is_rewritten_once(sentence_record):
    text = 'بثت قناة "النور" قناة "الفجر" الخبر'
    names = [("m0", "ACTOR", 'النور" قناة'), ("m1", "ACTOR", "الفجر")]
    record = {"doc_id": "twice", "sentences": [sentence_record(text, names)]}
    rewritten = script.by_guidelines(document_from_record(record))
    assert [mention.text for mention in rewritten.mentions] == ['قناة "النور" قناة', "الفجر"]


def test_command_line(document, tmp_path, monkeypatch, capsys):
    corpus, output = tmp_path / "corpus.jsonl", tmp_path / "rewritten.jsonl"
    write_corpus([document], corpus)
    monkeypatch.setattr(sys, "argv", ["span_conventions.py", str(corpus), "--output", str(output)])
    script.main()
    assert "| class noun, quoted name | together | 0 / 1 |" in capsys.readouterr().out
    (found,) = read_corpus(output)
    assert found.mentions == script.by_guidelines(document).mentions


def test_a_corpus_that_is_missing_ends_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["span_conventions.py", str(tmp_path / "none.jsonl")])
    with pytest.raises(SystemExit, match=r"span_conventions: .*none\.jsonl"):
        script.main()
