"""The network: an encoder with a tag head, and a linker that reads the same token vectors.

`EventModel` composes a token classifier of transformers with two small heads over spans; the
folder it saves is a token classifier that `transformers.pipeline` loads, with the heads beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForTokenClassification, PreTrainedModel
from transformers.utils import logging as hf_logging

from arevent.ontology import MODEL_FILE, Ontology

LINKER_FILE = "linker.safetensors"
SHARD_SIZE = "40MB"
_DISTANCES = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)


@dataclass(frozen=True)
class ModelSettings:
    """How pieces become scores; kept under ``arevent`` in the model's ``config.json``.

    Attributes:
        max_pieces: Length of a window of the encoder, in pieces.
        pooling: How the pieces of a token become one vector: ``mean`` or ``first``.
        linker_size: Width of the hidden layers of the role and modality heads.
        role_threshold: Probability from which a role is filled.
    """

    max_pieces: int = 256
    pooling: str = "mean"
    linker_size: int = 256
    role_threshold: float = 0.5

    def __post_init__(self) -> None:
        if self.pooling not in ("mean", "first"):
            raise ValueError(f"pooling: expected mean or first, found {self.pooling!r}")


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
        return replace(self, **{k: v.to(device) for k, v in _tensors(self).items()})


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
        return replace(self, **{k: v.to(device) for k, v in _tensors(self).items()})


def _tensors(record: Batch | Pairs) -> dict[str, Any]:
    values = {entry.name: getattr(record, entry.name) for entry in fields(record)}
    return {name: value for name, value in values.items() if isinstance(value, Tensor)}


class Linker(nn.Module):
    """Scores roles of (trigger, mention) pairs and modalities of triggers.

    A span is the vectors of its first and last token. The role head reads both spans, their
    product, the type, the label and the signed distance between them in tokens.

    Args:
        token_size: Width of a token vector.
        ontology: Gives the numbers of types, labels, roles and modalities.
        size: Width of the hidden layers.
        dropout: Applied before the output layers.
    """

    def __init__(
        self, token_size: int, ontology: Ontology, size: int = 256, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.trigger = nn.Linear(2 * token_size, size)
        self.mention = nn.Linear(2 * token_size, size)
        self.product = nn.Linear(size, size)
        self.type_embedding = nn.Embedding(len(ontology.event_types), size)
        self.label_embedding = nn.Embedding(len(ontology.mention_labels), size)
        self.distance_embedding = nn.Embedding(2 * len(_DISTANCES), size)
        self.roles = nn.Linear(size, len(ontology.roles))
        self.modality_hidden = nn.Linear(2 * token_size, size)
        self.modalities = nn.Linear(size, len(ontology.modalities))
        self.dropout = nn.Dropout(dropout)
        for embedding in (self.type_embedding, self.label_embedding, self.distance_embedding):
            nn.init.normal_(embedding.weight, std=0.1)
        self.distances: Tensor
        self.register_buffer("distances", torch.tensor(_DISTANCES), persistent=False)

    def score_roles(self, vectors: Tensor, spans: Pairs) -> Tensor:
        """Give role logits of the pairs, shape ``(pairs, roles)``."""
        of_trigger, of_mention = spans.pairs[:, 0], spans.pairs[:, 1]
        trigger = self.trigger(_ends(vectors, spans.triggers))[of_trigger]
        mention = self.mention(_ends(vectors, spans.mentions))[of_mention]
        hidden = (
            trigger
            + mention
            + self.product(torch.tanh(trigger) * torch.tanh(mention))
            + self.type_embedding(spans.types)[of_trigger]
            + self.label_embedding(spans.labels)[of_mention]
            + self.distance_embedding(self._distance_bucket(spans))
        )
        logits: Tensor = self.roles(self.dropout(nn.functional.gelu(hidden)))
        return logits

    def score_modalities(self, vectors: Tensor, spans: Pairs) -> Tensor:
        """Give modality logits of the triggers, shape ``(triggers, modalities)``."""
        hidden = self.modality_hidden(_ends(vectors, spans.triggers)) + self.type_embedding(
            spans.types
        )
        logits: Tensor = self.modalities(self.dropout(nn.functional.gelu(hidden)))
        return logits

    def _distance_bucket(self, spans: Pairs) -> Tensor:
        trigger = spans.triggers[spans.pairs[:, 0]]
        mention = spans.mentions[spans.pairs[:, 1]]
        is_after = mention[:, 0] > trigger[:, 1]
        gap = torch.where(is_after, mention[:, 0] - trigger[:, 1], trigger[:, 0] - mention[:, 1])
        bucket = torch.bucketize(gap.clamp(min=0), self.distances, right=True) - 1
        return bucket + len(_DISTANCES) * is_after.long()


def _ends(vectors: Tensor, bounds: Tensor) -> Tensor:
    """Put the vectors of first and last token side by side, shape ``(spans, 2 * token_size)``."""
    return vectors[bounds].flatten(1)


class EventModel(nn.Module):
    """Tags tokens and links spans over one pass of the encoder.

    Args:
        tagger: A token classifier of transformers whose head is called ``classifier``.
        linker: The span heads, or ``None`` for a checkpoint that has none.
        ontology: The labels; its tag set is the tagger's.
        settings: How pieces become scores.
    """

    def __init__(
        self,
        tagger: PreTrainedModel,
        linker: Linker | None,
        ontology: Ontology,
        settings: ModelSettings,
    ) -> None:
        super().__init__()
        self.tagger = tagger
        self.linker = linker
        self.ontology = ontology
        self.settings = settings

    @classmethod
    def from_encoder(
        cls, encoder: str | Path, ontology: Ontology, settings: ModelSettings
    ) -> EventModel:
        """Put new heads on a pretrained encoder, a path or a hub name."""
        tags = ontology.tags
        tagger = AutoModelForTokenClassification.from_pretrained(
            encoder,
            dtype=torch.float32,
            num_labels=len(tags),
            id2label=dict(enumerate(tags)),
            label2id={tag: index for index, tag in enumerate(tags)},
            ignore_mismatched_sizes=True,
        )
        linker = Linker(tagger.config.hidden_size, ontology, settings.linker_size)
        return cls(tagger, linker, ontology, settings)

    @classmethod
    def from_pretrained(cls, path: str | Path) -> EventModel:
        """Load a model that `save_pretrained` wrote; a folder without a linker has none.

        Raises:
            ValueError: If the tags of ``config.json`` are not those of the folder's ontology.
        """
        path = Path(path)
        ontology = Ontology.from_model(path)
        config = AutoConfig.from_pretrained(path)
        check_tags([config.id2label[index] for index in range(config.num_labels)], ontology, path)
        settings = ModelSettings(**getattr(config, "arevent", {}))
        # transformers 5 keeps a half-precision file in half precision: slow on a CPU.
        with _no_progress_bar():
            tagger = AutoModelForTokenClassification.from_pretrained(path, dtype=torch.float32)
        linker = None
        if (path / LINKER_FILE).exists():
            linker = Linker(config.hidden_size, ontology, settings.linker_size)
            weights = load_file(path / LINKER_FILE)
            linker.load_state_dict({name: w.float() for name, w in weights.items()})
        return cls(tagger, linker, ontology, settings)

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
        if self.linker is not None:
            weights = self.linker.state_dict()
            save_file({k: w.to(dtype).contiguous() for k, w in weights.items()}, path / LINKER_FILE)
        self.ontology.save(path / MODEL_FILE)

    def forward(self, batch: Batch, spans: Pairs) -> tuple[Tensor, Tensor, Tensor]:
        """Give the logits of tags, roles and modalities for spans that are known (training)."""
        vectors = self.encode(batch)
        if self.linker is None:
            raise ValueError("expected a model with a linker, found one without")
        return (
            self.score_tags(vectors),
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
