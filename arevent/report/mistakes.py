"""Gold and found documents to single mistakes, those first of which the model was surest."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from arevent.chances import Chances, Item
from arevent.document import Document, EventFrame, Span

Bounds = tuple[int, int]


class Layer(StrEnum):
    """What a mistake is about."""

    EVENT = "event"
    MENTION = "mention"
    ROLE = "role"
    MODALITY = "modality"


class Kind(StrEnum):
    """What is wrong."""

    MISSED = "missed"
    EXTRA = "extra"
    LABEL = "wrong label"
    EXTENT = "wrong extent"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that a model got wrong.

    Attributes:
        layer: What it is about.
        gold: Labels that the annotation has and the model has not; empty for what is extra.
        found: Labels that the model has and the annotation has not; empty for what is missed.
        gold_span: A trigger or a mention of the annotation; the model's for what is extra.
        found_span: The same of the model; the annotation's for what is missed.
        trigger: Where a role is wrong, the trigger of its event, labelled with the type.
        score: Probability that the model gave to what it says, and for what is missed to its
            not being there; ``None`` where the model gives none.
        document: Position of the document in the corpus, from 0.
        sentence: Position of the sentence in the document, from 0, the title.
    """

    layer: Layer
    gold: tuple[str, ...]
    found: tuple[str, ...]
    gold_span: Span
    found_span: Span
    trigger: Span | None = None
    score: float | None = None
    document: int = 0
    sentence: int = 0

    @property
    def kind(self) -> Kind:
        """What is wrong."""
        if not self.found:
            return Kind.MISSED
        if not self.gold:
            return Kind.EXTRA
        same = _bounds(self.gold_span) == _bounds(self.found_span)
        return Kind.LABEL if same else Kind.EXTENT


def find_mistakes(
    gold: Sequence[Document], found: Sequence[Document], chances: Sequence[Chances]
) -> list[Mistake]:
    """List what a model got wrong; what follows from a mistake is no mistake of its own.

    Roles are compared where trigger, type and mention are right, modalities where trigger and type
    are. A span that overlaps one of the annotation is a wrong extent, not one missed and one
    extra. Counts that grammar states have no probability and are left out.

    Args:
        gold: The annotated documents.
        found: The same documents as the model reads them, in the same order.
        chances: What `arevent.chances.gold_chances` gives for the annotated documents.

    Returns:
        The mistakes by falling score, those without a score last; else in reading order.
    """
    mistakes = []
    for number, (wanted, read, own) in enumerate(zip(gold, found, chances, strict=True)):
        starts = [sentence.start for sentence in wanted.sentences]
        mistakes += [
            replace(mistake, document=number, sentence=bisect_right(starts, _start(mistake)) - 1)
            for mistake in sorted(_in_document(wanted, read, own), key=_start)
        ]
    return sorted(mistakes, key=lambda m: -1.0 if m.score is None else m.score, reverse=True)


def _start(mistake: Mistake) -> int:
    return min(mistake.gold_span.start, mistake.found_span.start)


def _in_document(gold: Document, found: Document, chances: Chances) -> Iterator[Mistake]:
    yield from _spans(Layer.EVENT, _triggers(gold), _triggers(found), chances)
    yield from _spans(Layer.MENTION, gold.mentions, found.mentions, chances)
    mentions = {_bounds(mention): mention for mention in gold.mentions}
    shared = {_bounds(m): mentions[_bounds(m)] for m in found.mentions if _bounds(m) in mentions}
    for wanted, read in _shared_events(gold, found):
        if wanted.modality != read.modality:
            score = chances.get((*_key(wanted), read.modality))
            labels = (wanted.modality,), (read.modality,)
            yield Mistake(Layer.MODALITY, *labels, wanted.trigger, read.trigger, score=score)
        yield from _roles(wanted, read, shared, chances)


def _triggers(document: Document) -> list[Span]:
    return [replace(event.trigger, label=event.type) for event in document.events]


