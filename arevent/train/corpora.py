"""The corpora of a run, checked before anything is written: what cannot be used, fails here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from arevent.corpus import CorpusError
from arevent.curation.duplicates import leaks
from arevent.document import Document
from arevent.heads import MAX_SPAN
from arevent.ontology import Ontology
from arevent.scoring import read_gold, sentence_spans
from arevent.train.failures import TrainingFailed

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Corpora:
    """Annotated documents.

    Attributes:
        train: To learn from.
        dev: To choose the best epoch by.
    """

    train: list[Document]
    dev: list[Document]


def read_corpora(train: Sequence[str], dev: str, ontology: Ontology) -> Corpora:
    """Read and check the corpora of a run.

    Args:
        train: Files to learn from.
        dev: The file that chooses the best epoch.
        ontology: Has all their labels.

    Raises:
        TrainingFailed: If there is nothing to learn from or to choose by, if a label is not in the
            ontology, or if spans overlap.
        CorpusError: If a line is no document.
    """
    corpora = Corpora([d for path in train for d in _read(path, ontology)], _read(dev, ontology))
    for name, documents, paths in (
        ("train", corpora.train, train),
        ("dev", corpora.dev, [dev]),
    ):
        if not any(document.mentions or document.events for document in documents):
            raise TrainingFailed(
                f"{name}: expected documents with events or mentions, found none among "
                f"{len(documents)} in {', '.join(map(str, paths))}; annotate some, or name others"
            )
    return corpora


def _read(path: str, ontology: Ontology) -> list[Document]:
    try:
        return read_gold(path, ontology)
    except CorpusError:
        raise
    except ValueError as error:
        raise TrainingFailed(str(error)) from error


def warn_of_gaps(corpora: Corpora, ontology: Ontology) -> None:
    """Say what a model of these corpora cannot learn, and which of its scores will be too good."""
    train = corpora.train
    counts = {
        "events": sum(len(document.events) for document in train),
        "mentions": sum(len(document.mentions) for document in train),
        "arguments": sum(len(event.arguments) for document in train for event in document.events),
    }
    if missing := [name for name, n in counts.items() if not n]:
        logger.warning("train: no %s in it; the model will find none", " and no ".join(missing))
    longer = sum(
        span.token_end - span.token_start > MAX_SPAN
        for document in train
        for _, spans in sentence_spans(document, ontology)
        for span in spans
    )
    if longer:
        logger.warning(
            "train: %d triggers and mentions have more than %d tokens; the model will find none so "
            "long",
            longer,
            MAX_SPAN,
        )
    if pairs := leaks(train, corpora.dev):
        shown = [f"{train[p.first].id} ~ {corpora.dev[p.second].id}" for p in pairs[:3]]
        logger.warning(
            "train and dev: %d pairs of near-duplicate documents (%s%s); dev scores will be better "
            "than on new text; «arevent corpus split» keeps such documents together",
            len(pairs),
            ", ".join(shown),
            ", …" if len(pairs) > len(shown) else "",
        )
