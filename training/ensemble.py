"""Several models to one that answers with the mean of their probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from arevent.document import Sentence, TaggedSpan
from arevent.tagger import SentenceScores, SpanScores, Tagger


class Ensemble:
    """Models that answer as one, with the mean of their probabilities; stands for a `Tagger`.

    Their tokenizers may differ: what is averaged belongs to words and spans.

    Args:
        taggers: The models.

    Attributes:
        model: The first of them, whose role threshold holds.

    Raises:
        ValueError: If they have different ontologies, or one has no linker.
    """

    def __init__(self, taggers: Sequence[Tagger]) -> None:
        if any(tagger.model.ontology != taggers[0].model.ontology for tagger in taggers):
            raise ValueError("expected models of one ontology, found several")
        if any(tagger.model.linker is None for tagger in taggers):
            raise ValueError("expected models with a linker, found one without")
        self.model = taggers[0].model
        self._taggers = taggers
        widths = [tagger.model.tagger.config.hidden_size for tagger in taggers]
        self._ends = np.cumsum(widths)[:-1]

    def score(self, documents: Sequence[Sequence[Sentence]]) -> list[SentenceScores]:
        """Read the sentences of documents; vectors of all models stand side by side."""
        answers = [tagger.score(documents) for tagger in self._taggers]
        return [
            SentenceScores(
                np.logaddexp.reduce([e.log_probs for e in entries]) - np.log(len(entries)),
                np.concatenate([e.vectors for e in entries], axis=1),
            )
            for entries in zip(*answers, strict=True)
        ]

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
