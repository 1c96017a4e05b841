"""Frames of a document to incidents: which of them speak of one happening, and why.

Frames are taken in reading order. Each is compared with every frame before it; what speaks for one
happening and what speaks against it are named pieces of evidence, and their weights
(``resources/merge_evidence.tsv``) are added up. The frame joins the incident of the most similar
frame if the sum is above zero, unless a veto holds against any frame there. What stands more than
`REACH` sentences before is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from arevent.document import (
    ActorValue,
    DateValue,
    Document,
    EventFrame,
    Figure,
    Incident,
    Mention,
    PlaceValue,
    Sentence,
)
from arevent.normalize import normalize
from arevent.ontology import Ontology
from arevent.tables import read_table
from arevent.values.clitics import clitic_readings

TOLL = frozenset({"Death", "Injury", "Disappearance"})
"""Types that can be the human toll of an event of the family ``violence`` or ``hazards``."""

MONTH = 31
"""Days that a time may name, at most, to tell happenings apart."""

REACH = 60
"""Sentences that an event is looked back over: an article seldom has more, an archive file may."""

FIRST_MENTION = "first mention"
_OTHER = frozenset(
    {"آخر", "أخرى", "آخرين", "أخريين", "ثان", "ثانية", "جديد", "جديدة", "سابق", "سابقة"}
)
_DEMONSTRATIVES = frozenset({"هذا", "هذه", "ذلك", "تلك", "هذين", "هاتين"})
_WEAK_LETTERS = str.maketrans("", "", "اويىءأإآئؤةتمن")


def merge_incidents(document: Document, ontology: Ontology) -> Document:
    """Join the events of a document into incidents.

    Args:
        document: A document with events; values help, and are not needed.
        ontology: Gives event types their families.

    Returns:
        The document with `Document.incidents`: every event is in exactly one of them, and each
        says why it joined.
    """
    clusters: list[list[_Clue]] = []
    reasons: list[list[str]] = []
    has_title = _has_headline(document)
    for clue in _clues(document, ontology):
        best = _best_cluster(clue, clusters, has_title)
        if best is None:
            clusters.append([clue])
            reasons.append([FIRST_MENTION])
        else:
            number, reason = best
            clusters[number].append(clue)
            reasons[number].append(reason)
    incidents = (_incident(c, r) for c, r in zip(clusters, reasons, strict=True))
    return replace(document, incidents=tuple(incidents))


def _has_headline(document: Document) -> bool:
    """Whether the first sentence is the title, or a first line that ends without a full stop."""
    if document.title or not document.sentences:
        return bool(document.title)
    return document.sentences[0].text[-1] not in ".!؟?"


@cache
def evidence_weights() -> dict[str, float]:
    """Read the weight of each piece of evidence.

    Raises:
        TableError: If a row is not as the table's head describes.
    """
    rows = read_table("merge_evidence.tsv", ("evidence", "weight", "meaning"), {"weight": float})
    return {row["evidence"]: float(row["weight"]) for row in rows}


@dataclass(frozen=True, slots=True)
class _Clue:
    """What merging looks at in a frame."""

    event: EventFrame
    family: str
    sentence: int
    order: int
    lemma: str
    is_definite: bool
    is_pointing: bool
    is_other: bool
    places: frozenset[object]
    wide_places: frozenset[object]
    targets: frozenset[str]
    agents: frozenset[str]
    days: tuple[str, str] | None
    count: int | float | None


def _clues(document: Document, ontology: Ontology) -> Iterator[_Clue]:
    starts = {sentence.start: number for number, sentence in enumerate(document.sentences)}
    for order, event in enumerate(document.events):
        sentence = document.sentence_of(event.trigger)
        before, after = _neighbours(sentence, event)
        words = normalize(event.trigger.text).text.split()
        places = [m for m in event.fillers("Place") + event.fillers("Target") if m.label == "LOC"]
        yield _Clue(
            event=event,
            family=ontology.event_types[event.type].family,
            sentence=starts[sentence.start],
            order=order,
            lemma=_skeleton(words[0]),
            is_definite=any(form.startswith("ال") for form in clitic_readings(words[0])),
            is_pointing=before in _DEMONSTRATIVES,
            is_other=after in _OTHER,
            places=frozenset(_place_key(m) for m in places if not _is_wide(m)),
            wide_places=frozenset(_place_key(m) for m in places if _is_wide(m)),
            targets=frozenset(map(_name, event.fillers("Target"))),
            agents=frozenset(map(_name, event.fillers("Agent"))),
            days=_days(event),
            count=event.count.value if event.count else None,
        )


def _neighbours(sentence: Sentence, event: EventFrame) -> tuple[str, str]:
    """Give the folded words before and after a trigger, without a conjunction."""
    before = after = ""
    for token in sentence.tokens:
        if token.end <= event.trigger.start:
            before = token.norm
        elif token.start >= event.trigger.end:
            after = token.norm
            break
    for clitic in ("و", "ف", "ل", "ب"):
        if before.removeprefix(clitic) in _DEMONSTRATIVES:
            before = before.removeprefix(clitic)
    return before, after


def _skeleton(word: str) -> str:
    """Give the strong letters of a word: «هجوم», «هجمات» and «الهجوم» share theirs."""
    bare = min(clitic_readings(word), key=len)
    return bare.translate(_WEAK_LETTERS)


def _name(mention: Mention) -> str:
    if isinstance(mention.value, ActorValue):
        return mention.value.name
    if isinstance(mention.value, PlaceValue) and mention.value.name:
        return mention.value.name
    return normalize(mention.text).text


def _place_key(mention: Mention) -> object:
    value = mention.value
    if isinstance(value, PlaceValue) and value.name:
        return value.geonames_id or value.name
    return min(clitic_readings(normalize(mention.text).text), key=len)


def _is_wide(mention: Mention) -> bool:
    """Whether a place is a country or a whole area, where many things happen at once."""
    return isinstance(mention.value, PlaceValue) and mention.value.kind in ("country", "area")


def _days(event: EventFrame) -> tuple[str, str] | None:
    """Give the shortest stretch of days that the event's times name, of a month at most."""
    stretches = [
        (value.start, value.end)
        for mention in event.fillers("Time")
        if isinstance(value := mention.value, DateValue) and value.start and value.end
    ]
    lengths = {s: (date.fromisoformat(s[1]) - date.fromisoformat(s[0])).days for s in stretches}
    exact = [stretch for stretch, days in lengths.items() if days < MONTH]
    return min(exact, key=lambda stretch: (lengths[stretch], stretch), default=None)


