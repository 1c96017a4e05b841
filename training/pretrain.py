r"""Go on pretraining an encoder on unlabelled news: masked-language modelling of whole words.

Needs torch, transformers and numpy alone, not the library, so that the work can travel to a machine
with a GPU. ``pack`` writes the folder that travels, ``run`` trains:

    python training/pretrain.py pack --corpus ant-news.jsonl.xz --encoder build/encoder \
        --before 2018-08-01 --output build/pack
    python training/pretrain.py run --pack build/pack --output build/pretrained --minutes 60

A run that is out of time ends with status 3, and the same command goes on where it stopped.
``build/pretrained/encoder`` is what training takes as encoder; ``losses.jsonl`` tells the losses on
the way, also on documents that are never trained on, and ``summary.json`` how it ended.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
import transformers
from pretraining.encoder_folder import PretrainingFailed
from pretraining.packing import CORPUS_FILE, Corpus, pack
from pretraining.settings import Machine, Settings
from pretraining.trainer import Trainer

UNFINISHED = 3
"""Exit status of a run that was out of time."""


def run(trainer: Trainer, output: Path, state_file: Path) -> bool:
    """Train until the run is finished or out of time.

    Returns:
        Whether it is finished.
    """
    machine, progress = trainer.machine, trainer.progress
    output.mkdir(parents=True, exist_ok=True)
    before, started = progress.seconds, time.monotonic()
    last_saved = 0.0
    while not trainer.is_finished:
        trainer.take_step()
        seconds = time.monotonic() - started
        progress.seconds = before + seconds
        if progress.step % trainer.settings.evaluate_steps == 0 or trainer.is_finished:
            trainer.evaluate()
            print(json.dumps(progress.curve[-1]), flush=True)
            write_curve(trainer, output)
        if machine.minutes and seconds >= 60 * machine.minutes:
            break
        if seconds - last_saved >= 60 * machine.checkpoint_minutes:
            trainer.save(output, state_file)
            last_saved = time.monotonic() - started
    trainer.save(output, state_file)
    write_curve(trainer, output)
    write_summary(trainer, output)
    return trainer.is_finished


def write_curve(trainer: Trainer, output: Path) -> None:
    """Write ``losses.jsonl``, the lines of earlier sessions included."""
    lines = "".join(json.dumps(line) + "\n" for line in trainer.progress.curve)
    (output / "losses.jsonl").write_text(lines, encoding="utf-8")


def write_summary(trainer: Trainer, output: Path) -> None:
    """Write how far the run came, and with what."""
    progress = trainer.progress
    summary = {
        "is_finished": trainer.is_finished,
        "steps": progress.step,
        "of_steps": trainer.n_steps,
        "pieces": progress.pieces,
        "pieces_per_second": round(progress.pieces / max(progress.seconds, 1e-9)),
        "first": progress.curve[0] if progress.curve else None,
        "last": progress.curve[-1] if progress.curve else None,
        "settings": asdict(trainer.settings),
        "machine": asdict(trainer.machine),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
    }
    text = json.dumps(summary, indent=1) + "\n"
    (output / "summary.json").write_text(text, encoding="utf-8")


def add_options(parser: argparse.ArgumentParser, options: type[Settings | Machine]) -> None:
    """Add an option for each field of a class of options."""
    for one in fields(options):
        flag = "--" + one.name.replace("_", "-")
        text = f"{one.metadata['help']} ({one.default})"
        if isinstance(one.default, bool | None):
            action = argparse.BooleanOptionalAction
            parser.add_argument(flag, action=action, default=one.default, help=text)
        else:
            parser.add_argument(flag, type=type(one.default), default=one.default, help=text)


def read_command_line() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="write the folder that travels")
    packing.add_argument("--corpus", type=Path, required=True, help="articles as JSON lines")
    packing.add_argument("--encoder", type=Path, default=Path("build/encoder"))
    packing.add_argument("--output", type=Path, default=Path("build/pack"))
    packing.add_argument("--before", type=datetime.date.fromisoformat, help="first day left out")
    packing.add_argument("--window-pieces", type=int, default=256)
    running = commands.add_parser("run", help="train")
    running.add_argument("--pack", type=Path, default=Path("build/pack"))
    running.add_argument("--encoder", type=Path, help="another encoder of the same vocabulary")
    running.add_argument("--output", type=Path, default=Path("build/pretrained"))
    running.add_argument("--state", type=Path, help="state to go on from (OUTPUT/state.pt)")
    running.add_argument("--resume", action=argparse.BooleanOptionalAction, default=True)
    add_options(running, Settings)
    add_options(running, Machine)
    return parser.parse_args()


def pick(args: argparse.Namespace, options: type[Any]) -> Any:
    """Make a class of options from the command line."""
    return options(**{one.name: getattr(args, one.name) for one in fields(options)})


def main() -> None:
    """Run a command; end with the reason where that is impossible."""
    args = read_command_line()
    try:
        sys.exit(run_command(args) if args.command == "run" else pack_command(args))
    except (PretrainingFailed, OSError) as error:
        sys.exit(f"pretrain: {error}")


def pack_command(args: argparse.Namespace) -> int:
    """Pack, and print the counts."""
    before = args.before.isoformat() if args.before else None
    report = pack(args.corpus, args.encoder, args.output, before, args.window_pieces)
    print(json.dumps(report, indent=1))
    return 0


def run_command(args: argparse.Namespace) -> int:
    """Train, and say how it ended."""
    settings, machine = pick(args, Settings), pick(args, Machine)
    state_file = args.state or args.output / "state.pt"
    corpus = Corpus.load(args.pack / CORPUS_FILE)
    trainer = Trainer(corpus, args.encoder or args.pack / "encoder", settings, machine)
    if args.resume and state_file.is_file():
        trainer.resume(state_file)
    is_finished = run(trainer, args.output, state_file)
    steps = f"{trainer.progress.step} of {trainer.n_steps} steps"
    if is_finished:
        print(f"finished: {steps}; the encoder is {args.output / 'encoder'}")
        return 0
    print(f"unfinished: {steps}; the same command goes on")
    return UNFINISHED


if __name__ == "__main__":
    main()
