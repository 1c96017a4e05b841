"""The data that flows through arevent: tokens, sentences, mentions, events, documents.

Every ``start`` and ``end`` is a character offset into `Document.text`, the text as it was given:
half-open, ``start`` inclusive, ``end`` exclusive. ``document.text[x.start:x.end] == x.text`` holds
for every `Token`, `Sentence`, `Span` and `Mention`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FORMAT_VERSION = 1
"""Version of the layout that `Document.to_dict` writes."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a punctuation mark.

    Attributes:
        text: The token as written.
        start: Offset of its first character.
        end: Offset after its last character.
        norm: The token in folded text, as the model reads it.
        norm_start: Offset of ``norm`` in the folded text of its sentence.
    """

    text: str
    start: int
    end: int
    norm: str
    norm_start: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of text that the model reads as one; arguments never leave it.

    Attributes:
        text: The sentence as written.
        start: Offset of its first character.
        end: Offset after its last character.
        norm: The sentence in folded text.
        tokens: Its tokens in reading order, at least one.
    """

    text: str
    start: int
    end: int
    norm: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of whole tokens: the trigger of an event.

    Attributes:
        label: An event type.
        text: The words as written.
        start: Offset of the first character.
        end: Offset after the last character.
        score: Probability in [0, 1] that span and label are right.
    """

    label: str
    text: str
    start: int
    end: int
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """A span of a sentence in token positions, before it becomes a trigger or a mention.

    Attributes:
        label: A mention label or an event type.
        token_start: Position of its first token in the sentence.
        token_end: Position after its last token.
        score: Probability in [0, 1] of its tags.
    """

    label: str
    token_start: int
    token_end: int
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Link:
    """A mention that fills a role of a trigger, both by their position in the sentence's lists.

    Attributes:
        trigger: Position among the triggers of the sentence.
        mention: Position among its mentions.
        role: The role.
        score: Probability in [0, 1].
    """

    trigger: int
    mention: int
    role: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Mention(Span):
    """Words that name an actor, a place, a number, a date or a weapon.

    Attributes:
        value: The normalised reading of the words, or ``None``.
    """

    value: Any = None


@dataclass(frozen=True, slots=True)
class Argument:
    """What fills a role of an event.

    Attributes:
        role: The role, such as ``Agent``.
        mention: The filler, or ``None`` for a count that grammar states («قتيلان», two killed).
        value: The number that grammar states, or the value of the mention.
        score: Probability in [0, 1] that the mention fills the role.
    """

    role: str
    mention: Mention | None = None
    value: Any = None
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class EventFrame:
    """An event: a typed trigger, its arguments and whether it happened.

    Attributes:
        type: The event type, such as ``Attack``.
        trigger: The words that name the event.
        arguments: Fillers of roles, in reading order within a role.
        modality: ``actual``, ``negated`` or ``hypothetical``.
        score: Probability in [0, 1] that trigger and type are right.
    """

    type: str
    trigger: Span
    arguments: tuple[Argument, ...] = ()
    modality: str = "actual"
    score: float = 1.0

    def fillers(self, role: str) -> list[Mention]:
        """Give the mentions that fill ``role``, in reading order."""
        return [arg.mention for arg in self.arguments if arg.role == role and arg.mention]


@dataclass(frozen=True, slots=True)
class Article:
    """A text to read, with what is known about it.

    Attributes:
        text: The body.
        id: A name for the article; numbers are given where it is missing.
        date: Day of publication, ISO 8601 (``2022-01-31``).
        title: The headline. It becomes the first line of `Document.text`.
        source: Who published it.
        metadata: Anything else; it is handed through untouched.

    Raises:
        TypeError: If the text is no string.
        ValueError: If the date is not ISO 8601.
    """

    text: str
    id: str | None = None
    date: str | None = None
    title: str | None = None
    source: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise TypeError(f"text: expected a str, found {type(self.text).__name__}")
        if self.date is not None:
            check_date(self.date)

    @property
    def full_text(self) -> str:
        """The title, if there is one, and the text, one above the other."""
        return f"{self.title}\n{self.text}" if self.title else self.text


def check_date(date: str) -> None:
    """Make sure that a date is one.

    Raises:
        ValueError: If it is not ISO 8601, with or without a time.
    """
    try:
        datetime.fromisoformat(date)
    except (TypeError, ValueError) as error:
        raise ValueError(f"date: expected ISO 8601 such as 2022-01-31, found {date!r}") from error


@dataclass(frozen=True, slots=True)
class Document:
    """An article that was read: its text, sentences, mentions and events.

    Attributes:
        text: Title and body as given; all offsets point into it.
        sentences: In reading order, never overlapping.
        mentions: In reading order, never overlapping.
        events: In the order of their triggers.
        id: Name of the article.
        date: Day of publication, ISO 8601.
        title: The headline.
        source: Who published it.
        roles: Roles of the ontology in its order, the columns of `to_rows`.
        metadata: Whatever came with the article.
    """

    text: str
    sentences: tuple[Sentence, ...] = ()
    mentions: tuple[Mention, ...] = ()
    events: tuple[EventFrame, ...] = ()
    id: str | None = None
    date: str | None = None
    title: str | None = None
    source: str | None = None
    roles: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def sentence_of(self, span: Span) -> Sentence:
        """Give the sentence that ``span`` stands in.

        Raises:
            ValueError: If no sentence of the document holds the span.
        """
        for sentence in self.sentences:
            if sentence.start <= span.start and span.end <= sentence.end:
                return sentence
        raise ValueError(f"expected a span of this document, found {span}")

    def to_dict(self) -> dict[str, Any]:
        """Give the document as JSON-ready data; arguments point to mentions by position."""
        position = {(m.start, m.end): index for index, m in enumerate(self.mentions)}
        return {
            "format": FORMAT_VERSION,
            "id": self.id,
            "date": self.date,
            "title": self.title,
            "source": self.source,
            "text": self.text,
            "sentences": [{"start": s.start, "end": s.end} for s in self.sentences],
            "mentions": [
                {
                    "label": m.label,
                    "text": m.text,
                    "start": m.start,
                    "end": m.end,
                    "score": round(m.score, 4),
                }
                for m in self.mentions
            ],
            "events": [_event_to_dict(event, position) for event in self.events],
            "roles": list(self.roles),
            "metadata": dict(self.metadata),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Document:
        """Read what `to_dict` wrote. Sentences come back without their tokens.

        Raises:
            ValueError: If the data were written in another version of the format.
        """
        if data.get("format") != FORMAT_VERSION:
            raise ValueError(
                f"expected a document in format {FORMAT_VERSION}, found {data.get('format')!r}"
            )
        text = data["text"]
        mentions = tuple(
            Mention(m["label"], text[m["start"] : m["end"]], m["start"], m["end"], m["score"])
            for m in data["mentions"]
        )
        return cls(
            text=text,
            sentences=tuple(
                Sentence(text[s["start"] : s["end"]], s["start"], s["end"], "", ())
                for s in data["sentences"]
            ),
            mentions=mentions,
            events=tuple(_event_from_dict(text, event, mentions) for event in data["events"]),
            roles=tuple(data["roles"]),
            **{name: data[name] for name in ("id", "date", "title", "source", "metadata")},
        )

    @property
    def columns(self) -> list[str]:
        """The columns of `to_rows`, the same for every document of one model."""
        return [*ROW_HEAD, *self.roles, "sentence"]

    def to_rows(self) -> list[dict[str, Any]]:
        """Give one flat row for each event: the table that people count in.

        Each role is a column. Several fillers of one role are joined with « | » in reading order;
        a count that grammar states is its number.

        Raises:
            ValueError: If a role is not among `roles`, which name the columns.
        """
        return [_event_to_row(self, event) for event in self.events]

    def to_dataframe(self) -> pd.DataFrame:
        """Give the rows of `to_rows` as a table, one event a row.

        Raises:
            ImportError: If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_dataframe needs pandas, which is not installed; run: "
                "pip install 'arevent[notebook]'"
            ) from error
        return pd.DataFrame(self.to_rows(), columns=self.columns)


