"""The data that flows through arevent: tokens, sentences, mentions, events, documents.

Every ``start`` and ``end`` is a character offset into `Document.text`, the text as it was given:
half-open, ``start`` inclusive, ``end`` exclusive. ``document.text[x.start:x.end] == x.text`` holds
for every `Token`, `Sentence`, `Span` and `Mention`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


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
        score: Probability in [0, 1] that there is this span with this label.
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
class Quantity:
    """What a number mention says.

    Attributes:
        value: The number; ``None`` where the words give bounds only, or cannot be read.
        low: Smallest number the words allow, inclusive; ``None`` where they leave it open.
        high: Largest number the words allow, inclusive; ``None`` where they leave it open.
        is_approximate: Whether the words say that the number is not exact.
        reason: Why there is no reading, or ``None``.
        range_start: For the second number of a range («بين 20 و30»), start and end of the mention
            that is the first, in a document; else ``None``. Both carry the whole range: count one.
    """

    value: int | float | None = None
    low: int | float | None = None
    high: int | float | None = None
    is_approximate: bool = False
    reason: str | None = None
    range_start: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class DateValue:
    """What a date mention says.

    Attributes:
        start: First day, ISO 8601 (``2022-01-20``); ``None`` where the words cannot be read.
        end: Last day, inclusive.
        granularity: ``day``, ``week``, ``month``, ``season``, ``quarter``, ``half``, ``year``,
            ``decade``, ``century`` or ``span`` for any other stretch.
        part_of_day: ``morning``, ``noon``, ``afternoon``, ``evening``, ``night``, ``dawn`` or a
            clock time ``HH:MM``; ``None`` where the words do not say.
        reason: Why there is no reading, or ``None``.
    """

    start: str | None = None
    end: str | None = None
    granularity: str | None = None
    part_of_day: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceValue:
    """What a place mention names.

    Attributes:
        name: The gazetteer's name in Latin letters; ``None`` where no entry fits.
        kind: ``country``, ``region``, ``city`` (any populated place), ``area`` (a river, desert,
            sea, mountain …) or ``facility`` (located by the place it is named with).
        country: ISO 3166 two-letter code, or ``None`` for what lies in several countries.
        admin: Name of the first-level administrative area, or ``None``.
        latitude: Degrees north.
        longitude: Degrees east.
        geonames_id: Identifier in GeoNames, or ``None`` for entries of the supplement without one.
        score: How sure the choice is, in [0, 1].
        reason: Why there is no reading, or ``None``.
    """

    name: str | None = None
    kind: str | None = None
    country: str | None = None
    admin: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    geonames_id: int | None = None
    score: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ActorValue:
    """Whom an actor mention names.

    Attributes:
        name: The canonical Arabic name, without clitics and quotation marks.
        kind: A kind of ``resources/actor_kinds.tsv``; ``None`` where it is unknown.
        reason: Why there is no kind, or ``None``.
    """

    name: str
    kind: str | None = None
    reason: str | None = None


Value = Quantity | DateValue | PlaceValue | ActorValue
"""The normalised reading of a mention."""


@dataclass(frozen=True, slots=True)
class Mention(Span):
    """Words that name an actor, a place, a number, a date or a weapon.

    Attributes:
        value: What the words say, or ``None`` where they cannot be read.
        reason: Why there is no value, or ``None``.
    """

    value: Value | None = None
    reason: str | None = None


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
    value: Value | int | None = None
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the people that an event touched («بينهم طفلان»).

    Attributes:
        quantity: How many.
        number: The mention that says so, or ``None`` where grammar does.
        description: The words for these people, or ``None``; its label is empty.
        group: Their group in ``resources/demographics.tsv``, or ``None``.
    """

    quantity: Quantity
    number: Mention | None = None
    description: Span | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class EventFrame:
    """An event: a typed trigger, its arguments and whether it happened.

    Attributes:
        type: The event type, such as ``Attack``.
        trigger: The words that name the event.
        arguments: Fillers of roles, in reading order within a role.
        modality: ``actual``, ``negated`` or ``hypothetical``.
        score: Probability in [0, 1] that trigger and type are right.
        count: How many people it touched, for types that count people; ``None`` if unsaid.
        breakdown: The parts of that count that the sentence names.
        problems: What does not fit, such as parts that exceed the whole.
        inferred: Arguments carried on from an earlier sentence, such as the source of «وأضافت أن».
            They stand apart because `arguments` never leave the sentence.
    """

    type: str
    trigger: Span
    arguments: tuple[Argument, ...] = ()
    modality: str = "actual"
    score: float = 1.0
    count: Quantity | None = None
    breakdown: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()
    inferred: tuple[Argument, ...] = ()

    def fillers(self, role: str) -> list[Mention]:
        """Give the mentions that fill ``role``, in reading order."""
        return [arg.mention for arg in self.arguments if arg.role == role and arg.mention]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of people that a document gives for an incident.

    Attributes:
        type: What happened to them, an event type such as ``Death``.
        quantity: How many.
        event: The frame that says so.
        of: The people counted, by canonical name, in reading order; empty where unsaid.
        is_latest: Whether no later sentence gives a figure of the same type and people. Earlier
            ones stay beside it; figures are never added up.
    """

    type: str
    quantity: Quantity
    event: EventFrame
    of: tuple[str, ...] = ()
    is_latest: bool = True


@dataclass(frozen=True, slots=True)
class Incident:
    """Frames of a document that speak of one happening.

    Attributes:
        type: The type of its leading event: violence before its toll, else the first mention.
        events: The frames, the evidence, in reading order.
        reasons: For each frame why it was joined; «first mention» for the first.
        modality: ``actual`` if any of its frames is, else that of the first.
        places: Values of its places, each once, in reading order.
        date: The most exact reading of its time, or ``None``.
        figures: The numbers of people that the document gives, in reading order.
    """

    type: str
    events: tuple[EventFrame, ...]
    reasons: tuple[str, ...]
    modality: str = "actual"
    places: tuple[PlaceValue, ...] = ()
    date: DateValue | None = None
    figures: tuple[Figure, ...] = ()

    def count(self, event_type: str) -> Quantity | None:
        """Give the latest figure of a type, ``None`` where there is none or several stand apart.

        Figures of different people («374 fighters», «121 guards») are different counts: then look
        at `figures`.
        """
        latest = [f.quantity for f in self.figures if f.type == event_type and f.is_latest]
        return latest[0] if len(latest) == 1 else None


@dataclass(frozen=True, slots=True)
class Article:
    """A text to read, with what is known about it.

    Attributes:
        text: The body.
        id: A name for the article. Readers of files number those that have none; in Python
            it stays ``None``.
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
        incidents: The events joined into happenings, in the order of their first mention.
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
    incidents: tuple[Incident, ...] = ()
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
        at = bisect_right(self.sentences, span.start, key=lambda sentence: sentence.start) - 1
        if at >= 0 and span.end <= self.sentences[at].end:
            return self.sentences[at]
        raise ValueError(f"expected a span of this document, found {span}")

    def to_dict(self) -> dict[str, Any]:
        """Give the document as JSON-ready data; see `arevent.export.to_dict`."""
        from arevent.export import to_dict

        return to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Document:
        """Read what `to_dict` wrote. Sentences come back without their tokens.

        Raises:
            ValueError: If the data were written in another version of the format.
        """
        from arevent.export import from_dict

        return from_dict(data)

    def to_rows(self) -> list[dict[str, Any]]:
        """Give one flat row for each event; see `arevent.export.to_rows`."""
        from arevent.export import to_rows

        return to_rows(self)

    @property
    def columns(self) -> list[str]:
        """The columns of `to_rows`, the same for every document of one model."""
        from arevent.export import columns

        return columns(self)

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


def by_sentence(document: Document) -> list[tuple[Sentence, list[Mention], list[EventFrame]]]:
    """Give each sentence of a document with the mentions and events that stand in it."""
    ends = [sentence.end for sentence in document.sentences]
    entries: list[tuple[Sentence, list[Mention], list[EventFrame]]] = [
        (sentence, [], []) for sentence in document.sentences
    ]
    for mention in document.mentions:
        entries[bisect_left(ends, mention.end)][1].append(mention)
    for event in document.events:
        entries[bisect_left(ends, event.trigger.end)][2].append(event)
    return entries
