"""Gold and predicted documents to precision, recall and F1.

The measures are those of ACE event extraction (Li, Ji & Huang 2013; Lin et al. 2020, OneIE), with
arguments attached to their trigger. All spans are exact characters, all counts sets per document:

- ``Tri-I``: trigger span; ``Tri-C``: trigger span and event type.
- ``Arg-I``: trigger span, event type and filler span; ``Arg-C``: the same and the role.
- ``mentions``: mention span and label.
- ``literals``: counts that grammar states: trigger span, event type, role and number.
- ``tags``: seqeval's strict IOB2, micro F1 over mentions and triggers in one layer of tags.
- ``modality``: share of right modalities among triggers matched in span and type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from arevent.corpus import check_labels, read_corpus
from arevent.document import Document, Sentence, Span, TaggedSpan
from arevent.ontology import Ontology
from arevent.spans import tags_of

Items = set[tuple[Hashable, ...]]
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items there are, were predicted and were right.

    Attributes:
        gold: Items of the gold documents.
        predicted: Items of the predicted documents.
        correct: Items of both.
    """

    gold: int = 0
    predicted: int = 0
    correct: int = 0

    @property
    def precision(self) -> float:
        """Share of the predicted items that are right; 0 where there are none."""
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold items that were found; 0 where there are none."""
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.gold + self.predicted
        return 2 * self.correct / total if total else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """Give the figures with four decimals, and the counts behind them."""
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
            "gold": self.gold,
            "predicted": self.predicted,
            "correct": self.correct,
        }


def trigger_spans(document: Document) -> Items:
    """Give the items of Tri-I."""
    return {(event.trigger.start, event.trigger.end) for event in document.events}


def typed_triggers(document: Document) -> Items:
    """Give the items of Tri-C; the last part is the type."""
    return {(event.trigger.start, event.trigger.end, event.type) for event in document.events}


def argument_spans(document: Document) -> Items:
    """Give the items of Arg-I."""
    return {item[:-1] for item in typed_arguments(document)}


def typed_arguments(document: Document) -> Items:
    """Give the items of Arg-C; the last part is the role."""
    return {
        (event.trigger.start, event.trigger.end, event.type, m.start, m.end, argument.role)
        for event in document.events
        for argument in event.arguments
        if (m := argument.mention)
    }


def typed_mentions(document: Document) -> Items:
    """Give the items of the mention score; the last part is the label."""
    return {(mention.start, mention.end, mention.label) for mention in document.mentions}


def literals(document: Document) -> Items:
    """Give the counts stated by grammar."""
    return {
        (event.trigger.start, event.trigger.end, event.type, argument.role, argument.value)
        for event in document.events
        for argument in event.arguments
        if argument.mention is None
    }


LAYERS: dict[str, Callable[[Document], Items]] = {
    "Tri-I": trigger_spans,
    "Tri-C": typed_triggers,
    "Arg-I": argument_spans,
    "Arg-C": typed_arguments,
    "mentions": typed_mentions,
    "literals": literals,
}


def count(gold: Items, predicted: Items) -> Counts:
    """Compare two sets."""
    return Counts(len(gold), len(predicted), len(gold & predicted))


def total(gold: Sequence[Document], predicted: Sequence[Document], layer: str) -> Counts:
    """Count the items of one layer over all documents.

    Args:
        gold: The annotated documents.
        predicted: The same documents as a model reads them, in the same order.
        layer: A name of the module's list, such as ``Tri-C``.
    """
    items = LAYERS[layer]
    return _total(count(items(g), items(p)) for g, p in zip(gold, predicted, strict=True))


def score(
    gold: Sequence[Document],
    predicted: Sequence[Document],
    ontology: Ontology,
    n_resamples: int = 1000,
    seed: int = 13,
) -> dict[str, Any]:
    """Score predictions against gold documents.

    Args:
        gold: The annotated documents.
        predicted: The same documents as a model reads them, in the same order.
        ontology: Gives the tag set and the order of types, roles and labels.
        n_resamples: Bootstrap samples for the intervals; 0 leaves them out.
        seed: Of the bootstrap.

    Returns:
        What `scores.json` holds: for each layer of the module's list precision, recall, F1,
        counts and a 95 % interval of F1 (percentile bootstrap over documents), then the scores
        per type, role and mention label, and the confusions of types.

    Raises:
        ValueError: If the two lists are not of the same texts.
    """
    _check_pairs(gold, predicted)
    pairs = list(zip(gold, predicted, strict=True))
    per_document = {
        name: [count(items(g), items(p)) for g, p in pairs] for name, items in LAYERS.items()
    }
    tags = _tag_pairs(pairs, ontology)
    return {
        "documents": len(gold),
        "sentences": sum(len(document.sentences) for document in gold),
        **{
            name: {**_total(counts).to_dict(), **_interval(counts, n_resamples, seed)}
            for name, counts in per_document.items()
        },
        "tags": seqeval_scores(*tags),
        "modality": modality_scores(pairs, ontology.modalities),
        "types": _by_last(pairs, typed_triggers, list(ontology.event_types)),
        "roles": _by_last(pairs, typed_arguments, list(ontology.roles)),
        "labels": _by_last(pairs, typed_mentions, list(ontology.mention_labels)),
        "confusions": confusions(pairs),
    }


def _check_pairs(gold: Sequence[Document], predicted: Sequence[Document]) -> None:
    if len(gold) != len(predicted):
        raise ValueError(f"expected {len(gold)} predicted documents, found {len(predicted)}")
    for number, (g, p) in enumerate(zip(gold, predicted, strict=True)):
        if g.text != p.text:
            raise ValueError(
                f"document {number}: expected the prediction for {g.id} with the same text, "
                f"found that of {p.id}"
            )


def _total(counts: Iterable[Counts]) -> Counts:
    rows = [(c.gold, c.predicted, c.correct) for c in counts]
    return Counts(*map(sum, zip(*rows, strict=True))) if rows else Counts()


def _interval(counts: Sequence[Counts], n_resamples: int, seed: int) -> dict[str, list[float]]:
    """Give the 2.5 and 97.5 percentiles of F1 over resampled documents (Efron 1979)."""
    if not n_resamples or not counts:
        return {}
    rows = np.array([(c.gold, c.predicted, c.correct) for c in counts])
    draws = np.random.default_rng(seed).integers(0, len(rows), (n_resamples, len(rows)))
    gold, predicted, correct = rows[draws].sum(axis=1).T
    f1 = 2 * correct / np.maximum(gold + predicted, 1)
    return {"interval": [round(float(q), 4) for q in np.quantile(f1, [0.025, 0.975])]}


def _by_last(
    pairs: Sequence[tuple[Document, Document]],
    items: Callable[[Document], Items],
    names: Sequence[str],
) -> dict[str, dict[str, float | int]]:
    """Score a layer for each value of its items' last part, in the order of ``names``."""
    result = {}
    sets = [(items(gold), items(predicted)) for gold, predicted in pairs]
    for name in names:
        chosen = [[{i for i in side if i[-1] == name} for side in pair] for pair in sets]
        total = _total(count(gold, predicted) for gold, predicted in chosen)
        if total.gold or total.predicted:
            result[name] = total.to_dict()
    return result


