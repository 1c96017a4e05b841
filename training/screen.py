r"""Screen what may make training better: few runs, many levers, and the effect of each.

    python training/screen.py training/configs/screening.yaml --set output=build/screening

A lever is a change of settings. Runs are not one lever each: by a fractional factorial design
(Plackett & Burman 1946) every lever is on in half of the runs, and any two of them together in a
quarter, so that each effect is a difference of two means over all runs, and the noise of single
runs averages out. The first run has no lever. Effects of levers that work on each other are mixed
up: what looks good together with others is to be confirmed in a run of its own.

The config has ``base``, settings of a training run; ``every``, which share of the base's corpora
is learned from (3: each third document); and ``levers``, for each name its settings, where
``train`` is added to the base's corpora.

Under the output folder: ``run-0/`` and so on; ``rest.jsonl``, the documents of the base that no run
learns from, a large corpus to score single types on (`arevent evaluate`); when all runs are there,
``effects.json`` and ``effects.md``. ``--runs`` trains some alone, so that two calls can share the
work; a finished run is not trained again.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from arevent.cli.app import log_to_terminal
from arevent.corpus import read_corpus, write_corpus
from arevent.extractor import Extractor
from arevent.scoring import LAYERS, count
from arevent.train import TrainConfig
from arevent.train.checkpoints import RunFolder, checksums, claim_folder
from arevent.train.config import read_overrides
from arevent.train.failures import TrainingFailed
from arevent.train.trainer import train

FOUND = "found.jsonl"
GOLD = "gold.jsonl"
SETTINGS = "screening.json"
REST = "rest.jsonl"
SCORED = ("Tri-I", "Tri-C", "Arg-C", "mentions")
N_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Screening:
    """What is screened.

    Attributes:
        base: The training run without levers; its output is the folder of all runs.
        every: Learn from one document of so many.
        levers: For each lever the settings that it changes.
    """

    base: TrainConfig
    every: int
    levers: Mapping[str, Mapping[str, Any]]

    @classmethod
    def from_file(cls, path: Path, overrides: Mapping[str, Any]) -> Screening:
        """Read a YAML file, with some settings of the base replaced.

        Raises:
            ValueError: If a key is missing or unknown, here or in the settings.
        """
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.keys() != {"base", "every", "levers"}:
            raise ValueError(f"{path}: expected base, every and levers, found {data!r}")
        if not isinstance(data["base"], dict) or not isinstance(data["levers"], dict):
            raise ValueError(f"{path}: expected settings under base and under each of the levers")
        base = TrainConfig.from_dict({**data["base"], **overrides})
        return cls(base, int(data["every"]), data["levers"])

    @property
    def n_runs(self) -> int:
        """The smallest power of two that is above the number of levers, which two need at least."""
        return max(4, 1 << len(self.levers).bit_length())

    def levers_of(self, run: int) -> list[str]:
        """Give the levers that are on in a run: the signs of a Hadamard matrix (Sylvester 1867)."""
        return [
            name for column, name in enumerate(self.levers, 1) if (run & column).bit_count() % 2
        ]

    def config(self, run: int) -> TrainConfig:
        """Give the settings of a run; its corpora are still whole."""
        settings = self.base.to_dict()
        for name in self.levers_of(run):
            changes = dict(self.levers[name])
            more = changes.pop("train", [])
            settings["train"] += [more] if isinstance(more, str) else more
            settings.update(changes)
        return TrainConfig.from_dict({**settings, "output": str(self.folder(run) / "run")})

    def folder(self, run: int) -> Path:
        """Give where a run's files are."""
        return Path(self.base.output) / f"run-{run}"


def claim(screening: Screening) -> None:
    """Make the folder of all runs, or make sure that it belongs to this screening.

    Raises:
        ValueError: If its runs have other settings or corpora.
    """
    runs = map(screening.config, range(screening.n_runs))
    wanted = {
        "base": screening.base.to_dict(),
        "every": screening.every,
        "levers": dict(screening.levers),
        "sha256": {path: sum_ for run in runs for path, sum_ in checksums(run).items()},
    }
    claim_folder(Path(screening.base.output) / SETTINGS, wanted, "runs")


def do_run(screening: Screening, run: int) -> None:
    """Train the model of a run and read the dev corpus with it, unless that is done."""
    folder = screening.folder(run)
    if (folder / FOUND).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    config = screening.config(run)
    corpus = folder / "train.jsonl"
    documents = (read_corpus(path)[:: screening.every] for path in config.train)
    write_corpus([document for part in documents for document in part], corpus)
    files = RunFolder(Path(config.output))
    train(replace(config, train=(str(corpus),)))
    # The thresholds are not those that were fitted: all runs are to be read alike.
    extractor = Extractor.from_pretrained(files.best, threshold=0.5, role_threshold=0.5)
    write_corpus(extractor.pipe(read_corpus(config.dev)), folder / f"{FOUND}.new")
    (folder / f"{FOUND}.new").rename(folder / FOUND)  # what has this name is whole
    shutil.rmtree(files.checkpoint)  # eight times the model's size


