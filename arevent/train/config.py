"""What a training run is made of, read from YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from arevent.pieces import MAX_PIECES_PER_TOKEN

MIN_WINDOW = MAX_PIECES_PER_TOKEN + 2
"""Pieces of the shortest window that every token fits into, with the pieces around it."""

_COUNTS = ("epochs", "patience", "batch_pieces", "accumulation", "linker_size", "span_size")
_SHARES = (
    "lexicon_weight",
    "dropout",
    "attention_dropout",
    "label_smoothing",
    "averaging",
    "warmup",
)


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Settings of a training run. Paths are relative to the working directory.

    Attributes:
        train: Annotated corpora to learn from, one file or several.
        dev: Annotated corpus that chooses the best epoch.
        output: Folder of the model; checkpoints and metrics are under it.
        encoder: Folder or hub name of the pretrained encoder; the bundled model's if ``None``.
        keep_heads: Go on from a trained event model: ``encoder`` is its folder, whose heads are
            taken over too, in their sizes; those that it lacks are new, as all are by default.
        ontology: YAML file of types and roles; the shipped one if ``None``.
        epochs: Passes over the corpus; the learning rate falls to zero over them.
        patience: Epochs without a better dev score after which the run ends.
        batch_pieces: Pieces in a batch, padding included.
        accumulation: Batches whose gradients are added up before a step.
        window_pieces: Lengths of window, in pieces, that documents are cut into; drawn anew for
            every document and epoch, so that the model learns to read with and without context.
            1 means a sentence at a time.
        max_pieces: Length of a window when the model is used.
        pooling: How the pieces of a token become one vector: ``mean`` or ``first``.
        linker_size: Width of the hidden layers of the role and modality heads.
        span_size: Width of the hidden layers of the span head.
        lexicon_weight: Share that a lexicon of words and their neighbours has in the vote on
            triggers; it is learned from ``train`` when the last epoch is over. 0 leaves it out.
        dropout: Of the encoder's hidden layers and of the heads.
        attention_dropout: Of the encoder's attention; 0 lets the quick kernels of torch work.
        layer_decay: Factor of the learning rate from each layer of the encoder to the one below.
        label_smoothing: Share of the probability of a tag that is spread over the others; that of
            spans is left as it is.
        rare_types: How much more rare event types weigh in the losses of tags and spans: one that
            is n times as rare as the average type n to this power, at most four times.
        averaging: Decay of the moving average of the weights, which is what is evaluated and
            saved (Polyak & Juditsky 1992); 0 leaves the weights as they are.
        encoder_rate: Peak learning rate of the encoder.
        head_rate: Peak learning rate of the heads.
        warmup: Share of the steps in which the rates rise.
        weight_decay: Of all matrices.
        clip: Largest norm of the gradient.
        role_weight: Weight of the role loss beside those of tags and spans.
        modality_weight: Weight of the modality loss.
        seed: Of weights, order and dropout.
        precision: ``bf16`` or ``no``; bf16 pays where the processor has it.
        checkpoint_minutes: Time between two checkpoints within an epoch.
    """

    train: tuple[str, ...]
    dev: str
    output: str
    encoder: str | None = None
    keep_heads: bool = False
    ontology: str | None = None
    epochs: int = 10
    patience: int = 3
    batch_pieces: int = 512
    accumulation: int = 1
    window_pieces: tuple[int, ...] = (1, 256)
    max_pieces: int = 256
    pooling: str = "mean"
    linker_size: int = 256
    span_size: int = 128
    lexicon_weight: float = 0.0
    dropout: float = 0.1
    attention_dropout: float = 0.0
    layer_decay: float = 1.0
    label_smoothing: float = 0.0
    rare_types: float = 0.0
    averaging: float = 0.0
    encoder_rate: float = 1.5e-4
    head_rate: float = 5e-4
    warmup: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    role_weight: float = 1.0
    modality_weight: float = 0.5
    seed: int = 13
    precision: str = "bf16"
    checkpoint_minutes: float = 5.0

    def __post_init__(self) -> None:
        if isinstance(self.train, str):  # one corpus, given in Python
            object.__setattr__(self, "train", (self.train,))
        if self.precision not in ("bf16", "no"):
            raise ValueError(f"precision: expected bf16 or no, found {self.precision!r}")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected at least 1, found {getattr(self, name)!r}")
        for name in _SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(
                    f"{name}: expected a share from 0 up to 1, found {getattr(self, name)!r}"
                )
        if self.max_pieces < MIN_WINDOW:
            raise ValueError(
                f"max_pieces: expected at least {MIN_WINDOW}, room for a long word, found "
                f"{self.max_pieces}"
            )
        if not self.train:
            raise ValueError("train: expected at least one corpus, found none")
        lengths = self.window_pieces
        if not lengths or min(lengths) < 1 or max(lengths) > self.max_pieces:
            raise ValueError(
                f"window_pieces: expected lengths from 1 up to max_pieces = {self.max_pieces}, "
                f"found {list(lengths)}"
            )

    @classmethod
    def from_file(cls, path: str | Path, overrides: Mapping[str, Any] | None = None) -> TrainConfig:
        """Read a YAML file, with some settings replaced.

        Raises:
            ValueError: If it is no YAML, a key is unknown, a required one missing or a value of the
                wrong type.
        """
        try:
            data = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
            if not isinstance(data, dict):
                raise ValueError(f"expected names of settings with values, found {data!r}")
            return cls.from_dict({**data, **(overrides or {})})
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{path}: {error}") from error

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TrainConfig:
        """Build a config from plain values.

        Raises:
            ValueError: If a key is unknown, a required one missing or a value of the wrong type.
        """
        known = {entry.name: entry for entry in fields(cls)}
        unknown = sorted(data.keys() - known.keys())
        missing = sorted({"train", "dev", "output"} - data.keys())
        if unknown or missing:
            raise ValueError(
                f"expected settings out of {list(known)}; unknown: {unknown}, missing: {missing}"
            )
        return cls(**{name: _read(str(known[name].type), name, data[name]) for name in data})

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that `from_dict` reads."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def read_overrides(settings: Iterable[str]) -> dict[str, Any]:
    """Read ``name=value`` pairs, as command lines have them, values as YAML.

    Raises:
        ValueError: If one has no ``=``, or a value is no YAML.
    """
    pairs = [setting.partition("=") for setting in settings]
    for name, equals, _ in pairs:
        if not equals:
            raise ValueError(f"--set: expected name=value, found {name!r}")
    try:
        return {name: yaml.safe_load(value) for name, _, value in pairs}
    except yaml.YAMLError as error:
        raise ValueError(f"--set: expected a value as YAML has it, found {error}") from error


def _read(kind: str, name: str, value: Any) -> Any:
    """Read a value as what the setting's annotation says; YAML reads «1e-4» as text."""
    try:
        if kind.startswith("tuple"):
            items = [value] if isinstance(value, str) else value
            return tuple({"tuple[int, ...]": int}.get(kind, str)(item) for item in items)
        if value is None and "None" in kind:
            return None
        if value is False and kind == "str":  # YAML reads an unquoted «no» as false
            return "no"
        if value is None or (kind == "bool") != isinstance(value, bool):
            raise TypeError
        if kind == "int" and isinstance(value, float) and not value.is_integer():
            raise ValueError
        return {"int": int, "float": float, "bool": bool}.get(kind, str)(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected {kind}, found {value!r}") from error
