"""What the readers of all formats give: a text and labelled stretches of it, nothing checked yet.

Offsets are characters of the text of the document, half-open. Nothing here knows tokens,
sentences or which labels there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from arevent.formats.problems import Problem

Fragment = tuple[int, int]

NOWHERE: Fragment = (-1, -1)
"""Stands for a place that the text does not have; the builder reports it."""


@dataclass(frozen=True, slots=True)
class RawSpan:
    """A labelled stretch of text.

    Attributes:
        id: Its name, used once in a document.
        label: Its label, in the words of the format.
        fragments: Starts and ends of its parts: several where it is discontinuous, none where
            the format names a stretch that is not there.
        line: The line or record of the file that says so.
        text: The words that the format states, or ``None`` where it states none.

    Raises:
        TypeError: If an offset is no whole number or the label no string.
    """

    id: str
    label: str
    fragments: tuple[Fragment, ...]
    line: int
    text: str | None = None

    def __post_init__(self) -> None:
        if not all(isinstance(offset, int) for fragment in self.fragments for offset in fragment):
            raise TypeError(f"expected whole numbers as offsets of {self.id}: {self.fragments}")
        if not isinstance(self.label, str):
            raise TypeError(f"expected a name as label of {self.id}, found {self.label!r}")


@dataclass(frozen=True, slots=True)
class RawEvent:
    """An event; the label of its trigger is its type.

    Attributes:
        id: Its name, used once in a document.
        trigger: The words that name the event.
    """

    id: str
    trigger: RawSpan


@dataclass(frozen=True, slots=True)
class RawArgument:
    """A relation that starts at an event, or a number that an event carries.

    Attributes:
        event: Id of the event, or of any other span: formats with relations do not tell them apart.
        role: The role, in the words of the format.
        line: The line or record of the file that says so.
        filler: Id of the span that fills the role; ``None`` for a number.
        value: The number that grammar states; ``None`` where there is a filler.

    Raises:
        TypeError: If the role is no string or the number no whole number.
    """

    event: str
    role: str
    line: int
    filler: str | None = None
    value: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.role, str):
            raise TypeError(f"expected a name as role of {self.event}, found {self.role!r}")
        if self.filler is None and not isinstance(self.value, int):
            raise TypeError(
                f"{self.event}: expected a filler or a whole number as {self.role}, "
                f"found {self.value!r}"
            )


@dataclass(frozen=True, slots=True)
class RawAttribute:
    """Something said of an event or a span.

    Attributes:
        target: Id of the event or span.
        name: Such as ``Negation`` or ``Modality``.
        line: The line or record of the file that says so.
        value: Such as ``negated``; empty where the name says it all.
    """

    target: str
    name: str
    line: int
    value: str = ""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document as a format has it.

    Attributes:
        file: The file it stands in.
        line: The line or record where it begins.
        id: Its name.
        text: Its text.
        spans: Labelled stretches, the triggers of `events` left out.
        events: Events. Formats that know spans only leave them among `spans`.
        arguments: What fills the roles of the events.
        attributes: What is said of events and spans.
        date: Day of publication, ISO 8601.
        source: Who published it.
        is_lines: Whether every line of the text is a sentence.
    """

    file: str
    line: int
    id: str
    text: str
    spans: Sequence[RawSpan] = ()
    events: Sequence[RawEvent] = ()
    arguments: Sequence[RawArgument] = ()
    attributes: Sequence[RawAttribute] = ()
    date: str | None = None
    source: str | None = None
    is_lines: bool = False


@dataclass(slots=True)
class RawCorpus:
    """What a reader found in a file or a folder.

    Attributes:
        documents: In the order of the file.
        problems: What could not be read at all.
        passed_over: Counts of what is well-formed, but nothing that a document holds.
    """

    documents: list[RawDocument] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
