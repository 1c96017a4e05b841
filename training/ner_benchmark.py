"""Measure an encoder on a public NER corpus such as CLEANANERCorp: strict IOB2, micro F1.

    python training/ner_benchmark.py build/encoder --train train.txt --test test.txt

The corpora have a token and its tag a line, and an empty line after each sentence. All of the
encoder is trained, with one learning rate; a token is tagged at its first piece.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm
from transformers import AutoModelForTokenClassification, AutoTokenizer, PreTrainedModel
from transformers import get_linear_schedule_with_warmup as linear_schedule

from arevent.cli.app import log_to_terminal
from arevent.scoring import seqeval_scores

MAX_PIECES = 512
WARMUP = 0.1


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """Tokens and their IOB2 tags."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EncodedSentence:
    """What the encoder reads.

    Attributes:
        ids: Vocabulary ids, shape ``(pieces,)``.
        tokens: Positions of the tokens that have a piece; those cut off at the end have none.
        first: Position of the first piece of each.
        targets: Tag number of each.
    """

    ids: tuple[int, ...]
    tokens: tuple[int, ...]
    first: tuple[int, ...]
    targets: tuple[int, ...]


def read_tagged(path: Path) -> list[TaggedSentence]:
    """Read a corpus.

    Raises:
        ValueError: If a line is not a token and a tag, or there is none.
    """
    sentences: list[TaggedSentence] = []
    rows: list[tuple[str, str]] = []
    for number, line in enumerate([*path.read_text(encoding="utf-8").split("\n"), ""], 1):
        if line.strip():
            token, *rest = line.rsplit(maxsplit=1)
            tag = rest[0] if rest else ""
            if tag != "O" and tag[:2] not in ("B-", "I-"):
                raise ValueError(f"{path}:{number}: expected «token tag», found {line!r}")
            rows.append((token.strip(), tag))
        elif rows:
            sentences.append(TaggedSentence(*map(tuple, zip(*rows, strict=True))))
            rows = []
    if not sentences:
        raise ValueError(f"{path}: expected tagged sentences, found none")
    return sentences


class Benchmark:
    """Trains a token classifier on an encoder, and scores it.

    Args:
        encoder: Folder or hub name.
        train: What to learn from; it has all the tags.
        seed: Of weights, order and dropout.
    """

    def __init__(self, encoder: str, train: Sequence[TaggedSentence], seed: int) -> None:
        torch.manual_seed(seed)
        self.draw = random.Random(seed)
        self.tags = sorted({tag for sentence in train for tag in sentence.tags})
        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        self.model: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
            encoder,
            dtype=torch.float32,
            num_labels=len(self.tags),
            id2label=dict(enumerate(self.tags)),
            label2id={tag: number for number, tag in enumerate(self.tags)},
            attention_probs_dropout_prob=0.0,
            ignore_mismatched_sizes=True,  # of an event model, the encoder is what counts
        )
        # Two positions stay free: some models count from their padding.
        self.max_pieces = min(MAX_PIECES, self.model.config.max_position_embeddings - 2)
        self.sentences = self._encode(train)

    def train(self, epochs: int, batch_size: int, rate: float) -> None:
        """Go through the corpus some times; the rate rises for a tenth of the steps, then falls."""
        steps = epochs * -(-len(self.sentences) // batch_size)
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=rate, weight_decay=0.01)
        schedule = linear_schedule(optimizer, round(WARMUP * steps), steps)
        self.model.train()
        with tqdm(total=steps, unit="batch", mininterval=10.0) as bar:
            for _ in range(epochs):
                for batch in self._batches(batch_size):
                    logits = self._logits(batch)
                    targets = torch.tensor([t for sentence in batch for t in sentence.targets])
                    loss = torch.nn.functional.cross_entropy(logits, targets)
                    loss.backward()
                    torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                    optimizer.step()
                    schedule.step()
                    optimizer.zero_grad()
                    bar.update()

    @torch.inference_mode()
    def evaluate(self, test: Sequence[TaggedSentence]) -> dict[str, float | int]:
        """Score a corpus; tokens without a piece are read as ``O``."""
        self.model.eval()
        predicted = []
        for sentence, encoded in zip(test, self._encode(test), strict=True):
            tags = ["O"] * len(sentence.tokens)
            best = self._logits([encoded]).argmax(-1).tolist()
            for token, index in zip(encoded.tokens, best, strict=True):
                tags[token] = self.tags[index]
            predicted.append(tags)
        return seqeval_scores([list(sentence.tags) for sentence in test], predicted)

    def save(self, output: Path) -> None:
        """Write the model: an encoder that has seen names."""
        self.model.save_pretrained(output)
        self.tokenizer.save_pretrained(output)

    def _encode(self, sentences: Sequence[TaggedSentence]) -> list[EncodedSentence]:
        numbers = {tag: index for index, tag in enumerate(self.tags)}
        encoded = self.tokenizer(
            [list(sentence.tokens) for sentence in sentences],
            is_split_into_words=True,
            truncation=True,
            max_length=self.max_pieces,
        )
        answer = []
        for row, sentence in enumerate(sentences):
            first: dict[int, int] = {}
            for piece, word in enumerate(encoded.word_ids(row)):
                if word is not None:
                    first.setdefault(word, piece)
            # A tag that only the test corpus has can not be learned; it is scored all the same.
            targets = [numbers.get(sentence.tags[token], 0) for token in first]
            ids = tuple(encoded["input_ids"][row])
            answer.append(EncodedSentence(ids, tuple(first), tuple(first.values()), tuple(targets)))
        return answer

    def _batches(self, size: int) -> Iterator[list[EncodedSentence]]:
        """Draw batches of sentences that are similarly long."""
        order = sorted(self.sentences, key=lambda s: len(s.ids) * self.draw.uniform(0.8, 1.25))
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        self.draw.shuffle(batches)
        yield from batches

    def _logits(self, batch: Sequence[EncodedSentence]) -> Tensor:
        """Give the tag logits of all tokens of a batch, shape ``(tokens, tags)``."""
        width = max(len(sentence.ids) for sentence in batch)
        ids = torch.full((len(batch), width), self.tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, sentence in enumerate(batch):
            ids[row, : len(sentence.ids)] = torch.tensor(sentence.ids)
            mask[row, : len(sentence.ids)] = 1
        logits: Tensor = self.model(input_ids=ids, attention_mask=mask).logits
        where = [row * width + piece for row, own in enumerate(batch) for piece in own.first]
        return logits.flatten(0, 1)[torch.tensor(where, dtype=torch.long)]


def main() -> None:
    """Read the command line and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("encoder", help="folder or hub name")
    parser.add_argument("--train", type=Path, required=True, help="tagged corpus to learn from")
    parser.add_argument("--test", type=Path, required=True, help="tagged corpus to score")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch-size", type=int, default=16, help="sentences a step")
    parser.add_argument("--rate", type=float, default=3e-4, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--output", type=Path, help="folder to keep the model in")
    args = parser.parse_args()
    log_to_terminal()
    try:
        train, test = read_tagged(args.train), read_tagged(args.test)
        benchmark = Benchmark(args.encoder, train, args.seed)
        started = time.monotonic()
        benchmark.train(args.epochs, args.batch_size, args.rate)
        if args.output:
            benchmark.save(args.output)
        scores = benchmark.evaluate(test)
    except (ValueError, OSError, ImportError) as error:
        raise SystemExit(f"ner_benchmark: {error}") from error
    minutes = round((time.monotonic() - started) / 60, 1)
    print(json.dumps({"epochs": args.epochs, **scores, "minutes": minutes}))


if __name__ == "__main__":
    main()