def write_rest(screening: Screening) -> None:
    """Write the documents of the base's corpora that no run learns from."""
    documents = [
        document
        for path in screening.base.train
        for number, document in enumerate(read_corpus(path))
        if number % screening.every
    ]
    write_corpus(documents, Path(screening.base.output) / REST)


def counts_of(screening: Screening, run: int) -> np.ndarray:
    """Count what a run found, shape ``(layers, documents, 3)``: gold, predicted, correct."""
    # A corpus file drops the marks between sentences: gold goes the same way as what was found.
    folder = screening.folder(run)
    write_corpus(read_corpus(screening.base.dev), folder / GOLD)
    gold, found = read_corpus(folder / GOLD), read_corpus(folder / FOUND)
    if [document.text for document in gold] != [document.text for document in found]:
        raise ValueError(f"{folder / FOUND}: expected the documents of dev, found others")
    pairs = list(zip(gold, found, strict=True))
    counts = [[count(LAYERS[name](g), LAYERS[name](f)) for g, f in pairs] for name in SCORED]
    return np.array([[(c.gold, c.predicted, c.correct) for c in layer] for layer in counts])


def effects(screening: Screening) -> dict[str, Any]:
    """Compare the runs with and without each lever.

    Returns:
        ``runs``, for each its levers and F1 of every layer; ``effects``, for each lever and layer
        how much higher the mean F1 is with it, and the 95 % interval over documents (percentile
        bootstrap; the noise of training is not in it).
    """
    counts = np.stack([counts_of(screening, run) for run in range(screening.n_runs)])
    n_documents = counts.shape[2]
    draws = np.random.default_rng(13).integers(0, n_documents, (N_RESAMPLES, n_documents))
    whole = f1(counts.sum(axis=2))  # (runs, layers)
    # One layer at a time: all the resampled counts at once would fill the memory.
    resampled = np.stack([f1(counts[:, n][:, draws].sum(axis=2)) for n in range(len(SCORED))], 1)
    answer: dict[str, Any] = {"runs": [], "effects": {}}
    for run in range(screening.n_runs):
        scores = dict(zip(SCORED, whole[run].round(4).tolist(), strict=True))
        answer["runs"].append({"levers": screening.levers_of(run), **scores})
    for name in screening.levers:
        is_on = np.array([name in screening.levers_of(run) for run in range(screening.n_runs)])
        effect = whole[is_on].mean(axis=0) - whole[~is_on].mean(axis=0)
        spread = resampled[is_on].mean(axis=0) - resampled[~is_on].mean(axis=0)
        low, high = np.quantile(spread, [0.025, 0.975], axis=1)
        answer["effects"][name] = {
            layer: {"effect": round(e, 4), "interval": [round(a, 4), round(b, 4)]}
            for layer, e, a, b in zip(
                SCORED, effect.tolist(), low.tolist(), high.tolist(), strict=True
            )
        }
    return answer


def f1(counts: np.ndarray) -> np.ndarray:
    """Give F1 of gold, predicted and correct, which are the last axis."""
    scores: np.ndarray = 2 * counts[..., 2] / np.maximum(counts[..., 0] + counts[..., 1], 1)
    return scores


def tables(answer: Mapping[str, Any]) -> str:
    """Write runs and effects as tables of Markdown."""
    runs = [
        (str(number), ", ".join(run["levers"]) or "none", *(f"{run[name]:.3f}" for name in SCORED))
        for number, run in enumerate(answer["runs"])
    ]
    rows = [(name, *map(_with_interval, own.values())) for name, own in answer["effects"].items()]
    return "\n\n".join(
        (_table(("run", "levers", *SCORED), runs), _table(("lever", *SCORED), rows) + "\n")
    )


def _with_interval(entry: Mapping[str, Any]) -> str:
    low, high = entry["interval"]
    return f"{entry['effect']:+.3f} ({low:+.3f} to {high:+.3f})"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Read the command line, do runs, and print the effects when all are done."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("config", type=Path, help="YAML file of base, every and levers")
    parser.add_argument("--runs", type=int, nargs="+", help="do these alone")
    parser.add_argument("--set", action="append", default=[], help="of the base: name=value")
    args = parser.parse_args()
    log_to_terminal()
    try:
        screening = Screening.from_file(args.config, read_overrides(args.set))
        claim(screening)
        write_rest(screening)
        for run in range(screening.n_runs) if args.runs is None else args.runs:
            do_run(screening, run)
        if all((screening.folder(run) / FOUND).exists() for run in range(screening.n_runs)):
            answer = effects(screening)
            output = Path(screening.base.output)
            (output / "effects.json").write_text(json.dumps(answer, indent=1) + "\n")
            (output / "effects.md").write_text(tables(answer))
            print(tables(answer))
    except (ValueError, OSError, TrainingFailed) as error:
        raise SystemExit(f"screen: {error}") from error


if __name__ == "__main__":
    main()
