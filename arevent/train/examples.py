"""Annotated documents to batches with their targets."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from arevent.batching import collate, make_candidates, make_pairs
from arevent.document import Document, Sentence, TaggedSpan
from arevent.heads import MAX_SPAN, Pairs
from arevent.model import Batch
from arevent.ontology import Ontology
from arevent.pieces import PieceEncoder, PieceSentence, Window
from arevent.scoring import sentence_spans
from arevent.spans import tags_of


@dataclass(frozen=True, slots=True)
class SentenceTargets:
    """What a sentence should give.

    Attributes:
        tags: Positions in the tag set, one a token.
        triggers: Spans of event types.
        mentions: Spans of mention labels.
        modalities: Positions of the triggers' modalities in the ontology.
        roles: (trigger, mention, role) positions that hold.
    """

    tags: list[int]
    triggers: list[TaggedSpan]
    mentions: list[TaggedSpan]
    modalities: list[int]
    roles: list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Example:
    """A batch with its targets.

    Attributes:
        batch: What the encoder reads.
        spans: Gold triggers and mentions, and all their pairs within a sentence.
        candidates: Spans that may have a label, shape ``(candidates, 2)``, see `make_candidates`.
        tags: Tag of each token, shape ``(tokens,)``.
        labels: Label of each candidate by position in the ontology's span labels, and their number
            for those that have none, shape ``(candidates,)``.
        roles: 1 where a role holds, shape ``(pairs, roles)``.
        allowed: 1 where the ontology lets a role hold, shape ``(pairs, roles)``.
        modalities: Modality of each trigger, shape ``(triggers,)``.
    """

    batch: Batch
    spans: Pairs
    candidates: Tensor
    tags: Tensor
    labels: Tensor
    roles: Tensor
    allowed: Tensor
    modalities: Tensor

    def to(self, device: torch.device) -> Example:
        """Give the same on another device."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return Example(**{name: value.to(device) for name, value in values.items()})


