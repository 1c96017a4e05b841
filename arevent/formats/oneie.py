"""OneIE and ACE-style JSON lines: a sentence a line, positions of tokens, ends exclusive.

The format has no place for modality, for counts that grammar states, for date and source. The
writer adds them under keys that loaders of the format do not read: ``modality`` and ``counts`` of
an event, ``date`` and ``source`` of a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from arevent.document import Document, EventFrame, Mention, Sentence, by_sentence
from arevent.formats.files import read_records, reading, write_records
from arevent.formats.raw import RawArgument, RawAttribute, RawCorpus, RawDocument, RawEvent, RawSpan
from arevent.formats.tokens import REJECTED, TokenPositions, TokenText

_PASSED_OVER = ("relation_mentions", "graph")


def read(path: Path) -> RawCorpus:
    """Read a file; sentences with one ``doc_id`` are a document.

    Raises:
        FormatError: If a line is no sentence of the format.
    """
    corpus = RawCorpus()
    drafts: dict[str, _Draft] = {}
    for line, record in read_records(path):
        with reading(path, line):
            name = str(record["doc_id"])
            drafts.setdefault(name, _Draft(line, record)).add(line, record, corpus)
    for name, draft in drafts.items():
        corpus.passed_over[REJECTED] += draft.text.n_rejected
        corpus.documents.append(draft.document(str(path), name))
    return corpus


def write(documents: Sequence[Document], target: Path) -> None:
    """Write a file, a sentence a line."""
    write_records(
        (
            _record(document, number, *entry)
            for document in documents
            for number, entry in enumerate(by_sentence(document))
        ),
        target,
    )


@dataclass(slots=True)
class _Draft:
    """A document that grows sentence by sentence."""

    line: int
    first: Mapping[str, Any]
    text: TokenText = field(default_factory=TokenText)
    n_sentences: int = 0
    spans: list[RawSpan] = field(default_factory=list)
    events: list[RawEvent] = field(default_factory=list)
    arguments: list[RawArgument] = field(default_factory=list)
    attributes: list[RawAttribute] = field(default_factory=list)

    def add(self, line: int, record: Mapping[str, Any], corpus: RawCorpus) -> None:
        within = self.text.add(record["tokens"], record.get("sentence"))
        for key in _PASSED_OVER:
            if record.get(key):
                corpus.passed_over[key.replace("_", " ")] += len(record[key])

        def span(name: str, label: str, item: Mapping[str, Any]) -> RawSpan:
            fragment = self.text.fragment(item["start"], item["end"], within)
            return RawSpan(name, label, (fragment,), line, item.get("text"))

        # Ids are used once in a sentence only.
        prefix = f"{self.n_sentences}/"
        self.n_sentences += 1
        for item in record.get("entity_mentions", ()):
            self.spans.append(span(f"{prefix}{item['id']}", item["entity_type"], item))
        for number, item in enumerate(record.get("event_mentions", ()), 1):
            name = f"{prefix}{item.get('id', f'event {number}')}"
            trigger = span(f"{name}.trigger", item["event_type"], item["trigger"])
            self.events.append(RawEvent(name, trigger))
            self._add_parts(name, item, line, prefix)

    def _add_parts(self, name: str, item: Mapping[str, Any], line: int, prefix: str) -> None:
        for argument in item["arguments"]:
            filler = f"{prefix}{argument['entity_id']}"
            self.arguments.append(RawArgument(name, argument["role"], line, filler))
        for count in item.get("counts", ()):
            self.arguments.append(RawArgument(name, count["role"], line, None, count["value"]))
        if item.get("modality") is not None:
            self.attributes.append(RawAttribute(name, "modality", line, item["modality"]))

    def document(self, file: str, name: str) -> RawDocument:
        return RawDocument(
            file=file,
            line=self.line,
            id=name,
            text=self.text.text,
            spans=self.spans,
            events=self.events,
            arguments=self.arguments,
            attributes=self.attributes,
            date=self.first.get("date"),
            source=self.first.get("source"),
            is_lines=True,
        )


def _record(
    document: Document,
    number: int,
    sentence: Sentence,
    mentions: Sequence[Mention],
    events: Sequence[EventFrame],
) -> dict[str, Any]:
    positions = TokenPositions(sentence)
    name = f"{document.id}-{number}"
    ids = {(m.start, m.end): f"{name}-E{n}" for n, m in enumerate(mentions, 1)}
    known = {"date": document.date, "source": document.source}
    return {
        "doc_id": document.id,
        "wnd_id": name,
        "sent_id": name,
        "tokens": [token.text for token in sentence.tokens],
        "sentence": sentence.text,
        "entity_mentions": [
            {
                "id": ids[mention.start, mention.end],
                **_bounds(positions.of(mention)),
                "entity_type": mention.label,
                "mention_type": "UNK",
                "text": mention.text,
            }
            for mention in mentions
        ],
        "relation_mentions": [],
        "event_mentions": [
            {
                "id": f"{name}-EV{n}",
                "event_type": event.type,
                "trigger": {**_bounds(positions.of(event.trigger)), "text": event.trigger.text},
                "arguments": list(_arguments(event, ids)),
                "modality": event.modality,
                "counts": [
                    {"role": argument.role, "value": argument.value}
                    for argument in event.arguments
                    if argument.mention is None
                ],
            }
            for n, event in enumerate(events, 1)
        ],
        **{key: value for key, value in known.items() if value is not None},
    }


def _arguments(
    event: EventFrame, ids: Mapping[tuple[int, int], str]
) -> Iterator[dict[str, str | None]]:
    for argument in event.arguments:
        if (mention := argument.mention) is not None:
            name = ids[mention.start, mention.end]
            yield {"entity_id": name, "text": mention.text, "role": argument.role}


def _bounds(where: tuple[int, int]) -> dict[str, int]:
    return {"start": where[0], "end": where[1]}