def _best_cluster(
    clue: _Clue, clusters: Sequence[Sequence[_Clue]], has_title: bool
) -> tuple[int, str] | None:
    """Find the incident that a frame joins, the latest of equals, with the reason in words."""
    best: tuple[float, int, str] | None = None
    for number, cluster in enumerate(clusters):
        if clue.sentence - cluster[-1].sentence > REACH:  # its latest frame
            continue
        near = [other for other in cluster if clue.sentence - other.sentence <= REACH]
        if any(_is_veto(clue, other) for other in near):
            continue
        for other in near:
            evidence = list(_evidence(clue, other, has_title))
            total = sum(evidence_weights()[name] for name in evidence)
            if total > 0 and (best is None or total >= best[0]):
                best = (total, number, ", ".join(n for n in evidence if evidence_weights()[n] > 0))
    return best[1:] if best else None


def _is_veto(clue: _Clue, other: _Clue) -> bool:
    """Whether two frames cannot be one happening, whatever else they share."""
    if clue.event.trigger.start == other.event.trigger.start:
        return False  # twins of one word
    if not _can_be_one(clue, other):
        return True
    return bool(clue.days and other.days and _are_disjoint(clue.days, other.days))


def _are_disjoint(first: tuple[str, str], second: tuple[str, str]) -> bool:
    return first[1] < second[0] or second[1] < first[0]


def _can_be_one(clue: _Clue, other: _Clue) -> bool:
    types = {clue.event.type, other.event.type}
    if len(types) == 1:
        return True
    families = {clue.family, other.family}
    if types <= TOLL or families == {"violence"}:
        return "Abduction" not in types
    return bool(types & TOLL) and bool(families & {"violence", "hazards"})


