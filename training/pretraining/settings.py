"""The options of a run, and how the learning rate follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from pretraining.encoder_folder import PretrainingFailed


def option(default: Any, meaning: str) -> Any:
    """Declare a field that is an option of the command line."""
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True)
class Settings:
    """What decides the result; an interrupted run goes on with the same."""

    epochs: int = option(3, "passes over the corpus, each with other words hidden")
    batch_pieces: int = option(16_384, "pieces that are read at once, padding included")
    accumulate: int = option(1, "batches to a step of the optimizer")
    rate: float = option(3e-4, "highest learning rate of the encoder")
    head_rate: float = option(1e-3, "highest learning rate of the new prediction head")
    head_steps: int = option(0, "steps on which the head is trained alone, before all others")
    warmup: float = option(0.05, "share of the other steps on which rates rise")
    schedule: str = option("linear", "how rates fall: linear or cosine")
    weight_decay: float = option(0.01, "of matrices")
    clip: float = option(1.0, "largest norm of the gradient")
    dropout: float = option(0.1, "of hidden layers and attention")
    mask: float = option(0.2, "share of the words to predict")
    seed: int = option(0, "of the head, the order, the hidden words and dropout")
    evaluate_steps: int = option(200, "steps from one line of losses.jsonl to the next")

    def __post_init__(self) -> None:
        check("schedule", self.schedule, ("linear", "cosine"))
        if not 0 < self.mask < 1:
            raise PretrainingFailed(f"--mask: expected a share between 0 and 1, found {self.mask}")

    def rate_factor(self, step: int, n_steps: int) -> float:
        """Give the share of the highest rate at a step that trains the encoder.

        Args:
            step: Counted from the first such step.
            n_steps: Number of such steps.
        """
        n_warmup = self.warmup * n_steps
        if step < n_warmup:
            return (step + 1) / (n_warmup + 1)
        done = (step - n_warmup) / max(n_steps - n_warmup, 1)
        return (1 + math.cos(math.pi * done)) / 2 if self.schedule == "cosine" else 1 - done


@dataclass(frozen=True)
class Machine:
    """How and how long one session computes; the next may do otherwise."""

    device: str = option("auto", "cpu, cuda, or auto for whichever is there")
    bf16: bool | None = option(None, "compute in bfloat16; done on a GPU unless it is forbidden")
    compile: bool = option(False, "compile the encoder: slower to start, faster after that")
    minutes: float = option(0.0, "keep the state and stop after so long; 0 is no limit")
    checkpoint_minutes: float = option(5.0, "keep the state every so often")
    dtype: str = option("float16", "precision of the encoder on disk: float16 or float32")
    shard_mb: float = option(15.0, "size up to which the encoder's weights share a file, in MB")

    def __post_init__(self) -> None:
        check("dtype", self.dtype, ("float16", "float32"))


def check(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Make sure that an option is one of its choices.

    Raises:
        PretrainingFailed: If it is not.
    """
    if value not in choices:
        raise PretrainingFailed(f"--{name}: expected {' or '.join(choices)}, found {value!r}")
