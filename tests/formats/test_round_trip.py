"""What is exported and imported again is the same, but for what a format cannot hold."""

from dataclasses import replace

import pytest

from arevent.document import Document
from arevent.formats import FORMATS, Part, export_corpus, import_corpus
from arevent.formats.guess import guess_format

TARGETS = {
    "jsonl": "corpus.jsonl",
    "brat": "brat",
    "oneie": "corpus.oneie.json",
    "dygie": "dygie.json",
    "conll": "corpus.conll",
    "doccano": "all.jsonl",
    "label-studio": "project.json",
    "huggingface": "dataset",
    "huggingface-tokens": "dataset",
}


def test_every_format_is_tested():
    assert TARGETS.keys() == FORMATS.keys()


def round_trip(documents, tmp_path, name):
    target = tmp_path / TARGETS[name]
    left_out = export_corpus(documents, target, name)
    assert guess_format(target) == name.removesuffix("-tokens")
    result = import_corpus(target, name)
    assert result.problems == ()
    assert result.passed_over == {}
    return list(result.documents), left_out


@pytest.mark.parametrize("name", ["jsonl", "brat", "oneie", "dygie", "label-studio", "huggingface"])
def test_nothing_is_lost(documents, tmp_path, name):
    assert round_trip(documents, tmp_path, name) == (documents, {})


def test_doccano_loses_modalities_and_counts(documents, tmp_path):
    read, left_out = round_trip(documents, tmp_path, "doccano")
    assert read == [without(document, {Part.MODALITIES, Part.COUNTS}) for document in documents]
    assert left_out == {Part.MODALITIES: 2, Part.COUNTS: 3}


@pytest.mark.parametrize("name", ["conll", "huggingface-tokens"])
def test_tags_lose_arguments_modalities_and_second_events(documents, tmp_path, name):
    read, left_out = round_trip(documents, tmp_path, name)
    assert read == [without(document, set(Part)) for document in documents]
    assert left_out == {
        Part.ARGUMENTS: 27,
        Part.COUNTS: 3,
        Part.MODALITIES: 2,
        Part.TWINS: 1,
    }
    assert [e.type for e in read[0].events if e.trigger.text == "اغتيال"] == ["Death"]


def without(document, parts):
    """Take away what a format cannot hold."""
    events = []
    for event in document.events:
        is_twin = event.trigger.text == "اغتيال" and event.type == "Attack"
        if is_twin and Part.TWINS in parts:
            continue
        arguments = tuple(
            argument
            for argument in event.arguments
            if (Part.COUNTS if argument.mention is None else Part.ARGUMENTS) not in parts
        )
        modality = "actual" if Part.MODALITIES in parts else event.modality
        events.append(replace(event, arguments=arguments, modality=modality))
    roles = tuple(dict.fromkeys(arg.role for event in events for arg in event.arguments))
    return replace(document, events=tuple(events), roles=roles)


@pytest.mark.parametrize(
    "name", ["jsonl", "brat", "dygie", "doccano", "label-studio", "huggingface"]
)
def test_document_without_sentences(tmp_path, name):
    empty = Document(text="", id="d", title=None)
    assert round_trip([empty], tmp_path, name) == ([empty], {})


@pytest.mark.parametrize("name", ["conll", "oneie"])
def test_document_without_sentences_that_is_left_out(tmp_path, name):
    left_out = export_corpus([Document(text="", id="d")], tmp_path / "file", name)
    assert left_out == {Part.EMPTY: 1}


def test_documents_without_an_id_get_their_number(documents, tmp_path):
    nameless = [replace(document, id=None) for document in documents]
    export_corpus(nameless, tmp_path / "corpus.conll", "conll")
    read = import_corpus(tmp_path / "corpus.conll").documents
    assert [document.id for document in read] == ["1", "2"]


def test_sentences_of_a_text_become_lines(documents, tmp_path):
    """Of a document that the extractor read, sentences share a line."""
    spaced = replace(documents[1], text=documents[1].text.replace("\n", " "))
    export_corpus([spaced], tmp_path / "all.jsonl", "doccano")
    (read,) = import_corpus(tmp_path / "all.jsonl").documents
    assert read.text == documents[1].text


def test_offsets_point_into_the_text(documents, tmp_path):
    export_corpus(documents, tmp_path / "brat", "brat")
    for document in import_corpus(tmp_path / "brat").documents:
        spans = [
            *document.sentences,
            *document.mentions,
            *(event.trigger for event in document.events),
            *(token for sentence in document.sentences for token in sentence.tokens),
        ]
        assert all(document.text[span.start : span.end] == span.text for span in spans)
