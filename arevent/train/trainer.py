"""The training loop.

A plain loop over `accelerate` instead of `transformers.Trainer`: ragged targets read better
in one page than in overridden methods, and accelerate still brings devices, bf16, accumulation,
several processes and resumable state.
"""

from __future__ import annotations

import json
import logging
import math
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from accelerate.utils import set_seed
from tokenizers import Tokenizer
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from arevent.bundle import find_model
from arevent.calibration import calibrate
from arevent.extractor import Extractor
from arevent.lexicon import LEXICON_FILE
from arevent.model import EventModel, ModelSettings
from arevent.ontology import Ontology
from arevent.pieces import PieceEncoder
from arevent.scoring import score
from arevent.tagger import Tagger
from arevent.train.checkpoints import RunFolder
from arevent.train.config import TrainConfig
from arevent.train.corpora import read_corpora, warn_of_gaps
from arevent.train.examples import Example, ExampleMaker
from arevent.train.failures import TrainingFailed, TrainingInterrupted
from arevent.train.lexicon import train_lexicon
from arevent.train.objective import label_weights, losses
from arevent.train.processes import StopRequest, make_accelerator, on_main, together, totals
from arevent.train.progress import LOSSES, Progress

logger = logging.getLogger(__name__)


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
        TrainingInterrupted: If the process got SIGTERM; a checkpoint is written.
        TrainingFailed: If a corpus has nothing to learn from, the loss is not a number, the folder
            belongs to another run or cannot be written; checkpoint and best model are kept.
        CorpusError: If a corpus cannot be read.
    """
    return _Run(config, resume).run()


class _Run:
    """One training run: everything that is built once, and the loop."""

    def __init__(self, config: TrainConfig, resume: bool) -> None:
        self.config = config
        self.accelerator = make_accelerator(config.precision)
        # Each process drops out other units; weights are those of the first process in all.
        set_seed(config.seed, device_specific=True)
        ontology = Ontology.from_file(config.ontology)
        corpora = read_corpora(config.train, config.dev, ontology)
        if self.accelerator.is_main_process:
            warn_of_gaps(corpora, ontology)
        self.corpora = corpora
        encoder = str(find_model()) if config.encoder is None else config.encoder
        self.tokenizer = _load_tokenizer(encoder)
        self.backend: Tokenizer = self.tokenizer.backend_tokenizer
        model = _build_model(encoder, ontology, config)
        _check_positions(model, encoder, config.max_pieces)
        self.examples = ExampleMaker(
            corpora.train,
            PieceEncoder(self.backend, config.max_pieces),
            ontology,
            config.pooling,
            model.tagger.config.pad_token_id or 0,
        )
        weights = label_weights(corpora.train, ontology, config.rare_types)
        self.weights = weights.to(self.accelerator.device)
        self.n_batches = len(self._plan(0))
        optimizer = torch.optim.AdamW(_parameter_groups(model, config), fused=True)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate)
        self.model, self.optimizer = self.accelerator.prepare(model, optimizer)
        self.scheduler = scheduler
        self.progress = Progress()
        self.average: AveragedModel | None = None
        self.accelerator.register_for_checkpointing(self.scheduler, self.progress)
        if config.averaging:
            unwrapped = self.accelerator.unwrap_model(self.model)
            self.average = AveragedModel(
                unwrapped,
                multi_avg_fn=get_ema_multi_avg_fn(config.averaging),  # type: ignore[no-untyped-call]
            )
            self.accelerator.register_for_checkpointing(self.average)
        self.stop = StopRequest()
        self.folder = RunFolder(config.output)
        n_processes = self.accelerator.num_processes
        on_main(self.accelerator, lambda: self.folder.prepare(config, n_processes, resume))
        if self.folder.checkpoint.exists():
            self._load_checkpoint()

    def run(self) -> dict[str, Any]:
        progress = self.progress
        with self.stop:
            try:
                while not self._is_done():
                    self._train_epoch()
                    self._end_epoch(on_main(self.accelerator, self._evaluate))
            except TrainingInterrupted:
                self._save_checkpoint()
                raise
        on_main(self.accelerator, self._finish)
        return progress.epochs[progress.best_epoch - 1]

    def _is_done(self) -> bool:
        progress, config = self.progress, self.config
        if progress.best_epoch and progress.epoch - progress.best_epoch >= config.patience:
            self._tell("no better dev score for %d epochs: the run ends", config.patience)
            return True
        return progress.epoch >= config.epochs

    def _train_epoch(self) -> None:
        progress, config = self.progress, self.config
        plan = self._plan(progress.epoch)
        self.model.train()
        last_saved = time.monotonic()
        bar = tqdm(
            plan[progress.batch :],
            desc=f"epoch {progress.epoch + 1}/{config.epochs}",
            initial=progress.batch,
            total=len(plan),
            unit="batch",
            disable=not self.accelerator.is_main_process,
            mininterval=2.0,
        )
        for batch_plan in bar:
            started = time.monotonic()
            n_done = progress.batch + 1
            is_step = n_done % config.accumulation == 0 or n_done == len(plan)
            figures = self._learn(self.examples.make(batch_plan), is_step)
            is_due = time.monotonic() - last_saved > 60 * config.checkpoint_minutes
            *figures, stops, due = totals(self.accelerator, [*figures, self.stop.is_made, is_due])
            self._check_finite(*figures)
            *sums, _, n_tokens = figures
            means = [value / self.accelerator.num_processes for value in sums]
            progress.add(means, int(n_tokens), time.monotonic() - started)
            bar.set_postfix(loss=f"{progress.sums['tags'] / progress.batch:.3f}", refresh=False)
            if not is_step:
                continue  # a checkpoint does not hold gradients that wait for their step
            if stops:
                raise self._interrupted()
            if due:
                self._save_checkpoint()
                last_saved = time.monotonic()

    def _learn(self, example: Example, is_step: bool) -> list[float]:
        """Learn from one batch.

        Args:
            example: The batch.
            is_step: Take a step with the gradients of this batch and those before.

        Returns:
            The losses in the order of `LOSSES`, the norm of the gradient, which is 0 between
            steps, and the tokens.
        """
        config, accelerator = self.config, self.accelerator
        example = example.to(accelerator.device)
        with nullcontext() if is_step else accelerator.no_sync(self.model):
            logits = self.model(example.batch, example.spans, example.candidates)
            parts = losses(example, logits, self.weights, config.label_smoothing)
            total = parts.total(config.role_weight, config.modality_weight)
            accelerator.backward(total / config.accumulation)
        norm = 0.0
        if is_step:
            norm = float(accelerator.clip_grad_norm_(self.model.parameters(), config.clip))
            self.optimizer.step()
            self.optimizer.zero_grad()
            self.scheduler.step()
            self.progress.step += 1
            if self.average is not None:
                self.average.update_parameters(accelerator.unwrap_model(self.model))
        own = [getattr(parts, name).item() for name in LOSSES]
        return [*own, norm, example.batch.n_tokens]

    def _check_finite(self, *figures: float) -> None:
        """Make sure that what `_learn` gave are numbers, before a checkpoint has the weights.

        Raises:
            TrainingFailed: If they are not.
        """
        *parts, norm, _ = figures
        for name, value in (("loss", sum(parts)), ("gradient", norm)):
            if not math.isfinite(value):
                raise TrainingFailed(
                    f"expected a finite {name}, found {value} in epoch {self.progress.epoch + 1}, "
                    f"batch {self.progress.batch + 1}; the last checkpoint and the best model are "
                    f"kept in {self.folder.path}; try lower learning rates"
                )

    def _evaluate(self) -> dict[str, Any]:
        """Read the dev corpus as a user would, and sum up the epoch."""
        progress = self.progress
        model = self._result()
        tagger = Tagger(model, self.backend, self.accelerator.device)
        found = []
        for document in Extractor(tagger).pipe(self.corpora.dev):
            if self.stop.is_made:
                raise self._interrupted()
            found.append(document)
        scores = score(self.corpora.dev, found, model.ontology, n_resamples=0)
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

    def _end_epoch(self, metrics: dict[str, Any]) -> None:
        """Keep what an epoch brought, the checkpoint last: until then the epoch is not over."""
        progress = self.progress
        self._tell("%s", metrics)
        progress.next_epoch()
        progress.epochs.append(metrics)
        if metrics["dev"]["score"] > progress.best:
            progress.best, progress.best_epoch = metrics["dev"]["score"], progress.epoch
            on_main(self.accelerator, self._save_model)
        on_main(self.accelerator, self._write_metrics)
        self._save_checkpoint()

    def _result(self) -> EventModel:
        """Give the model that is evaluated and saved: the average, where there is one."""
        if self.average is not None:
            return cast(EventModel, self.average.module)
        return cast(EventModel, self.accelerator.unwrap_model(self.model))

    def _tell(self, text: str, *values: Any) -> None:
        """Log something that all processes know, once."""
        if self.accelerator.is_main_process:
            logger.info(text, *values)

    def _interrupted(self) -> TrainingInterrupted:
        return TrainingInterrupted(
            f"asked to stop (SIGTERM) in epoch {self.progress.epoch + 1}, after batch "
            f"{self.progress.batch}; {self.folder.checkpoint} is written, and the same command "
            f"goes on from there"
        )

    def _plan(self, epoch: int) -> list[Any]:
        """Give this process's batches of an epoch; each process has the same number, its own ones.

        Raises:
            TrainingFailed: If there are more processes than batches.
        """
        config, accelerator = self.config, self.accelerator
        seed = config.seed * 1000 + epoch
        plan = list(self.examples.epoch(config.window_pieces, config.batch_pieces, seed))
        n_each = len(plan) // accelerator.num_processes
        if not n_each:
            raise TrainingFailed(
                f"train: expected a batch for each of {accelerator.num_processes} processes, "
                f"found {len(plan)}; start fewer, or set smaller batch_pieces"
            )
        return plan[accelerator.process_index :: accelerator.num_processes][:n_each]

    def _rate(self, step: int) -> float:
        """Give the share of the peak rate: up over the warm-up, then down to zero."""
        total = math.ceil(self.n_batches / self.config.accumulation) * self.config.epochs
        warmup = max(1, round(self.config.warmup * total))
        return min((step + 1) / warmup, max(0.0, (total - step) / max(1, total - warmup)))

    def _save_model(self) -> None:
        def write(fresh: Path) -> None:
            self._result().save_pretrained(fresh)
            self.tokenizer.save_pretrained(fresh)

        self.folder.write(self.folder.best, write)
        self.folder.put_in_place(self.folder.best)

    def _save_checkpoint(self) -> None:
        """Write a checkpoint: the main process the state of all, each its own random numbers."""
        folder, accelerator = self.folder, self.accelerator
        together(accelerator, lambda: folder.write(folder.checkpoint, accelerator.save_state))
        on_main(accelerator, lambda: folder.put_in_place(folder.checkpoint))

    def _load_checkpoint(self) -> None:
        together(self.accelerator, lambda: self.folder.read(self.accelerator.load_state))
        self._tell("resumed after epoch %d, batch %d", self.progress.epoch, self.progress.batch)

    def _write_metrics(self) -> None:
        """Write all epochs anew, so that an interruption neither loses nor doubles one."""
        lines = [json.dumps(entry) + "\n" for entry in self.progress.epochs]
        self.folder.write_text(self.folder.metrics, "".join(lines))

    def _finish(self) -> None:
        """Give the best model its lexicon, make its scores honest on dev, and tell of its run."""
        folder, config = self.folder, self.config
        fresh = folder.write(folder.best, partial(shutil.copytree, folder.best))
        if config.lexicon_weight:
            lexicon = train_lexicon(self.corpora.train, self._result().ontology, config.seed)
            lexicon.save(fresh / LEXICON_FILE)
        try:
            logger.info("%s", calibrate(fresh, config.dev))
        except ValueError as error:  # a model that has learned nothing is a model still
            logger.warning("scores are not calibrated: %s", error)
        folder.write_text(fresh / "training.json", self._summary())
        folder.put_in_place(folder.best)

    def _summary(self) -> str:
        """Write settings and learning curve for the model's card; paths by name alone."""
        settings = self.config.to_dict()
        settings["train"] = [Path(path).name for path in settings["train"]]
        for name in ("dev", "encoder", "output", "ontology"):
            settings[name] = settings[name] and Path(settings[name]).name
        return json.dumps({"config": settings, "epochs": self.progress.epochs}, indent=1) + "\n"


