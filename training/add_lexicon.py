"""Give a trained model a lexicon, as `arevent train` does with ``lexicon_weight`` at its end.

    python training/add_lexicon.py runs/first/best --train train.jsonl --dev dev.jsonl

The network stays as it is; temperatures and thresholds are fitted anew on ``--dev``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from arevent.calibration import calibrate
from arevent.corpus import check_labels, read_corpus
from arevent.lexicon import LEXICON_FILE
from arevent.model import update_settings
from arevent.ontology import Ontology
from arevent.train.lexicon import train_lexicon


def add_lexicon(model: Path, train: list[Path], dev: Path, weight: float) -> dict[str, float]:
    """Write a lexicon into a model's folder.

    Args:
        model: The folder.
        train: Annotated corpora to learn from; those of the model.
        dev: Annotated corpus that the model is calibrated on.
        weight: The lexicon's share in the vote on triggers.

    Returns:
        The temperatures and thresholds.
    """
    ontology = Ontology.from_model(model)
    documents = [document for path in train for document in read_corpus(path)]
    check_labels(documents, ontology)
    train_lexicon(documents, ontology).save(model / LEXICON_FILE)
    update_settings(model, {"lexicon_weight": weight})
    return calibrate(model, dev)


def main() -> None:
    """Read the command line and print temperatures and thresholds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", type=Path, help="model folder, changed in place")
    parser.add_argument("--train", type=Path, nargs="+", required=True, help="annotated corpora")
    parser.add_argument("--dev", type=Path, required=True, help="corpus to calibrate on")
    parser.add_argument("--weight", type=float, default=0.25, help="share in the vote on triggers")
    args = parser.parse_args()
    try:
        fitted = add_lexicon(args.model, args.train, args.dev, args.weight)
    except (ValueError, OSError) as error:
        raise SystemExit(f"add_lexicon: {error}") from error
    print(json.dumps(fitted, indent=1))


if __name__ == "__main__":
    main()
