"""The folder of a run: what is in it is always whole, at whatever moment the run is killed.

A folder is written beside its predecessor, flushed to the disk and then put in its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from arevent.train.config import TrainConfig
from arevent.train.failures import TrainingFailed

CHECKPOINT = "checkpoint"
METRICS = "metrics.jsonl"
BEST = "best"
SETTINGS = "config.json"
CORPORA = "corpora.json"

MAY_CHANGE = ("output", "checkpoint_minutes")
"""Settings that do not change what a run learns."""


def checksums(config: TrainConfig) -> dict[str, str]:
    """Give the SHA-256 of every file of labels that a run reads, by its path."""
    paths = (*config.train, config.dev, config.ontology)
    return {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths if path}


def claim_folder(file: Path, wanted: dict[str, Any], what: str) -> None:
    """Make a folder for several runs, or make sure that what is in it belongs to them.

    Args:
        file: Where in it is kept whose it is.
        wanted: Settings and checksums, as JSON has them.
        what: What the runs are called.

    Raises:
        ValueError: If the folder belongs to others.
    """
    if file.exists() and json.loads(file.read_text(encoding="utf-8")) != wanted:
        raise ValueError(
            f"{file.parent} holds {what} of other settings or corpora ({file}); give another "
            f"output folder with --set output=…, or delete this one"
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")


class RunFolder:
    """The output folder of a run.

    Args:
        path: The folder; made where it is missing.

    Attributes:
        path: The folder.
        best: The model of the best epoch.
        checkpoint: From where an interrupted run goes on.
        metrics: One line an epoch.
        settings: The run's settings.
        corpora: Checksums of the files that it reads.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.best = self.path / BEST
        self.checkpoint = self.path / CHECKPOINT
        self.metrics = self.path / METRICS
        self.settings = self.path / SETTINGS
        self.corpora = self.path / CORPORA

    def prepare(self, config: TrainConfig, n_processes: int, resume: bool) -> None:
        """Make the folder, or make sure that what is in it belongs to this run.

        Args:
            config: The run.
            n_processes: How many processes it has.
            resume: Keep the checkpoint, if there is one.

        Raises:
            TrainingFailed: If the folder cannot be written, or its checkpoint is of another run.
        """
        with _writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            for place in (self.best, self.checkpoint):
                _restore(place)
            if not resume:
                shutil.rmtree(self.checkpoint, ignore_errors=True)
                self.metrics.unlink(missing_ok=True)
        found = checksums(config)
        if self.checkpoint.exists():
            self._check_settings(config)
            self._check_corpora(found)
            self._check_processes(n_processes)
        self.write_text(self.settings, json.dumps(config.to_dict(), indent=1) + "\n")
        self.write_text(self.corpora, json.dumps(found, indent=1) + "\n")

    def _check_settings(self, config: TrainConfig) -> None:
        kept, wanted = self._kept_settings(), config.to_dict()
        names = sorted((kept.keys() | wanted.keys()) - set(MAY_CHANGE))
        changes = [
            f"{name}: {kept.get(name)!r}, now {wanted.get(name)!r}"
            for name in names
            if kept.get(name) != wanted.get(name)
        ]
        if changes:
            raise TrainingFailed(
                f"{self.path} holds the checkpoint of a run with other settings "
                f"({'; '.join(changes)}); give another output folder, or start anew with "
                f"--no-resume"
            )

    def _kept_settings(self) -> dict[str, Any]:
        """Read the settings of the checkpoint's run; those that came since have their defaults."""
        try:
            kept = json.loads(self.settings.read_text(encoding="utf-8"))
            return TrainConfig.from_dict(kept).to_dict()
        except (OSError, ValueError, AttributeError) as error:
            raise TrainingFailed(
                f"{self.settings}: expected the settings of the checkpoint beside it, found "
                f"{_reason(error)}; start anew with --no-resume"
            ) from error

    def _check_corpora(self, found: dict[str, str]) -> None:
        """Compare with the files that the checkpoint's run read; older runs kept no checksums."""
        if not self.corpora.exists():
            return
        kept = json.loads(self.corpora.read_text(encoding="utf-8"))
        if changed := [path for path, checksum in found.items() if kept.get(path) != checksum]:
            raise TrainingFailed(
                f"{self.path} holds the checkpoint of a run from other contents of "
                f"{', '.join(changed)}; give another output folder, or start anew with --no-resume"
            )

    def _check_processes(self, n_processes: int) -> None:
        """Compare with the number of random states: each process has written its own."""
        n_kept = len(list(self.checkpoint.glob("random_states_*.pkl")))
        if n_kept != n_processes:
            raise TrainingFailed(
                f"{self.checkpoint}: expected the checkpoint of {n_processes} processes, found "
                f"that of {n_kept}; start {n_kept} of them, or start anew with --no-resume; the "
                f"output folder of several machines must be on a disk that they share"
            )

    def read(self, work: Callable[[str], Any]) -> None:
        """Let ``work`` load the checkpoint.

        Raises:
            TrainingFailed: If it is damaged.
        """
        try:
            work(str(self.checkpoint))
        except Exception as error:  # damaged files raise whatever their reader stumbles on
            raise TrainingFailed(
                f"{self.checkpoint}: expected a whole checkpoint, found {_reason(error)}; start "
                f"anew with --no-resume; the best model so far is in {self.best}"
            ) from error

    def write(self, place: Path, work: Callable[[Path], Any]) -> Path:
        """Let ``work`` write what will take a folder's place; nothing is left of a failure.

        Returns:
            The folder that was written.

        Raises:
            TrainingFailed: If it cannot be written.
        """
        fresh = _beside(place, "new")
        try:
            work(fresh)
        except Exception as error:  # torch, safetensors and tokenizers call a full disk all sorts
            shutil.rmtree(fresh, ignore_errors=True)
            raise _unwritable(fresh, error) from error
        return fresh

    def put_in_place(self, place: Path) -> None:
        """Replace a folder by what `write` wrote; at any moment one of the two can be found.

        Raises:
            TrainingFailed: If it cannot be written.
        """
        fresh, aside = _beside(place, "new"), _beside(place, "old")
        with _writing(place):
            _flush(fresh)
            shutil.rmtree(aside, ignore_errors=True)
            if place.exists():
                place.rename(aside)
            fresh.rename(place)
            shutil.rmtree(aside, ignore_errors=True)

    def write_text(self, place: Path, text: str) -> None:
        """Replace a file, whole.

        Raises:
            TrainingFailed: If it cannot be written.
        """
        fresh = _beside(place, "new")
        with _writing(place):
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(place)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Say what to do where something cannot be written."""
    try:
        yield
    except OSError as error:
        raise _unwritable(place, error) from error


def _unwritable(place: Path, error: Exception) -> TrainingFailed:
    return TrainingFailed(
        f"{place}: expected to write it, found {_reason(error)}; what was there before is kept; "
        f"make room or choose another output folder, then give the same command again"
    )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _beside(place: Path, ending: str) -> Path:
    return place.with_name(f"{place.name}.{ending}")


def _flush(folder: Path) -> None:
    """Have all files of a folder on the disk before they count, in case the power goes."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _restore(place: Path) -> None:
    """Take back the old folder where an interruption left only that, and clear up after it."""
    aside = _beside(place, "old")
    if aside.exists() and not place.exists():
        aside.rename(place)
    for left in (aside, _beside(place, "new")):
        shutil.rmtree(left, ignore_errors=True)
