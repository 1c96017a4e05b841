"""Several models to one that answers with what they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from crf_baseline import tag_log_probs

from arevent.document import Sentence, TaggedSpan
from arevent.spans import span_log_probs
from arevent.tagger import CandidateScores, SentenceScores, SpanScores, Tagger


class Ensemble:
    """Models that answer as one; stands for a `Tagger`.

    Tags and spans have the geometric mean of the models' probabilities (logarithmic opinion pool,
    Genest & Zidek 1986): a model that rules one out is heard. Roles and modalities have the plain
    mean. The models' tokenizers may differ: what is averaged belongs to words and spans.

    Args:
        taggers: The models.
        crf: A CRF of `crf_baseline` that votes on tags and spans. It knows words by their letters,
            and errs where networks do not.
        crf_weight: Its share of the vote.

    Attributes:
        model: The first of the models, whose thresholds hold.

    Raises:
        ValueError: If they have different ontologies, or one has no linker.
    """

    def __init__(self, taggers: Sequence[Tagger], crf: Any = None, crf_weight: float = 0.3) -> None:
        if any(tagger.model.ontology != taggers[0].model.ontology for tagger in taggers):
            raise ValueError("expected models of one ontology, found several")
        if any(tagger.model.linker is None for tagger in taggers):
            raise ValueError("expected models with a linker, found one without")
        self.model = taggers[0].model
        self._taggers = taggers
        self._crf = crf
        self._crf_weight = crf_weight if crf else 0.0
        widths = [tagger.model.tagger.config.hidden_size for tagger in taggers]
        self._ends = np.cumsum(widths)[:-1]

    def score(self, documents: Sequence[Sequence[Sentence]]) -> list[SentenceScores]:
        """Read the sentences of documents; vectors of all models stand side by side."""
        answers = [tagger.score(documents) for tagger in self._taggers]
        sentences = [sentence for document in documents for sentence in document]
        return [
            self._agree(sentence, entries)
            for sentence, entries in zip(sentences, zip(*answers, strict=True), strict=True)
        ]

    def _agree(self, sentence: Sentence, entries: Sequence[SentenceScores]) -> SentenceScores:
        """Pool what the models, and the CRF, say of a sentence."""
        ontology = self.model.ontology
        tags = [entry.log_probs for entry in entries]
        crf = tag_log_probs(self._crf, sentence, ontology.tags) if self._crf else None
        vectors = np.concatenate([entry.vectors for entry in entries], axis=1)
        scored = [entry.candidates for entry in entries]
        bounds = next((own.bounds for own in scored if own is not None), None)
        if bounds is None:
            return SentenceScores(self._pool(tags, crf), vectors)
        # Who has tags alone says by them what is a span.
        spans = [
            span_log_probs(own_tags, bounds, ontology, True) if own is None else own.log_probs
            for own, own_tags in zip(scored, tags, strict=True)
        ]
        crf_spans = None if crf is None else span_log_probs(crf, bounds, ontology, True)
        candidates = CandidateScores(bounds, self._pool(spans, crf_spans))
        return SentenceScores(self._pool(tags, crf), vectors, candidates)

    def _pool(self, votes: Sequence[np.ndarray], crf: np.ndarray | None) -> np.ndarray:
        """Give the normalized geometric mean of probabilities, as logarithms."""
        total = np.mean(votes, axis=0) * (1 - self._crf_weight)
        if crf is not None:
            total = total + self._crf_weight * crf
        pooled: np.ndarray = total - np.logaddexp.reduce(total, axis=1, keepdims=True)
        return pooled

    def score_spans(
        self,
        scores: Sequence[SentenceScores],
        triggers: Sequence[Sequence[TaggedSpan]],
        mentions: Sequence[Sequence[TaggedSpan]],
    ) -> list[SpanScores]:
        """Score spans that were found in the mean of the tags."""
        vectors = [np.split(entry.vectors, self._ends, axis=1) for entry in scores]
        answers = []
        for number, tagger in enumerate(self._taggers):
            own = [
                SentenceScores(e.log_probs, v[number]) for e, v in zip(scores, vectors, strict=True)
            ]
            answers.append(tagger.score_spans(own, triggers, mentions))
        return [
            SpanScores(
                np.mean([entry.roles for entry in entries], axis=0),
                np.mean([entry.modalities for entry in entries], axis=0),
            )
            for entries in zip(*answers, strict=True)
        ]
