"""doccano JSON lines: texts with labelled spans, and relations that start at events.

Triggers are spans whose label is an event type; a relation from a trigger to a mention is an
argument. Other fields of a line are what doccano calls metadata: the writer adds ``doc_id``,
``date``, ``source`` and ``sentences``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from arevent.document import Document, Span
from arevent.formats.files import read_records, reading, write_records
from arevent.formats.raw import RawArgument, RawCorpus, RawDocument, RawSpan

_SPANS = ("entities", "label", "labels")
_PASSED_OVER = ("Comments", "comments", "cats")


def read(path: Path) -> RawCorpus:
    """Read an export of a sequence labelling project, with or without relations.

    Raises:
        FormatError: If a line is no example of such a project.
    """
    corpus = RawCorpus()
    for line, record in read_records(path):
        with reading(path, line):
            corpus.documents.append(_document(record, path, line))
            for key in _PASSED_OVER:
                if record.get(key):
                    corpus.passed_over[key.lower()] += len(record[key])
    return corpus


def write(documents: Sequence[Document], target: Path) -> None:
    """Write the variant with relations; a sentence is a line of text."""
    write_records((_record(n, document) for n, document in enumerate(documents, 1)), target)


def _document(record: Mapping[str, Any], path: Path, line: int) -> RawDocument:
    key = next((key for key in _SPANS if key in record), None)
    if key is None:
        raise ValueError(f"expected one of the keys {_SPANS}, found {sorted(record)}")
    head = {**record.get("meta", {}), **record}
    return RawDocument(
        file=str(path),
        line=line,
        id=str(head.get("doc_id", f"{path.stem}-{record.get('id', line)}")),
        text=record["text"],
        spans=list(_spans(record[key], line)),
        arguments=[
            RawArgument(_span_id(r["from_id"]), r["type"], line, _span_id(r["to_id"]))
            for r in record.get("relations", ())
        ],
        date=head.get("date"),
        source=head.get("source"),
        is_lines=head.get("sentences") == "lines",
    )


def _spans(items: Sequence[Any], line: int) -> Iterator[RawSpan]:
    for number, item in enumerate(items, 1):
        if isinstance(item, Mapping):
            start, end, label = item["start_offset"], item["end_offset"], item["label"]
            yield RawSpan(_span_id(item["id"]), label, ((start, end),), line)
        else:
            start, end, label = item
            yield RawSpan(f"span {number}", label, ((start, end),), line)


def _span_id(number: object) -> str:
    return f"span {number}"


def _record(number: int, document: Document) -> dict[str, Any]:
    spans: list[Span] = [*document.mentions, *(event.trigger for event in document.events)]
    ids = {(m.start, m.end): n for n, m in enumerate(document.mentions, 1)}
    relations = [
        (len(document.mentions) + n, ids[arg.mention.start, arg.mention.end], arg.role)
        for n, event in enumerate(document.events, 1)
        for arg in event.arguments
        if arg.mention
    ]
    known = {"doc_id": document.id, "date": document.date, "source": document.source}
    return {
        "id": number,
        "text": document.text,
        "entities": [
            {"id": n, "label": span.label, "start_offset": span.start, "end_offset": span.end}
            for n, span in enumerate(spans, 1)
        ],
        "relations": [
            {"id": n, "from_id": start, "to_id": end, "type": role}
            for n, (start, end, role) in enumerate(relations, 1)
        ],
        **{key: value for key, value in known.items() if value is not None},
        "sentences": "lines",
    }
