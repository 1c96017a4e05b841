"""Two annotations of the same documents to what they disagree about, counted by kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from arevent.document import Document, EventFrame, Span
from arevent.scoring import NOTHING

Pair = tuple[Document, Document]
Bounds = tuple[int, int]
Found = tuple[str, str, str, str]  # layer, what each side has, the words


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A kind of disagreement.

    Attributes:
        layer: ``trigger``, ``mention``, ``modality`` or ``role``; ``trigger bounds`` and
            ``mention bounds`` where the spans overlap without being equal.
        a: What the first annotator has; ``-`` for nothing.
        b: What the second has.
        n: How often.
        document: Id of the first document where it is found.
        text: The words in question there.
    """

    layer: str
    a: str
    b: str
    n: int
    document: str | None
    text: str


def disagreements(pairs: Iterable[Pair]) -> tuple[Disagreement, ...]:
    """Count what two annotations disagree about.

    Args:
        pairs: The documents as one annotator has them, and as the other has them.

    Returns:
        The kinds of disagreement, the most frequent first. A missing trigger or mention is one
        disagreement; the roles and the modality that it would have are none.
    """
    seen: dict[tuple[str, str, str], Disagreement] = {}
    for pair in pairs:
        for layer, a, b, text in _in_document(pair):
            first = seen.get((layer, a, b), Disagreement(layer, a, b, 0, pair[0].id, text))
            seen[layer, a, b] = replace(first, n=first.n + 1)
    return tuple(sorted(seen.values(), key=lambda kind: (-kind.n, kind.layer, kind.a, kind.b)))


def event_key(event: EventFrame) -> tuple[int, int, str]:
    """Give what tells an event from the others of its document."""
    return event.trigger.start, event.trigger.end, event.type


def _in_document(pair: Pair) -> Iterator[Found]:
    first, second = pair
    yield from _compare_spans("trigger", _triggers(first), _triggers(second))
    yield from _compare_spans("mention", first.mentions, second.mentions)
    events, others = ({event_key(event): event for event in side.events} for side in pair)
    words, other_words = ({(m.start, m.end): m.text for m in side.mentions} for side in pair)
    shared = {bounds: text for bounds, text in words.items() if bounds in other_words}
    for key in sorted(events.keys() & others.keys()):
        event, other = events[key], others[key]
        if event.modality != other.modality:
            yield "modality", event.modality, other.modality, event.trigger.text
        yield from _compare_roles(event, other, shared)


def _triggers(document: Document) -> list[Span]:
    return [replace(event.trigger, label=event.type) for event in document.events]


def _compare_spans(layer: str, first: Sequence[Span], second: Sequence[Span]) -> Iterator[Found]:
    """Pair spans that are equal, then spans that overlap; what is left has no counterpart."""
    sides = _by_bounds(first), _by_bounds(second)
    for bounds in sorted(sides[0].keys() & sides[1].keys()):
        own, other = sides[0].pop(bounds), sides[1].pop(bounds)
        for a, b in _unmatched({span.label for span in own}, {span.label for span in other}):
            yield layer, a, b, own[0].text
    rest, others = ([span for spans in side.values() for span in spans] for side in sides)
    for span in rest:
        match = next((other for other in others if _overlap(span, other)), None)
        if match is None:
            yield layer, span.label, NOTHING, span.text
        else:
            others.remove(match)
            yield f"{layer} bounds", span.label, match.label, f"{span.text} / {match.text}"
    for span in others:
        yield layer, NOTHING, span.label, span.text


def _compare_roles(
    event: EventFrame, other: EventFrame, shared: Mapping[Bounds, str]
) -> Iterator[Found]:
    """Compare the roles of mentions that both annotators have."""
    first, second = _roles(event), _roles(other)
    for bounds in sorted((first.keys() | second.keys()) & shared.keys()):
        for a, b in _unmatched(first.get(bounds, set()), second.get(bounds, set())):
            yield "role", a, b, f"{event.trigger.text}: {shared[bounds]}"


def _roles(event: EventFrame) -> dict[Bounds, set[str]]:
    roles: dict[Bounds, set[str]] = {}
    for argument in event.arguments:
        if mention := argument.mention:
            roles.setdefault((mention.start, mention.end), set()).add(argument.role)
    return roles


def _by_bounds(spans: Iterable[Span]) -> dict[Bounds, list[Span]]:
    by_bounds: dict[Bounds, list[Span]] = {}
    for span in spans:
        by_bounds.setdefault((span.start, span.end), []).append(span)
    return by_bounds


def _unmatched(first: set[str], second: set[str]) -> Iterator[tuple[str, str]]:
    """Pair the labels of one side alone with those of the other alone, as far as they go."""
    return zip_longest(sorted(first - second), sorted(second - first), fillvalue=NOTHING)


def _overlap(first: Span, second: Span) -> bool:
    return first.start < second.end and second.start < first.end
