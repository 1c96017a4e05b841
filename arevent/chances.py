"""Annotated documents to the probability that a model gives to what the annotators say."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from arevent.document import Document, Sentence, TaggedSpan
from arevent.ontology import Ontology
from arevent.scoring import sentence_spans
from arevent.spans import tags_within

if TYPE_CHECKING:
    from arevent.tagger import SentenceScores, SpanScores, Tagger

Item = tuple[Hashable, ...]
Chances = dict[Item, float]


def gold_chances(
    documents: Sequence[Document], scores: Sequence[SentenceScores], tagger: Tagger
) -> list[Chances]:
    """Look up how probable a model finds what stands in annotated documents.

    Args:
        documents: The annotated documents.
        scores: What `Tagger.score` gave for their sentences.
        tagger: The model.

    Returns:
        For each document the probabilities of its items, which are those of `arevent.scoring`:
        start, end and label of triggers and mentions; the trigger's three with the modality, for
        every modality; with start and end of a mention and the role, for every role that the
        ontology allows. What the model has no name or no head for is left out, and so is the
        second type of a trigger: a span has one label.
    """
    ontology = tagger.model.ontology
    sentences = [entry for document in documents for entry in sentence_spans(document, ontology)]
    triggers = [[s for s in spans if s.label in ontology.event_types] for _, spans in sentences]
    mentions = [[s for s in spans if s.label in ontology.mention_labels] for _, spans in sentences]
    read = tagger.score_spans(scores, triggers, mentions)
    items = (
        {
            **_spans(sentence, (*own, *named), entry, ontology),
            **_modalities(sentence, own, heads, ontology),
            **_roles(sentence, own, named, heads, ontology),
        }
        for (sentence, _), own, named, entry, heads in zip(
            sentences, triggers, mentions, scores, read, strict=True
        )
    )
    return [
        {
            item: chance
            for own in islice(items, len(document.sentences))
            for item, chance in own.items()
        }
        for document in documents
    ]


def _spans(
    sentence: Sentence, spans: Sequence[TaggedSpan], scores: SentenceScores, ontology: Ontology
) -> Chances:
    """Give the probability of spans as the score of a found span has it."""
    return {_item(sentence, span): _chance(span, scores, ontology) for span in spans}


def _chance(span: TaggedSpan, scores: SentenceScores, ontology: Ontology) -> float:
    """Give what the span head says, 0 of a longer span; without a head the product of the tags."""
    if scores.candidates is not None:
        chances = scores.candidates.of(span)[:, ontology.span_labels.index(span.label)]
        return float(np.exp(chances).sum())
    tags = [ontology.tags.index(tag) for tag in tags_within(span)]
    of_tags = scores.log_probs[np.arange(span.token_start, span.token_end), tags]
    return float(np.exp(of_tags.sum()))


def _modalities(
    sentence: Sentence, triggers: Sequence[TaggedSpan], heads: SpanScores, ontology: Ontology
) -> Chances:
    if heads.modalities is None:
        return {}
    return {
        (*_item(sentence, trigger), modality): float(chance)
        for trigger, row in zip(triggers, heads.modalities, strict=True)
        for modality, chance in zip(ontology.modalities, row, strict=True)
    }


def _roles(
    sentence: Sentence,
    triggers: Sequence[TaggedSpan],
    mentions: Sequence[TaggedSpan],
    heads: SpanScores,
    ontology: Ontology,
) -> Chances:
    if heads.roles is None:
        return {}
    return {
        (*_item(sentence, trigger), *_item(sentence, mention)[:2], role): float(
            heads.roles[t, m, r]
        )
        for t, trigger in enumerate(triggers)
        for m, mention in enumerate(mentions)
        for r, role in enumerate(ontology.roles)
        if ontology.allows(trigger.label, role, mention.label)
    }


def _item(sentence: Sentence, span: TaggedSpan) -> Item:
    tokens = sentence.tokens
    return tokens[span.token_start].start, tokens[span.token_end - 1].end, span.label
