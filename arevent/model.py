"""The network: an encoder with a tag head, and heads over spans that read the same token vectors.

`EventModel` composes a token classifier of transformers with small heads over spans; the folder it
saves is a token classifier that `transformers.pipeline` loads, with the heads beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForTokenClassification, PreTrainedModel
from transformers.utils import logging as hf_logging

from arevent.heads import Linker, Pairs, SpanHead, tensors
from arevent.ontology import MODEL_FILE, Ontology

LINKER_FILE = "linker.safetensors"
SPANS_FILE = "spans.safetensors"
SHARD_SIZE = "40MB"
_Head = TypeVar("_Head", bound=nn.Module)


@dataclass(frozen=True)
class ModelSettings:
    """How pieces become scores; kept under ``arevent`` in the model's ``config.json``.

    Attributes:
        max_pieces: Length of a window of the encoder, in pieces.
        pooling: How the pieces of a token become one vector: ``mean`` or ``first``.
        linker_size: Width of the hidden layers of the role and modality heads.
        span_size: Width of the hidden layers of the span head.
        trigger_threshold: Probability from which a word is taken for a trigger.
        role_threshold: Probability from which a role is filled.
        tag_temperature: What tag logits are divided by, so that scores are honest (Guo et al.
            2017); `arevent.calibration` fits it.
        span_temperature: The same for the span head.
        role_temperature: The same for roles.
        modality_temperature: The same for modalities.
        lexicon_weight: The share that the lexicon beside the model has in the vote on triggers.
    """

    max_pieces: int = 256
    pooling: str = "mean"
    linker_size: int = 256
    span_size: int = 128
    trigger_threshold: float = 0.5
    role_threshold: float = 0.5
    tag_temperature: float = 1.0
    span_temperature: float = 1.0
    role_temperature: float = 1.0
    modality_temperature: float = 1.0
    lexicon_weight: float = 0.0

    def __post_init__(self) -> None:
        if self.pooling not in ("mean", "first"):
            raise ValueError(f"pooling: expected mean or first, found {self.pooling!r}")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: Any) -> ModelSettings:
        """Read what a model's ``config.json`` has.

        Raises:
            ValueError: If this version does not know a setting; the message names ``where``.
        """
        known = [entry.name for entry in fields(cls)]
        if unknown := sorted(data.keys() - set(known)):
            raise ValueError(
                f"{where}: expected settings out of {known}, found {unknown}; the model is of a "
                f"later version of arevent: update arevent to use it"
            )
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows as tensors, and the way from their pieces to tokens.

    Tokens are numbered through the batch. A pair in the two last fields says that the piece
    (counted through the flattened windows) belongs to the token.

    Attributes:
        input_ids: Vocabulary ids, shape ``(windows, pieces)``.
        attention_mask: 1 where there is a piece, same shape.
        piece_index: Positions in the flattened windows, shape ``(pairs,)``.
        token_index: The token of each pair, shape ``(pairs,)``.
        n_tokens: Number of tokens.
    """

    input_ids: Tensor
    attention_mask: Tensor
    piece_index: Tensor
    token_index: Tensor
    n_tokens: int

    def to(self, device: torch.device) -> Batch:
        """Give the same on another device."""
        return replace(self, **{k: v.to(device) for k, v in tensors(self).items()})


