"""Spans and links to mentions and event frames, with the counts that grammar states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from arevent.document import Argument, EventFrame, Link, Mention, Sentence, Span, TaggedSpan
from arevent.ontology import Ontology


def make_mentions(text: str, sentence: Sentence, spans: Sequence[TaggedSpan]) -> list[Mention]:
    """Turn spans of tokens into mentions of the text."""
    return [Mention(span.label, *_bounds(text, sentence, span), span.score) for span in spans]


def assemble_frames(
    text: str,
    sentence: Sentence,
    triggers: Sequence[TaggedSpan],
    mentions: Sequence[Mention],
    links: Sequence[Link],
    modalities: np.ndarray | None,
    ontology: Ontology,
) -> list[EventFrame]:
    """Put the events of one sentence together.

    Args:
        text: The text that offsets point into.
        sentence: The sentence.
        triggers: Its triggers; one without arguments still gives a frame.
        mentions: Its mentions, in the order that ``links`` counts them.
        links: Which mention fills which role.
        modalities: Probabilities, shape ``(triggers, modalities)``; ``None`` means the default.
        ontology: Gives modalities their names, and words with several types their twins.

    Returns:
        Frames in the order of their triggers, twins of a trigger next to each other.
    """
    frames = []
    for number, trigger in enumerate(triggers):
        arguments = tuple(
            Argument(link.role, mentions[link.mention], None, link.score)
            for link in links
            if link.trigger == number
        )
        best = 0 if modalities is None else int(modalities[number].argmax())
        span = Span(trigger.label, *_bounds(text, sentence, trigger), trigger.score)
        words = sentence.tokens[trigger.token_start : trigger.token_end]
        twins = ontology.twins(trigger.label, " ".join(token.norm for token in words))
        frame = EventFrame(trigger.label, span, arguments, ontology.modalities[best], trigger.score)
        frames += [frame, *(_twin(frame, other, ontology) for other in twins)]
    return frames


def _twin(frame: EventFrame, event_type: str, ontology: Ontology) -> EventFrame:
    """Give the event of another type that the same words name («اغتيال»: Death and Attack)."""
    return replace(
        frame,
        type=event_type,
        trigger=replace(frame.trigger, label=event_type),
        arguments=tuple(arg for arg in frame.arguments if ontology.allows(event_type, arg.role)),
    )


def _bounds(text: str, sentence: Sentence, span: TaggedSpan) -> tuple[str, int, int]:
    start = sentence.tokens[span.token_start].start
    end = sentence.tokens[span.token_end - 1].end
    return text[start:end], start, end
