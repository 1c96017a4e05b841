"""Sentences to scores: tags of tokens, labels of spans, roles of pairs, modalities of triggers.

Everything that comes out is numpy, so that the stages after it know nothing of torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from tokenizers import Tokenizer

from arevent.batching import by_length, collate, make_candidates, make_pairs
from arevent.document import Sentence, TaggedSpan
from arevent.heads import SpanHead
from arevent.lexicon import LEXICON_FILE, Lexicon
from arevent.model import EventModel
from arevent.pieces import PieceEncoder, Window
from arevent.spans import span_log_probs

TOKENIZER_FILE = "tokenizer.json"
TOKENS_AT_ONCE = 2**13
"""Tokens whose spans are scored at a time, if no sentence has more: long texts fit into memory."""


@dataclass(frozen=True, slots=True)
class CandidateScores:
    """What the span head says of the spans of one sentence.

    Attributes:
        bounds: First and last token (inclusive) of each span, shape ``(candidates, 2)``.
        log_probs: Log probabilities of the ontology's span labels, and last that of none of them,
            shape ``(candidates, labels + 1)``.
    """

    bounds: np.ndarray
    log_probs: np.ndarray

    def of(self, span: TaggedSpan) -> np.ndarray:
        """Give the row of a span, shape ``(1, labels + 1)``; no row if it was not scored."""
        wanted = (span.token_start, span.token_end - 1)
        rows: np.ndarray = self.log_probs[(self.bounds == wanted).all(axis=1)]
        return rows


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """What the encoder says of one sentence.

    Attributes:
        log_probs: Log probabilities of the tags, shape ``(tokens, tags)``.
        vectors: Token vectors for the span heads, shape ``(tokens, token_size)``.
        candidates: Scores of spans; ``None`` where the tags are to say what the spans are.
    """

    log_probs: np.ndarray
    vectors: np.ndarray
    candidates: CandidateScores | None = None


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
        lexicon: What votes on triggers beside the network, as far as the model's settings say.
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
        """Load a model folder; without a device, a GPU if there is one.

        Raises:
            FileNotFoundError: If the folder has no tokenizer.
            ValueError: If its parts are not of one model, or of another version's.
        """
        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        tokenizer_file = Path(path) / TOKENIZER_FILE
        if not tokenizer_file.is_file():
            raise FileNotFoundError(
                f"{tokenizer_file}: expected the tokenizer of the model, found none; copy the "
                f"whole folder, or the tokenizer.json of its encoder"
            )
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
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
        lengths = [len(sentence.tokens) for sentence in sentences]
        tags, vectors = self._encode(documents, lengths)
        votes = None
        if self.lexicon is not None and self.model.settings.lexicon_weight:
            votes = self.lexicon.log_probs(sentences, self.model.ontology)
        self._settle(tags, votes, self.model.settings.tag_temperature)
        cuts = np.cumsum(lengths)[:-1]
        pairs = zip(np.split(tags, cuts), np.split(vectors, cuts), strict=True)
        scores = [SentenceScores(*own) for own in pairs][: len(sentences)]
        if self.model.span_head is None:
            return scores
        candidates = self._score_candidates(lengths, vectors, votes)
        return [
            replace(entry, candidates=own) for entry, own in zip(scores, candidates, strict=True)
        ]

    def _encode(
        self, documents: Sequence[Sequence[Sentence]], lengths: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Run the encoder over windows.

        Args:
            documents: The sentences of each document.
            lengths: Tokens of each sentence, document after document.

        Returns:
            Log probabilities of the tags, shape ``(tokens, tags)``, and the token vectors, shape
            ``(tokens, token_size)``.
        """
        encoded = self.pieces.encode([sentence for own in documents for sentence in own])
        packed: list[Window] = []
        first = 0
        for document in documents:
            windows = self.pieces.pack(encoded[first : first + len(document)])
            packed += [window.renumbered(first) for window in windows]
            first += len(document)
        starts = np.cumsum([0, *lengths])
        log_probs = np.empty((starts[-1], len(self.model.ontology.tags)), np.float32)
        vectors = np.empty((starts[-1], self.model.tagger.config.hidden_size), np.float32)
        for windows in by_length(packed, self.batch_pieces):
            batch, ranges = collate(windows, encoded, self.model.settings.pooling, self._pad_id)
            own = self.model.encode(batch.to(self.device))
            own_log_probs = self.model.score_tags(own).log_softmax(-1).cpu().numpy()
            own_vectors = own.cpu().numpy()
            for where in ranges:
                start = starts[where.sentence] + where.token_start
                rows = slice(start, start + where.n_tokens)
                source = slice(where.offset, where.offset + where.n_tokens)
                log_probs[rows] = own_log_probs[source]
                vectors[rows] = own_vectors[source]
        return log_probs, vectors

    def _score_candidates(
        self, lengths: Sequence[int], vectors: np.ndarray, votes: np.ndarray | None
    ) -> Iterator[CandidateScores]:
        """Score the spans of sentences.

        Args:
            lengths: Tokens of each sentence.
            vectors: Their token vectors, one sentence after the other.
            votes: What the lexicon says of the tags of these tokens.

        Yields:
            The scores of each sentence.
        """
        head = cast(SpanHead, self.model.span_head)
        starts = np.cumsum([0, *lengths]).tolist()
        for first, end in _groups(lengths, TOKENS_AT_ONCE):
            tokens = slice(starts[first], starts[end])
            candidates = make_candidates(lengths[first:end])
            own = torch.from_numpy(vectors[tokens]).to(self.device)
            logits = head(own, candidates.to(self.device))
            log_probs = logits.log_softmax(-1).cpu().numpy()
            bounds = candidates.numpy()
            own_votes = None
            if votes is not None:
                own_votes = span_log_probs(votes[tokens], bounds, self.model.ontology)
            self._settle(log_probs, own_votes, self.model.settings.span_temperature)
            shifts = np.array(starts[first:end]) - starts[first]
            cuts = np.searchsorted(bounds[:, 0], [*shifts, len(own)])
            for shift, low, high in zip(shifts, cuts, cuts[1:], strict=False):
                yield CandidateScores(bounds[low:high] - shift, log_probs[low:high])

    def _settle(self, log_probs: np.ndarray, votes: np.ndarray | None, temperature: float) -> None:
        """Let the lexicon vote on what the network says, and make its probabilities honest.

        The vote is a logarithmic opinion pool (Genest & Zidek 1986): a weighted geometric mean.

        Args:
            log_probs: What the network says, changed in place, shape ``(items, classes)``.
            votes: What the lexicon says, same shape.
            temperature: What the logarithms are divided by.
        """
        if votes is not None:
            log_probs += self.model.settings.lexicon_weight * (votes - log_probs)
        log_probs /= temperature
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


def _groups(lengths: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    """Cut a list into stretches (half-open) whose sum is at most ``most``, or of one entry."""
    first = total = 0
    for number, length in enumerate(lengths):
        if total + length > most and number > first:
            yield first, number
            first, total = number, 0
        total += length
    if first < len(lengths):
        yield first, len(lengths)


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
