"""What is reached without an encoder: a feature CRF and the rule-based linker.

    pip install sklearn-crfsuite
    python training/crf_baseline.py gold-train.jsonl --dev gold-dev.jsonl --output crf-scores.json

The CRF (Lafferty, McCallum & Pereira 2001) tags words with the project's own BIO tags, from their
letters and their neighbours; `link_by_rules` fills the roles, and every event has the default
modality. Prints the figures of `arevent evaluate`; the file holds all of `arevent.scoring.score`.
``--save`` keeps the CRF, which `label_silver.py` lets vote beside a model.
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from arevent.cli.app import print_scores
from arevent.corpus import check_labels, read_corpus
from arevent.document import Document, EventFrame, Mention, Sentence
from arevent.frames import assemble_frames, make_mentions
from arevent.lexicon import sentence_features
from arevent.linking import link_by_rules
from arevent.ontology import Ontology
from arevent.scoring import score, sentence_spans
from arevent.spans import spans_of, tags_of
from arevent.values.annotate import add_values

SETTINGS: dict[str, Any] = {
    "algorithm": "lbfgs",
    "c1": 0.05,
    "c2": 0.05,
    "max_iterations": 100,
    "min_freq": 2,  # seen once, a feature says little, and half of all features are
    "all_possible_transitions": False,
}
"""What the CRF is trained with: three minutes of a core for 160,000 words."""
LOWEST = 1e-6
"""Probability of a tag that the CRF has ruled out, so that other models can still vote for it."""


def train_crf(documents: Sequence[Document], ontology: Ontology, settings: dict[str, Any]) -> Any:
    """Train a tagger on annotated documents.

    Args:
        documents: The documents.
        ontology: Chooses among several types of a trigger.
        settings: Arguments of `sklearn_crfsuite.CRF`.

    Returns:
        A fitted `sklearn_crfsuite.CRF`.

    Raises:
        ImportError: If sklearn-crfsuite is not installed.
    """
    try:
        from sklearn_crfsuite import CRF
    except ImportError as error:
        raise ImportError(
            "the baseline needs sklearn-crfsuite, which is not installed; run: "
            "pip install sklearn-crfsuite"
        ) from error
    read = [entry for document in documents for entry in sentence_spans(document, ontology)]
    # The features go to the CRF sentence by sentence: all at once would fill the memory.
    features = (sentence_features(sentence) for sentence, _ in read)
    tags = (tags_of(len(sentence.tokens), spans) for sentence, spans in read)
    return CRF(**settings).fit(features, tags)


def tag_log_probs(crf: Any, sentence: Sentence, tags: Sequence[str]) -> np.ndarray:
    """Give the log probabilities of the tags, shape ``(tokens, tags)``: the CRF's marginals."""
    marginals = crf.predict_marginals_single(sentence_features(sentence))
    rows = [[max(own.get(tag, 0.0), LOWEST) for tag in tags] for own in marginals]
    probs = np.array(rows, dtype=np.float32).reshape(len(rows), len(tags))
    log_probs: np.ndarray = np.log(probs / probs.sum(axis=1, keepdims=True))
    return log_probs


def read_document(crf: Any, document: Document, ontology: Ontology) -> Document:
    """Annotate a document as the CRF and the rules read it.

    Args:
        crf: What `train_crf` gave.
        document: A document with its sentences; its own annotation is left aside.
        ontology: The labels.

    Returns:
        The document with mentions and events; all scores are 1.
    """
    mentions: list[Mention] = []
    events: list[EventFrame] = []
    for sentence in document.sentences:
        spans = spans_of(crf.predict_single(sentence_features(sentence)))
        triggers = [span for span in spans if span.label in ontology.event_types]
        fillers = [span for span in spans if span.label not in ontology.event_types]
        own = make_mentions(document.text, sentence, fillers)
        links = link_by_rules(sentence, triggers, fillers, ontology)
        mentions += own
        events += assemble_frames(document.text, sentence, triggers, own, links, None, ontology)
    return add_values(replace(document, mentions=tuple(mentions), events=tuple(events)))


def run(
    train: Sequence[Path], dev: Path, every: int, iterations: int, save: Path | None = None
) -> dict[str, Any]:
    """Train on annotated corpora and score on another.

    Args:
        train: Annotated corpora.
        dev: Annotated corpus that is scored.
        every: Read one training document of so many.
        iterations: How long to train at most.
        save: File to keep the CRF in, a pickle: load it from those you trust alone.

    Returns:
        ``rules``, what `arevent.scoring.score` gives, and ``about``, settings and time.
    """
    ontology = Ontology.from_file()
    documents = [document for path in train for document in read_corpus(path)[::every]]
    gold = read_corpus(dev)
    check_labels([*documents, *gold], ontology)
    settings = {**SETTINGS, "max_iterations": iterations}
    started = time.perf_counter()
    crf = train_crf(documents, ontology, settings)
    minutes = (time.perf_counter() - started) / 60
    if save:
        save.write_bytes(pickle.dumps(crf))
    found = [read_document(crf, document, ontology) for document in gold]
    return {
        "rules": score(gold, found, ontology),
        "about": {
            "train": [path.name for path in train],
            "train_documents": len(documents),
            "dev": dev.name,
            "settings": settings,
            "features": crf.num_attributes_,
            "minutes": round(minutes, 1),
        },
    }


def main() -> None:
    """Read the command line, train, and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("train", type=Path, nargs="+", help="annotated corpora, JSONL")
    parser.add_argument("--dev", type=Path, required=True, help="annotated corpus that is scored")
    parser.add_argument("--output", type=Path, help="file for the scores, JSON")
    parser.add_argument("--save", type=Path, help="file for the CRF itself")
    parser.add_argument(
        "--every", type=int, default=1, help="read one training document of so many"
    )
    parser.add_argument("--iterations", type=int, default=SETTINGS["max_iterations"])
    args = parser.parse_args()
    try:
        scores = run(args.train, args.dev, args.every, args.iterations, args.save)
    except (ValueError, OSError, ImportError) as error:
        raise SystemExit(f"crf_baseline: {error}") from error
    print_scores({**scores, "model": scores["rules"]})  # it has no other linker than the rules
    if args.output:
        text = json.dumps(scores, indent=1, ensure_ascii=False) + "\n"
        args.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