def _evidence(clue: _Clue, other: _Clue, has_title: bool) -> Iterator[str]:
    """Name what speaks for and against that two frames are one happening."""
    yield "baseline"
    if clue.event.trigger.start == other.event.trigger.start:
        yield "same trigger"
        return
    yield from _evidence_of_types(clue, other)
    yield from _evidence_of_position(clue, other, has_title)
    yield from _evidence_of_fillers(clue, other)
    if clue.event.modality != other.event.modality:
        yield "other modality"


def _evidence_of_types(clue: _Clue, other: _Clue) -> Iterator[str]:
    same_sentence = clue.sentence == other.sentence
    if clue.event.type == other.event.type:
        yield "same type in the sentence" if same_sentence else "same type"
        if clue.lemma == other.lemma:
            yield "same word"
    elif {clue.event.type, other.event.type} <= TOLL:
        yield "toll of one sentence" if same_sentence else "toll"
    elif clue.family != other.family:
        yield "event and toll in one sentence" if same_sentence else "event and toll"
    else:
        yield "violence of one sentence" if same_sentence else "violence"


def _evidence_of_position(clue: _Clue, other: _Clue, has_title: bool) -> Iterator[str]:
    if has_title and other.sentence == 0 < clue.sentence <= 3:
        yield "headline and opening"
    if clue.sentence - other.sentence > 4:
        yield "far apart"
    if clue.is_pointing:
        yield "demonstrative"
    elif clue.is_definite and clue.sentence > other.sentence:
        yield "definite"
    if clue.is_other:
        yield "another one"


def _evidence_of_fillers(clue: _Clue, other: _Clue) -> Iterator[str]:
    if clue.places and other.places:
        yield "same place" if clue.places & other.places else "other place"
    elif clue.wide_places & other.wide_places:
        yield "same country"
    elif clue.wide_places and other.wide_places and not (clue.places or other.places):
        yield "other country"
    if clue.targets and other.targets:
        yield "same target" if clue.targets & other.targets else "other target"
    if clue.agents and other.agents:
        yield "same agent" if clue.agents & other.agents else "other agent"
    if clue.days and clue.days == other.days:
        yield "same time"
    if clue.event.type == other.event.type and clue.count and other.count:
        yield "same count" if clue.count == other.count else "other count"


def _incident(cluster: Sequence[_Clue], reasons: Sequence[str]) -> Incident:
    events = tuple(clue.event for clue in cluster)
    lead = next((c for c in cluster if c.event.type not in TOLL), cluster[0])
    is_actual = any(event.modality == "actual" for event in events)
    return Incident(
        type=lead.event.type,
        events=events,
        reasons=tuple(reasons),
        modality="actual" if is_actual else events[0].modality,
        places=_places(events),
        date=_date(events),
        figures=_figures(events),
    )


def _places(events: Sequence[EventFrame]) -> tuple[PlaceValue, ...]:
    seen: dict[object, PlaceValue] = {}
    for event in events:
        for mention in event.fillers("Place"):
            if isinstance(mention.value, PlaceValue) and mention.value.name:
                seen.setdefault(_place_key(mention), mention.value)
    return tuple(seen.values())


def _date(events: Sequence[EventFrame]) -> DateValue | None:
    """Give the date of the shortest stretch, the first of equals."""
    dates = [
        value
        for event in events
        for mention in event.fillers("Time")
        if isinstance(value := mention.value, DateValue) and value.start and value.end
    ]
    order = ("day", "week", "month")
    return min(
        dates,
        key=lambda d: order.index(d.granularity) if d.granularity in order else len(order),
        default=None,
    )


def _figures(events: Sequence[EventFrame]) -> tuple[Figure, ...]:
    """List the counts of frames; of the same people, the last one said is the latest."""
    figures: list[Figure] = []
    for event in events:
        if event.count is None:
            continue
        people = tuple(dict.fromkeys(map(_name, event.fillers("Target"))))
        figures = [
            replace(f, is_latest=False) if (f.type, f.of) == (event.type, people) else f
            for f in figures
        ]
        figures.append(Figure(event.type, event.count, event, people))
    return tuple(figures)
