"""Annotated corpora: the project's JSONL to documents and back.

Each line of the file is a document whose sentences carry their own annotations, with offsets in
characters of the sentence::

    {"doc_id": "…", "date": "2018-08-17", "source": "…", "sentences": [
      {"text": "…",
       "mentions": [{"id": "m1", "label": "ACTOR", "start": 0, "end": 5}],
       "events": [{"id": "e1", "type": "Attack", "start": 6, "end": 10, "modality": "actual",
                   "arguments": [{"role": "Agent", "mention": "m1"},
                                 {"role": "Count", "value": 2}]}]}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from arevent.document import (
    Argument,
    Document,
    EventFrame,
    Mention,
    Sentence,
    Span,
    by_sentence,
)
from arevent.normalize import LINE_BREAK, REPLACEMENT, SURROGATE, normalize
from arevent.ontology import Ontology
from arevent.segment import segment

LABEL_KINDS = {
    "mention_labels": "mention label",
    "event_types": "event type",
    "roles": "role",
    "modalities": "modality",
}
"""What a label of each part of an ontology is called."""


class CorpusError(ValueError):
    """A record of a corpus cannot be read; the message names file, line and reason."""


def read_corpus(path: str | Path) -> list[Document]:
    """Read an annotated corpus; the first sentence of each document is its title.

    Args:
        path: A JSONL file in the project's format.

    Returns:
        One document a line. Its text is the sentences, one a line; offsets point into that text.

    Raises:
        CorpusError: If a line is no document, or a span does not stand on whole tokens.
    """
    documents = []
    for _, entry in read_lines(path):
        if isinstance(entry, CorpusError):
            raise entry
        documents.append(entry)
    return documents


def read_lines(path: str | Path) -> Iterator[tuple[int, Document | CorpusError]]:
    """Read an annotated corpus, and go on where a line is no document.

    Args:
        path: A JSONL file in the project's format.

    Yields:
        The number of each line that is not blank, from 1, with its document or with the error
        that `read_corpus` would raise.
    """
    for number, line in enumerate(Path(path).read_bytes().split(b"\n"), 1):
        if line.strip():
            yield number, _read_line(line, f"{path}:{number}")


def _read_line(line: bytes, where: str) -> Document | CorpusError:
    try:
        return document_from_record(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"missing key {error}" if isinstance(error, KeyError) else error
        problem = CorpusError(f"{where}: {reason}")
        problem.__cause__ = error
        return problem


def document_from_record(record: dict[str, Any]) -> Document:
    """Turn one record into a document.

    Raises:
        ValueError: If a span does not stand on whole tokens, or an argument names no mention.
    """
    # A line break would end the sentence; one space for each character keeps the offsets.
    texts = [LINE_BREAK.sub(" ", entry["text"]) for entry in record["sentences"]]
    text = "\n".join(texts)
    sentences = segment(normalize(text), whole_lines=len(texts))
    if len(sentences) != len(texts):
        raise ValueError(f"expected {len(texts)} sentences with words, found {len(sentences)}")
    mentions: list[Mention] = []
    events: list[EventFrame] = []
    offset = 0
    for number, (entry, sentence_text) in enumerate(zip(record["sentences"], texts, strict=True)):
        reader = _SentenceReader(text, offset, sentences[number], f"sentence {number}")
        by_id = reader.mentions(entry["mentions"])
        mentions += by_id.values()
        events += (reader.event(item, by_id) for item in entry["events"])
        offset += len(sentence_text) + 1
    events.sort(key=lambda event: event.trigger.start)
    return Document(
        text=text,
        sentences=sentences,
        mentions=tuple(sorted(mentions, key=lambda mention: mention.start)),
        events=tuple(events),
        id=record["doc_id"],
        date=record.get("date"),
        title=texts[0] if texts else None,
        source=record.get("source"),
        roles=tuple(dict.fromkeys(arg.role for event in events for arg in event.arguments)),
    )


class _SentenceReader:
    """Builds the spans of one sentence, and checks that they are whole tokens."""

    def __init__(self, text: str, offset: int, sentence: Sentence, name: str) -> None:
        self.text = text
        self.offset = offset
        self.name = name
        self.starts = {token.start for token in sentence.tokens}
        self.ends = {token.end for token in sentence.tokens}

    def bounds(self, item: dict[str, Any]) -> tuple[str, int, int]:
        start, end = self.offset + item["start"], self.offset + item["end"]
        words = self.text[start:end]
        if start not in self.starts or end not in self.ends or start >= end:
            raise ValueError(
                f"{self.name}, {item['id']}: expected a span of whole tokens, "
                f"found [{item['start']}, {item['end']}) «{words}»"
            )
        return words, start, end

    def mentions(self, items: Sequence[dict[str, Any]]) -> dict[str, Mention]:
        by_id: dict[str, Mention] = {}
        for item in items:
            if item["id"] in by_id:
                raise ValueError(f"{self.name}: expected ids used once, found {item['id']} twice")
            by_id[item["id"]] = Mention(item["label"], *self.bounds(item))
        return by_id

    def event(self, item: dict[str, Any], mentions: dict[str, Mention]) -> EventFrame:
        arguments = []
        for argument in item["arguments"]:
            if "mention" not in argument and argument.get("value") is None:
                raise ValueError(
                    f"{self.name}, {item['id']}: expected a mention or a value as "
                    f"{argument['role']}, found neither"
                )
            if "mention" in argument and argument["mention"] not in mentions:
                raise ValueError(
                    f"{self.name}, {item['id']}: expected a mention of the sentence as "
                    f"{argument['role']}, found {argument['mention']}"
                )
            mention = mentions.get(argument.get("mention"))
            arguments.append(Argument(argument["role"], mention, argument.get("value")))
        trigger = Span(item["type"], *self.bounds(item))
        return EventFrame(item["type"], trigger, tuple(arguments), item.get("modality", "actual"))


def write_corpus(documents: Iterable[Document], path: str | Path) -> None:
    """Write documents in the format that `read_corpus` reads; lone surrogates become U+FFFD."""
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(
            SURROGATE.sub(REPLACEMENT, json.dumps(document_to_record(d), ensure_ascii=False)) + "\n"
            for d in documents
        )


def document_to_record(document: Document) -> dict[str, Any]:
    """Turn a document into one record; mentions and events are numbered in each sentence."""
    return {
        "doc_id": document.id,
        "date": document.date,
        "source": document.source,
        "sentences": [_sentence_record(*entry) for entry in by_sentence(document)],
    }


def _sentence_record(
    sentence: Sentence, mentions: Sequence[Mention], events: Sequence[EventFrame]
) -> dict[str, Any]:
    def bounds(span: Span) -> dict[str, int]:
        return {"start": span.start - sentence.start, "end": span.end - sentence.start}

    ids = {(m.start, m.end): f"m{number}" for number, m in enumerate(mentions, 1)}
    return {
        "text": sentence.text,
        "mentions": [{"id": ids[m.start, m.end], "label": m.label, **bounds(m)} for m in mentions],
        "events": [
            {
                "id": f"e{number}",
                "type": event.type,
                **bounds(event.trigger),
                "modality": event.modality,
                "arguments": [
                    {"role": arg.role, "mention": ids[arg.mention.start, arg.mention.end]}
                    if arg.mention
                    else {"role": arg.role, "value": arg.value}
                    for arg in event.arguments
                ],
            }
            for number, event in enumerate(events, 1)
        ],
    }


def check_labels(documents: Iterable[Document], ontology: Ontology) -> None:
    """Make sure that the ontology knows every label of a corpus.

    Raises:
        ValueError: If it does not; the message lists the labels with their counts.
    """
    unknown = ontology.unknown_labels(
        label for document in documents for label in _labels(document)
    )
    if unknown:
        raise ValueError(
            f"expected labels of the ontology, found others in the corpus: {list_labels(unknown)}"
        )


def list_labels(labels: Mapping[tuple[str, str], int]) -> str:
    """Write labels, given as kinds and names, with their counts in a line."""
    names = {(LABEL_KINDS[kind], name): count for (kind, name), count in labels.items()}
    return ", ".join(f"{kind} {name} ({count})" for (kind, name), count in sorted(names.items()))


def _labels(document: Document) -> Iterator[tuple[str, str]]:
    for mention in document.mentions:
        yield "mention_labels", mention.label
    for event in document.events:
        yield "event_types", event.type
        yield "modalities", event.modality
        for argument in event.arguments:
            yield "roles", argument.role
