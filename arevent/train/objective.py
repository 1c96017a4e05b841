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
        roles: Binary cross-entropy a pair, over the roles that the ontology allows it.
        modalities: Cross-entropy a trigger.
    """

    tags: Tensor
    roles: Tensor
    modalities: Tensor

    def total(self, role_weight: float, modality_weight: float) -> Tensor:
        """Give the weighted sum."""
        return self.tags + role_weight * self.roles + modality_weight * self.modalities


def tag_weights(documents: Iterable[Document], ontology: Ontology, rare_types: float) -> Tensor:
    """Give what each tag weighs in the loss, shape ``(tags,)``: 1, and more for rare event types.

    Args:
        documents: What the types are counted in.
        ontology: The tags.
        rare_types: A type n times as rare as the average type weighs n to this power.
    """
    counts = Counter(event.type for document in documents for event in document.events)
    average = counts.total() / len(ontology.event_types)
    weights = {
        name: min(MOST_WEIGHT, max(1.0, (average + 1) / (counts[name] + 1)) ** rare_types)
        for name in ontology.event_types
    }
    return torch.tensor([weights.get(tag[2:], 1.0) for tag in ontology.tags])


def losses(
    example: Example,
    logits: tuple[Tensor, Tensor, Tensor],
    weights: Tensor | None = None,
    label_smoothing: float = 0.0,
) -> Losses:
    """Compare logits with targets; a layer without items has loss 0.

    Args:
        example: The targets.
        logits: What `EventModel` gave for its batch.
        weights: What each tag weighs, see `tag_weights`; all the same if ``None``.
        label_smoothing: Share of a tag's probability that is spread over the other tags.
    """
    tags, roles, modalities = logits
    role_losses = functional.binary_cross_entropy_with_logits(
        roles, example.roles, weight=example.allowed, reduction="sum"
    )
    modality_losses = functional.cross_entropy(modalities, example.modalities, reduction="sum")
    return Losses(
        functional.cross_entropy(tags, example.tags, weights, label_smoothing=label_smoothing),
        role_losses / max(len(roles), 1),
        modality_losses / max(len(modalities), 1),
    )
