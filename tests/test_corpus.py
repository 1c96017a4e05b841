"""The corpus format: what is read, what is refused, and that writing loses nothing."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arevent.corpus import (
    CorpusError,
    document_from_record,
    document_to_record,
    read_corpus,
    write_corpus,
)
from arevent.document import Argument, EventFrame, Mention, Span

RECORD = {
    "doc_id": "d1",
    "date": "2024-03-12",
    "source": "وكالة",
    "sentences": [
        {"text": "اشتباك.. مقتل جنديين", "mentions": [], "events": []},
        {
            "text": "قُتل جنديان قرب الجسر. وفرّ المهاجم",
            "mentions": [
                {"id": "m2", "label": "LOC", "start": 16, "end": 21},
                {"id": "m1", "label": "ACTOR", "start": 5, "end": 11},
            ],
            "events": [
                {
                    "id": "e1",
                    "type": "Death",
                    "start": 0,
                    "end": 4,
                    "arguments": [
                        {"role": "Target", "mention": "m1"},
                        {"role": "Place", "mention": "m2"},
                        {"role": "Count", "value": 2},
                    ],
                },
                {
                    "id": "e2",
                    "type": "Escape",
                    "start": 23,
                    "end": 27,
                    "modality": "hypothetical",
                    "arguments": [],
                },
            ],
        },
    ],
}


@pytest.fixture
def record():
    """A record that a test may change."""
    return copy.deepcopy(RECORD)


@pytest.fixture
def write(tmp_path):
    """Write lines of JSON and give the file's path."""

    def write_lines(*lines):
        path = tmp_path / "corpus.jsonl"
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return path

    return write_lines


def test_record_to_document():
    document = document_from_record(RECORD)
    soldiers = Mention("ACTOR", "جنديان", 26, 32)
    bridge = Mention("LOC", "الجسر", 37, 42)
    assert document.text == "اشتباك.. مقتل جنديين\nقُتل جنديان قرب الجسر. وفرّ المهاجم"
    assert [(s.start, s.end) for s in document.sentences] == [(0, 20), (21, 56)]
    assert document.mentions == (soldiers, bridge)
    assert document.events == (
        EventFrame(
            "Death",
            Span("Death", "قُتل", 21, 25),
            (
                Argument("Target", soldiers),
                Argument("Place", bridge),
                Argument("Count", None, 2),
            ),
        ),
        EventFrame("Escape", Span("Escape", "وفرّ", 44, 48), (), "hypothetical"),
    )
    assert (document.id, document.date, document.source) == ("d1", "2024-03-12", "وكالة")
    assert document.title == "اشتباك.. مقتل جنديين"
    assert document.roles == ("Target", "Place", "Count")


def test_date_and_source_may_be_missing(record):
    del record["date"], record["source"]
    document = document_from_record(record)
    assert (document.date, document.source) == (None, None)


def test_document_without_sentences():
    document = document_from_record({"doc_id": "d", "sentences": []})
    assert (document.text, document.title, document.sentences) == ("", None, ())


def test_line_separator_inside_a_sentence_does_not_cut_it():
    sentence = {"text": "قتل\u2028جندي", "mentions": [], "events": []}
    document = document_from_record({"doc_id": "d", "sentences": [sentence]})
    assert [s.text for s in document.sentences] == ["قتل جندي"]


def test_document_to_record():
    assert document_to_record(document_from_record(RECORD)) == {
        "doc_id": "d1",
        "date": "2024-03-12",
        "source": "وكالة",
        "sentences": [
            {"text": "اشتباك.. مقتل جنديين", "mentions": [], "events": []},
            {
                "text": "قُتل جنديان قرب الجسر. وفرّ المهاجم",
                "mentions": [
                    {"id": "m1", "label": "ACTOR", "start": 5, "end": 11},
                    {"id": "m2", "label": "LOC", "start": 16, "end": 21},
                ],
                "events": [
                    {
                        "id": "e1",
                        "type": "Death",
                        "start": 0,
                        "end": 4,
                        "modality": "actual",
                        "arguments": [
                            {"role": "Target", "mention": "m1"},
                            {"role": "Place", "mention": "m2"},
                            {"role": "Count", "value": 2},
                        ],
                    },
                    {
                        "id": "e2",
                        "type": "Escape",
                        "start": 23,
                        "end": 27,
                        "modality": "hypothetical",
                        "arguments": [],
                    },
                ],
            },
        ],
    }


