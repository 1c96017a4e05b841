"""The losses of a batch, and what the tags weigh in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from arevent.document import Document
from arevent.ontology import Ontology
from arevent.train.examples import Example

MOST_WEIGHT = 4.0
"""Of a tag, at most: what is seen once or twice may be an error."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Mean losses of a batch, each a scalar.

    Attributes:
        tags: Weighted cross-entropy a token.
        spans: Weighted cross-entropy of the candidates that begin at a token, summed.
        roles: Binary cross-entropy a pair, over the roles that the ontology allows it.
        modalities: Cross-entropy a trigger.
    """

    tags: Tensor
    spans: Tensor
    roles: Tensor
    modalities: Tensor

    def total(self, role_weight: float, modality_weight: float) -> Tensor:
        """Give the weighted sum."""
        links = role_weight * self.roles + modality_weight * self.modalities
        return self.tags + self.spans + links


@dataclass(frozen=True, slots=True)
class LabelWeights:
    """What labels weigh in the losses.

    Attributes:
        tags: Of the tags, shape ``(tags,)``.
        spans: Of the span labels, and last of none of them, shape ``(labels + 1,)``.
    """

    tags: Tensor
    spans: Tensor

    def to(self, device: torch.device) -> LabelWeights:
        """Give the same on another device."""
        return LabelWeights(self.tags.to(device), self.spans.to(device))


def label_weights(
    documents: Iterable[Document], ontology: Ontology, rare_types: float
) -> LabelWeights:
    """Give what each label weighs in the losses: 1, and more for rare event types.

    Args:
        documents: What the types are counted in.
        ontology: The labels.
        rare_types: A type n times as rare as the average type weighs n to this power.
    """
    counts = Counter(event.type for document in documents for event in document.events)
    average = counts.total() / len(ontology.event_types)
    weights = {
        name: min(MOST_WEIGHT, max(1.0, (average + 1) / (counts[name] + 1)) ** rare_types)
        for name in ontology.event_types
    }
    return LabelWeights(
        torch.tensor([weights.get(tag[2:], 1.0) for tag in ontology.tags]),
        torch.tensor([*(weights.get(label, 1.0) for label in ontology.span_labels), 1.0]),
    )


def losses(
    example: Example,
    logits: tuple[Tensor, Tensor, Tensor, Tensor],
    weights: LabelWeights,
    label_smoothing: float = 0.0,
) -> Losses:
    """Compare logits with targets; a layer without items has loss 0.

    Args:
        example: The targets.
        logits: What `EventModel` gave for its batch.
        weights: What each label weighs.
        label_smoothing: Share of a tag's probability that is spread over the other tags.
    """
    tags, spans, roles, modalities = logits
    span_losses = functional.cross_entropy(spans, example.labels, weights.spans, reduction="sum")
    role_losses = functional.binary_cross_entropy_with_logits(
        roles, example.roles, weight=example.allowed, reduction="sum"
    )
    modality_losses = functional.cross_entropy(modalities, example.modalities, reduction="sum")
    return Losses(
        functional.cross_entropy(tags, example.tags, weights.tags, label_smoothing=label_smoothing),
        span_losses / max(len(tags), 1),
        role_losses / max(len(roles), 1),
        modality_losses / max(len(modalities), 1),
    )
