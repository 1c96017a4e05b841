"""Sources that carry on: «وأضافت أن …» continues the speaker of an earlier sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from arevent.document import (
    Argument,
    Document,
    EventFrame,
    Mention,
    Sentence,
    Token,
    by_sentence,
)
from arevent.ontology import Ontology
from arevent.tables import read_table

ROLE = "Source"
FILLER = "ACTOR"
_KINDS = ("opens", "names", "continues")
_CONTENT_WORDS = frozenset(
    {"أن", "إن", "أنه", "إنه", "أنها", "إنها", "بأن", "بأنه", "بأنها", "أنهم", "إنهم"}
)
_PREPOSITIONS = frozenset({"إلى", "عن", "على", "في", "من", "خلال", "بعد", "قبل"})
_OPENING_MARKS = frozenset({":", '"', "«", "“"})
_REACH = 3
"""Words at the beginning of a sentence among which a dropped speaker's verb stands."""

_CLAUSE = 12
"""Words after the verb among which the reported words begin, or the speaker is named."""


def inherit_sources(document: Document, ontology: Ontology) -> Document:
    """Fill the source of events whose sentence goes on with an earlier speaker.

    A sentence goes on where one of its first words is a verb of reporting and no actor stands
    between it and what is reported. Its events after that verb that have no source get the last
    speaker named before, in `EventFrame.inferred`.

    Args:
        document: A document with events.
        ontology: Says whether a type takes a source.

    Returns:
        The document with the inferred sources; nothing else is changed.
    """
    if ROLE not in ontology.roles:
        return document
    speaker: Mention | None = None
    inferred: dict[int, Mention] = {}
    for sentence, mentions, events in by_sentence(document):
        start = _goes_on_from(sentence, mentions)
        if start is not None and speaker is not None:
            inferred |= {e.trigger.start: speaker for e in events if e.trigger.start >= start}
        speaker = _speaker_of(sentence, mentions, events) or speaker
    return replace(
        document,
        events=tuple(
            _with_source(e, inferred.get(e.trigger.start), ontology) for e in document.events
        ),
    )


@cache
def reporting_words() -> dict[str, str]:
    """Read the verbs and phrases of reporting and what they do.

    Raises:
        TableError: If a row is not as the table's head describes.
    """
    rows = read_table("reporting_words.tsv", ("word", "kind"), {"kind": _check_kind})
    return {row["word"]: row["kind"] for row in rows}


def _check_kind(cell: str) -> None:
    if cell not in _KINDS:
        raise ValueError(f"expected one of {', '.join(_KINDS)}, found {cell!r}")


def _goes_on_from(sentence: Sentence, mentions: Sequence[Mention]) -> int | None:
    """Give where the reported words begin if the sentence drops its speaker."""
    for number, token in enumerate(sentence.tokens[:_REACH]):
        kind = _kind(token.norm)
        if kind not in ("opens", "continues"):
            continue
        is_past_preposition = False
        for following in sentence.tokens[number + 1 : number + 1 + _CLAUSE]:
            if _is_reported(following):
                return following.start
            # A speaker stands right after the verb, before any prepositional phrase.
            is_past_preposition = is_past_preposition or following.norm in _PREPOSITIONS
            if not is_past_preposition and _actor_at(following, mentions):
                return None
        return token.end if is_past_preposition or kind == "continues" else None
    return None


def _speaker_of(
    sentence: Sentence, mentions: Sequence[Mention], events: Sequence[EventFrame]
) -> Mention | None:
    """Give the actor who speaks in a sentence: a source of its events, or who follows a verb."""
    sources = [m for event in events for m in event.fillers(ROLE)]
    if sources:
        return max(sources, key=lambda mention: (sources.count(mention), mention.start))
    for number, token in enumerate(sentence.tokens):
        kind = _kind(token.norm)
        reach = 1 if kind == "names" else _CLAUSE if kind else 0
        for following in sentence.tokens[number + 1 : number + 1 + reach]:
            if _is_reported(following) or following.norm in _PREPOSITIONS:
                break
            speaker = _actor_at(following, mentions)
            if speaker is not None:
                return speaker
    return None


def _is_reported(token: Token) -> bool:
    return token.norm in _CONTENT_WORDS or token.norm in _OPENING_MARKS


def _actor_at(token: Token, mentions: Sequence[Mention]) -> Mention | None:
    return next((m for m in mentions if m.label == FILLER and m.start == token.start), None)


def _kind(word: str) -> str | None:
    words = reporting_words()
    return words.get(word) or words.get(word[1:] if word[:1] in ("و", "ف") else word)


def _with_source(event: EventFrame, source: Mention | None, ontology: Ontology) -> EventFrame:
    if source is None or event.fillers(ROLE) or not ontology.allows(event.type, ROLE, source.label):
        return event
    return replace(event, inferred=(Argument(ROLE, source, source.value, source.score),))
