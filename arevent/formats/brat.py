"""brat standoff: a folder with a ``.txt`` and a ``.ann`` file for every document.

Modality is an attribute of the event (``A1⇥Modality E1 negated``), and a note on the event holds
the counts that grammar states (``#1⇥AnnotatorNotes E1⇥Count=2``). The writer adds two files that
brat does not take for documents: ``annotation.conf``, and ``documents.jsonl`` with the id, date
and source of every document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from arevent.formats.brat_writer import HEADS, write
from arevent.formats.files import read_lines, read_records, reading
from arevent.formats.places import have_same_letters
from arevent.formats.problems import FormatError, Kind, Problem, Reason
from arevent.formats.raw import RawArgument, RawAttribute, RawCorpus, RawDocument, RawEvent, RawSpan

__all__ = ["read", "write"]

_SPAN = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)")
_EVENT = re.compile(r"\S+:\S+(?: +\S+:\S+)* *")
_ATTRIBUTE = re.compile(r"(\S+) +(\S+)(?: +(\S.*))?")
_COUNTS = re.compile(r"(?:\w+=\d+)(?:[\s,;]+\w+=\d+)*")
_PASSED_OVER = {"R": "relations", "*": "equivalences", "N": "normalizations", "#": "notes"}


def read(path: Path) -> RawCorpus:
    """Read a folder of brat, and the folders in it.

    Raises:
        FormatError: If it is no folder, holds no ``.ann`` file, or a ``.txt`` file is missing.
    """
    if not path.is_dir():
        raise FormatError(f"{path}: expected a folder of .txt and .ann files, found a file")
    heads = _heads(path)
    files = [path / f"{name}.ann" for name in heads]
    files += sorted(file for file in path.rglob("*.ann") if file not in files)
    if not files:
        raise FormatError(f"{path}: expected .ann files, found none")
    corpus = RawCorpus()
    for file in files:
        name = file.relative_to(path).with_suffix("").as_posix()
        corpus.documents.append(_read_file(file, heads.get(name, {"doc_id": name}), corpus))
    n_bare = sum(not file.with_suffix(".ann").exists() for file in path.rglob("*.txt"))
    if n_bare:
        corpus.passed_over[".txt files without .ann"] += n_bare
    return corpus


def _heads(path: Path) -> dict[str, dict[str, Any]]:
    file = path / HEADS
    if not file.exists():
        return {}
    heads = {}
    for line, record in read_records(file):
        with reading(file, line):
            heads[record["file"]] = record
    return heads


def _read_file(file: Path, head: dict[str, Any], corpus: RawCorpus) -> RawDocument:
    if not file.exists():
        raise FormatError(f"{file}: expected this file, which {HEADS} names")
    annotations = _Annotations(str(file))
    for number, line in read_lines(file):
        if line.strip():
            annotations.add(number, line)
    corpus.problems += annotations.problems
    corpus.passed_over += annotations.passed_over
    trigger_ids = {event.trigger.id for event in annotations.events()}
    return RawDocument(
        file=str(file),
        line=1,
        id=head["doc_id"],
        text=_text(file.with_suffix(".txt"), annotations.spans.values()),
        spans=[span for span in annotations.spans.values() if span.id not in trigger_ids],
        events=list(annotations.events()),
        arguments=annotations.arguments,
        attributes=annotations.attributes,
        date=head.get("date"),
        source=head.get("source"),
        is_lines=head.get("sentences") == "lines",
    )


def _text(file: Path, spans: Any) -> str:
    """Read a text in the way that most annotations state its words.

    Tools disagree whether a byte order mark and a Windows line end count as characters.
    """
    if not file.exists():
        raise FormatError(f"{file}: expected the text of the .ann file beside it, found no file")
    try:
        exact = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"{file}: expected UTF-8: {error}") from error
    bare = exact.removeprefix("\ufeff")
    texts = [bare, bare.replace("\r\n", "\n"), exact, exact.replace("\r\n", "\n")]

    def n_fitting(text: str) -> int:
        return sum(
            have_same_letters(" ".join(text[a:b] for a, b in span.fragments), span.text)
            for span in spans
        )

    return max(texts, key=n_fitting)


@dataclass(slots=True)
class _Annotations:
    """The lines of a ``.ann`` file."""

    file: str
    spans: dict[str, RawSpan] = field(default_factory=dict)
    triggers: list[tuple[int, str, str, str]] = field(default_factory=list)
    arguments: list[RawArgument] = field(default_factory=list)
    attributes: list[RawAttribute] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, line: str) -> None:
        name, *cells = line.split("\t")
        kind = name[:1]
        readers = {"T": self._span, "E": self._event, "A": self._attribute, "M": self._attribute}
        if kind == "#" and len(cells) == 2 and _COUNTS.fullmatch(cells[1].strip()):
            self._counts(number, *cells)
        elif kind in _PASSED_OVER:
            self.passed_over[_PASSED_OVER[kind]] += 1
        elif kind not in readers or not cells or not readers[kind](number, name, cells):
            self._report(number, name, line)

    def events(self) -> Iterator[RawEvent]:
        """Give the events; their triggers may stand in later lines."""
        for number, name, label, trigger in self.triggers:
            span = self.spans.get(trigger, RawSpan(trigger, label, (), number))
            yield RawEvent(name, replace(span, label=label))

    def _span(self, number: int, name: str, cells: Sequence[str]) -> bool:
        match = _SPAN.fullmatch(cells[0].strip())
        if match is None or len(cells) < 2 or name in self.spans:
            return False
        parts = [part.split() for part in match[2].split(";")]
        fragments = tuple((int(start), int(end)) for start, end in parts)
        self.spans[name] = RawSpan(name, match[1], fragments, number, cells[1])
        return True

    def _event(self, number: int, name: str, cells: Sequence[str]) -> bool:
        if _EVENT.fullmatch(cells[0]) is None:
            return False
        (label, trigger), *arguments = (part.rsplit(":", 1) for part in cells[0].split())
        self.triggers.append((number, name, label, trigger))
        roles = {role for role, _ in arguments}
        for role, filler in arguments:
            # Further fillers of a role have a number: Agent, Agent2.
            base = role.rstrip("0123456789")
            role = base if base in roles else role
            self.arguments.append(RawArgument(name, role, number, filler))
        return True

    def _attribute(self, number: int, name: str, cells: Sequence[str]) -> bool:
        match = _ATTRIBUTE.fullmatch(cells[0].strip())
        if match is None:
            return False
        self.attributes.append(RawAttribute(match[2], match[1], number, match[3] or ""))
        return True

    def _counts(self, number: int, where: str, note: str) -> None:
        target = where.split()[-1]
        for part in re.split(r"[\s,;]+", note.strip()):
            role, value = part.split("=")
            self.arguments.append(RawArgument(target, role, number, None, int(value)))

    def _report(self, number: int, name: str, line: str) -> None:
        detail = " ".join(line.split())
        problem = Problem(self.file, number, Kind.LINE, name, Reason.UNREADABLE, detail)
        self.problems.append(problem)
