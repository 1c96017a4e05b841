"""Scores of a sentence to whether a model is sure enough of it to learn from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np

from arevent.document import TaggedSpan
from arevent.extractor import SpansOfSentence
from arevent.ontology import Ontology
from arevent.spans import tags_of
from arevent.tagger import SentenceScores


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a sentence needs to be learned from.

    All of its labels are taken or none, so its least sure decision counts, also the one to label
    nothing: a word that is not surely outside is likely a span that was missed. With six spans and
    thirty possible roles in a sentence, high demands leave short sentences only, which teach what
    is known already. The defaults ask less of roles than of spans, whose errors make roles wrong.

    Attributes:
        events: Triggers in it, at least; annotated news has two a sentence.
        span_score: Probability of each of its triggers and mentions.
        token_score: Probability of the tag of each of its tokens.
        role_score: Probability of each decision that a mention fills a role, or that it does not.
        modality_score: Probability of the modality of each of its events.
        min_tokens: Fewest tokens; shorter ones are captions.
        max_tokens: Most tokens, as in the annotated news; longer ones are lists.
    """

    events: int = 2
    span_score: float = 0.8
    token_score: float = 0.75
    role_score: float = 0.7
    modality_score: float = 0.8
    min_tokens: int = 5
    max_tokens: int = 90

    def refusal(
        self, entry: SentenceScores, found: SpansOfSentence, ontology: Ontology
    ) -> str | None:
        """Say what a sentence lacks, or ``None`` if it has all."""
        triggers, mentions, _ = found
        if not self.min_tokens <= len(entry.log_probs) <= self.max_tokens:
            return "length"
        if len(triggers) < self.events:
            return "few events"
        lowest = {
            "span": (min((s.score for s in (*triggers, *mentions)), default=1.0), self.span_score),
            "token": (
                _token_score(entry.log_probs, [*triggers, *mentions], ontology),
                self.token_score,
            ),
            "role": (_role_score(found, ontology), self.role_score),
            "modality": (_modality_score(found), self.modality_score),
        }
        return next((f"unsure {k}" for k, (own, needed) in lowest.items() if own < needed), None)


def _token_score(log_probs: np.ndarray, spans: Iterable[TaggedSpan], ontology: Ontology) -> float:
    """Give the probability of the least probable tag among those that the spans stand for."""
    tag_ids = {tag: index for index, tag in enumerate(ontology.tags)}
    chosen = [tag_ids[tag] for tag in tags_of(len(log_probs), spans)]
    return float(np.exp(log_probs[np.arange(len(chosen)), chosen]).min())


def _role_score(found: SpansOfSentence, ontology: Ontology) -> float:
    """Give the probability of the least sure decision about a role that the ontology allows."""
    triggers, mentions, scores = found
    sure = (
        max(p, 1 - p)
        for t, trigger in enumerate(triggers)
        for m, mention in enumerate(mentions)
        for r, role in enumerate(ontology.roles)
        if ontology.allows(trigger.label, role, mention.label)
        for p in (float(cast(np.ndarray, scores.roles)[t, m, r]),)
    )
    return min(sure, default=1.0)


def _modality_score(found: SpansOfSentence) -> float:
    modalities = cast(np.ndarray, found[2].modalities)
    return float(modalities.max(axis=1).min()) if len(modalities) else 1.0
