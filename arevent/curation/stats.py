"""Annotated documents to the figures that describe a corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from arevent.curation.sentences import AnnotatedSentence, annotated_sentences
from arevent.document import Document
from arevent.ontology import Ontology

UNKNOWN_SOURCE = "unknown"


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread; all zero where there are none.

    Attributes:
        n: How many values there are.
        mean: Their mean.
        low: The smallest.
        q25: A quarter of them is not above this one.
        median: Half of them.
        q75: Three quarters.
        q95: All but a twentieth.
        high: The largest.
    """

    n: int = 0
    mean: float = 0.0
    low: float = 0.0
    q25: float = 0.0
    median: float = 0.0
    q75: float = 0.0
    q95: float = 0.0
    high: float = 0.0

    @classmethod
    def of(cls, values: Iterable[int]) -> Spread:
        """Describe some values; quantiles between two of them are interpolated."""
        numbers = np.array(list(values), float)
        if not len(numbers):
            return cls()
        quantiles = np.quantile(numbers, [0, 0.25, 0.5, 0.75, 0.95, 1])
        rounded = [round(float(value), 2) for value in (numbers.mean(), *quantiles)]
        return cls(len(numbers), *rounded)


@dataclass(frozen=True, slots=True)
class CorpusStats:
    """What a corpus holds. Counts name everything in the ontology, zeros included.

    Attributes:
        documents: Number of documents.
        sentences: Number of sentences, titles included.
        tokens: Number of words and punctuation marks.
        mentions: Number of mentions.
        events: Number of events.
        arguments: Number of roles that a mention or a literal fills.
        literals: Those of them that grammar states, as a number.
        unannotated_documents: Documents without any mention or event, by id.
        unannotated_sentences: Sentences without any.
        unannotated_share: The same as a share of all sentences.
        types: Events of each type.
        roles: Arguments of each role.
        roles_by_type: Arguments of each role for each type that has any.
        labels: Mentions of each label.
        modalities: Events of each modality.
        sources: Documents of each source.
        first_date: The earliest day of publication, or ``None``.
        last_date: The latest.
        undated: Documents without a date.
        sentence_tokens: Tokens a sentence.
        document_sentences: Sentences a document.
        sentence_events: Events a sentence.
        mention_tokens: Tokens a mention.
        trigger_tokens: Tokens a trigger.
    """

    documents: int
    sentences: int
    tokens: int
    mentions: int
    events: int
    arguments: int
    literals: int
    unannotated_documents: tuple[str | None, ...]
    unannotated_sentences: int
    unannotated_share: float
    types: dict[str, int]
    roles: dict[str, int]
    roles_by_type: dict[str, dict[str, int]]
    labels: dict[str, int]
    modalities: dict[str, int]
    sources: dict[str, int]
    first_date: str | None
    last_date: str | None
    undated: int
    sentence_tokens: Spread
    document_sentences: Spread
    sentence_events: Spread
    mention_tokens: Spread
    trigger_tokens: Spread


def corpus_stats(documents: Sequence[Document], ontology: Ontology) -> CorpusStats:
    """Count what a corpus holds.

    Args:
        documents: The corpus.
        ontology: Gives names their order; names that it lacks follow its own.
    """
    sentences = [entry for document in documents for entry in annotated_sentences(document)]
    mentions = [mention for entry in sentences for mention in entry.mentions]
    events = [event for entry in sentences for event in entry.events]
    arguments = [(event.type, argument) for event in events for argument in event.arguments]
    bare = sum(not entry.mentions and not entry.events for entry in sentences)
    dates = sorted(document.date for document in documents if document.date)
    return CorpusStats(
        documents=len(documents),
        sentences=len(sentences),
        tokens=sum(len(entry.sentence.tokens) for entry in sentences),
        mentions=len(mentions),
        events=len(events),
        arguments=len(arguments),
        literals=sum(argument.mention is None for _, argument in arguments),
        unannotated_documents=tuple(d.id for d in documents if not d.mentions and not d.events),
        unannotated_sentences=bare,
        unannotated_share=round(bare / len(sentences), 4) if sentences else 0.0,
        types=_counted((event.type for event in events), ontology.event_types),
        roles=_counted((argument.role for _, argument in arguments), ontology.roles),
        roles_by_type=_by_type(((name, arg.role) for name, arg in arguments), ontology),
        labels=_counted((mention.label for mention in mentions), ontology.mention_labels),
        modalities=_counted((event.modality for event in events), ontology.modalities),
        sources=_counted(document.source or UNKNOWN_SOURCE for document in documents),
        first_date=dates[0] if dates else None,
        last_date=dates[-1] if dates else None,
        undated=len(documents) - len(dates),
        sentence_tokens=Spread.of(len(entry.sentence.tokens) for entry in sentences),
        document_sentences=Spread.of(len(document.sentences) for document in documents),
        sentence_events=Spread.of(len(entry.events) for entry in sentences),
        mention_tokens=Spread.of(_lengths(sentences, of_triggers=False)),
        trigger_tokens=Spread.of(_lengths(sentences, of_triggers=True)),
    )


def _counted(names: Iterable[str], known: Iterable[str] = ()) -> dict[str, int]:
    """Count names: the known ones in their order, then the others by the alphabet."""
    seen = Counter(names)
    order = dict.fromkeys([*known, *sorted(seen)])
    return {name: seen[name] for name in order}


def _by_type(pairs: Iterable[tuple[str, str]], ontology: Ontology) -> dict[str, dict[str, int]]:
    roles: dict[str, list[str]] = {name: [] for name in ontology.event_types}
    for event_type, role in pairs:
        roles.setdefault(event_type, []).append(role)
    counted = {name: _counted(own, ontology.roles) for name, own in roles.items() if own}
    return {name: {role: n for role, n in own.items() if n} for name, own in counted.items()}


def _lengths(sentences: Iterable[AnnotatedSentence], of_triggers: bool) -> list[int]:
    return [
        len(entry.words(span))
        for entry in sentences
        for span in ([e.trigger for e in entry.events] if of_triggers else entry.mentions)
    ]
