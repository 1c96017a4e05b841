"""Sentences to scores: tags of tokens, roles of pairs, modalities of triggers.

Everything that comes out is numpy, so that the stages after it know nothing of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from arevent.batching import by_length, collate, make_pairs
from arevent.document import Sentence, TaggedSpan
from arevent.lexicon import LEXICON_FILE, Lexicon
from arevent.model import EventModel
from arevent.pieces import PieceEncoder, Window

TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """What the encoder says of one sentence.

    Attributes:
        log_probs: Log probabilities of the tags, shape ``(tokens, tags)``.
        vectors: Token vectors for the span heads, shape ``(tokens, token_size)``.
    """

    log_probs: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True, slots=True)
class SpanScores:
    """What the span heads say of one sentence.

    Attributes:
        roles: Probabilities, shape ``(triggers, mentions, roles)``; ``None`` without a linker.
        modalities: Probabilities, shape ``(triggers, modalities)``; ``None`` without a linker.
    """

    roles: np.ndarray | None
    modalities: np.ndarray | None


class Tagger:
    """Runs an `EventModel` over sentences.

    Args:
        model: The network.
        tokenizer: Its fast tokenizer.
        device: Where it runs, such as ``cpu`` or ``cuda``.
        batch_pieces: How many pieces, padding included, are read at once.
        lexicon: What votes on the tags beside the network, as far as the model's settings say.
    """

    def __init__(
        self,
        model: EventModel,
        tokenizer: Tokenizer,
        device: str | torch.device = "cpu",
        batch_pieces: int = 4096,
        lexicon: Lexicon | None = None,
    ) -> None:
        self.model = model.to(device)
        self.pieces = PieceEncoder(tokenizer, model.settings.max_pieces)
        self.device = torch.device(device)
        self.batch_pieces = batch_pieces
        self.lexicon = lexicon
        self._pad_id = model.tagger.config.pad_token_id or 0

    @classmethod
    def from_pretrained(cls, path: str | Path, device: str | None = None) -> Tagger:
        """Load a model folder; without a device, a GPU if there is one."""
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        tokenizer = Tokenizer.from_file(str(Path(path) / TOKENIZER_FILE))
        model = EventModel.from_pretrained(path)
        file = Path(path) / LEXICON_FILE
        lexicon = Lexicon.from_file(file, model.ontology) if file.exists() else None
        return cls(model, tokenizer, device, lexicon=lexicon)

    @torch.inference_mode()
    def score(self, documents: Sequence[Sequence[Sentence]]) -> list[SentenceScores]:
        """Read the sentences of documents.

        Neighbours share a window, and so context, as far as they fit; documents never do, so that
        a document's scores do not depend on what is read beside it.

        Args:
            documents: The sentences of each document.

        Returns:
            Scores of every sentence, document after document.
        """
        self.model.eval()
        sentences = [sentence for document in documents for sentence in document]
        encoded = self.pieces.encode(sentences)
        packed: list[Window] = []
        first = 0
        for document in documents:
            own = self.pieces.pack(encoded[first : first + len(document)])
            packed += [window.renumbered(first) for window in own]
            first += len(document)
        n_tags = len(self.model.ontology.tags)
        size = self.model.tagger.config.hidden_size
        lengths = [len(sentence.tokens) for sentence in sentences]
        all_log_probs = np.empty((sum(lengths), n_tags), np.float32)
        scores = [
            SentenceScores(own, np.empty((len(own), size), np.float32))
            for own in np.split(all_log_probs, np.cumsum(lengths)[:-1])  # views
        ][: len(sentences)]
        for windows in by_length(packed, self.batch_pieces):
            batch, ranges = collate(windows, encoded, self.model.settings.pooling, self._pad_id)
            vectors = self.model.encode(batch.to(self.device))
            log_probs = self.model.score_tags(vectors).log_softmax(-1).cpu().numpy()
            for where in ranges:
                rows = slice(where.token_start, where.token_start + where.n_tokens)
                source = slice(where.offset, where.offset + where.n_tokens)
                scores[where.sentence].log_probs[rows] = log_probs[source]
                scores[where.sentence].vectors[rows] = vectors[source].cpu().numpy()
        self._settle(sentences, all_log_probs)
        return scores

    def _settle(self, sentences: Sequence[Sentence], log_probs: np.ndarray) -> None:
        """Let the lexicon vote on the network's tags, and make their probabilities honest.

        The vote is a logarithmic opinion pool (Genest & Zidek 1986): a weighted geometric mean.

        Args:
            sentences: The sentences.
            log_probs: What the network says of their tokens, changed in place, shape
                ``(tokens, tags)``.
        """
        settings = self.model.settings
        if self.lexicon is not None and settings.lexicon_weight:
            votes = self.lexicon.log_probs(sentences, self.model.ontology)
            log_probs += settings.lexicon_weight * (votes - log_probs)
        log_probs /= settings.tag_temperature
        log_probs -= np.logaddexp.reduce(log_probs, axis=1, keepdims=True)

    @torch.inference_mode()
    def score_spans(
        self,
        scores: Sequence[SentenceScores],
        triggers: Sequence[Sequence[TaggedSpan]],
        mentions: Sequence[Sequence[TaggedSpan]],
    ) -> list[SpanScores]:
        """Score the spans found in sentences.

        Args:
            scores: What `score` gave.
            triggers: The triggers of each sentence.
            mentions: The mentions of each sentence.

        Returns:
            Scores of every sentence, in order.
        """
        linker = self.model.linker
        if linker is None or not scores:
            return [SpanScores(None, None)] * len(scores)
        offsets = np.cumsum([0, *(len(entry.vectors) for entry in scores)]).tolist()
        spans = make_pairs(
            self.model.ontology, zip(offsets[:-1], triggers, mentions, strict=True)
        ).to(self.device)
        vectors = torch.from_numpy(np.concatenate([entry.vectors for entry in scores]))
        vectors = vectors.to(self.device)
        settings = self.model.settings
        role_logits = linker.score_roles(vectors, spans) / settings.role_temperature
        modality_logits = linker.score_modalities(vectors, spans) / settings.modality_temperature
        roles = role_logits.sigmoid().cpu().numpy()
        modalities = modality_logits.softmax(-1).cpu().numpy()
        return list(_by_sentence(spans.pairs.cpu().numpy(), roles, modalities, triggers, mentions))


def _by_sentence(
    pairs: np.ndarray,
    roles: np.ndarray,
    modalities: np.ndarray,
    triggers: Sequence[Sequence[TaggedSpan]],
    mentions: Sequence[Sequence[TaggedSpan]],
) -> Iterator[SpanScores]:
    """Give every sentence its scores; pairs that were not asked for have probability 0."""
    first = np.array([0, 0])  # numbers of the sentence's first trigger and mention
    start = 0
    for own_triggers, own_mentions in zip(triggers, mentions, strict=True):
        shape = np.array([len(own_triggers), len(own_mentions)])
        end = int(np.searchsorted(pairs[:, 0], first[0] + shape[0]))
        own = pairs[start:end] - first
        dense = np.zeros((*shape, roles.shape[1]), np.float32)
        dense[own[:, 0], own[:, 1]] = roles[start:end]
        yield SpanScores(dense, modalities[first[0] : first[0] + shape[0]])
        first = first + shape
        start = end
