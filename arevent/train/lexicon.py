"""Learning a lexicon from an annotated corpus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from arevent.document import Document
from arevent.lexicon import (
    Lexicon,
    class_of_tag,
    hashed_features,
    known_features,
    trigger_tags,
)
from arevent.ontology import Ontology
from arevent.scoring import sentence_spans
from arevent.spans import tags_of

MIN_TOKENS = 2
"""Tokens that have a feature, at least: seen once, it says little, and half of all features are."""
BATCH_TOKENS = 8192
"""At most; a small corpus makes twenty batches."""
EPOCHS = 12
"""At most."""
STEPS = 900
"""After which a large corpus has been read often enough."""
RATE = 0.05
L1 = 2e-6
"""What a unit of weight costs a token: most weights are zero in the end (Tibshirani 1996)."""
SMALLEST = 0.1
"""Weights below it are left out."""


def train_lexicon(documents: Sequence[Document], ontology: Ontology, seed: int = 13) -> Lexicon:
    """Learn which words and neighbours make a trigger of which type.

    A multinomial logistic regression over the tokens, with weights that are sparse.

    Args:
        documents: The annotated documents.
        ontology: The tags.
        seed: Of the order of the tokens.
    """
    read = [entry for document in documents for entry in sentence_spans(document, ontology)]
    tokens = [own for sentence, _ in read for own in hashed_features(sentence)]
    tag_ids = {tag: number for number, tag in enumerate(ontology.tags)}
    tags = [tag_ids[tag] for sentence, own in read for tag in tags_of(len(sentence.tokens), own)]
    classes = torch.from_numpy(class_of_tag(ontology)[tags])
    keys = _worth_learning(tokens, classes.numpy())
    if not len(keys):
        return _sparse(keys, np.zeros((0, 1)))
    numbers, rows = known_features(keys, tokens)
    ends = np.searchsorted(numbers, np.arange(1, len(tokens)))
    bags = [torch.from_numpy(own) for own in np.split(rows, ends)]
    weights = _fit(bags, classes, len(keys), 1 + len(trigger_tags(ontology)), seed)
    return _sparse(keys, weights.numpy())


def _worth_learning(tokens: Sequence[np.ndarray], classes: np.ndarray) -> np.ndarray:
    """Give the features, rising, that get weights.

    A unit of weight for a tag gains at most the share of tokens that have feature and tag, and
    costs `L1`: features of too few triggers would end with no such weight in any case. That leaves
    «no trigger» for them to say, which is so of nearly all tokens.

    Args:
        tokens: The features of each token.
        classes: The class of each token, 0 for «no trigger», shape ``(tokens,)``.
    """
    keys, counts = np.unique(np.concatenate(tokens), return_counts=True)
    triggers = [own for own, is_trigger in zip(tokens, classes, strict=True) if is_trigger]
    seen, n_triggers = np.unique(np.concatenate([keys[:0], *triggers]), return_counts=True)
    pays = np.isin(keys, seen[n_triggers > L1 * len(tokens)])
    return keys[(counts >= MIN_TOKENS) & pays]


def _fit(
    bags: Sequence[Tensor], classes: Tensor, n_features: int, n_classes: int, seed: int
) -> Tensor:
    """Give the weights, shape ``(features, classes)``."""
    weights = torch.zeros(n_features, n_classes, requires_grad=True)
    n_batch = min(BATCH_TOKENS, -(-len(bags) // 20))
    n_batches = -(-len(bags) // n_batch)
    n_epochs = min(EPOCHS, -(-STEPS // n_batches))
    optimizer = torch.optim.Adam([weights], lr=RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, n_epochs * n_batches)
    draw = torch.Generator().manual_seed(seed)
    for _ in range(n_epochs):
        order = torch.randperm(len(bags), generator=draw)
        for first in range(0, len(bags), n_batch):
            batch = order[first : first + n_batch]
            own = [bags[number] for number in batch.tolist()]
            starts = torch.tensor([0, *(len(bag) for bag in own)]).cumsum(0)[:-1]
            logits = functional.embedding_bag(torch.cat(own), weights, starts, mode="sum")
            loss = functional.cross_entropy(logits, classes[batch])
            total = loss + L1 * weights.abs().sum()
            total.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return weights.detach()


def _sparse(keys: np.ndarray, weights: np.ndarray) -> Lexicon:
    """Leave out what is small."""
    rows, classes = np.nonzero(np.abs(weights) >= SMALLEST)
    used, n_weights = np.unique(rows, return_counts=True)
    return Lexicon(
        keys[used],
        np.concatenate(([0], np.cumsum(n_weights))).astype(np.uint32),
        classes.astype(np.uint16),
        weights[rows, classes].astype(np.float16),
    )
