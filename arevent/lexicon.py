"""What words alone say of triggers: a sparse log-linear model that votes beside the network.

A network of subwords takes a word for a trigger that resembles one; a table of words, stems and
neighbours does not, and errs elsewhere. Together they are more precise than each (a wide part
beside a deep one, Cheng et al. 2016; pooled as opinions, Genest & Zidek 1986).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
from safetensors.numpy import load_file, save_file

from arevent.document import Sentence
from arevent.ontology import Ontology
from arevent.values.clitics import clitic_readings
from arevent.values.demographics import fold_spelling

LEXICON_FILE = "lexicon.safetensors"
AFFIX_LETTERS = 4
REACH = 2
"""How many neighbours to each side a word is known by."""
FIRST_WORDS = 3
"""Words at the beginning of a sentence that are told apart: verbs stand there."""
CACHED_WORDS = 2**16
"""How many words are remembered with their features: an archive has millions."""
LOWEST = -14.0
"""Log probability of what the lexicon has ruled out, so that the network can still find it."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Weights of features for the tags of triggers.

    Feature ``keys[i]`` adds ``weights[k]`` to class ``classes[k]`` for each k in the half-open
    range from ``starts[i]`` to ``starts[i + 1]``.

    Attributes:
        keys: Hashed features, rising, shape ``(features,)``.
        starts: Where the weights of each feature begin, shape ``(features + 1,)``.
        classes: 0 for «no trigger», then the tags of `trigger_tags`, shape ``(weights,)``.
        weights: Shape ``(weights,)``.
    """

    keys: np.ndarray
    starts: np.ndarray
    classes: np.ndarray
    weights: np.ndarray

    @classmethod
    def from_file(cls, path: str | Path, ontology: Ontology) -> Lexicon:
        """Read a file that `save` wrote.

        Raises:
            ValueError: If it was learned with other event types.
        """
        lexicon = cls(**load_file(path))
        n_classes = 1 + len(trigger_tags(ontology))
        if len(lexicon.classes) and lexicon.classes.max() >= n_classes:
            raise ValueError(
                f"{path}: expected weights of {n_classes - 1} tags of triggers, found more: it was "
                f"learned with other event types; train the model again, or remove the file"
            )
        return lexicon

    def save(self, path: str | Path) -> None:
        """Write the lexicon."""
        save_file({name: getattr(self, name) for name in self.__slots__}, path)

    def log_probs(self, sentences: Sequence[Sentence], ontology: Ontology) -> np.ndarray:
        """Give the log probabilities of the tags, shape ``(tokens, tags)``, sentence by sentence.

        ``O`` and the tags of mentions, which the lexicon does not tell apart, have the same: that
        of no trigger.
        """
        features = [own for sentence in sentences for own in hashed_features(sentence)]
        n_classes = 1 + len(trigger_tags(ontology))
        scores = self._add_up(features, n_classes)
        scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
        votes: np.ndarray = np.maximum(scores, LOWEST)[:, class_of_tag(ontology)]
        return votes.astype(np.float32)

    def _add_up(self, features: Sequence[np.ndarray], n_classes: int) -> np.ndarray:
        """Add up the weights of each token's features, shape ``(tokens, classes)``."""
        if not features or not len(self.keys):
            return np.zeros((len(features), n_classes))
        tokens, rows = known_features(self.keys, features)
        starts = self.starts.astype(np.int64)
        first, n_weights = starts[rows], np.diff(starts)[rows]
        # The numbers of all weights of all features, one after the other.
        before = np.cumsum(n_weights) - n_weights
        which = np.repeat(first - before, n_weights) + np.arange(n_weights.sum())
        cells = np.repeat(tokens, n_weights) * n_classes + self.classes[which]
        size = len(features) * n_classes
        sums = np.bincount(cells, self.weights[which].astype(np.float64), size)
        return sums.reshape(len(features), n_classes)


def known_features(
    keys: np.ndarray, features: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Find the features of tokens among keys; those that are none are left out.

    Args:
        keys: Hashed features, rising, at least one.
        features: Those of each token.

    Returns:
        For each feature that is known the number of its token, rising, and its position in
        ``keys``.
    """
    own = np.concatenate(features)
    tokens = np.repeat(np.arange(len(features)), [len(entry) for entry in features])
    rows = np.searchsorted(keys, own).clip(max=len(keys) - 1)
    is_known = keys[rows] == own
    return tokens[is_known], rows[is_known]


def trigger_tags(ontology: Ontology) -> list[str]:
    """Give the tags of triggers in the order of the tag set."""
    return [tag for tag in ontology.tags if tag[2:] in ontology.event_types]


def class_of_tag(ontology: Ontology) -> np.ndarray:
    """Give the lexicon's class of each tag, shape ``(tags,)``: 0 if it is not of a trigger."""
    position = {tag: number for number, tag in enumerate(trigger_tags(ontology), 1)}
    return np.array([position.get(tag, 0) for tag in ontology.tags])


def hashed_features(sentence: Sentence) -> Iterator[np.ndarray]:
    """Give the features of each token as 32-bit numbers, one array a token."""
    for own in sentence_features(sentence):
        yield np.array([crc32(feature.encode()) for feature in own], np.uint32)


def sentence_features(sentence: Sentence) -> list[list[str]]:
    """Describe each token of a sentence by itself, by its neighbours and by its place."""
    words = [token.norm for token in sentence.tokens]
    return [
        [*_own_features(words[number]), *_neighbours(words, number), *_place(number, len(words))]
        for number in range(len(words))
    ]


@lru_cache(maxsize=CACHED_WORDS)
def _own_features(word: str) -> tuple[str, ...]:
    folded = fold_spelling(word)
    sizes = range(1, min(AFFIX_LETTERS, len(folded) - 1) + 1)
    return (
        "bias",
        f"word={word}",
        f"folded={folded}",
        f"shape={shape(word)}",
        *(f"prefix={folded[:size]}" for size in sizes),
        *(f"suffix={folded[-size:]}" for size in sizes),
        *(f"stem={stem}" for stem in clitic_readings(folded)),
    )


@lru_cache(maxsize=CACHED_WORDS)
def shape(word: str) -> str:
    """Give the kinds of a word's characters, runs as one: 0 digits, ع letters, x Latin letters.

    Example:
        >>> shape("2018"), shape("1,500"), shape("قتل"), shape("«")
        ('0', '0,0', 'ع', '«')
    """
    kinds = re.sub(r"\d+", "0", word)
    kinds = re.sub(r"[A-Za-z]+", "x", kinds)
    return re.sub(r"[^\W\d_x]+", "ع", kinds)


def _neighbours(words: Sequence[str], number: int) -> Iterator[str]:
    """Describe the words around one, and the pairs that it makes with those beside it."""
    for place in range(max(0, number - REACH), min(len(words), number + REACH + 1)):
        if place == number:
            continue
        where = f"{place - number:+d}"
        folded, stem = _forms(words[place])
        yield f"{where}:folded={folded}"
        yield f"{where}:stem={stem}"
        yield f"{where}:shape={shape(words[place])}"
        if abs(place - number) == 1:
            yield f"{where}:pair={_forms(words[number])[0]} {folded}"


@lru_cache(maxsize=CACHED_WORDS)
def _forms(word: str) -> tuple[str, str]:
    """Give a word in folded spelling, and its barest reading without proclitics."""
    folded = fold_spelling(word)
    return folded, list(clitic_readings(folded))[-1]


def _place(number: int, n_words: int) -> Iterator[str]:
    yield f"place={min(number, FIRST_WORDS)}"
    if number == n_words - 1:
        yield "place=last"
