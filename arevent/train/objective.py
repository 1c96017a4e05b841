"""The losses of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from arevent.train.examples import Example


@dataclass(frozen=True, slots=True)
class Losses:
    """Mean losses of a batch, each a scalar.

    Attributes:
        tags: Cross-entropy a token.
        roles: Binary cross-entropy a pair, over the roles that the ontology allows it.
        modalities: Cross-entropy a trigger.
    """

    tags: Tensor
    roles: Tensor
    modalities: Tensor

    def total(self, role_weight: float, modality_weight: float) -> Tensor:
        """Give the weighted sum."""
        return self.tags + role_weight * self.roles + modality_weight * self.modalities


def losses(
    example: Example, logits: tuple[Tensor, Tensor, Tensor], label_smoothing: float = 0.0
) -> Losses:
    """Compare logits with targets; a layer without items has loss 0.

    Args:
        example: The targets.
        logits: What `EventModel` gave for its batch.
        label_smoothing: Share of a tag's probability that is spread over the other tags.
    """
    tags, roles, modalities = logits
    role_losses = functional.binary_cross_entropy_with_logits(
        roles, example.roles, weight=example.allowed, reduction="sum"
    )
    modality_losses = functional.cross_entropy(modalities, example.modalities, reduction="sum")
    return Losses(
        functional.cross_entropy(tags, example.tags, label_smoothing=label_smoothing),
        role_losses / max(len(roles), 1),
        modality_losses / max(len(modalities), 1),
    )