class EventModel(nn.Module):
    """Tags tokens and links spans over one pass of the encoder.

    Args:
        tagger: A token classifier of transformers whose head is called ``classifier``.
        linker: Scores roles and modalities, or ``None`` for a checkpoint that has none.
        ontology: The labels; its tag set is the tagger's.
        settings: How pieces become scores.
        span_head: Scores triggers and mentions; ``None`` for a checkpoint that has tags alone.
    """

    def __init__(
        self,
        tagger: PreTrainedModel,
        linker: Linker | None,
        ontology: Ontology,
        settings: ModelSettings,
        span_head: SpanHead | None = None,
    ) -> None:
        super().__init__()
        self.tagger = tagger
        self.linker = linker
        self.span_head = span_head
        self.ontology = ontology
        self.settings = settings

    @classmethod
    def from_encoder(
        cls,
        encoder: str | Path,
        ontology: Ontology,
        settings: ModelSettings,
        dropout: float = 0.1,
        attention_dropout: float = 0.0,
    ) -> EventModel:
        """Put new heads on a pretrained encoder.

        Args:
            encoder: A path or a hub name; heads that the checkpoint has are left aside.
            ontology: The labels.
            settings: How pieces become scores.
            dropout: Of hidden layers and heads, while the model is trained.
            attention_dropout: Of the encoder's attention.
        """
        tags = ontology.tags
        tagger = AutoModelForTokenClassification.from_pretrained(
            encoder,
            dtype=torch.float32,
            num_labels=len(tags),
            id2label=dict(enumerate(tags)),
            label2id={tag: index for index, tag in enumerate(tags)},
            ignore_mismatched_sizes=True,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=attention_dropout,
        )
        classifier = tagger.get_submodule("classifier")
        nn.init.normal_(classifier.weight, std=tagger.config.initializer_range)
        nn.init.zeros_(classifier.bias)
        model = cls(tagger, None, ontology, settings)
        model.add_heads(dropout)
        return model

    @classmethod
    def from_pretrained(
        cls, path: str | Path, dropout: float = 0.1, attention_dropout: float = 0.0
    ) -> EventModel:
        """Load a model that `save_pretrained` wrote; heads that the folder lacks are ``None``.

        Args:
            path: The folder.
            dropout: Of hidden layers and heads, while the model is trained further.
            attention_dropout: Of the encoder's attention.

        Raises:
            ValueError: If the tags of ``config.json`` are not those of the folder's ontology, or
                a head's weights are not those of this version's heads.
        """
        path = Path(path)
        ontology = Ontology.from_model(path)
        config = AutoConfig.from_pretrained(path)
        check_tags([config.id2label[index] for index in range(config.num_labels)], ontology, path)
        settings = ModelSettings.from_dict(getattr(config, "arevent", {}), path)
        # transformers 5 keeps a half-precision file in half precision: slow on a CPU.
        with _no_progress_bar():
            tagger = AutoModelForTokenClassification.from_pretrained(
                path,
                dtype=torch.float32,
                hidden_dropout_prob=dropout,
                attention_probs_dropout_prob=attention_dropout,
            )
        model = cls(tagger, None, ontology, settings)
        if (path / LINKER_FILE).exists():
            model.linker = _load_weights(model.new_linker(dropout), path / LINKER_FILE)
        if (path / SPANS_FILE).exists():
            model.span_head = _load_weights(model.new_span_head(dropout), path / SPANS_FILE)
        return model

    def new_linker(self, dropout: float = 0.1) -> Linker:
        """Make an untrained linker of the model's size."""
        width = self.tagger.config.hidden_size
        return Linker(width, self.ontology, self.settings.linker_size, dropout)

    def new_span_head(self, dropout: float = 0.1) -> SpanHead:
        """Make an untrained span head of the model's size."""
        width, n_labels = self.tagger.config.hidden_size, len(self.ontology.span_labels)
        return SpanHead(width, n_labels, self.settings.span_size, dropout)

    def add_heads(self, dropout: float = 0.1) -> None:
        """Put untrained heads where the model has none."""
        self.linker = self.linker or self.new_linker(dropout)
        self.span_head = self.span_head or self.new_span_head(dropout)

    def save_pretrained(self, path: str | Path, dtype: torch.dtype = torch.float16) -> None:
        """Write weights in shards, configuration and ontology; the model itself is unchanged.

        Args:
            path: The folder, made where it is missing.
            dtype: Precision of the weights on disk.
        """
        path = Path(path)
        path.mkdir(parents=True, exist_ok=True)
        state = {name: w.to(dtype).contiguous() for name, w in self.tagger.state_dict().items()}
        self.tagger.config.arevent = asdict(self.settings)
        with _no_progress_bar():
            self.tagger.save_pretrained(path, state_dict=state, max_shard_size=SHARD_SIZE)
        for head, file in ((self.linker, LINKER_FILE), (self.span_head, SPANS_FILE)):
            if head is not None:
                weights = {k: w.to(dtype).contiguous() for k, w in head.state_dict().items()}
                save_file(weights, path / file)
        self.ontology.save(path / MODEL_FILE)

    def forward(
        self, batch: Batch, spans: Pairs, candidates: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Give the logits of all heads for spans that are known (training).

        Args:
            batch: What the encoder reads.
            spans: Triggers, mentions and their pairs.
            candidates: Spans that may have a label, see `SpanHead`.

        Returns:
            Logits of tags, candidates, roles and modalities.

        Raises:
            ValueError: If the model lacks a head.
        """
        if self.linker is None or self.span_head is None:
            raise ValueError("expected a model with all heads, found one without")
        vectors = self.encode(batch)
        return (
            self.score_tags(vectors),
            self.span_head(vectors, candidates),
            self.linker.score_roles(vectors, spans),
            self.linker.score_modalities(vectors, spans),
        )

    def encode(self, batch: Batch) -> Tensor:
        """Give one vector a token, shape ``(tokens, token_size)``, zero where it has no piece."""
        output = self.tagger.base_model(
            input_ids=batch.input_ids, attention_mask=batch.attention_mask
        )
        pieces = output.last_hidden_state.float().flatten(0, 1)[batch.piece_index]
        vectors = pieces.new_zeros(batch.n_tokens, pieces.shape[1])
        counts = pieces.new_zeros(batch.n_tokens)
        vectors.index_add_(0, batch.token_index, pieces)
        counts.index_add_(0, batch.token_index, torch.ones_like(counts[batch.token_index]))
        means: Tensor = vectors / counts.clamp(min=1)[:, None]
        return means

    def score_tags(self, vectors: Tensor) -> Tensor:
        """Give tag logits of token vectors, shape ``(tokens, tags)``."""
        dropout, classifier = map(self.tagger.get_submodule, ("dropout", "classifier"))
        logits: Tensor = classifier(dropout(vectors))
        return logits


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """Keep transformers from drawing a bar for a second's work."""
    was_enabled = hf_logging.is_progress_bar_enabled()
    hf_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if was_enabled:
            hf_logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _load_weights(head: _Head, file: Path) -> _Head:
    try:
        head.load_state_dict({name: weight.float() for name, weight in load_file(file).items()})
    except RuntimeError as error:
        raise ValueError(
            f"{file}: expected the weights of this version's span heads, found others ({error}); "
            f"the folder is of another version of arevent: train it again, or remove the file to "
            f"do without this head"
        ) from error
    return head


def update_settings(path: str | Path, changes: Mapping[str, Any]) -> None:
    """Change some of a model folder's `ModelSettings`; the weights are not touched."""
    file = Path(path) / "config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    config["arevent"] = {**config.get("arevent", {}), **changes}
    file.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_tags(tags: Sequence[str], ontology: Ontology, where: Any) -> None:
    """Make sure that a model's tags are those of its ontology.

    Raises:
        ValueError: If they differ; the message names the tags.
    """
    if tuple(tags) != ontology.tags:
        unknown = sorted(set(tags) - set(ontology.tags))
        missing = sorted(set(ontology.tags) - set(tags))
        raise ValueError(
            f"{where}: expected the tags of its ontology in their order; unknown to the ontology: "
            f"{unknown}; missing from the model: {missing}"
        )