def test_record_is_not_changed(record):
    document_from_record(record)
    assert record == RECORD


def test_file(write):
    path = write(json.dumps(RECORD), "", json.dumps({**RECORD, "doc_id": "d2"}))
    assert [document.id for document in read_corpus(path)] == ["d1", "d2"]
    assert read_corpus(str(path)) == read_corpus(path)


def test_written_file_is_readable_arabic(tmp_path):
    path = tmp_path / "written.jsonl"
    write_corpus(iter([document_from_record(RECORD)] * 2), path)
    assert path.read_text(encoding="utf-8").count("قُتل جنديان قرب الجسر") == 2


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        pytest.param(
            {"mentions": [{"id": "m1", "label": "LOC", "start": 0, "end": 2}]},
            "sentence 0, m1: expected a span of whole tokens, found [0, 2) «قت»",
            id="part of a token",
        ),
        pytest.param(
            {"mentions": [{"id": "m1", "label": "LOC", "start": 3, "end": 8}]},
            "sentence 0, m1: expected a span of whole tokens, found [3, 8) « جندي»",
            id="white space before",
        ),
        pytest.param(
            {"mentions": [{"id": "m1", "label": "LOC", "start": 4, "end": 3}]},
            "sentence 0, m1: expected a span of whole tokens, found [4, 3) «»",
            id="end before start",
        ),
        pytest.param(
            {"events": [{"id": "e1", "type": "Death", "start": 0, "end": 30, "arguments": []}]},
            "sentence 0, e1: expected a span of whole tokens, found [0, 30) «قتل جندي»",
            id="beyond the sentence",
        ),
        pytest.param(
            {
                "events": [
                    {
                        "id": "e1",
                        "type": "Death",
                        "start": 0,
                        "end": 3,
                        "arguments": [{"role": "Target", "mention": "m9"}],
                    }
                ]
            },
            "sentence 0, e1: expected a mention of the sentence as Target, found m9",
            id="unknown mention",
        ),
        pytest.param(
            {"text": " \u200f "}, "expected 1 sentences with words, found 0", id="no words"
        ),
        pytest.param(
            {"mentions": [{"id": "m1", "start": 0, "end": 3}]},
            "missing key 'label'",
            id="key of a mention",
        ),
    ],
)
def test_errors_name_file_and_line(write, sentence, message):
    broken = {"text": "قتل جندي", "mentions": [], "events": [], **sentence}
    path = write(json.dumps(RECORD), json.dumps({"doc_id": "d", "sentences": [broken]}))
    with pytest.raises(CorpusError) as error:
        read_corpus(path)
    assert str(error.value) == f"{path}:2: {message}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param('{"doc_id": "d"}', "missing key 'sentences'", id="no sentences"),
        pytest.param('{"sentences": []}', "missing key 'doc_id'", id="no id"),
        pytest.param("{", "Expecting property name enclosed in double quotes", id="no JSON"),
        pytest.param("[]", "list indices must be integers", id="no object"),
    ],
)
def test_lines_that_are_no_document(write, line, message):
    path = write(line)
    with pytest.raises(CorpusError) as error:
        read_corpus(path)
    assert str(error.value).startswith(f"{path}:1: {message}")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl"):
        read_corpus(tmp_path / "none.jsonl")


def test_text_that_is_no_string(write):
    broken = {"text": None, "mentions": [], "events": []}
    with pytest.raises(CorpusError, match=":1:"):
        read_corpus(write(json.dumps({"doc_id": "d", "sentences": [broken]})))


def test_wrong_encoding(tmp_path):
    path = tmp_path / "old.jsonl"
    path.write_bytes(json.dumps(RECORD, ensure_ascii=False).encode("windows-1256", "replace"))
    with pytest.raises(CorpusError, match=r"old\.jsonl"):
        read_corpus(path)


