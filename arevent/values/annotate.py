"""Documents to documents whose mentions have values; the one place that calls all readers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from heapq import nsmallest

from arevent.document import Document, EventFrame, Mention, Sentence, Value, by_sentence
from arevent.values.actors import find_definitions, find_short_names, read_actor
from arevent.values.casualties import count_casualties
from arevent.values.dates import read_date
from arevent.values.numbers import ends_range, read_number
from arevent.values.places import read_place

CONTEXT_PLACES = 40
"""How many other places of a document help to tell places of one name apart."""


def add_values(document: Document) -> Document:
    """Read the values of a document's mentions and the counts of its events.

    Numbers, dates, places and actors are the mentions labelled ``NUM``, ``DATE``, ``LOC`` and
    ``ACTOR``; other labels, such as those of an ontology of your own, have no values.

    Args:
        document: What the frames stage gave. Relative dates need its ``date``.

    Returns:
        The document with `Mention.value` or `Mention.reason`, `Argument.value`, `EventFrame.count`
        and `EventFrame.breakdown`. What cannot be read has no value; nothing is guessed.
    """
    reader = _Reader(document)
    read = {_key(mention): reader.read(mention) for mention in document.mentions}
    framed = replace(
        document,
        mentions=tuple(read.values()),
        events=tuple(_with_values(event, read) for event in document.events),
    )
    return replace(
        framed,
        events=tuple(
            count_casualties(event, sentence, mentions)
            for sentence, mentions, events in by_sentence(framed)
            for event in events
        ),
    )


class _Reader:
    """Reads the mentions of one document with what the document says around them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._date = None
        if document.date:
            self._date = datetime.fromisoformat(document.date).date().isoformat()
        self._starts = [sentence.start for sentence in document.sentences]
        self._places = [m for m in document.mentions if m.label == "LOC"]
        actors = [m.text for m in document.mentions if m.label == "ACTOR"]
        self._names = {**find_short_names(actors), **find_definitions(document.text)}

    def read(self, mention: Mention) -> Mention:
        """Give a mention with its value, or with the reason why it has none."""
        value, reason = self._value(mention)
        return replace(mention, value=value, reason=reason)

    def _value(self, mention: Mention) -> tuple[Value | None, str | None]:
        sentence = self._document.sentences[bisect_right(self._starts, mention.start) - 1]
        before = self._document.text[sentence.start : mention.start]
        after = self._document.text[mention.end : sentence.end]
        if mention.label == "NUM":
            number = read_number(mention.text, before, after)
            if ends_range(mention.text, before):
                number = replace(number, range_start=self._number_before(mention))
            is_read = number.value is not None or number.low is not None or number.high is not None
            return (number, None) if is_read else (None, number.reason)
        if mention.label == "DATE":
            date = read_date(mention.text, self._date, before, after)
            is_read = date.start is not None or date.part_of_day is not None
            return (date, date.reason) if is_read else (None, date.reason)
        if mention.label == "LOC":
            place = read_place(mention.text, self._context(mention, sentence))
            return (place, None) if place.name else (None, place.reason)
        if mention.label == "ACTOR":
            actor = read_actor(mention.text, self._names)
            return actor, actor.reason
        return None, None

    def _number_before(self, mention: Mention) -> tuple[int, int] | None:
        """Give the bounds of the last number mention before another mention."""
        numbers = self._document.mentions
        before = [_key(m) for m in numbers if m.label == "NUM" and m.end <= mention.start]
        return before[-1] if before else None

    def _context(self, mention: Mention, sentence: Sentence) -> list[str]:
        """Give the other places, those of the sentence first, then the nearest."""

        def distance(other: Mention) -> tuple[bool, int]:
            is_outside = not sentence.start <= other.start < sentence.end
            return is_outside, abs(other.start - mention.start)

        others = (place for place in self._places if place.start != mention.start)
        return [place.text for place in nsmallest(CONTEXT_PLACES, others, key=distance)]


def _key(mention: Mention) -> tuple[int, int]:
    return mention.start, mention.end


def _with_values(event: EventFrame, read: Mapping[tuple[int, int], Mention]) -> EventFrame:
    arguments = []
    for argument in event.arguments:
        if argument.mention is not None:
            mention = read[_key(argument.mention)]
            argument = replace(argument, mention=mention, value=mention.value)
        arguments.append(argument)
    return replace(event, arguments=tuple(arguments))
