"""Where a training run is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

LOSSES = ("tags", "spans", "roles", "modalities")


@dataclass
class Progress:
    """Where a run is; saved with every checkpoint.

    Attributes:
        epoch: Epochs that are done.
        batch: Batches of the current epoch that are done.
        step: Optimizer steps that are done.
        best: Best dev score so far.
        best_epoch: The epoch that reached it, counted from 1.
        sums: Sums of the losses of the current epoch.
        seconds: Time spent on batches of the current epoch.
        tokens: Tokens read in the current epoch.
        epochs: Metrics of the epochs that are done.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float = -1.0
    best_epoch: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    tokens: int = 0
    epochs: list[dict[str, Any]] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        """Give plain values, as accelerate stores them."""
        return asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take the values back."""
        for name, value in state.items():
            setattr(self, name, value)

    def add(self, losses: Iterable[float], n_tokens: int, seconds: float) -> None:
        """Count a batch, with its losses in the order of `LOSSES`."""
        self.batch += 1
        self.tokens += n_tokens
        self.seconds += seconds
        for name, value in zip(LOSSES, losses, strict=True):
            self.sums[name] = self.sums.get(name, 0.0) + value

    def next_epoch(self) -> None:
        """Begin a new epoch."""
        self.epoch += 1
        self.batch = self.tokens = 0
        self.seconds = 0.0
        self.sums = {}