ROW_HEAD = ("document", "date", "source", "type", "modality", "trigger", "start", "end", "score")
SEPARATOR = " | "


def _event_to_row(document: Document, event: EventFrame) -> dict[str, Any]:
    row: dict[str, Any] = {
        "document": document.id,
        "date": document.date,
        "source": document.source,
        "type": event.type,
        "modality": event.modality,
        "trigger": event.trigger.text,
        "start": event.trigger.start,
        "end": event.trigger.end,
        "score": round(event.score, 4),
        **dict.fromkeys(document.roles, ""),
    }
    for argument in event.arguments:
        if argument.role not in document.roles:
            raise ValueError(
                f"expected roles out of {document.roles}, the columns of the table, found "
                f"{argument.role!r}; set Document.roles"
            )
        words = argument.mention.text if argument.mention else str(argument.value)
        before = row[argument.role]
        row[argument.role] = f"{before}{SEPARATOR}{words}" if before else words
    row["sentence"] = document.sentence_of(event.trigger).text
    return row


def _event_to_dict(event: EventFrame, position: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    return {
        "type": event.type,
        "trigger": {
            "text": event.trigger.text,
            "start": event.trigger.start,
            "end": event.trigger.end,
        },
        "modality": event.modality,
        "score": round(event.score, 4),
        "arguments": [
            {
                "role": arg.role,
                "mention": position[arg.mention.start, arg.mention.end] if arg.mention else None,
                "text": arg.mention.text if arg.mention else None,
                "value": arg.value,
                "score": round(arg.score, 4),
            }
            for arg in event.arguments
        ],
    }


def _event_from_dict(text: str, data: Mapping[str, Any], mentions: Sequence[Mention]) -> EventFrame:
    start, end = data["trigger"]["start"], data["trigger"]["end"]
    return EventFrame(
        data["type"],
        Span(data["type"], text[start:end], start, end, data["score"]),
        tuple(
            Argument(
                arg["role"],
                None if arg["mention"] is None else mentions[arg["mention"]],
                arg["value"],
                arg["score"],
            )
            for arg in data["arguments"]
        ),
        data["modality"],
        data["score"],
    )