def _load_tokenizer(encoder: str) -> PreTrainedTokenizerBase:
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(encoder)
    if not tokenizer.is_fast:
        raise TrainingFailed(f"{encoder}: expected a fast tokenizer (tokenizer.json), found none")
    return tokenizer


def _build_model(encoder: str, ontology: Ontology, config: TrainConfig) -> EventModel:
    """Put new heads on an encoder, or go on with an event model as it is."""
    settings = ModelSettings(
        config.max_pieces,
        config.pooling,
        config.linker_size,
        config.span_size,
        lexicon_weight=config.lexicon_weight,
    )
    if not config.keep_heads:
        return EventModel.from_encoder(
            encoder, ontology, settings, config.dropout, config.attention_dropout
        )
    model = EventModel.from_pretrained(encoder, config.dropout, config.attention_dropout)
    if model.ontology != ontology:
        raise TrainingFailed(
            f"keep_heads: expected {encoder} to be a model of the run's ontology, found other "
            f"labels in it; without keep_heads its encoder gets new heads"
        )
    if model.linker:
        settings = replace(settings, linker_size=model.settings.linker_size)
    if model.span_head:
        settings = replace(settings, span_size=model.settings.span_size)
    model.settings = settings
    model.add_heads(config.dropout)
    return model


def _check_positions(model: EventModel, encoder: str, max_pieces: int) -> None:
    """Make sure that the encoder can read a whole window."""
    embeddings = getattr(model.tagger.base_model, "embeddings", None)
    positions = getattr(embeddings, "position_embeddings", None)
    if isinstance(positions, nn.Embedding):
        # Encoders of the RoBERTa family count from behind their padding.
        first = 0 if positions.padding_idx is None else positions.padding_idx + 1
        if max_pieces > positions.num_embeddings - first:
            raise TrainingFailed(
                f"max_pieces: expected at most {positions.num_embeddings - first}, which is what "
                f"{encoder} can read at once, found {max_pieces}"
            )


def _parameter_groups(model: EventModel, config: TrainConfig) -> Iterator[dict[str, Any]]:
    """Give encoder and heads their rates; biases and layer norms have no weight decay.

    With ``layer_decay`` the layers learn more slowly the deeper they are, the embeddings slowest
    (Howard & Ruder 2018).
    """
    n_layers = model.tagger.config.num_hidden_layers
    encoder = {id(parameter) for parameter in model.tagger.base_model.parameters()}
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        rate = config.head_rate
        if id(parameter) in encoder:
            rate = config.encoder_rate * config.layer_decay ** (n_layers - _layer(name))
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    for (rate, decay), parameters in groups.items():
        yield {"params": parameters, "lr": rate, "weight_decay": decay}


def _layer(name: str) -> int:
    """Read the layer of an encoder's parameter from its name, from 1; 0 for the embeddings."""
    match = re.search(r"\.layers?\.(\d+)\.", name)
    return int(match[1]) + 1 if match else 0
