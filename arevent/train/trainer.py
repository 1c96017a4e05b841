"""The training loop.

A plain loop over `accelerate` instead of `transformers.Trainer`: three ragged targets read better
in one page than in overridden methods, and accelerate still brings devices, bf16, accumulation,
several processes and resumable state.
"""

from __future__ import annotations

import json
import logging
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from tokenizers import Tokenizer
from torch import nn
from tqdm import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from arevent.corpus import read_corpus
from arevent.document import Document
from arevent.extractor import Extractor
from arevent.model import EventModel, ModelSettings
from arevent.ontology import Ontology
from arevent.pieces import PieceEncoder
from arevent.scoring import score
from arevent.tagger import Tagger
from arevent.train.config import TrainConfig
from arevent.train.examples import ExampleMaker
from arevent.train.objective import losses

logger = logging.getLogger(__name__)

CHECKPOINT = "checkpoint"
METRICS = "metrics.jsonl"
BEST = "best"


class TrainingFailed(RuntimeError):
    """The run cannot go on; the message says why and what is kept."""


@dataclass
class Progress:
    """Where a run is; saved with every checkpoint.

    Attributes:
        epoch: Epochs that are done.
        batch: Batches of the current epoch that are done.
        step: Optimizer steps that are done.
        best: Best dev score so far.
        best_epoch: The epoch that reached it, counted from 1.
        sums: Sums of the losses of the current epoch.
        seconds: Time spent on batches of the current epoch.
        tokens: Tokens read in the current epoch.
        epochs: Metrics of the epochs that are done.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best: float = -1.0
    best_epoch: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    tokens: int = 0
    epochs: list[dict[str, Any]] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        """Give plain values, as accelerate stores them."""
        return asdict(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take the values back."""
        for name, value in state.items():
            setattr(self, name, value)

    def next_epoch(self) -> None:
        """Begin a new epoch."""
        self.epoch += 1
        self.batch = self.tokens = 0
        self.seconds = 0.0
        self.sums = {}


def train(config: TrainConfig, resume: bool = True) -> dict[str, Any]:
    """Train a model and write it to ``config.output``.

    Under the output folder: ``best/``, the model of the best epoch; ``metrics.jsonl``, one line
    an epoch; ``config.json``; ``checkpoint/``, from which an interrupted run goes on.

    Args:
        config: The run.
        resume: Go on from the output folder's checkpoint, if there is one.

    Returns:
        The metrics of the best epoch.

    Raises:
        TrainingFailed: If the loss is not a number, or the folder belongs to another run.
        CorpusError: If a corpus cannot be read.
    """
    return _Run(config, resume).run()


