"""Documents to pairs that say nearly the same, such as two agencies' copies of one report.

Resemblance is Broder's (1997): the share of word shingles that two documents have in common. The
pairs are found exactly, not by sketches, with an inverted index of rare shingles (prefix filtering;
Bayardo, Ma & Srikant 2007).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from arevent.curation.options import SIMILARITY
from arevent.document import Document

SHINGLE_WORDS = 3


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two documents that say nearly the same.

    Attributes:
        first: Position of the first document in its list.
        second: Position of the second.
        similarity: Shingles that both have, as a share of those that either has.
    """

    first: int
    second: int
    similarity: float


def shingles(document: Document) -> np.ndarray:
    """Give the hashes of a document's runs of three words, each once, in ascending order.

    Marks, punctuation and white space do not count. A text of one or two words is one shingle.
    """
    tokens = (token.norm for sentence in document.sentences for token in sentence.tokens)
    words = [word for word in tokens if word[0].isalnum()]
    size = min(SHINGLE_WORDS, len(words))
    runs = zip(*(words[start:] for start in range(size)), strict=False)
    return np.unique(np.array([hash(run) for run in runs], np.int64))


def similarity(first: np.ndarray, second: np.ndarray) -> float:
    """Give the resemblance of two sets of shingles, in [0, 1]; 0 where there are none."""
    shared = len(np.intersect1d(first, second, assume_unique=True))
    either = len(first) + len(second) - shared
    return shared / either if either else 0.0


def near_duplicates(
    documents: Sequence[Document], threshold: float = SIMILARITY
) -> list[NearDuplicate]:
    """Find all pairs of near-duplicates.

    Args:
        documents: Any documents with their tokens.
        threshold: From which resemblance two documents are near-duplicates.

    Returns:
        The pairs in the order of their positions, ``first < second``. A document without words
        is like no other.

    Raises:
        ValueError: If the threshold is not in (0, 1].
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"similarity: expected a number in (0, 1], found {threshold}")
    sets, n_unique = _by_rarity([shingles(document) for document in documents])
    index: defaultdict[int, list[int]] = defaultdict(list)
    pairs = []
    for number, own in enumerate(sets):
        rare = _prefix(own, threshold, n_unique)
        for other in {other for shingle in rare for other in index[shingle]}:
            likeness = similarity(sets[other], own)
            if likeness >= threshold:
                pairs.append(NearDuplicate(other, number, likeness))
        for shingle in rare:
            index[shingle].append(number)
    return sorted(pairs, key=lambda pair: (pair.first, pair.second))


def _by_rarity(sets: Sequence[np.ndarray]) -> tuple[list[np.ndarray], int]:
    """Number all shingles from the rarest to the most frequent.

    Returns:
        The sets in these numbers, ascending, and how many shingles stand in one document only.
    """
    if not sets:
        return [], 0
    _, inverse, counts = np.unique(np.concatenate(sets), return_inverse=True, return_counts=True)
    ranks = np.empty(len(counts), np.int64)
    ranks[np.argsort(counts, kind="stable")] = np.arange(len(counts))
    parts = np.split(ranks[inverse], np.cumsum([len(own) for own in sets])[:-1])
    return [np.sort(part) for part in parts], int((counts == 1).sum())


def _prefix(own: np.ndarray, threshold: float, n_unique: int) -> list[int]:
    """Give the rarest shingles, one of which every near-duplicate has among its own.

    A near-duplicate has at least ``needed`` of a document's shingles. If it had none of the rarest
    ones given here, only ``needed - 1`` would be left. Shingles that stand in one document only
    count in the length, but lead nowhere.
    """
    needed = math.ceil(threshold * len(own) - 1e-9)  # 0.55 * 20 is a little more than 11
    end = len(own) - needed + 1
    return own[np.searchsorted(own, n_unique) : end].tolist()  # type: ignore[no-any-return]


def clusters(n_documents: int, pairs: Iterable[NearDuplicate]) -> list[list[int]]:
    """Join near-duplicates, and theirs, to groups.

    Args:
        n_documents: How many documents there are.
        pairs: Which of them are alike.

    Returns:
        Positions of documents; each is in one group, most alone, in the order of the first.
    """
    parents = list(range(n_documents))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for pair in pairs:
        first, second = sorted((root(pair.first), root(pair.second)))
        parents[second] = first
    groups: dict[int, list[int]] = {}
    for number in range(n_documents):
        groups.setdefault(root(number), []).append(number)
    return list(groups.values())


def leaks(
    train: Sequence[Document], dev: Sequence[Document], threshold: float = SIMILARITY
) -> list[NearDuplicate]:
    """Find documents of one corpus that say nearly the same as one of another.

    A model that has seen a document scores better on its near-duplicate than on new text.

    Args:
        train: The one corpus; ``first`` of a pair is a position in it.
        dev: The other; ``second`` is a position in it.
        threshold: From which resemblance two documents are near-duplicates.

    Returns:
        The pairs with a document in each corpus.

    Raises:
        ValueError: If the threshold is not in (0, 1].
    """
    size = len(train)
    return [
        NearDuplicate(pair.first, pair.second - size, pair.similarity)
        for pair in near_duplicates([*train, *dev], threshold)
        if pair.first < size <= pair.second
    ]