def modality_scores(
    pairs: Sequence[tuple[Document, Document]], modalities: Sequence[str]
) -> dict[str, Any]:
    """Compare modalities where span and type of a trigger agree.

    Returns:
        Accuracy, the number of matched triggers, and for each gold modality precision, recall
        and F1 within the matched triggers.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for gold, predicted in pairs:
        found = {(e.trigger.start, e.trigger.end, e.type): e.modality for e in predicted.events}
        for event in gold.events:
            key = (event.trigger.start, event.trigger.end, event.type)
            if key in found:
                seen[event.modality, found[key]] += 1
    matched = sum(seen.values())
    right = sum(n for (gold_name, name), n in seen.items() if gold_name == name)
    return {
        "accuracy": round(right / matched, 4) if matched else 0.0,
        "matched": matched,
        **{
            name: Counts(
                sum(n for (g, _), n in seen.items() if g == name),
                sum(n for (_, p), n in seen.items() if p == name),
                seen[name, name],
            ).to_dict()
            for name in modalities
        },
    }


def confusions(pairs: Sequence[tuple[Document, Document]]) -> list[dict[str, Any]]:
    """Count how triggers were typed: gold type, predicted type (``-`` for none), how often.

    A trigger that carries the same type on both sides is not listed under its other types.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for gold, predicted in pairs:
        sides = [_types_by_span(gold), _types_by_span(predicted)]
        for span in sides[0].keys() | sides[1].keys():
            wanted, found = (side.get(span, set()) for side in sides)
            seen.update((name, name) for name in wanted & found)
            missing, extra = sorted(wanted - found), sorted(found - wanted)
            for index in range(max(len(missing), len(extra))):
                seen[
                    missing[index] if index < len(missing) else NOTHING,
                    extra[index] if index < len(extra) else NOTHING,
                ] += 1
    ordered = sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    return [{"gold": g, "predicted": p, "n": n} for (g, p), n in ordered]


def _types_by_span(document: Document) -> dict[tuple[int, int], set[str]]:
    types: dict[tuple[int, int], set[str]] = {}
    for event in document.events:
        types.setdefault((event.trigger.start, event.trigger.end), set()).add(event.type)
    return types


