"""A run: steps of masked-language modelling, their losses, and a state to go on from."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import BertForMaskedLM

from pretraining.encoder_folder import (
    PretrainingFailed,
    load_tokenizer,
    load_weights,
    save_encoder,
)
from pretraining.masking import Batch, WindowReader, hide_words, plan_batches
from pretraining.packing import Corpus, Vocabulary
from pretraining.settings import Machine, Settings


@dataclass
class Progress:
    """How far a run has come, over all its sessions.

    Attributes:
        step: Steps of the optimizer.
        pieces: Pieces read, padding left out.
        seconds: Time spent.
        loss_sum: Summed loss since the last line of the curve.
        n_chosen: Pieces to predict since then.
        curve: The lines of ``losses.jsonl``.
    """

    step: int = 0
    pieces: int = 0
    seconds: float = 0.0
    loss_sum: float | Tensor = 0.0
    n_chosen: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)


def build_network(encoder: Path, settings: Settings) -> BertForMaskedLM:
    """Put a new prediction head, tied to the word embeddings, on a pretrained encoder."""
    config, weights = load_weights(encoder)
    config.tie_word_embeddings = True
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = settings.dropout
    torch.manual_seed(settings.seed)
    network = BertForMaskedLM(config)
    network.bert.load_state_dict(weights)
    return network


def build_optimizer(network: BertForMaskedLM, settings: Settings) -> torch.optim.AdamW:
    """Give the head a rate of its own, and leave biases and normalization undecayed."""
    encoder = list(network.bert.parameters())
    known = {id(weights) for weights in encoder}  # the head's matrix is the encoder's
    head = [weights for weights in network.cls.parameters() if id(weights) not in known]
    groups: list[dict[str, Any]] = [
        {
            "params": [weights for weights in part if (weights.ndim > 1) == is_matrix],
            "peak": rate,
            "weight_decay": settings.weight_decay if is_matrix else 0.0,
        }
        for part, rate in ((encoder, settings.rate), (head, settings.head_rate))
        for is_matrix in (True, False)
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def check_fit(corpus: Corpus, network: BertForMaskedLM, encoder: Path) -> None:
    """Make sure that an encoder can read the windows of a corpus.

    Raises:
        PretrainingFailed: If its vocabulary or its positions are fewer.
    """
    config = network.config
    needed = int(corpus.pieces.max()) + 1, int(corpus.lengths.max())
    found = config.vocab_size, config.max_position_embeddings
    if needed[0] > found[0] or needed[1] > found[1]:
        raise PretrainingFailed(
            f"{encoder}: expected at least {needed[0]} pieces and {needed[1]} positions, found "
            f"{found[0]} and {found[1]}; pack the corpus for this encoder"
        )


class Trainer:
    """A network, its optimizer, and how far they have come.

    Each step seeds its own random numbers (hidden words, dropout), so that an interrupted run goes
    on exactly as if it had not been.

    Args:
        corpus: The windows.
        encoder: The folder of the pretrained encoder.
        settings: What decides the result.
        machine: How to compute.
    """

    def __init__(self, corpus: Corpus, encoder: Path, settings: Settings, machine: Machine) -> None:
        self.settings, self.machine = settings, machine
        has_gpu = torch.cuda.is_available()
        name = machine.device if machine.device != "auto" else ("cuda" if has_gpu else "cpu")
        self.device = torch.device(name)
        self.use_bf16 = self.device.type == "cuda" if machine.bf16 is None else machine.bf16
        torch.set_float32_matmul_precision("high")  # TF32 where a GPU has it
        self.encoder_folder = encoder
        self.vocabulary = Vocabulary.from_tokenizer(load_tokenizer(encoder))
        self.network = build_network(encoder, settings).to(self.device)
        self.compiled = torch.compile(self.network.bert) if machine.compile else self.network.bert
        self.optimizer = build_optimizer(self.network, settings)
        self.progress = Progress()
        check_fit(corpus, self.network, encoder)
        self.corpus = corpus
        self.reader = WindowReader(corpus, self.vocabulary.pad)
        self._epoch, self._plan = 0, self._plan_epoch(0)
        self.steps_per_epoch = -(-len(self._plan) // settings.accumulate)
        self.n_steps = settings.epochs * self.steps_per_epoch

    @property
    def is_finished(self) -> bool:
        """Whether all steps are done."""
        return self.progress.step >= self.n_steps

    def take_step(self) -> None:
        """Train on the next batches; at regular steps, add a line to the curve."""
        progress, settings = self.progress, self.settings
        torch.manual_seed((settings.seed << 32) + progress.step)
        self._set_rates()
        read = [self.reader.read(windows) for windows in self._next_batches()]
        batches = [hide_words(ids, self.vocabulary, settings.mask) for ids in read]
        n_chosen = sum(len(batch.labels) for batch in batches)
        self.network.train()
        for batch in batches:
            batch = batch.to(self.device)
            logits = self.predict(batch, self.compiled)
            loss = cross_entropy(logits, batch.labels, reduction="sum")
            (loss / max(n_chosen, 1)).backward()
            # Not yet a number: reading it would make the CPU wait for the GPU at every step.
            progress.loss_sum = progress.loss_sum + loss.detach()
        nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()
        progress.step += 1
        progress.n_chosen += n_chosen
        progress.pieces += sum(int(batch.attention_mask.sum()) for batch in batches)

    def _plan_epoch(self, epoch: int) -> list[np.ndarray]:
        windows = np.flatnonzero(~self.corpus.is_held_out)
        seed = (self.settings.seed, epoch)
        return plan_batches(self.corpus.lengths, windows, self.settings.batch_pieces, seed)

    def _next_batches(self) -> list[np.ndarray]:
        epoch, step = divmod(self.progress.step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._epoch, self._plan = epoch, self._plan_epoch(epoch)
        first = step * self.settings.accumulate
        return self._plan[first : first + self.settings.accumulate]

    def _set_rates(self) -> None:
        """Set the rates of the step; the encoder rests while the head is trained alone."""
        step = self.progress.step - self.settings.head_steps
        n_steps = self.n_steps - self.settings.head_steps
        factor = 1.0 if step < 0 else self.settings.rate_factor(step, n_steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        self.network.bert.requires_grad_(step >= 0)

    def predict(self, batch: Batch, encoder: nn.Module) -> Tensor:
        """Give float32 logits of the chosen pieces alone, shape ``(chosen, vocabulary)``."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.use_bf16):
            # Of four dimensions it is taken as it is; of two, transformers would wait for the GPU.
            attention_mask = batch.attention_mask[:, None, None, :]
            states = encoder(batch.inputs, attention_mask).last_hidden_state
            logits: Tensor = self.network.cls(states.flatten(0, 1)[batch.positions])
        return logits.float()

    @torch.no_grad()
    def evaluate(self) -> None:
        """Add a line to the curve: the loss since the last, and that on held-out documents."""
        progress = self.progress
        torch.manual_seed(self.settings.seed)  # the same words are hidden each time
        self.network.eval()
        held_out = np.flatnonzero(self.corpus.is_held_out)
        loss_sum, n_found, n_chosen = 0.0, 0, 0
        for windows in plan_batches(
            self.corpus.lengths, held_out, self.settings.batch_pieces, (self.settings.seed,)
        ):
            batch = hide_words(self.reader.read(windows), self.vocabulary, self.settings.mask)
            batch = batch.to(self.device)
            logits = self.predict(batch, self.network.bert)
            loss_sum += cross_entropy(logits, batch.labels, reduction="sum").item()
            n_found += int((logits.argmax(dim=1) == batch.labels).sum())
            n_chosen += len(batch.labels)
        line = {
            "step": progress.step,
            "pieces": progress.pieces,
            "loss": float(progress.loss_sum) / max(progress.n_chosen, 1),
            "held_out_loss": loss_sum / max(n_chosen, 1),
            "held_out_accuracy": n_found / max(n_chosen, 1),
            "seconds": round(progress.seconds, 1),
        }
        progress.curve.append(line)
        progress.loss_sum, progress.n_chosen = 0.0, 0

    def save(self, output: Path, state_file: Path) -> None:
        """Write the state, the encoder as it is now, and the curve."""
        state = {
            "settings": asdict(self.settings),
            "progress": asdict(self.progress) | {"loss_sum": float(self.progress.loss_sum)},
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        state_file.parent.mkdir(parents=True, exist_ok=True)
        partial = state_file.with_name(f"{state_file.name}.partial")
        torch.save(state, partial)
        os.replace(partial, state_file)
        dtype = getattr(torch, self.machine.dtype)
        save_encoder(
            self.network.bert, self.encoder_folder, output / "encoder", dtype, self.machine.shard_mb
        )

    def resume(self, state_file: Path) -> None:
        """Go on from a state that `save` wrote.

        Raises:
            PretrainingFailed: If it is that of a run with other settings.
        """
        state = torch.load(state_file, map_location=self.device, weights_only=True)
        here = asdict(self.settings)
        changed = [name for name in here if state["settings"].get(name) != here[name]]
        if changed:
            before = {name: state["settings"].get(name) for name in changed}
            raise PretrainingFailed(
                f"{state_file}: expected the settings that the run began with, {before}, found "
                f"{ {name: here[name] for name in changed} }; use those, write to another "
                "--output, or begin again with --no-resume"
            )
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
