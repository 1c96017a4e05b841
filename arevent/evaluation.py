"""A model and an annotated corpus to scores, a table of confusions and a model card."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arevent import __version__
from arevent.bundle import find_model
from arevent.card import write_card
from arevent.chances import Chances, gold_chances
from arevent.document import Document
from arevent.extractor import Extractor, read_together
from arevent.scoring import read_gold, score, total

if TYPE_CHECKING:
    from arevent.tagger import SentenceScores

SCORES = "scores.json"
CONFUSIONS = "confusions.tsv"
THRESHOLDS = (0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95)
"""Values of `arevent.load(threshold=…)` whose precision and recall are measured."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model finds in an annotated corpus, and how good that is.

    Attributes:
        scores: What `evaluate` gives.
        gold: The annotated documents.
        found: The same documents as the model reads them with its own linker, in the same order.
        chances: What `arevent.chances.gold_chances` gives for the annotated documents.
    """

    scores: dict[str, Any]
    gold: Sequence[Document]
    found: Sequence[Document]
    chances: Sequence[Chances]


def evaluate(
    corpus: str | Path, model: str | Path | None = None, output: str | Path | None = None
) -> dict[str, Any]:
    """Score a model with its own linker, with the rule-based one, and at other thresholds.

    Args:
        corpus: Annotated corpus, JSONL.
        model: Model folder or hub name; the bundled model if ``None``.
        output: Folder for ``scores.json``, ``confusions.tsv`` and ``README.md``, the card;
            nothing is written if ``None``.

    Returns:
        ``model`` and ``rules``, what `arevent.scoring.score` gives for each linker;
        ``reliability``, what `arevent.calibration.reliability` gives for events, mentions and
        arguments; ``thresholds``, precision, recall and F1 of Tri-C and Arg-C for each of
        `THRESHOLDS`; and ``about``: the corpus by name and checksum, speed and versions.

    Raises:
        FileNotFoundError: If there is no such corpus or model.
        ValueError: If the corpus cannot be read or has no document.
    """
    scores = measure(corpus, model).scores
    if output is not None:
        write_reports(scores, Path(output))
    return scores


def measure(corpus: str | Path, model: str | Path | None = None) -> Evaluation:
    """Score a model as `evaluate` does, and keep what was read.

    Args:
        corpus: Annotated corpus, JSONL.
        model: Model folder or hub name; the bundled model if ``None``.

    Raises:
        FileNotFoundError: If there is no such corpus or model.
        ValueError: If the corpus cannot be read, has no document, labels that the model lacks or
            overlapping spans.
    """
    from arevent.calibration import judge, reliability

    path = find_model(model)
    extractor = Extractor.from_pretrained(path)
    gold = read_gold(corpus, extractor.ontology)
    if not gold:
        raise ValueError(f"{corpus}: expected annotated documents, found none")
    variants = {
        "model": extractor,
        "rules": Extractor(extractor.tagger, linker="rules"),
        **{
            str(value): Extractor(extractor.tagger, extractor.linker, threshold=value)
            for value in THRESHOLDS
        },
    }
    chances: list[Chances] = []

    def look_up(documents: Sequence[Document], scores: Sequence[SentenceScores]) -> None:
        chances.extend(gold_chances(documents, scores, extractor.tagger))

    found, seconds = read_together(gold, variants, look_up)
    n_sentences = sum(len(document.sentences) for document in gold)
    scores = {
        "model": score(gold, found["model"], extractor.ontology),
        "rules": score(gold, found["rules"], extractor.ontology),
        "reliability": {
            name: reliability(judged) for name, judged in judge(gold, found["model"]).items()
        },
        "thresholds": [
            {"threshold": value, **_trade(gold, found[str(value)])} for value in THRESHOLDS
        ],
        "about": {
            "corpus": Path(corpus).name,
            "corpus_sha256": hashlib.sha256(Path(corpus).read_bytes()).hexdigest(),
            "command": f"arevent evaluate {Path(corpus).name} --model {path.name}",
            "sentences_per_second": round(n_sentences / seconds, 1),
            "device": str(extractor.tagger.device),
            "versions": _versions(),
        },
    }
    return Evaluation(scores, gold, found["model"], chances)


def _trade(gold: Sequence[Document], found: Sequence[Document]) -> dict[str, Any]:
    """Give the figures of a threshold."""
    return {layer: total(gold, found, layer).to_dict() for layer in ("Tri-C", "Arg-C")}


def write_reports(scores: dict[str, Any], output: Path) -> None:
    """Write scores, confusions and the card into a folder."""
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(scores, indent=1, ensure_ascii=False) + "\n"
    (output / SCORES).write_text(text, encoding="utf-8")
    rows = [f"{c['gold']}\t{c['predicted']}\t{c['n']}" for c in scores["model"]["confusions"]]
    table = "\n".join(["gold\tpredicted\tn", *rows]) + "\n"
    (output / CONFUSIONS).write_text(table, encoding="utf-8")
    write_card(output)


def _versions() -> dict[str, str]:
    packages = ("torch", "transformers", "tokenizers", "numpy", "seqeval")
    return {
        "arevent": __version__,
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
    }