class ExampleMaker:
    """Cuts an annotated corpus into batches, in a new way every epoch.

    Args:
        documents: The corpus; the ontology has all its labels.
        pieces: Cuts and packs sentences.
        ontology: Gives labels their numbers and roles their constraints.
        pooling: How the pieces of a token become one vector.
        pad_id: Vocabulary id that fills short windows.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        pieces: PieceEncoder,
        ontology: Ontology,
        pooling: str,
        pad_id: int,
    ) -> None:
        self._pieces = pieces
        self._ontology = ontology
        self._pooling = pooling
        self._pad_id = pad_id
        self._allowed = allowed_roles(ontology)
        self._documents = [
            (pieces.encode(document.sentences), list(sentence_targets(document, ontology)))
            for document in documents
        ]

    def epoch(
        self, window_pieces: Sequence[int], batch_pieces: int, seed: int
    ) -> Iterator[list[tuple[int, list[Window]]]]:
        """Plan the batches of an epoch: groups of windows of similar length, in random order.

        Args:
            window_pieces: Window lengths to draw from for each document.
            batch_pieces: Pieces of a batch, padding included.
            seed: Of the draw; the same seed gives the same plan.

        Yields:
            For each batch, windows with the position of their document.
        """
        draw = random.Random(seed)
        units: list[tuple[int, list[Window]]] = []
        for number, (sentences, _) in enumerate(self._documents):
            windows = self._pieces.pack(sentences, draw.choice(window_pieces))
            units += [(number, group) for group in _whole_sentences(windows)]
        # A little noise in the lengths gives other neighbours in every epoch.
        units.sort(key=lambda unit: _width(unit) * draw.uniform(0.9, 1.1))
        batches: list[list[tuple[int, list[Window]]]] = []
        width = 0
        for unit in units:
            width = max(width, _width(unit))
            rows = sum(len(windows) for _, windows in batches[-1]) if batches else 0
            if not batches or width * (rows + len(unit[1])) > batch_pieces:
                batches.append([])
                width = _width(unit)
            batches[-1].append(unit)
        draw.shuffle(batches)
        yield from batches

    def make(self, plan: Sequence[tuple[int, list[Window]]]) -> Example:
        """Turn one planned batch into tensors."""
        sentences: list[PieceSentence] = []
        targets: list[SentenceTargets] = []
        windows: list[Window] = []
        for number, own in plan:
            encoded, own_targets = self._documents[number]
            first = len(sentences)
            sentences += encoded
            targets += own_targets
            windows += [window.renumbered(first) for window in own]
        batch, ranges = collate(windows, sentences, self._pooling, self._pad_id)
        # The parts of a sentence that is spread over windows follow each other.
        read = [(where.sentence, where.offset) for where in ranges if where.token_start == 0]
        spans = make_pairs(
            self._ontology,
            [(offset, targets[s].triggers, targets[s].mentions) for s, offset in read],
        )
        own_targets = [targets[sentence] for sentence, _ in read]
        candidates = make_candidates([len(target.tags) for target in own_targets])
        return Example(
            batch,
            spans,
            candidates,
            torch.tensor([tag for target in own_targets for tag in target.tags]),
            self._labels_of(spans, candidates, batch.n_tokens),
            self._role_targets(own_targets, spans.pairs),
            self._allowed[spans.types[spans.pairs[:, 0]], spans.labels[spans.pairs[:, 1]]],
            torch.tensor([m for target in own_targets for m in target.modalities]).long(),
        )

    def _labels_of(self, spans: Pairs, candidates: Tensor, n_tokens: int) -> Tensor:
        labels = torch.full((n_tokens, MAX_SPAN), len(self._ontology.span_labels))
        types = spans.types + len(self._ontology.mention_labels)
        for bounds, own in ((spans.mentions, spans.labels), (spans.triggers, types)):
            n_more = bounds[:, 1] - bounds[:, 0]
            fits = n_more < MAX_SPAN
            labels[bounds[fits, 0], n_more[fits]] = own[fits]
        return labels[candidates[:, 0], candidates[:, 1] - candidates[:, 0]]

    def _role_targets(self, targets: Sequence[SentenceTargets], pairs: Tensor) -> Tensor:
        roles = torch.zeros(len(pairs), len(self._ontology.roles))
        row = {(trigger, mention): index for index, (trigger, mention) in enumerate(pairs.tolist())}
        first_trigger = first_mention = 0
        for target in targets:
            for trigger, mention, role in target.roles:
                index = row.get((first_trigger + trigger, first_mention + mention))
                if index is not None:  # within reach of each other
                    roles[index, role] = 1
            first_trigger += len(target.triggers)
            first_mention += len(target.mentions)
        return roles


def sentence_targets(document: Document, ontology: Ontology) -> Iterator[SentenceTargets]:
    """Give the targets of each sentence of a document."""
    tag_ids = {tag: index for index, tag in enumerate(ontology.tags)}
    modality_ids = {name: index for index, name in enumerate(ontology.modalities)}
    role_ids = {name: index for index, name in enumerate(ontology.roles)}
    events = {(e.trigger.start, e.trigger.end, e.type): e for e in document.events}
    for sentence, spans in sentence_spans(document, ontology):
        triggers = [span for span in spans if span.label in ontology.event_types]
        mentions = [span for span in spans if span.label not in ontology.event_types]
        own = [events[(*_characters(sentence, span), span.label)] for span in triggers]
        position = {_characters(sentence, span): index for index, span in enumerate(mentions)}
        yield SentenceTargets(
            [tag_ids[tag] for tag in tags_of(len(sentence.tokens), spans)],
            triggers,
            mentions,
            [modality_ids[event.modality] for event in own],
            [
                (number, position[mention.start, mention.end], role_ids[argument.role])
                for number, event in enumerate(own)
                for argument in event.arguments
                if (mention := argument.mention)
            ],
        )


def _characters(sentence: Sentence, span: TaggedSpan) -> tuple[int, int]:
    return sentence.tokens[span.token_start].start, sentence.tokens[span.token_end - 1].end


def allowed_roles(ontology: Ontology) -> Tensor:
    """Tabulate what the ontology allows, shape ``(types, labels, roles)``."""
    return torch.tensor(
        [
            [
                [float(ontology.allows(name, role, label)) for role in ontology.roles]
                for label in ontology.mention_labels
            ]
            for name in ontology.event_types
        ]
    )


def _whole_sentences(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Keep the windows over which one sentence is spread together."""
    group: list[Window] = []
    for window in windows:
        if group and window.segments[0].token_start == 0:
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def _width(unit: tuple[int, list[Window]]) -> int:
    return max(len(window.ids) for window in unit[1])
