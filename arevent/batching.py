"""Windows and spans to the tensors that `EventModel` reads; extraction and training share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch

from arevent.document import TaggedSpan
from arevent.heads import MAX_SPAN, Pairs
from arevent.model import Batch
from arevent.ontology import Ontology
from arevent.pieces import PieceSentence, Window

REACH = 150
"""Tokens between a trigger and what fills its roles, at most. The longest sentence of the training
news has 86; without a limit, text without full stops would have pairs by the million."""


@dataclass(frozen=True, slots=True)
class TokenRange:
    """Where the tokens of a sentence stand in a `Batch`.

    Attributes:
        sentence: Position of the sentence in the list that was packed.
        token_start: First token of the sentence that the batch holds here.
        n_tokens: How many tokens follow.
        offset: Number of the first one in the batch.
    """

    sentence: int
    token_start: int
    n_tokens: int
    offset: int


def collate(
    windows: Sequence[Window], sentences: Sequence[PieceSentence], pooling: str, pad_id: int
) -> tuple[Batch, list[TokenRange]]:
    """Make one batch of windows.

    Args:
        windows: Windows packed from ``sentences``.
        sentences: The sentences that the windows' segments point to.
        pooling: ``mean`` joins all pieces of a token, ``first`` takes its first.
        pad_id: Vocabulary id that fills short windows.

    Returns:
        The batch, and for each segment where its tokens are.
    """
    width = max(len(window.ids) for window in windows)
    input_ids = torch.full((len(windows), width), pad_id)
    mask = torch.zeros((len(windows), width), dtype=torch.long)
    pieces: list[int] = []
    owners: list[int] = []
    ranges: list[TokenRange] = []
    n_tokens = 0
    for row, window in enumerate(windows):
        input_ids[row, : len(window.ids)] = torch.tensor(window.ids)
        mask[row, : len(window.ids)] = 1
        for segment in window.segments:
            bounds = sentences[segment.sentence].bounds[segment.token_start : segment.token_end]
            ranges.append(TokenRange(segment.sentence, segment.token_start, len(bounds), n_tokens))
            shift = row * width + segment.shift
            for owner, (first, last) in enumerate(bounds, n_tokens):
                stop = min(last, first + 1) if pooling == "first" else last
                pieces.extend(range(first + shift, stop + shift))
                owners.extend([owner] * (stop - first))
            n_tokens += len(bounds)
    batch = Batch(
        input_ids,
        mask,
        torch.tensor(pieces, dtype=torch.long),
        torch.tensor(owners, dtype=torch.long),
        n_tokens,
    )
    return batch, ranges


def make_candidates(lengths: Sequence[int]) -> torch.Tensor:
    """List the spans that may have a label: all of up to `MAX_SPAN` tokens within a sentence.

    Args:
        lengths: Tokens of each sentence; the sentences follow each other in the batch.

    Returns:
        First and last token (inclusive) of each, shape ``(candidates, 2)``, in reading order, the
        shorter one first.
    """
    own = torch.tensor(lengths, dtype=torch.long)
    ends = own.cumsum(0).repeat_interleave(own)
    tokens = torch.arange(len(ends))
    n_spans = (ends - tokens).clamp(max=MAX_SPAN)
    first = tokens.repeat_interleave(n_spans)
    before = (n_spans.cumsum(0) - n_spans).repeat_interleave(n_spans)
    return torch.stack((first, first + torch.arange(len(first)) - before), dim=1)


def make_pairs(
    ontology: Ontology,
    sentences: Iterable[tuple[int, Sequence[TaggedSpan], Sequence[TaggedSpan]]],
) -> Pairs:
    """Pair every trigger with the mentions of its sentence that are within `REACH`.

    Args:
        ontology: Gives types and labels their numbers.
        sentences: For each sentence the number of its first token in the batch, its triggers
            and its mentions.

    Returns:
        All spans in order; the pairs of a sentence are together, trigger by trigger.
    """
    type_ids = {name: index for index, name in enumerate(ontology.event_types)}
    label_ids = {name: index for index, name in enumerate(ontology.mention_labels)}
    triggers: list[tuple[int, int]] = []
    mentions: list[tuple[int, int]] = []
    types: list[int] = []
    labels: list[int] = []
    pairs: list[tuple[int, int]] = []
    for offset, own_triggers, own_mentions in sentences:
        pairs.extend(
            (len(triggers) + t, len(mentions) + m)
            for t, trigger in enumerate(own_triggers)
            for m, mention in enumerate(own_mentions)
            if abs(mention.token_start - trigger.token_start) <= REACH
        )
        triggers += _inclusive(own_triggers, offset)
        mentions += _inclusive(own_mentions, offset)
        types += [type_ids[span.label] for span in own_triggers]
        labels += [label_ids[span.label] for span in own_mentions]
    return Pairs(
        _pairs_tensor(triggers),
        torch.tensor(types, dtype=torch.long),
        _pairs_tensor(mentions),
        torch.tensor(labels, dtype=torch.long),
        _pairs_tensor(pairs),
    )


def _inclusive(spans: Iterable[TaggedSpan], offset: int) -> list[tuple[int, int]]:
    return [(span.token_start + offset, span.token_end - 1 + offset) for span in spans]


def _pairs_tensor(values: list[tuple[int, int]]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.long).reshape(-1, 2)


def by_length(windows: Sequence[Window], max_pieces: int) -> Iterator[list[Window]]:
    """Group windows of similar length, longest first, up to ``max_pieces`` padded pieces."""
    group: list[Window] = []
    for window in sorted(windows, key=lambda window: -len(window.ids)):
        if group and len(group[0].ids) * (len(group) + 1) > max_pieces:
            yield group
            group = []
        group.append(window)
    if group:
        yield group
