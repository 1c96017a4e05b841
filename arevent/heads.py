"""The span heads: what is a trigger or a mention, how they are linked, whether an event happened.

They read token vectors and know nothing of the encoder that made them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from arevent.ontology import Ontology

_DISTANCES = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
_MOST_BETWEEN = 7
MAX_SPAN = 8
"""Tokens of a span that is scored as a whole, at most. Of the 30,000 mentions of the training news
five have more."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Triggers and mentions of a batch, and the pairs whose roles are asked for.

    Attributes:
        triggers: First and last token of each trigger (inclusive), shape ``(triggers, 2)``.
        types: Event type of each, by position in the ontology, shape ``(triggers,)``.
        mentions: First and last token of each mention (inclusive), shape ``(mentions, 2)``.
        labels: Label of each, by position in the ontology, shape ``(mentions,)``.
        pairs: Positions of a trigger and a mention of one sentence, shape ``(pairs, 2)``.
    """

    triggers: Tensor
    types: Tensor
    mentions: Tensor
    labels: Tensor
    pairs: Tensor

    def to(self, device: torch.device) -> Pairs:
        """Give the same on another device."""
        return replace(self, **{k: v.to(device) for k, v in tensors(self).items()})


def tensors(record: Any) -> dict[str, Any]:
    """Give the fields of a data class that are tensors."""
    values = {entry.name: getattr(record, entry.name) for entry in fields(record)}
    return {name: value for name, value in values.items() if isinstance(value, Tensor)}


class SpanHead(nn.Module):
    """Scores spans of up to `MAX_SPAN` tokens as triggers and mentions, each as a whole.

    Tags decide word by word where a mention ends, and a noun phrase of several words is as
    uncertain as all these decisions together. Here a span is scored at once (Lee et al. 2017): by
    its first and last token, the mean of all its tokens, and its length.

    Args:
        token_size: Width of a token vector.
        n_labels: Number of labels of spans.
        size: Width of the hidden layers.
        dropout: Applied before the second layer and the output.
    """

    def __init__(
        self, token_size: int, n_labels: int, size: int = 128, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.first = nn.Linear(token_size, size)
        self.last = nn.Linear(token_size, size)
        self.inside = nn.Linear(token_size, size)
        self.length = nn.Embedding(MAX_SPAN, size)
        self.hidden = nn.Linear(size, size)
        self.labels = nn.Linear(size, n_labels + 1)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.length.weight, std=0.1)

    def forward(self, vectors: Tensor, candidates: Tensor) -> Tensor:
        """Score candidates.

        Args:
            vectors: Token vectors, shape ``(tokens, token_size)``.
            candidates: First and last token (inclusive) of each, shape ``(candidates, 2)``.

        Returns:
            Logits of the labels, and last that of none of them, shape ``(candidates, labels + 1)``.
        """
        first, last = candidates.unbind(1)
        inside = _means(self.inside(vectors), torch.stack((first, last + 1), dim=1))
        hidden = functional.gelu(
            self.first(vectors)[first]
            + self.last(vectors)[last]
            + inside
            + self.length(last - first)
        )
        hidden = hidden + functional.gelu(self.hidden(self.dropout(hidden)))
        logits: Tensor = self.labels(self.dropout(hidden))
        return logits


class Linker(nn.Module):
    """Scores roles of (trigger, mention) pairs and modalities of triggers.

    A span is the vectors of its first and last token. A pair is first read by itself: both spans,
    their product, the mean of the tokens between them, the type, the label, the signed distance
    in tokens, and how many triggers and mentions of the same label stand between. Then it sees
    its rivals: the strongest features of all pairs of its trigger and of its mention, and the mean
    over its trigger. Without that, a mention can not know that a nearer one fills the role.

    Args:
        token_size: Width of a token vector.
        ontology: Gives the numbers of types, labels, roles and modalities.
        size: Width of the hidden layers.
        dropout: Applied before the second layer of pairs and before the output layers.
    """

    def __init__(
        self, token_size: int, ontology: Ontology, size: int = 256, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.trigger = nn.Linear(2 * token_size, size)
        self.mention = nn.Linear(2 * token_size, size)
        self.product = nn.Linear(size, size)
        self.between = nn.Linear(token_size, size)
        self.type_embedding = nn.Embedding(len(ontology.event_types), size)
        self.label_embedding = nn.Embedding(len(ontology.mention_labels), size)
        self.distance_embedding = nn.Embedding(2 * len(_DISTANCES), size)
        self.triggers_between = nn.Embedding(_MOST_BETWEEN + 1, size)
        self.mentions_between = nn.Embedding(_MOST_BETWEEN + 1, size)
        self.rivals = nn.Linear(4 * size, size)
        self.roles = nn.Linear(size, len(ontology.roles))
        self.modality_hidden = nn.Linear(2 * token_size, size)
        self.modalities = nn.Linear(size, len(ontology.modalities))
        self.dropout = nn.Dropout(dropout)
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.1)
        self.distances: Tensor
        self.register_buffer("distances", torch.tensor(_DISTANCES), persistent=False)

    def score_roles(self, vectors: Tensor, spans: Pairs) -> Tensor:
        """Give role logits of the pairs, shape ``(pairs, roles)``."""
        hidden = functional.gelu(self._read_pairs(vectors, spans))
        hidden = hidden + functional.gelu(self.rivals(self.dropout(_with_rivals(hidden, spans))))
        logits: Tensor = self.roles(self.dropout(hidden))
        return logits

    def score_modalities(self, vectors: Tensor, spans: Pairs) -> Tensor:
        """Give modality logits of the triggers, shape ``(triggers, modalities)``."""
        hidden = self.modality_hidden(_ends(vectors, spans.triggers)) + self.type_embedding(
            spans.types
        )
        logits: Tensor = self.modalities(self.dropout(functional.gelu(hidden)))
        return logits

    def _read_pairs(self, vectors: Tensor, spans: Pairs) -> Tensor:
        """Sum up what is known of each pair by itself, shape ``(pairs, size)``."""
        of_trigger, of_mention = spans.pairs[:, 0], spans.pairs[:, 1]
        trigger = self.trigger(_ends(vectors, spans.triggers))[of_trigger]
        mention = self.mention(_ends(vectors, spans.mentions))[of_mention]
        between = _between(spans)
        n_triggers, n_mentions = _spans_between(spans, between, len(vectors))
        hidden: Tensor = (
            trigger
            + mention
            + self.product(torch.tanh(trigger) * torch.tanh(mention))
            + self.between(_means(vectors, between))
            + self.type_embedding(spans.types)[of_trigger]
            + self.label_embedding(spans.labels)[of_mention]
            + self.distance_embedding(self._distance_bucket(spans, between))
            + self.triggers_between(n_triggers.clamp(max=_MOST_BETWEEN))
            + self.mentions_between(n_mentions.clamp(max=_MOST_BETWEEN))
        )
        return hidden

    def _distance_bucket(self, spans: Pairs, between: Tensor) -> Tensor:
        trigger = spans.triggers[spans.pairs[:, 0]]
        mention = spans.mentions[spans.pairs[:, 1]]
        # Spans side by side are at distance 1; 0 is left for spans that overlap.
        is_apart = (mention[:, 0] > trigger[:, 1]) | (trigger[:, 0] > mention[:, 1])
        gap = between[:, 1] - between[:, 0] + is_apart.long()
        bucket = torch.bucketize(gap, self.distances, right=True) - 1
        return bucket + len(_DISTANCES) * (mention[:, 0] > trigger[:, 1]).long()


def _ends(vectors: Tensor, bounds: Tensor) -> Tensor:
    """Put the vectors of first and last token side by side, shape ``(spans, 2 * token_size)``."""
    return vectors[bounds].flatten(1)


def _between(spans: Pairs) -> Tensor:
    """Give the tokens between trigger and mention, half-open, shape ``(pairs, 2)``."""
    trigger = spans.triggers[spans.pairs[:, 0]]
    mention = spans.mentions[spans.pairs[:, 1]]
    start = torch.minimum(trigger[:, 1], mention[:, 1]) + 1
    end = torch.maximum(trigger[:, 0], mention[:, 0])
    return torch.stack((start, torch.maximum(start, end)), dim=1)


def _means(vectors: Tensor, stretches: Tensor) -> Tensor:
    """Average the vectors of stretches of tokens, zero for empty ones."""
    # Doubles, so that a mean does not depend on how many tokens of others precede; Apple's GPUs
    # have none.
    exact = torch.float32 if vectors.device.type == "mps" else torch.float64
    sums = functional.pad(vectors.to(exact).cumsum(0), (0, 0, 1, 0))
    lengths = (stretches[:, 1] - stretches[:, 0]).clamp(min=1)
    return ((sums[stretches[:, 1]] - sums[stretches[:, 0]]) / lengths[:, None]).to(vectors.dtype)


def _spans_between(spans: Pairs, between: Tensor, n_tokens: int) -> tuple[Tensor, Tensor]:
    """Count the triggers, and the mentions of the pair's label, that begin between the two."""
    labels = spans.labels[spans.pairs[:, 1]]
    n_labels = int(spans.labels.max()) + 1 if len(spans.labels) else 0
    begins = spans.types.new_zeros(n_tokens + 1, n_labels + 1)
    begins[:, -1].index_add_(0, spans.triggers[:, 0] + 1, torch.ones_like(spans.types))
    begins.index_put_(
        (spans.mentions[:, 0] + 1, spans.labels), torch.ones_like(spans.labels), accumulate=True
    )
    seen = begins.cumsum(0)
    start, end = between[:, 0], between[:, 1]
    return seen[end, -1] - seen[start, -1], seen[end, labels] - seen[start, labels]


def _with_rivals(hidden: Tensor, spans: Pairs) -> Tensor:
    """Put beside each pair what the other pairs of its trigger and of its mention show."""
    of_trigger, of_mention = spans.pairs[:, 0], spans.pairs[:, 1]
    mean = hidden.new_zeros(len(spans.triggers), hidden.shape[1])
    mean = mean.index_add(0, of_trigger, hidden)
    n_pairs = torch.bincount(of_trigger, minlength=len(mean)).clamp(min=1)[:, None]
    return torch.cat(
        (
            hidden,
            _strongest(hidden, of_trigger, len(spans.triggers)),
            _strongest(hidden, of_mention, len(spans.mentions)),
            (mean / n_pairs)[of_trigger],
        ),
        dim=1,
    )


def _strongest(hidden: Tensor, group: Tensor, n_groups: int) -> Tensor:
    """Give each row the largest value, feature by feature, among the rows of its group."""
    index = group[:, None].expand_as(hidden)
    empty = hidden.new_zeros(n_groups, hidden.shape[1])
    return empty.scatter_reduce(0, index, hidden, "amax", include_self=False)[group]