def test_mention_id_given_twice(record):
    record["sentences"][1]["mentions"][1]["id"] = "m2"
    with pytest.raises(ValueError, match="m2"):
        document_from_record(record)


def test_argument_without_a_filler(record):
    record["sentences"][1]["events"][0]["arguments"] = [{"role": "Count"}]
    with pytest.raises(ValueError, match="Count"):
        document_from_record(record)


def test_events_out_of_order_survive_writing(record, tmp_path):
    events = record["sentences"][1]["events"]
    events[1]["arguments"] = [{"role": "AgentCount", "value": 1}]
    events.reverse()
    documents = [document_from_record(record)]
    write_corpus(documents, tmp_path / "written.jsonl")
    assert read_corpus(tmp_path / "written.jsonl") == documents


# Each is one token, whatever stands around it.
WORDS = [
    *("قُتِلَ", "عشـــرة", "جنود", "هجوم", "ﻻ", "٣٬٠٠٠", "12.5", "Reuters", "ڤ"),
    *(".", "؟", "!", "،", "(", "«", "😢"),
]
LABELS = ["ACTOR", "LOC", "NUM"]
MODALITIES = ["actual", "negated", "hypothetical"]


@st.composite
def sentence_records(draw):
    """Draw a sentence with mentions on some of its words and events on others."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
    starts = [sum(len(word) + 1 for word in words[:number]) for number in range(len(words))]
    bounds = [{"start": s, "end": s + len(w)} for s, w in zip(starts, words, strict=True)]
    kinds = draw(st.lists(st.sampled_from("ME-"), min_size=len(words), max_size=len(words)))
    mentions = [
        {"id": f"x{number}", "label": draw(st.sampled_from(LABELS)), **where}
        for number, (kind, where) in enumerate(zip(kinds, bounds, strict=True))
        if kind == "M"
    ]
    fillers = [{"role": "Count", "value": 2}]
    fillers += [{"role": "Target", "mention": mention["id"]} for mention in mentions]
    fillers += [{"role": "Place", "mention": mention["id"]} for mention in mentions]
    events = [
        {
            "id": f"y{number}",
            "type": draw(st.sampled_from(["Death", "Attack"])),
            "modality": draw(st.sampled_from(MODALITIES)),
            "arguments": draw(st.lists(st.sampled_from(fillers), max_size=3)),
            **where,
        }
        for number, (kind, where) in enumerate(zip(kinds, bounds, strict=True))
        if kind == "E"
    ]
    return {"text": " ".join(words), "mentions": mentions, "events": events}


records = st.fixed_dictionaries(
    {
        "doc_id": st.text(max_size=5),
        "date": st.sampled_from([None, "2024-03-12"]),
        "source": st.none() | st.text(max_size=5),
        "sentences": st.lists(sentence_records(), max_size=4),
    }
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("corpus") / "written.jsonl"


@settings(deadline=None, max_examples=60)
@given(drawn=st.lists(records, max_size=3))
def test_what_was_written_is_read(path, drawn):
    documents = [document_from_record(record) for record in drawn]
    write_corpus(documents, path)
    assert read_corpus(path) == documents


@settings(deadline=None, max_examples=60)
@given(record=records)
def test_offsets_point_into_the_text(record):
    document = document_from_record(record)
    assert document.text == "\n".join(sentence["text"] for sentence in record["sentences"])
    spans = [
        *document.sentences,
        *(token for sentence in document.sentences for token in sentence.tokens),
        *document.mentions,
        *(event.trigger for event in document.events),
        *(arg.mention for event in document.events for arg in event.arguments if arg.mention),
    ]
    for span in spans:
        assert document.text[span.start : span.end] == span.text


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(st.text(max_size=30), max_size=4))
def test_any_text_is_read_back_or_refused(texts):
    sentences = [{"text": text, "mentions": [], "events": []} for text in texts]
    try:
        once = document_to_record(document_from_record({"doc_id": "d", "sentences": sentences}))
    except ValueError:
        return
    assert document_to_record(document_from_record(once)) == once
