"""Documents to text for people at a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from arevent.document import (
    Argument,
    DateValue,
    Document,
    EventFrame,
    Incident,
    PlaceValue,
    Quantity,
    Value,
)

# Arabic words inside a line that runs left to right: isolates keep their order and that of
# their neighbours apart (Unicode Standard Annex 9). Without an Arabic letter they are not needed.
_RIGHT_TO_LEFT_ISOLATE = "\u2067"
_POP_ISOLATE = "\u2069"
_RIGHT_TO_LEFT = ("R", "AL")


def isolate(text: str) -> str:
    """Wrap Arabic text for terminals that know right-to-left; other text stays as it is."""
    if not any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text):
        return text
    return f"{_RIGHT_TO_LEFT_ISOLATE}{text}{_POP_ISOLATE}"


def reshape(text: str) -> str:
    """Join letters and put them in visual order, for terminals that do neither."""
    from arabic_reshaper import reshape as join_letters
    from bidi import get_display

    return str(get_display(join_letters(text)))


def render_text(document: Document, is_visual: bool = False) -> Iterator[str]:
    """Give the lines that show a document's events, sentence by sentence.

    Args:
        document: What an extractor gave.
        is_visual: Reorder and join the letters instead of marking their direction.
    """
    show = reshape if is_visual else isolate
    head = " · ".join(show(part) for part in (document.id, document.date, document.source) if part)
    yield f"── {head or 'document'} ── {_count(len(document.events), 'event')}"
    for sentence in document.sentences:
        events = [
            event
            for event in document.events
            if sentence.start <= event.trigger.start < sentence.end
        ]
        if events:
            yield ""
            yield show(" ".join(sentence.text.split()))
        for event in events:
            yield from _event_lines(event, show)
    if document.incidents:
        yield ""
        yield f"{_count(len(document.incidents), 'incident')}:"
    for number, incident in enumerate(document.incidents, 1):
        yield _incident_line(number, incident)


def _event_lines(event: EventFrame, show: Callable[[str], str]) -> Iterator[str]:
    modality = "" if event.modality == "actual" else f", {event.modality}"
    yield f"  {event.type}{modality}  {show(event.trigger.text)}  {event.score:.2f}"
    for argument in event.arguments:
        yield f"    {argument.role:<11} {_filler(argument, show)}"
    for argument in event.inferred:
        yield f"    {argument.role:<11} {_filler(argument, show)} (from an earlier sentence)"
    for part in event.breakdown:
        words = show(part.description.text) if part.description else part.group or ""
        yield f"    of whom     {describe(part.quantity)} {words}"


def _filler(argument: Argument, show: Callable[[str], str]) -> str:
    if argument.mention is None:
        return f"{argument.value} (stated by grammar)"
    words, meaning = argument.mention.text, describe(argument.mention.value)
    return show(words) + (f" = {meaning}" if meaning not in ("", words) else "")


def describe(value: Value | None) -> str:
    """Say in a few words what a value means; an actor's name says it already."""
    if isinstance(value, Quantity):
        return _describe_quantity(value)
    if isinstance(value, DateValue) and value.start:
        days = value.start if value.start == value.end else f"{value.start} – {value.end}"
        return f"{days}, {value.part_of_day}" if value.part_of_day else days
    if isinstance(value, PlaceValue) and value.name:
        return f"{value.name}, {value.country}" if value.country else value.name
    return ""


def _describe_quantity(quantity: Quantity) -> str:
    if quantity.value is None:
        bounds = (quantity.low, quantity.high)
        return "–".join("" if bound is None else f"{bound:,}" for bound in bounds)
    words = f"{quantity.value:,}"
    if not quantity.is_approximate:
        return words
    if quantity.low == quantity.high:
        return f"about {words}"
    return f"at most {words}" if quantity.low is None else f"at least {words}"


def _incident_line(number: int, incident: Incident) -> str:
    parts = [
        incident.type if incident.modality == "actual" else f"{incident.type}, {incident.modality}",
        describe(incident.date),
        "; ".join(place.name or "" for place in incident.places),
        "; ".join(f"{f.type} {describe(f.quantity)}" for f in incident.figures if f.is_latest),
        _count(len(incident.events), "mention"),
    ]
    return f"  {number:>2}  " + " · ".join(part for part in parts if part)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
