"""Label Studio JSON: tasks with regions, relations between them and choices of a region.

Triggers are regions whose label is an event type; a relation from a trigger to a mention is an
argument. Modality is a choice of the region (``<Choices name="modality" perRegion="true">``), a
count that grammar states a number (``<Number name="Count" perRegion="true">``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from arevent.document import Document, EventFrame, Span
from arevent.formats.files import read_text, reading
from arevent.formats.problems import FormatError
from arevent.formats.raw import RawArgument, RawAttribute, RawCorpus, RawDocument, RawSpan

_Result = Mapping[str, Any]


def read(path: Path) -> RawCorpus:
    """Read an export in the full JSON format, not JSON-MIN.

    Of several annotations of a task the first that was not cancelled is read. A task that has none
    is left out and counted: nobody has said that there is nothing in it.

    Raises:
        FormatError: If the file is no such export.
    """
    with reading(path, 1):
        tasks = json.loads(read_text(path))
    if not isinstance(tasks, list):
        raise FormatError(f"{path}: expected a list of tasks, found {type(tasks).__name__}")
    corpus = RawCorpus()
    for number, task in enumerate(tasks, 1):
        with reading(path, number):
            document = _document(task, path, number, corpus.passed_over)
            if document is None:
                corpus.passed_over["tasks without annotation"] += 1
            else:
                corpus.documents.append(document)
    return corpus


def write(documents: Sequence[Document], target: Path) -> None:
    """Write tasks with annotations that Label Studio imports; a sentence is a line of text."""
    tasks = [_task(document) for document in documents]
    target.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")


def _document(
    task: Mapping[str, Any], path: Path, number: int, passed_over: Counter[str]
) -> RawDocument | None:
    valid = [entry for entry in task["annotations"] if not entry.get("was_cancelled")]
    if len(valid) < len(task["annotations"]):
        passed_over["cancelled annotations"] += len(task["annotations"]) - len(valid)
    if len(valid) > 1:
        passed_over["further annotations of a task"] += len(valid) - 1
    if task.get("predictions"):
        passed_over["predictions"] += len(task["predictions"])
    if not valid:
        return None
    reader = _Reader(number, valid[0]["result"], passed_over)
    data = task["data"]
    return RawDocument(
        file=str(path),
        line=number,
        id=str(data.get("doc_id", f"{path.stem}-{task.get('id', number)}")),
        text=_text(data),
        spans=reader.spans,
        arguments=reader.arguments,
        attributes=reader.attributes,
        date=data.get("date"),
        source=data.get("source"),
        is_lines=data.get("sentences") == "lines",
    )


def _text(data: Mapping[str, Any]) -> str:
    """Give the text of a task: the field ``text``, or the only one that is text.

    Raises:
        ValueError: If there are several.
    """
    if isinstance(data.get("text"), str):
        return str(data["text"])
    texts = [value for value in data.values() if isinstance(value, str)]
    if len(texts) != 1:
        raise ValueError(f"expected a field «text» of the task's data, found {sorted(data)}")
    return texts[0]


class _Reader:
    """Sorts the results of an annotation."""

    def __init__(self, line: int, results: Sequence[_Result], passed_over: Counter[str]) -> None:
        self.line = line
        self.passed_over = passed_over
        self.spans: list[RawSpan] = []
        self.arguments: list[RawArgument] = []
        self.attributes: list[RawAttribute] = []
        self.ids: dict[str, list[str]] = {}
        readers = {
            "labels": self._region,
            "choices": self._choices,
            "number": self._number,
            "relation": self._relation,
        }
        # Regions first: the rest points to them.
        for result in sorted(results, key=lambda result: result["type"] != "labels"):
            if result["type"] in readers:
                readers[result["type"]](result)
            else:
                self.passed_over[f"results of type {result['type']}"] += 1

    def _region(self, result: _Result) -> None:
        value = result["value"]
        labels = value.get("labels", ())
        if not labels:
            self.passed_over["regions without a label"] += 1
        for number, label in enumerate(labels, 1):
            # A region can have several labels: each is a span of its own.
            name = result["id"] if number == 1 else f"{result['id']}#{number}"
            self.ids.setdefault(result["id"], []).append(name)
            fragment = value["start"], value["end"]
            self.spans.append(RawSpan(name, label, (fragment,), self.line, value.get("text")))

    def _choices(self, result: _Result) -> None:
        targets = self.ids.get(result["id"])
        if targets is None:
            self.passed_over["choices of a whole text"] += 1
        for target in targets or ():
            for choice in result["value"]["choices"]:
                name = result["from_name"]
                self.attributes.append(RawAttribute(target, name, self.line, choice))

    def _number(self, result: _Result) -> None:
        targets = self.ids.get(result["id"])
        if targets is None:
            self.passed_over["numbers of a whole text"] += 1
        for target in targets or ():
            role, value = result["from_name"], result["value"]["number"]
            self.arguments.append(RawArgument(target, role, self.line, None, value))

    def _relation(self, result: _Result) -> None:
        ends = result["from_id"], result["to_id"]
        start, end = reversed(ends) if result.get("direction") == "left" else ends
        if not result.get("labels"):
            self.passed_over["relations without a label"] += 1
        for role in result.get("labels") or ():
            for name in self.ids.get(start, [start]):
                filler = self.ids.get(end, [end])[0]
                self.arguments.append(RawArgument(name, role, self.line, filler))


def _task(document: Document) -> dict[str, Any]:
    ids = {(m.start, m.end): f"m{n}" for n, m in enumerate(document.mentions, 1)}
    regions = [
        _result(ids[mention.start, mention.end], "label", "labels", mention, [mention.label])
        for mention in document.mentions
    ]
    events = chain.from_iterable(
        _event(f"e{n}", event, ids) for n, event in enumerate(document.events, 1)
    )
    known = {"doc_id": document.id, "date": document.date, "source": document.source}
    data = {key: value for key, value in known.items() if value is not None}
    return {
        "data": {"text": document.text, **data, "sentences": "lines"},
        "annotations": [{"result": [*regions, *events]}],
    }


def _event(
    name: str, event: EventFrame, ids: Mapping[tuple[int, int], str]
) -> Iterator[dict[str, Any]]:
    yield _result(name, "label", "labels", event.trigger, [event.type])
    if event.modality != "actual":
        yield _result(name, "modality", "choices", event.trigger, [event.modality])
    for argument in event.arguments:
        if (mention := argument.mention) is None:
            yield _result(name, argument.role, "number", event.trigger, argument.value)
        else:
            yield {
                "type": "relation",
                "from_id": name,
                "to_id": ids[mention.start, mention.end],
                "direction": "right",
                "labels": [argument.role],
            }


def _result(name: str, control: str, kind: str, span: Span, value: Any) -> dict[str, Any]:
    where = {"start": span.start, "end": span.end, "text": span.text}
    return {
        "id": name,
        "from_name": control,
        "to_name": "text",
        "type": kind,
        "value": {**where, kind: value},
    }
