"""Give a trained model a lexicon, as `arevent train` does with ``lexicon_weight`` at its end.

    python training/add_lexicon.py runs/first/best --train train.jsonl --dev dev.jsonl

The network stays as it is; temperatures and thresholds are fitted anew on ``--dev``.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from arevent.calibration import calibrate
from arevent.lexicon import LEXICON_FILE
from arevent.model import update_settings
from arevent.ontology import Ontology
from arevent.scoring import read_gold
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

    Raises:
        ValueError: If a corpus cannot be used or the weight is no share; the model is unchanged.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"--weight: expected a share from 0 up to 1, found {weight}")
    ontology = Ontology.from_model(model)
    documents = [document for path in train for document in read_gold(path, ontology)]
    with TemporaryDirectory(dir=model.resolve().parent) as folder:
        changed = Path(shutil.copytree(model, Path(folder) / model.name))
        train_lexicon(documents, ontology).save(changed / LEXICON_FILE)
        update_settings(changed, {"lexicon_weight": weight})
        fitted = calibrate(changed, dev)
        for name in (LEXICON_FILE, "config.json"):
            (changed / name).replace(model / name)
    return fitted


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
