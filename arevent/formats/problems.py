"""What an import could not take over, one record a loss or repair."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path


class FormatError(ValueError):
    """A file is not in its format; the message names file, line and reason."""


class Reason(StrEnum):
    """Why something is reported."""

    OUTSIDE_TEXT = "outside the text"
    TEXT_DIFFERS = "text differs"
    NOT_WHOLE_TOKENS = "not on whole tokens"
    CROSSES_SENTENCES = "crosses sentences"
    DISCONTINUOUS = "discontinuous"
    OVERLAP = "overlaps another"
    SAME_EVENT = "same type twice on a trigger"
    SAME_ID = "id used twice"
    UNKNOWN_ID = "names nothing"
    NO_MENTION = "filler is no mention"
    NO_EVENT = "starts at no event"
    OTHER_SENTENCE = "argument in another sentence"
    DEPENDS = "depends on something left out"
    SEVERAL_MODALITIES = "several modalities"
    UNREADABLE = "cannot be read"
    MOVED = "moved to whole tokens"


class Kind(StrEnum):
    """What is reported."""

    MENTION = "mention"
    EVENT = "event"
    ARGUMENT = "argument"
    ATTRIBUTE = "attribute"
    LINE = "line"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a corpus that was left out, or repaired.

    Attributes:
        file: The file it stands in.
        line: Its line, or its record for formats of records; 0 for what has none.
        kind: What is left out.
        id: Its name in the format.
        reason: Why.
        detail: The words and numbers that show it.
    """

    file: str
    line: int
    kind: Kind
    id: str
    reason: Reason
    detail: str

    @property
    def is_loss(self) -> bool:
        """Whether something was left out; a repair leaves nothing out."""
        return self.reason is not Reason.MOVED

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind} {self.id}: {self.reason}: {self.detail}"


def write_problems(problems: Iterable[Problem], path: str | Path) -> None:
    """Write problems as a table, tabs between the columns, a head on top."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow([column.name for column in fields(Problem)])
        writer.writerows(astuple(problem) for problem in problems)
