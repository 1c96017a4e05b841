"""The project's own JSON lines; `arevent.corpus` says what is in them.

Ids of mentions and events are used once in a sentence, so here they carry its number: ``2/m1``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from arevent.corpus import write_corpus
from arevent.document import Document
from arevent.formats.files import read_records, reading
from arevent.formats.raw import RawArgument, RawAttribute, RawCorpus, RawDocument, RawEvent, RawSpan
from arevent.normalize import LINE_BREAK


def read(path: Path) -> RawCorpus:
    """Read a corpus in the project's format.

    Raises:
        FormatError: If a line is no document.
    """
    corpus = RawCorpus()
    for line, record in read_records(path):
        with reading(path, line):
            corpus.documents.append(raw_from_record(record, str(path), line))
    return corpus


def write(documents: Sequence[Document], target: Path) -> None:
    """Write a corpus in the project's format."""
    write_corpus(documents, target)


def raw_from_record(record: Mapping[str, Any], file: str, line: int) -> RawDocument:
    """Turn a record of the project's format into a raw document.

    Raises:
        KeyError: If a key is missing.
        TypeError: If a value is not of its type.
    """
    spans: list[RawSpan] = []
    events: list[RawEvent] = []
    arguments: list[RawArgument] = []
    attributes: list[RawAttribute] = []
    texts: list[str] = []
    offset = 0
    for number, sentence in enumerate(record["sentences"]):
        # A line break would end the sentence; one space for each character keeps the offsets.
        texts.append(LINE_BREAK.sub(" ", sentence["text"]))
        for item in sentence["mentions"]:
            spans.append(_span(f"{number}/{item['id']}", item["label"], item, offset, line))
        for item in sentence["events"]:
            key = f"{number}/{item['id']}"
            events.append(RawEvent(key, _span(f"{key}.trigger", item["type"], item, offset, line)))
            arguments += _arguments(item["arguments"], key, number, line)
            if item.get("modality") is not None:
                attributes.append(RawAttribute(key, "modality", line, item["modality"]))
        offset += len(texts[-1]) + 1
    return RawDocument(
        file=file,
        line=line,
        id=record["doc_id"],
        text="\n".join(texts),
        spans=spans,
        events=events,
        arguments=arguments,
        attributes=attributes,
        date=record.get("date"),
        source=record.get("source"),
        is_lines=True,
    )


def _span(name: str, label: str, item: Mapping[str, Any], offset: int, line: int) -> RawSpan:
    return RawSpan(name, label, ((offset + item["start"], offset + item["end"]),), line)


def _arguments(
    items: Sequence[Mapping[str, Any]], event: str, sentence: int, line: int
) -> Iterator[RawArgument]:
    for item in items:
        if item.get("mention") is not None:
            yield RawArgument(event, item["role"], line, f"{sentence}/{item['mention']}")
        else:
            yield RawArgument(event, item["role"], line, None, item.get("value"))
