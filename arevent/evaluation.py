"""A model and an annotated corpus to scores, a table of confusions and a model card."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import time
from pathlib import Path
from typing import Any

from arevent import __version__
from arevent.bundle import find_model
from arevent.card import write_card
from arevent.corpus import read_corpus
from arevent.extractor import Extractor
from arevent.scoring import score

SCORES = "scores.json"
CONFUSIONS = "confusions.tsv"


def evaluate(
    corpus: str | Path, model: str | Path | None = None, output: str | Path | None = None
) -> dict[str, Any]:
    """Score a model with its own linker and with the rule-based one.

    Args:
        corpus: Annotated corpus, JSONL.
        model: Model folder or hub name; the bundled model if ``None``.
        output: Folder for ``scores.json``, ``confusions.tsv`` and ``README.md``, the card;
            nothing is written if ``None``.

    Returns:
        ``model`` and ``rules``, what `arevent.scoring.score` gives for each linker, and
        ``about``: the corpus by name and checksum, speed and versions.

    Raises:
        FileNotFoundError: If there is no such corpus or model.
        CorpusError: If the corpus cannot be read.
    """
    path = find_model(model)
    gold = read_corpus(corpus)
    extractor = Extractor.from_pretrained(path)
    started = time.perf_counter()
    found = list(extractor.pipe(gold))
    seconds = time.perf_counter() - started
    rules = Extractor(extractor.tagger, linker="rules")
    n_sentences = sum(len(document.sentences) for document in gold)
    scores = {
        "model": score(gold, found, extractor.ontology),
        "rules": score(gold, list(rules.pipe(gold)), extractor.ontology),
        "about": {
            "corpus": Path(corpus).name,
            "corpus_sha256": hashlib.sha256(Path(corpus).read_bytes()).hexdigest(),
            "command": f"arevent evaluate {Path(corpus).name} --model {path.name}",
            "sentences_per_second": round(n_sentences / seconds, 1),
            "device": str(extractor.tagger.device),
            "versions": _versions(),
        },
    }
    if output is not None:
        write_reports(scores, Path(output))
    return scores


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
