"""Unannotated articles to those that are worth annotating: where a model is least certain.

The measure is margin sampling (Settles 2009): one minus the distance between the two most probable
answers, 0 for a sure model and 1 for one that cannot choose.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from arevent.corpus import document_to_record
from arevent.curation.duplicates import shingles, similarity
from arevent.curation.options import SIMILARITY
from arevent.document import Article, Document, TaggedSpan
from arevent.extractor import DOCUMENTS_AT_ONCE, Extractor, prepare
from arevent.ontology import Ontology

if TYPE_CHECKING:
    from arevent.tagger import SentenceScores, SpanScores

TOKEN_SHARE = 0.2
"""The share of a sentence's tokens, the least certain, whose mean stands for it."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How unsure a model is of a document, each figure in [0, 1].

    Attributes:
        tags: Mean over its sentences of the mean over their least certain fifth of tokens.
        roles: Mean over its triggers of their least certain role; 0 without triggers, ``None``
            for a model without a linker.
        modality: Mean over its triggers of the uncertainty of their modality; likewise.
        total: Mean of the figures that the model gives.
    """

    tags: float
    roles: float | None
    modality: float | None
    total: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article with what a model is unsure of.

    Attributes:
        article: The article.
        uncertainty: How unsure the model is.
    """

    article: Article
    uncertainty: Uncertainty


@dataclass(frozen=True, slots=True)
class Chosen:
    """A document to annotate.

    Attributes:
        document: The document with the model's own annotation, to start from.
        uncertainty: How unsure the model is.
    """

    document: Document
    uncertainty: Uncertainty

    def to_record(self) -> dict[str, Any]:
        """Give the corpus record, with the uncertainty as a field of its own."""
        return {**document_to_record(self.document), "uncertainty": asdict(self.uncertainty)}


def sample(
    articles: Iterable[Article],
    extractor: Extractor,
    n: int,
    max_similarity: float | None = SIMILARITY,
) -> list[Chosen]:
    """Choose the articles of which a model is least certain.

    Args:
        articles: Articles without annotation; those without words are left out.
        extractor: The model.
        n: How many to choose.
        max_similarity: Skip near-duplicates of a chosen article, which share at least this part of
            their word shingles; ``None`` keeps them.

    Returns:
        At most ``n`` documents, the least certain first.
    """
    ranked = sorted(rank(articles, extractor), key=lambda entry: -entry.uncertainty.total)
    chosen = list(islice(_diverse(ranked, max_similarity), n))
    documents = extractor.pipe(candidate.article for candidate in chosen)
    return [
        Chosen(document, candidate.uncertainty)
        for document, candidate in zip(documents, chosen, strict=True)
    ]


def write_sample(chosen: Iterable[Chosen], path: str | Path) -> None:
    """Write chosen documents as a corpus; each line has its ``uncertainty`` as well."""
    with Path(path).open("w", encoding="utf-8") as file:
        for entry in chosen:
            file.write(json.dumps(entry.to_record(), ensure_ascii=False) + "\n")


def rank(articles: Iterable[Article], extractor: Extractor) -> Iterator[Candidate]:
    """Give articles with their uncertainty, in their order and in bounded memory."""
    articles = iter(articles)
    while chunk := list(islice(articles, DOCUMENTS_AT_ONCE)):
        read = [(article, prepare(article)) for article in chunk]
        read = [(article, document) for article, document in read if document.sentences]
        measured = _uncertainties(extractor, [document for _, document in read])
        for (article, _), uncertainty in zip(read, measured, strict=True):
            yield Candidate(article, uncertainty)


def token_uncertainty(log_probs: np.ndarray) -> float:
    """Give the mean uncertainty of a sentence's least certain tokens.

    A mean over all tokens would measure how many of them carry a tag at all, because ``O`` is
    nearly always certain.

    Args:
        log_probs: Log probabilities of the tags, shape ``(tokens, tags)``.
    """
    margins = np.sort(_margins(np.exp(log_probs)))
    return float(1 - margins[: math.ceil(TOKEN_SHARE * len(margins))].mean())


def _margins(probabilities: np.ndarray) -> np.ndarray:
    """Give the distance between the two most probable answers of each row."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities))
    best = np.sort(probabilities, axis=1)
    return np.asarray(best[:, -1] - best[:, -2])


def _diverse(ranked: Iterable[Candidate], max_similarity: float | None) -> Iterator[Candidate]:
    """Leave out what is nearly the same as an article before it."""
    kept: list[np.ndarray] = []
    for candidate in ranked:
        if max_similarity is not None:
            own = shingles(prepare(candidate.article))
            if any(similarity(own, other) >= max_similarity for other in kept):
                continue
            kept.append(own)
        yield candidate


def _uncertainties(extractor: Extractor, documents: Sequence[Document]) -> Iterator[Uncertainty]:
    """Read documents as `Extractor.pipe` does, and keep the scores instead of the frames."""
    scores = extractor.tagger.score([document.sentences for document in documents])
    found = extractor.find_spans(scores)
    read = iter([(entry, *spans) for entry, spans in zip(scores, found, strict=True)])
    for document in documents:
        yield _of_document(list(islice(read, len(document.sentences))), extractor.ontology)


Read = tuple["SentenceScores", list[TaggedSpan], list[TaggedSpan], "SpanScores"]


def _of_document(read: Sequence[Read], ontology: Ontology) -> Uncertainty:
    tags = _mean([token_uncertainty(scores.log_probs) for scores, *_ in read])
    roles: list[float] = []
    modalities: list[float] = []
    for _, triggers, mentions, scores in read:
        if scores.roles is None or scores.modalities is None:  # the model has no linker
            return Uncertainty(tags, None, None, tags)
        roles += _role_uncertainties(triggers, mentions, scores.roles, ontology)
        modalities += (1 - _margins(scores.modalities)).tolist()
    parts = tags, _mean(roles), _mean(modalities)
    return Uncertainty(*parts, _mean(parts))


def _role_uncertainties(
    triggers: Sequence[TaggedSpan],
    mentions: Sequence[TaggedSpan],
    roles: np.ndarray,
    ontology: Ontology,
) -> Iterator[float]:
    """Give, for each trigger, the uncertainty of its least certain role that is allowed.

    A role holds or does not, so the two answers have the probabilities p and 1 - p.
    """
    for trigger, probabilities in zip(triggers, roles, strict=True):
        possible = (
            float(probabilities[number, role])
            for number, mention in enumerate(mentions)
            for role, name in enumerate(ontology.roles)
            if ontology.allows(trigger.label, name, mention.label)  # others are not trained
        )
        yield max((1 - abs(2 * p - 1) for p in possible), default=0.0)


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0
