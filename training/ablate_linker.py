"""Measure what each part of the linker brings, on vectors of a model that stay as they are.

    python training/ablate_linker.py TRAIN DEV --model models/arevent-base

Gold spans, so that the figures are the linker's alone; each row leaves one part out (its weights
are zero and stay so), and all are trained alike from the same seed. The encoder has seen the
training texts, which flatters all rows alike: compare rows.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from arevent.batching import make_pairs
from arevent.corpus import read_corpus
from arevent.extractor import Extractor, chunks
from arevent.heads import Linker, Pairs
from arevent.ontology import Ontology
from arevent.train.examples import SentenceTargets, allowed_roles, sentence_targets

PARTS = {
    "everything": (),
    "without the tokens between": ("between",),
    "without counts of spans between": ("triggers_between", "mentions_between"),
    "without rivals": ("rivals",),
    "without all three": ("between", "triggers_between", "mentions_between", "rivals"),
}
SENTENCES_AT_ONCE = 32
EPOCHS = 6
RATE = 2e-3


@dataclass(frozen=True, slots=True)
class Pool:
    """Sentences with their token vectors and targets, in the same order."""

    vectors: list[Tensor]
    targets: list[SentenceTargets]


@dataclass(frozen=True, slots=True)
class Task:
    """Pairs of some sentences, what they should give, and what the ontology allows them."""

    vectors: Tensor
    spans: Pairs
    roles: Tensor
    allowed: Tensor


def read(path: str, extractor: Extractor) -> Pool:
    """Read a corpus and encode its sentences; those without pairs are left out."""
    pool = Pool([], [])
    for documents in chunks(read_corpus(path)):
        scores = extractor.tagger.score([document.sentences for document in documents])
        targets = (t for d in documents for t in sentence_targets(d, extractor.ontology))
        for entry, target in zip(scores, targets, strict=True):
            if target.triggers and target.mentions:
                pool.vectors.append(torch.from_numpy(entry.vectors))
                pool.targets.append(target)
    return pool


def make_task(pool: Pool, chosen: Sequence[int], ontology: Ontology) -> Task:
    """Put sentences together."""
    sentences = []
    wanted = set()
    offset = n_triggers = n_mentions = 0
    for number in chosen:
        target = pool.targets[number]
        sentences.append((offset, target.triggers, target.mentions))
        wanted |= {(n_triggers + t, n_mentions + m, role) for t, m, role in target.roles}
        offset += len(pool.vectors[number])
        n_triggers += len(target.triggers)
        n_mentions += len(target.mentions)
    spans = make_pairs(ontology, sentences)
    pairs = spans.pairs.tolist()
    roles = torch.tensor(
        [[float((t, m, r) in wanted) for r in range(len(ontology.roles))] for t, m in pairs]
    )
    types, labels = spans.types[spans.pairs[:, 0]], spans.labels[spans.pairs[:, 1]]
    allowed = allowed_roles(ontology)[types, labels]
    return Task(torch.cat([pool.vectors[number] for number in chosen]), spans, roles, allowed)


def train(linker: Linker, tasks: Sequence[Task]) -> None:
    """Train the role head on gold spans; the learning rate falls to zero."""
    optimizer = torch.optim.AdamW((p for p in linker.parameters() if p.requires_grad), lr=RATE)
    n_steps = EPOCHS * len(tasks)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / n_steps)
    order = list(range(len(tasks)))
    linker.train()
    for _ in range(EPOCHS):
        random.shuffle(order)
        for number in order:
            task = tasks[number]
            logits = linker.score_roles(task.vectors, task.spans)
            loss = functional.binary_cross_entropy_with_logits(
                logits, task.roles, weight=task.allowed, reduction="sum"
            )
            (loss / len(task.roles)).backward()
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()


@torch.inference_mode()
def score(linker: Linker, task: Task) -> float:
    """Give F1 of roles between gold spans."""
    linker.eval()
    found = (linker.score_roles(task.vectors, task.spans) >= 0) & (task.allowed > 0)
    right = (found & (task.roles > 0)).sum()
    return float(2 * right / (found.sum() + task.roles.sum()))


def switch_off(linker: Linker, parts: Sequence[str]) -> None:
    """Set the weights of parts to zero for good."""
    for name in parts:
        for parameter in linker.get_submodule(name).parameters():
            nn.init.zeros_(parameter)
            parameter.requires_grad_(False)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("train")
    parser.add_argument("dev")
    parser.add_argument("--model", help="model folder; the bundled model if left out")
    parser.add_argument("--size", type=int, default=256, help="width of the hidden layers")
    options = parser.parse_args()
    extractor = Extractor.from_pretrained(options.model)
    ontology = extractor.ontology
    pool, held_out = read(options.train, extractor), read(options.dev, extractor)
    numbers = list(range(len(pool.targets)))
    random.Random(13).shuffle(numbers)
    tasks = [
        make_task(pool, numbers[first : first + SENTENCES_AT_ONCE], ontology)
        for first in range(0, len(numbers), SENTENCES_AT_ONCE)
    ]
    dev = make_task(held_out, range(len(held_out.targets)), ontology)
    print("| linker | F1 of roles, gold spans |\n| --- | --- |")
    for name, parts in PARTS.items():
        torch.manual_seed(13)
        random.seed(13)
        linker = Linker(dev.vectors.shape[1], ontology, options.size)
        switch_off(linker, parts)
        train(linker, tasks)
        print(f"| {name} | {score(linker, dev):.3f} |", flush=True)


if __name__ == "__main__":
    main()
