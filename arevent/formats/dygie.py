"""DyGIE JSON lines: a document a line, positions of tokens in the document, ends inclusive.

The loader of DyGIE++ takes further lists with an entry a sentence if their names begin with ``_``.
The writer puts there what the format has no place for: the sentences as written, date and source,
and for each event its modality and the counts that grammar states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from arevent.document import Document, EventFrame, by_sentence
from arevent.formats.files import read_records, reading, write_records
from arevent.formats.raw import RawArgument, RawAttribute, RawCorpus, RawDocument, RawEvent, RawSpan
from arevent.formats.tokens import REJECTED, TokenPositions, TokenText

_PASSED_OVER = ("relations", "clusters", "event_clusters")


def read(path: Path) -> RawCorpus:
    """Read a file of the format.

    Raises:
        FormatError: If a line is no document of the format.
    """
    corpus = RawCorpus()
    for line, record in read_records(path):
        with reading(path, line):
            corpus.documents.append(_Reader(str(path), line, record).document(corpus))
    return corpus


def write(documents: Sequence[Document], target: Path) -> None:
    """Write a file of the format.

    The trigger of an event is written as ``[token, type]``, one of several words as
    ``[first, last, type]``.
    """
    write_records(map(_record, documents), target)


class _Reader:
    def __init__(self, file: str, line: int, record: Mapping[str, Any]) -> None:
        self.file = file
        self.line = line
        self.record = record
        self.text = TokenText()
        self.events: list[RawEvent] = []
        self.arguments: list[RawArgument] = []
        self.attributes: list[RawAttribute] = []

    def document(self, corpus: RawCorpus) -> RawDocument:
        n_sentences = len(self.record["sentences"])
        texts = self.record.get("_text", [None] * n_sentences)
        for tokens, text in zip(self.record["sentences"], texts, strict=True):
            self.text.add(tokens, text)
        corpus.passed_over[REJECTED] += self.text.n_rejected
        for key in _PASSED_OVER:
            if n_found := sum(map(len, self.record.get(key, ()))):
                corpus.passed_over[key.replace("_", " ")] += n_found
        for number, events in enumerate(self.record.get("events", ())):
            for position, (trigger, *arguments) in enumerate(events):
                self._add_event(number, position, trigger, arguments)
        return RawDocument(
            file=self.file,
            line=self.line,
            id=str(self.record["doc_key"]),
            text=self.text.text,
            spans=[
                self._span(_name(start, end), label, start, end)
                for entries in self.record.get("ner", ())
                for start, end, label, *_ in entries
            ],
            events=self.events,
            arguments=self.arguments,
            attributes=self.attributes,
            date=next(iter(self.record.get("_date", ())), None),
            source=next(iter(self.record.get("_source", ())), None),
            is_lines=True,
        )

    def _add_event(
        self, sentence: int, position: int, trigger: Sequence[Any], arguments: Sequence[Any]
    ) -> None:
        name = f"event {sentence}.{position + 1}"
        first, last, label = trigger if len(trigger) == 3 else (trigger[0], *trigger)
        self.events.append(RawEvent(name, self._span(f"{name}.trigger", label, first, last)))
        for start, end, role, *_ in arguments:
            self.arguments.append(RawArgument(name, role, self.line, _name(start, end)))
        if "_counts" in self.record:
            for role, value in self.record["_counts"][sentence][position]:
                self.arguments.append(RawArgument(name, role, self.line, None, value))
        if "_modalities" in self.record:
            modality = self.record["_modalities"][sentence][position]
            self.attributes.append(RawAttribute(name, "modality", self.line, modality))

    def _span(self, name: str, label: str, first: int, last: int) -> RawSpan:
        return RawSpan(name, label, (self.text.fragment(first, last + 1),), self.line)


def _record(document: Document) -> dict[str, Any]:
    entries = by_sentence(document)
    record: dict[str, Any] = {
        "doc_key": document.id,
        "dataset": "arevent",
        "sentences": [[token.text for token in sentence.tokens] for sentence, _, _ in entries],
        "ner": [],
        "events": [],
        "_text": [sentence.text for sentence, _, _ in entries],
        "_modalities": [[event.modality for event in events] for _, _, events in entries],
        "_counts": [[_counts(event) for event in events] for _, _, events in entries],
    }
    for key, value in (("_date", document.date), ("_source", document.source)):
        if value is not None:
            record[key] = [value] * len(entries)
    n_tokens = 0
    for sentence, mentions, events in entries:
        positions = TokenPositions(sentence, n_tokens)
        record["ner"].append([[*_inclusive(positions.of(m)), m.label] for m in mentions])
        record["events"].append([_event(event, positions) for event in events])
        n_tokens += len(sentence.tokens)
    return record


def _event(event: EventFrame, positions: TokenPositions) -> list[list[Any]]:
    first, last = _inclusive(positions.of(event.trigger))
    entries = [[first, event.type] if first == last else [first, last, event.type]]
    for argument in event.arguments:
        if argument.mention is not None:
            entries.append([*_inclusive(positions.of(argument.mention)), argument.role])
    return entries


def _counts(event: EventFrame) -> list[list[Any]]:
    return [[arg.role, arg.value] for arg in event.arguments if arg.mention is None]


def _inclusive(where: tuple[int, int]) -> tuple[int, int]:
    return where[0], where[1] - 1


def _name(start: int, end: int) -> str:
    return f"tokens {start}-{end}"