class _Run:
    """One training run: everything that is built once, and the loop."""

    def __init__(self, config: TrainConfig, resume: bool) -> None:
        self.config = config
        self.output = Path(config.output)
        self.accelerator = Accelerator(
            mixed_precision=config.precision, gradient_accumulation_steps=config.accumulation
        )
        set_seed(config.seed)
        self._prepare_folder(resume)
        self.dev: list[Document] = read_corpus(config.dev)
        ontology = Ontology.from_file(config.ontology)
        self.tokenizer = _load_tokenizer(config.encoder)
        self.backend: Tokenizer = self.tokenizer.backend_tokenizer
        settings = ModelSettings(config.max_pieces, config.pooling, config.linker_size)
        model = EventModel.from_encoder(config.encoder, ontology, settings)
        self.examples = ExampleMaker(
            read_corpus(config.train),
            PieceEncoder(self.backend, config.max_pieces),
            ontology,
            config.pooling,
            model.tagger.config.pad_token_id or 0,
        )
        self.n_batches = len(self._plan(0))
        optimizer = torch.optim.AdamW(_parameter_groups(model, config), fused=True)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate)
        self.model, self.optimizer = self.accelerator.prepare(model, optimizer)
        self.scheduler = scheduler
        self.progress = Progress()
        self.accelerator.register_for_checkpointing(self.scheduler, self.progress)
        if resume and (self.output / CHECKPOINT).exists():
            self.accelerator.load_state(str(self.output / CHECKPOINT))
            logger.info(
                "resumed after epoch %d, batch %d", self.progress.epoch, self.progress.batch
            )

    def run(self) -> dict[str, Any]:
        config, progress = self.config, self.progress
        while progress.epoch < config.epochs:
            if progress.best_epoch and progress.epoch - progress.best_epoch >= config.patience:
                logger.info("no better dev score for %d epochs: the run ends", config.patience)
                break
            self._train_epoch()
            metrics = self._evaluate()
            logger.info("%s", metrics)
            progress.next_epoch()
            progress.epochs.append(metrics)
            if metrics["dev"]["score"] > progress.best:
                progress.best, progress.best_epoch = metrics["dev"]["score"], progress.epoch
                self._save_model()
            self._write_metrics()
            self._save_checkpoint()
        self._write_summary()
        return progress.epochs[progress.best_epoch - 1]

    def _train_epoch(self) -> None:
        progress, accelerator = self.progress, self.accelerator
        plan = self._plan(progress.epoch)
        self.model.train()
        last_saved = time.monotonic()
        bar = tqdm(
            plan[progress.batch :],
            desc=f"epoch {progress.epoch + 1}/{self.config.epochs}",
            initial=progress.batch,
            total=len(plan),
            unit="batch",
            disable=not accelerator.is_main_process,
            mininterval=2.0,
        )
        for batch_plan in bar:
            started = time.monotonic()
            example = self.examples.make(batch_plan).to(accelerator.device)
            with accelerator.accumulate(self.model):
                parts = losses(example, self.model(example.batch, example.spans))
                total = parts.total(self.config.role_weight, self.config.modality_weight)
                if not math.isfinite(total.item()):
                    raise TrainingFailed(
                        f"expected a finite loss, found {total.item()} in epoch "
                        f"{progress.epoch + 1}, batch {progress.batch + 1}; the last checkpoint "
                        f"and the best model are kept in {self.output}; try lower learning rates"
                    )
                accelerator.backward(total)
                if accelerator.sync_gradients:
                    accelerator.clip_grad_norm_(self.model.parameters(), self.config.clip)
                self.optimizer.step()
                self.optimizer.zero_grad()
            progress.batch += 1
            if accelerator.sync_gradients:
                progress.step += 1
                self.scheduler.step()
            for name in ("tags", "roles", "modalities"):
                value = getattr(parts, name).item()
                progress.sums[name] = progress.sums.get(name, 0.0) + value
            progress.seconds += time.monotonic() - started
            progress.tokens += example.batch.n_tokens
            bar.set_postfix(loss=f"{progress.sums['tags'] / progress.batch:.3f}", refresh=False)
            if time.monotonic() - last_saved > 60 * self.config.checkpoint_minutes:
                self._save_checkpoint()
                last_saved = time.monotonic()

    def _evaluate(self) -> dict[str, Any]:
        """Read the dev corpus as a user would, and sum up the epoch."""
        progress = self.progress
        model = self.accelerator.unwrap_model(self.model)
        tagger = Tagger(model, self.backend, self.accelerator.device)
        found = list(Extractor(tagger).pipe(self.dev))
        scores = score(self.dev, found, model.ontology, n_resamples=0)
        dev = {
            name: scores[name]["f1"] for name in ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "mentions")
        }
        dev["modality"] = scores["modality"]["accuracy"]
        dev["score"] = round((dev["Tri-C"] + dev["Arg-C"] + dev["mentions"]) / 3, 4)
        return {
            "epoch": progress.epoch + 1,
            "loss": {k: round(v / progress.batch, 5) for k, v in progress.sums.items()},
            "dev": dev,
            "minutes": round(progress.seconds / 60, 2),
            "tokens_per_second": round(progress.tokens / max(progress.seconds, 1e-9)),
        }

    def _plan(self, epoch: int) -> list[Any]:
        """Give this process's batches of an epoch: the same number in every process and epoch."""
        config, accelerator = self.config, self.accelerator
        seed = config.seed * 1000 + epoch
        plan = list(self.examples.epoch(config.window_pieces, config.batch_pieces, seed))
        n_each = len(plan) // accelerator.num_processes
        return plan[accelerator.process_index :: accelerator.num_processes][:n_each]

    def _rate(self, step: int) -> float:
        """Give the share of the peak rate: up over the warm-up, then down to zero."""
        total = max(1, self.n_batches * self.config.epochs // self.config.accumulation)
        warmup = max(1, round(self.config.warmup * total))
        return min((step + 1) / warmup, max(0.0, (total - step) / max(1, total - warmup)))

    def _prepare_folder(self, resume: bool) -> None:
        """Make the output folder, or make sure that it belongs to this run."""
        self.output.mkdir(parents=True, exist_ok=True)
        for name in (BEST, CHECKPOINT):
            _restore(self.output / name)
        kept = self.output / "config.json"
        wanted = json.dumps(self.config.to_dict(), indent=1) + "\n"
        if not resume:
            shutil.rmtree(self.output / CHECKPOINT, ignore_errors=True)
            (self.output / METRICS).unlink(missing_ok=True)
        elif (self.output / CHECKPOINT).exists() and kept.read_text(encoding="utf-8") != wanted:
            raise TrainingFailed(
                f"{self.output} holds the checkpoint of a run with other settings ({kept}); "
                f"give another output folder, or start anew with --no-resume"
            )
        kept.write_text(wanted, encoding="utf-8")

    def _save_model(self) -> None:
        if self.accelerator.is_main_process:
            fresh = self.output / f"{BEST}.new"
            self.accelerator.unwrap_model(self.model).save_pretrained(fresh)
            self.tokenizer.save_pretrained(fresh)
            _put_in_place(fresh, self.output / BEST)

    def _save_checkpoint(self) -> None:
        fresh = self.output / f"{CHECKPOINT}.new"
        self.accelerator.save_state(str(fresh))
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            _put_in_place(fresh, self.output / CHECKPOINT)

    def _write_metrics(self) -> None:
        """Write all epochs anew, so that an interruption neither loses nor doubles one."""
        if self.accelerator.is_main_process:
            lines = [json.dumps(entry) + "\n" for entry in self.progress.epochs]
            (self.output / METRICS).write_text("".join(lines), encoding="utf-8")

    def _write_summary(self) -> None:
        """Put settings and learning curve beside the model, for its card; paths by name alone."""
        if self.accelerator.is_main_process:
            settings = self.config.to_dict()
            for name in ("train", "dev", "encoder", "output"):
                settings[name] = Path(settings[name]).name
            summary = {"config": settings, "epochs": self.progress.epochs}
            text = json.dumps(summary, indent=1) + "\n"
            (self.output / BEST / "training.json").write_text(text, encoding="utf-8")


def _put_in_place(fresh: Path, place: Path) -> None:
    """Replace a folder by one that is whole; at any moment one of the two can be found."""
    aside = place.with_name(f"{place.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if place.exists():
        place.rename(aside)
    fresh.rename(place)
    shutil.rmtree(aside, ignore_errors=True)


def _restore(place: Path) -> None:
    """Take back the old folder where an interruption left only that."""
    aside = place.with_name(f"{place.name}.old")
    if aside.exists() and not place.exists():
        aside.rename(place)
    shutil.rmtree(place.with_name(f"{place.name}.new"), ignore_errors=True)


def _load_tokenizer(encoder: str) -> PreTrainedTokenizerBase:
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(encoder)
    if not tokenizer.is_fast:
        raise TrainingFailed(f"{encoder}: expected a fast tokenizer (tokenizer.json), found none")
    return tokenizer


def _parameter_groups(model: EventModel, config: TrainConfig) -> Iterator[dict[str, Any]]:
    """Give encoder and heads their rates; biases and layer norms have no weight decay."""
    encoder = {id(parameter) for parameter in model.tagger.base_model.parameters()}
    for is_encoder, rate in ((True, config.encoder_rate), (False, config.head_rate)):
        for is_matrix, decay in ((True, config.weight_decay), (False, 0.0)):
            chosen: list[nn.Parameter] = [
                parameter
                for parameter in model.parameters()
                if (id(parameter) in encoder) is is_encoder and (parameter.ndim > 1) is is_matrix
            ]
            yield {"params": chosen, "lr": rate, "weight_decay": decay}
