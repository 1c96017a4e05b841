"""Windows of pieces to batches with hidden words: what the network reads and should predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pretraining.packing import Corpus, Vocabulary

LENGTH_STEP = 32  # batches are filled up to a multiple: few shapes, less padding
HIDDEN_SHARE, SAME_SHARE = 0.8, 0.1  # of the chosen pieces; the others become random pieces


@dataclass(frozen=True, slots=True)
class Batch:
    """What the network reads, and what it should find.

    Attributes:
        inputs: Vocabulary ids with hidden pieces, shape ``(windows, pieces)``.
        attention_mask: True where there is a piece, same shape.
        positions: The chosen pieces, counted through the flattened windows, shape ``(chosen,)``.
        labels: The ids that stood there, same shape.
    """

    inputs: Tensor
    attention_mask: Tensor
    positions: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> Batch:
        """Give the same on another device, which need not be done copying."""
        parts = (self.inputs, self.attention_mask, self.positions, self.labels)
        if device.type == "cuda":
            parts = tuple(part.pin_memory() for part in parts)
        return Batch(*(part.to(device, non_blocking=True) for part in parts))


def plan_batches(
    lengths: np.ndarray, windows: np.ndarray, batch_pieces: int, seed: Sequence[int]
) -> list[np.ndarray]:
    """Put windows of like length into batches, in random order.

    Args:
        lengths: Number of pieces of every window of the corpus.
        windows: The windows to read.
        batch_pieces: Largest number of pieces of a batch, padding included.
        seed: Numbers that decide the order; how many batches there are does not depend on it.

    Returns:
        Window numbers, each window once.
    """
    random = np.random.default_rng(seed)
    windows = random.permutation(windows)
    filled = -(-lengths[windows].astype(int) // LENGTH_STEP) * LENGTH_STEP
    batches = []
    for length in np.unique(filled):
        members = windows[filled == length]
        rows = max(1, batch_pieces // int(length))
        batches += [members[start : start + rows] for start in range(0, len(members), rows)]
    return [batches[number] for number in random.permutation(len(batches))]


class WindowReader:
    """Gives windows of a packed corpus as padded tensors."""

    def __init__(self, corpus: Corpus, pad: int) -> None:
        self._pieces = corpus.pieces
        self._lengths = corpus.lengths.astype(np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._longest = int(self._lengths.max())
        self._pad = pad

    def read(self, windows: np.ndarray) -> Tensor:
        """Give vocabulary ids, shape ``(windows, pieces)``, filled up with padding."""
        length = -(-int(self._lengths[windows].max()) // LENGTH_STEP) * LENGTH_STEP
        columns = np.arange(min(length, self._longest))
        is_piece = columns < self._lengths[windows, None]
        positions = np.where(is_piece, self._starts[windows, None] + columns, 0)
        return torch.from_numpy(np.where(is_piece, self._pieces[positions], self._pad).astype("i8"))


def hide_words(ids: Tensor, vocabulary: Vocabulary, share: float) -> Batch:
    """Choose whole words at random and hide most of their pieces.

    Of the chosen pieces, 80 % are hidden, 10 % become another piece and 10 % stay, so that the
    network cannot trust what it sees (Devlin et al. 2019). Special pieces are never chosen.

    Args:
        ids: Vocabulary ids, shape ``(windows, pieces)``; the first piece of each begins a word.
        vocabulary: Where words begin.
        share: Share of the words to choose.
    """
    begins_word, is_special = map(torch.from_numpy, (vocabulary.begins_word, vocabulary.is_special))
    words = begins_word[ids].cumsum(dim=1) - 1
    is_chosen = (torch.rand(ids.shape).gather(1, words) < share) & ~is_special[ids]
    fate = torch.rand(ids.shape)
    ordinary = (~is_special).nonzero().squeeze(1)
    others = ordinary[torch.randint(len(ordinary), ids.shape)]
    inputs = ids.masked_fill(is_chosen & (fate < HIDDEN_SHARE), vocabulary.mask)
    inputs = torch.where(is_chosen & (fate >= HIDDEN_SHARE + SAME_SHARE), others, inputs)
    return Batch(
        inputs=inputs,
        attention_mask=ids != vocabulary.pad,
        positions=is_chosen.flatten().nonzero().squeeze(1),
        labels=ids[is_chosen],
    )