def _spans(
    layer: Layer, gold: Iterable[Span], found: Iterable[Span], chances: Chances
) -> Iterator[Mistake]:
    """Pair spans that are equal, then spans that overlap; what is left has no counterpart."""
    wanted, read = _by_bounds(gold), _by_bounds(found)
    for bounds in sorted(wanted.keys() & read.keys()):
        own, other = wanted.pop(bounds), read.pop(bounds)
        labels = _only_first(own, other), _only_first(other, own)
        if any(labels):
            yield Mistake(layer, *labels, own[0], other[0], score=other[0].score)
    for bounds, own in sorted(wanted.items()):
        match = next((other for other in sorted(read) if _overlap(bounds, other)), None)
        if match is None:
            score = _refusal(chances, [(*bounds, span.label) for span in own])
            yield Mistake(layer, _labels(own), (), own[0], own[0], score=score)
        else:
            other = read.pop(match)
            labels = _labels(own), _labels(other)
            yield Mistake(layer, *labels, own[0], other[0], score=other[0].score)
    for other in read.values():
        yield Mistake(layer, (), _labels(other), other[0], other[0], score=other[0].score)


def _shared_events(gold: Document, found: Document) -> Iterator[tuple[EventFrame, EventFrame]]:
    """Pair the events that are right; of two types of one word, which share their roles, one."""
    wanted = {_key(event): event for event in gold.events}
    seen: set[Bounds] = set()
    for event in found.events:
        if _key(event) in wanted and _bounds(event.trigger) not in seen:
            seen.add(_bounds(event.trigger))
            yield wanted[_key(event)], event


def _roles(
    gold: EventFrame, found: EventFrame, shared: Mapping[Bounds, Span], chances: Chances
) -> Iterator[Mistake]:
    """Compare the roles of mentions that both sides have."""
    wanted, read = _fillers(gold), _fillers(found)
    for bounds in sorted((wanted.keys() | read.keys()) & shared.keys()):
        own, other = wanted.get(bounds, {}), read.get(bounds, {})
        missed, extra = sorted(own.keys() - other.keys()), sorted(other.keys() - own.keys())
        if not missed and not extra:
            continue
        if extra:
            score: float | None = max(other[role] for role in extra)
        else:
            score = _refusal(chances, [(*_key(gold), *bounds, role) for role in missed])
        mention = shared[bounds]
        yield Mistake(
            Layer.ROLE, tuple(missed), tuple(extra), mention, mention, gold.trigger, score
        )


def _refusal(chances: Chances, items: Iterable[Item]) -> float | None:
    """Give the probability that the model gave to none of the items being there."""
    known = [chances[item] for item in items if item in chances]
    return 1 - max(known) if known else None


def _fillers(event: EventFrame) -> dict[Bounds, dict[str, float]]:
    """Give the roles of each filler with their scores."""
    fillers: dict[Bounds, dict[str, float]] = {}
    for argument in event.arguments:
        if argument.mention:
            fillers.setdefault(_bounds(argument.mention), {})[argument.role] = argument.score
    return fillers


def _by_bounds(spans: Iterable[Span]) -> dict[Bounds, list[Span]]:
    by_bounds: dict[Bounds, list[Span]] = {}
    for span in spans:
        by_bounds.setdefault(_bounds(span), []).append(span)
    return by_bounds


def _labels(spans: Sequence[Span]) -> tuple[str, ...]:
    return tuple(sorted({span.label for span in spans}))


def _only_first(first: Sequence[Span], second: Sequence[Span]) -> tuple[str, ...]:
    return tuple(sorted(set(_labels(first)) - set(_labels(second))))


def _key(event: EventFrame) -> tuple[int, int, str]:
    return event.trigger.start, event.trigger.end, event.type


def _bounds(span: Span) -> Bounds:
    return span.start, span.end


def _overlap(first: Bounds, second: Bounds) -> bool:
    return first[0] < second[1] and second[0] < first[1]
