r"""Cross-validate a training run: every document is read by a model that has not seen it.

    python training/cross_validate.py training/configs/folds.yaml --folds 5 --fresh \
        --set output=build/folds

The documents of the config's ``train`` are dealt out to folds that have their shares of every event
type; near-duplicates stay in one fold. A model trained on the other folds reads each. The config's
``dev`` chooses its best epoch, so that the documents that are read choose nothing.

Under the output folder: ``fold-1/`` and so on, each with its corpora, its model and what that
found; ``scores.json``, the pooled and the single scores; ``scores.md``, the same as tables. The
same command goes on after an interruption: a fold that is finished is not trained again.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arevent.cli.app import log_to_terminal
from arevent.corpus import read_corpus, write_corpus
from arevent.curation.options import SplitBy
from arevent.curation.split import split_corpus
from arevent.document import Document
from arevent.extractor import Extractor
from arevent.ontology import MODEL_FILE, Ontology
from arevent.scoring import score
from arevent.train import TrainConfig
from arevent.train.checkpoints import RunFolder, checksums, claim_folder
from arevent.train.config import read_overrides
from arevent.train.failures import TrainingFailed
from arevent.train.trainer import train

FOUND = "found.jsonl"
HELD_OUT = "held-out.jsonl"
SETTINGS = "cross-validation.json"
LAYERS = ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "mentions", "tags")
FIGURES = ("precision", "recall", "f1")
COUNTS = ("gold", "predicted", "correct")


@dataclass(frozen=True, slots=True)
class Fold:
    """A part of the corpus that a model has not seen.

    Attributes:
        name: Name of its folder.
        gold: Its documents.
        found: The same as the model reads them, in the same order.
    """

    name: str
    gold: list[Document]
    found: list[Document]


def cross_validate(
    config: TrainConfig, n_folds: int, *, is_encoder_fresh: bool = False
) -> dict[str, Any]:
    """Train, read and score all folds; write the scores into the config's output folder.

    Args:
        config: The training run.
        n_folds: How many folds.
        is_encoder_fresh: Whether an encoder that is an event model has not seen the corpus.

    Returns:
        ``pooled``, what `arevent.scoring.score` gives for all documents, and ``folds``, for each
        its name, number of documents and F1 of every layer.

    Raises:
        ValueError: If a fold would be empty, the output folder belongs to another run, or the
            encoder may have seen the corpus.
        TrainingFailed: If a run cannot go on.
    """
    if not is_encoder_fresh:
        _check_encoder(config)
    ontology = Ontology.from_file(config.ontology)
    documents = [document for path in config.train for document in read_corpus(path)]
    parts = make_folds(documents, n_folds, config.seed)
    output = Path(config.output)
    _claim_folder(output, config, n_folds)
    folds = []
    for name, positions in parts.items():
        held_out = [documents[number] for number in positions]
        rest = [documents[n] for other in parts if other != name for n in parts[other]]
        folds.append(read_fold(config, output / name, rest, held_out))
    scores = pool(folds, ontology)
    text = json.dumps(scores, indent=1, ensure_ascii=False) + "\n"
    (output / "scores.json").write_text(text, encoding="utf-8")
    (output / "scores.md").write_text(tables(scores), encoding="utf-8")
    return scores


def make_folds(
    documents: Sequence[Document], n_folds: int, seed: int
) -> dict[str, tuple[int, ...]]:
    """Deal documents out, each event type evenly.

    Returns:
        For each fold the positions of its documents.

    Raises:
        ValueError: If there are fewer than two folds, or one has no document.
    """
    if n_folds < 2:
        raise ValueError(f"folds: expected at least 2, found {n_folds}")
    shares = {f"fold-{number}": 1 / n_folds for number in range(1, n_folds + 1)}
    parts = split_corpus(documents, shares, SplitBy.TYPE, seed).parts
    empty = [name for name, positions in parts.items() if not positions]
    if empty:
        raise ValueError(
            f"folds: expected a document for each of {n_folds}, found none for {', '.join(empty)}; "
            f"there are {len(documents)} documents, and near-duplicates stay together"
        )
    return parts


def read_fold(
    config: TrainConfig, folder: Path, rest: Sequence[Document], held_out: Sequence[Document]
) -> Fold:
    """Read documents with a model trained on the rest, or take what an earlier call has read.

    Args:
        config: The training run; corpus and output are replaced.
        folder: Where the fold's files are.
        rest: What the model learns from.
        held_out: What it reads.
    """
    if not (folder / FOUND).exists():
        folder.mkdir(parents=True, exist_ok=True)
        corpus, run = folder / "train.jsonl", RunFolder(folder / "run")
        write_corpus(rest, corpus)
        write_corpus(held_out, folder / HELD_OUT)
        train(replace(config, train=(str(corpus),), output=str(run.path)))
        found = Extractor.from_pretrained(run.best).pipe(read_corpus(folder / HELD_OUT))
        write_corpus(found, folder / f"{FOUND}.new")
        (folder / f"{FOUND}.new").rename(folder / FOUND)  # what has this name is whole
        shutil.rmtree(run.checkpoint)  # eight times the model's size
    return Fold(folder.name, read_corpus(folder / HELD_OUT), read_corpus(folder / FOUND))


def pool(folds: Sequence[Fold], ontology: Ontology) -> dict[str, Any]:
    """Score the documents of all folds together, and those of each."""
    single = [score(fold.gold, fold.found, ontology, n_resamples=0) for fold in folds]
    return {
        "pooled": score(
            [document for fold in folds for document in fold.gold],
            [document for fold in folds for document in fold.found],
            ontology,
        ),
        "folds": [
            {
                "fold": fold.name,
                "documents": len(fold.gold),
                **{layer: scores[layer]["f1"] for layer in LAYERS},
                "modality": scores["modality"]["accuracy"],
            }
            for fold, scores in zip(folds, single, strict=True)
        ],
    }


def tables(scores: Mapping[str, Any]) -> str:
    """Write scores as tables of Markdown."""
    pooled, folds = scores["pooled"], scores["folds"]
    modality = pooled["modality"]
    layers = [
        (
            layer,
            *(f"{pooled[layer][figure]:.3f}" for figure in FIGURES),
            *(f"{fold[layer]:.3f}" for fold in folds),
        )
        for layer in LAYERS
    ]
    names = {name: entry for name, entry in modality.items() if isinstance(entry, dict)}
    return "\n\n".join(
        (
            f"{pooled['documents']} documents, {pooled['sentences']} sentences, each read by a "
            f"model that has not seen it. Spans are exact.",
            _table(("", *FIGURES, *(f"f1 of {fold['fold']}" for fold in folds)), layers),
            _table(("type", *FIGURES, *COUNTS), _rows(pooled["types"])),
            f"Of the {modality['matched']} triggers that are right in span and type, "
            f"{modality['accuracy']:.3f} have the right modality:",
            _table(("modality", *FIGURES, *COUNTS), _rows(names)) + "\n",
        )
    )


def _rows(entries: Mapping[str, Mapping[str, Any]]) -> Iterable[Sequence[str]]:
    for name, entry in entries.items():
        yield (
            name,
            *(f"{entry[figure]:.3f}" for figure in FIGURES),
            *(str(entry[count]) for count in COUNTS),
        )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])


def _check_encoder(config: TrainConfig) -> None:
    """Refuse an encoder that has learned events: it may have read the held-out documents."""
    if config.encoder is None:
        found = "none, which means the bundled model's"
    elif (Path(config.encoder) / MODEL_FILE).exists():
        found = f"an event model, {config.encoder}"
    else:
        return
    raise ValueError(
        f"encoder: expected one that has not seen the corpus, found {found}; name a pretrained "
        f"encoder with --set encoder=…, or say --fresh if no document was among its training data"
    )


def _claim_folder(output: Path, config: TrainConfig, n_folds: int) -> None:
    """Make the output folder, or make sure that it belongs to this cross-validation."""
    wanted = {"config": config.to_dict(), "folds": n_folds, "sha256": checksums(config)}
    claim_folder(output / SETTINGS, wanted, "folds")


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("config", type=Path, help="settings as arevent train takes them, YAML")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--fresh", action="store_true", help="the encoder, an event model, has not seen the corpus"
    )
    args = parser.parse_args()
    log_to_terminal()
    try:
        config = TrainConfig.from_file(args.config, read_overrides(args.settings))
        scores = cross_validate(config, args.folds, is_encoder_fresh=args.fresh)
    except (ValueError, OSError, TrainingFailed) as error:
        raise SystemExit(f"cross_validate: {error}") from error
    print(tables(scores))


if __name__ == "__main__":
    main()
