"""Two annotations of the same documents to F1, Cohen's kappa and what they disagree about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from arevent.curation.disagreements import Disagreement, disagreements, event_key
from arevent.document import Document
from arevent.ontology import OUTSIDE, Ontology
from arevent.scoring import LAYERS, Counts, count, sentence_spans
from arevent.spans import tags_of

Pair = tuple[Document, Document]
LabelPair = tuple[str, str]
WITHOUT_OUTSIDE = "without O-O"


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement of two annotators on the label of the same items (Cohen 1960).

    Attributes:
        n: How many items both have labelled.
        observed: Share of them with the same label.
        expected: Share that two annotators would have by chance, who use the labels as often.
    """

    n: int
    observed: float
    expected: float

    @property
    def value(self) -> float | None:
        """Agreement beyond chance, 1 at most.

        ``None`` where chance explains all: no items, or one label only on both sides.
        """
        if self.n == 0 or self.expected == 1:
            return None
        return (self.observed - self.expected) / (1 - self.expected)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two annotations of the same documents agree.

    Attributes:
        documents: How many documents are in both.
        only_a: Ids of documents in the first alone.
        only_b: Ids of documents in the second alone.
        f1: For each layer of `arevent.scoring` the items of both, the first taken for gold. F1 is
            the same either way.
        kappa: For each layer its kappa.
        disagreements: What they disagree about, the most frequent first.
    """

    documents: int
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    f1: dict[str, Counts]
    kappa: dict[str, Kappa]
    disagreements: tuple[Disagreement, ...]


def agreement(a: Sequence[Document], b: Sequence[Document], ontology: Ontology) -> Agreement:
    """Compare two annotations of the same documents.

    Args:
        a: The documents as one annotator has them.
        b: The same as another has them, in any order.
        ontology: Chooses among several types of a trigger.

    Raises:
        ValueError: If an id stands twice in one corpus, a document's text is another in the
            second, or spans of one layer overlap.
    """
    sides = _by_id(a, "first"), _by_id(b, "second")
    shared = [name for name in sides[0] if name in sides[1]]
    pairs = [(sides[0][name], sides[1][name]) for name in shared]
    for first, second in pairs:
        if first.text != second.text:
            raise ValueError(f"{first.id}: expected the same text in both corpora, found another")
    return Agreement(
        documents=len(pairs),
        only_a=tuple(name for name in sides[0] if name not in sides[1]),
        only_b=tuple(name for name in sides[1] if name not in sides[0]),
        f1={name: _counts(pairs, name) for name in LAYERS},
        kappa=_kappas(pairs, ontology),
        disagreements=disagreements(pairs),
    )


def cohen_kappa(pairs: Iterable[tuple[Hashable, Hashable]]) -> Kappa:
    """Compare the labels that two annotators gave the same items."""
    seen = Counter(pairs)
    n = seen.total()
    if not n:
        return Kappa(0, 0.0, 0.0)
    first: Counter[Hashable] = Counter()
    second: Counter[Hashable] = Counter()
    for (left, right), times in seen.items():
        first[left] += times
        second[right] += times
    same = sum(times for (left, right), times in seen.items() if left == right)
    by_chance = sum(times * second[label] for label, times in first.items())
    return Kappa(n, same / n, by_chance / n**2)


def _by_id(documents: Iterable[Document], which: str) -> dict[str, Document]:
    by_id: dict[str, Document] = {}
    for document in documents:
        if str(document.id) in by_id:
            raise ValueError(
                f"expected an id used once in the {which} corpus, found {document.id} twice"
            )
        by_id[str(document.id)] = document
    return by_id


def _counts(pairs: Sequence[Pair], layer: str) -> Counts:
    """Count the items of a layer in all documents at once."""
    items = LAYERS[layer]
    first = {(number, *item) for number, pair in enumerate(pairs) for item in items(pair[0])}
    second = {(number, *item) for number, pair in enumerate(pairs) for item in items(pair[1])}
    return count(first, second)


def _kappas(pairs: Sequence[Pair], ontology: Ontology) -> dict[str, Kappa]:
    triggers = [
        labels for pair in pairs for labels in _tag_pairs(_without_mentions(pair), ontology)
    ]
    mentions = [labels for pair in pairs for labels in _tag_pairs(_without_events(pair), ontology)]
    outside = (OUTSIDE, OUTSIDE)
    layers: dict[str, Iterable[LabelPair]] = {
        "trigger tags": triggers,
        f"trigger tags {WITHOUT_OUTSIDE}": (labels for labels in triggers if labels != outside),
        "mention tags": mentions,
        f"mention tags {WITHOUT_OUTSIDE}": (labels for labels in mentions if labels != outside),
        "types": (labels for pair in pairs for labels in _type_pairs(pair, ontology)),
        "mention labels": (labels for pair in pairs for labels in _label_pairs(pair)),
        "modality": (labels for pair in pairs for labels in _modality_pairs(pair)),
        "roles": (labels for pair in pairs for labels in _role_pairs(pair)),
    }
    return {name: cohen_kappa(labels) for name, labels in layers.items()}


def _without_mentions(pair: Pair) -> Pair:
    return replace(pair[0], mentions=()), replace(pair[1], mentions=())


def _without_events(pair: Pair) -> Pair:
    return replace(pair[0], events=()), replace(pair[1], events=())


def _tag_pairs(pair: Pair, ontology: Ontology) -> Iterator[LabelPair]:
    """Give the BIO tags of each token on both sides."""
    first, second = (_tags(document, ontology) for document in pair)
    yield from zip(first, second, strict=True)


def _tags(document: Document, ontology: Ontology) -> list[str]:
    try:
        return [
            tag
            for sentence, spans in sentence_spans(document, ontology)
            for tag in tags_of(len(sentence.tokens), spans)
        ]
    except ValueError as error:
        raise ValueError(f"{document.id}: {error}; run: arevent corpus check") from error


def _type_pairs(pair: Pair, ontology: Ontology) -> Iterator[LabelPair]:
    """Give the types of triggers whose span is the same; of several, the tagged one."""
    sides: list[dict[Hashable, list[str]]] = [{}, {}]
    for side, document in zip(sides, pair, strict=True):
        for event in document.events:
            side.setdefault((event.trigger.start, event.trigger.end), []).append(event.type)
    for bounds in sides[0].keys() & sides[1].keys():
        yield ontology.tagged_type(sides[0][bounds]), ontology.tagged_type(sides[1][bounds])


def _label_pairs(pair: Pair) -> Iterator[LabelPair]:
    """Give the labels of mentions whose span is the same."""
    first, second = ({(m.start, m.end): m.label for m in side.mentions} for side in pair)
    yield from ((first[bounds], second[bounds]) for bounds in first.keys() & second.keys())


def _modality_pairs(pair: Pair) -> Iterator[LabelPair]:
    """Give the modalities of triggers whose span and type are the same."""
    first, second = ({event_key(e): e.modality for e in side.events} for side in pair)
    yield from ((first[key], second[key]) for key in first.keys() & second.keys())


def _role_pairs(pair: Pair) -> Iterator[LabelPair]:
    """Give the roles of triggers and mentions that both sides link; several are one label."""
    first, second = (_roles(document) for document in pair)
    for key in first.keys() & second.keys():
        yield "+".join(sorted(first[key])), "+".join(sorted(second[key]))


def _roles(document: Document) -> dict[Hashable, set[str]]:
    roles: dict[Hashable, set[str]] = {}
    for event in document.events:
        for argument in event.arguments:
            if mention := argument.mention:
                key = (*event_key(event), mention.start, mention.end)
                roles.setdefault(key, set()).add(argument.role)
    return roles