def b_cubed(
    gold: Sequence[Sequence[Hashable]], predicted: Sequence[Sequence[Hashable]]
) -> tuple[float, float, int]:
    """Compare two groupings of the same items by B³ (Bagga & Baldwin 1998).

    Args:
        gold: The groups; every item is in one of them.
        predicted: Other groups of the same items.

    Returns:
        Sums over the items of precision and of recall, and the number of items, so that
        documents can be added up before dividing.

    Raises:
        ValueError: If the two sides do not hold the same items.
    """
    sides = [
        {item: set(group) for group in groups for item in group} for groups in (gold, predicted)
    ]
    if sides[0].keys() != sides[1].keys():
        unshared = sorted(map(str, sides[0].keys() ^ sides[1].keys()))
        raise ValueError(f"expected the same items on both sides, found on one alone: {unshared}")
    shared = {item: len(sides[0][item] & sides[1][item]) for item in sides[0]}
    precision = sum(n / len(sides[1][item]) for item, n in shared.items())
    recall = sum(n / len(sides[0][item]) for item, n in shared.items())
    return precision, recall, len(shared)


def seqeval_scores(gold: list[list[str]], predicted: list[list[str]]) -> dict[str, float | int]:
    """Score BIO tags with seqeval in strict IOB2.

    The default mode of seqeval lets an ``I-X`` open a span; strict mode does not.

    Raises:
        ImportError: If seqeval is not installed.
    """
    try:
        from seqeval.metrics.v1 import precision_recall_fscore_support
        from seqeval.scheme import IOB2
    except ImportError as error:
        raise ImportError(
            "scoring tags needs seqeval, which is not installed; run: pip install 'arevent[train]'"
        ) from error
    if not gold:  # which seqeval takes for a wrong type
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0, "gold": 0}
    precision, recall, f1, support = precision_recall_fscore_support(
        gold, predicted, scheme=IOB2, average="micro", zero_division=0
    )
    return {
        "precision": round(float(precision), 4),
        "recall": round(float(recall), 4),
        "f1": round(float(f1), 4),
        "gold": int(support),
    }


def _tag_pairs(
    pairs: Iterable[tuple[Document, Document]], ontology: Ontology
) -> tuple[list[list[str]], list[list[str]]]:
    sides: tuple[list[list[str]], list[list[str]]] = ([], [])
    for pair in pairs:
        for side, document in zip(sides, pair, strict=True):
            side += [
                tags_of(len(sentence.tokens), spans)
                for sentence, spans in sentence_spans(document, ontology, pair[0].sentences)
            ]
    return sides


def read_gold(path: str | Path, ontology: Ontology) -> list[Document]:
    """Read a corpus to learn from or to score against.

    Args:
        path: Annotated corpus, JSONL.
        ontology: Has all its labels.

    Raises:
        CorpusError: If a line is no document.
        ValueError: If a label is not in the ontology or spans overlap; the message names the file.
    """
    documents = read_corpus(path)
    try:
        check_labels(documents, ontology)
    except ValueError as error:
        raise ValueError(
            f"{path}: {error}; rename them, or name an ontology that has them"
        ) from error
    for document in documents:
        try:
            for sentence, spans in sentence_spans(document, ontology):
                tags_of(len(sentence.tokens), spans)
        except ValueError as error:
            raise ValueError(f"{path}, {document.id}: {error}; one of the two must go") from error
    return documents


def sentence_spans(
    document: Document, ontology: Ontology, sentences: Sequence[Sentence] | None = None
) -> Iterator[tuple[Sentence, list[TaggedSpan]]]:
    """Give mentions and triggers of each sentence in token positions, as one layer of tags has it.

    A trigger with several types counts with the one that is tagged.

    Args:
        document: A document with annotations.
        ontology: Chooses among several types of a trigger.
        sentences: Sentences with their tokens; by default the document's own.
    """
    spans: dict[tuple[int, int], list[str]] = {}
    for event in document.events:
        spans.setdefault((event.trigger.start, event.trigger.end), []).append(event.type)
    labelled: list[Span] = [
        Span(ontology.tagged_type(types), "", *bounds) for bounds, types in spans.items()
    ]
    labelled = sorted([*labelled, *document.mentions], key=lambda span: span.start)
    for sentence in document.sentences if sentences is None else sentences:
        starts = {token.start: index for index, token in enumerate(sentence.tokens)}
        ends = {token.end: index + 1 for index, token in enumerate(sentence.tokens)}
        yield (
            sentence,
            [
                TaggedSpan(span.label, starts[span.start], ends[span.end])
                for span in labelled
                if span.start in starts and span.end in ends
            ],
        )
