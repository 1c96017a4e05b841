"""`arevent train`, `evaluate`, `report` and `calibrate`: corpora to models, models to scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from arevent.cli.app import ModelOption, app, fail, log_to_terminal, print_scores

EXIT_STOPPED = 128 + 15
"""What a shell gives for a process that SIGTERM ended."""


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="YAML file of settings.")],
    encoder: Annotated[
        str | None, typer.Option(help="Folder or hub name of the encoder, instead of the file's.")
    ] = None,
    output: Annotated[
        str | None, typer.Option(help="Folder of the run, instead of the file's.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Replace a setting: --set epochs=3.")
    ] = None,
    resume: Annotated[
        bool, typer.Option(help="Go on from the checkpoint in the output folder.")
    ] = True,
) -> None:
    """Train a model on an annotated corpus."""
    log_to_terminal()
    try:
        from accelerate import PartialState

        from arevent.train.config import TrainConfig, read_overrides
        from arevent.train.failures import TrainingFailed, TrainingInterrupted
        from arevent.train.trainer import train as run
    except ImportError as error:
        fail(f"training needs the extra «train» ({error}); run: pip install 'arevent[train]'")
    try:
        changes = read_overrides(settings or [])
        paths = {"encoder": encoder, "output": output}
        changes |= {name: path for name, path in paths.items() if path is not None}
        metrics = run(TrainConfig.from_file(config, changes), resume)
    except TrainingInterrupted as error:
        typer.echo(f"arevent: {error}", err=True)
        raise typer.Exit(EXIT_STOPPED) from error
    except (ValueError, OSError, TrainingFailed) as error:
        fail(str(error))
    processes = PartialState()
    if processes.is_main_process:
        typer.echo(json.dumps(metrics))
    processes.destroy_process_group()


@app.command()
def evaluate(
    corpus: Annotated[Path, typer.Argument(help="Annotated corpus, JSONL.")],
    model: ModelOption = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for scores.json, confusions.tsv and the card.")
    ] = None,
) -> None:
    """Score a model against an annotated corpus, with its own linker and with the rules."""
    from arevent.evaluation import evaluate as run

    try:
        scores = run(corpus, model, output)
    except (ValueError, OSError, ImportError) as error:
        fail(str(error))
    print_scores(scores)


@app.command()
def report(
    corpus: Annotated[Path, typer.Argument(help="Annotated corpus, JSONL.")],
    model: ModelOption = None,
    output: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("report.html"),
) -> None:
    """Show a model's scores, learning curve and worst errors on one HTML page.

    The page holds sentences of the corpus; pass it on only where the corpus may be passed on.
    """
    from arevent.report.page import write_report

    try:
        path = write_report(corpus, model, output)
    except (ValueError, OSError, ImportError) as error:
        fail(str(error))
    typer.echo(str(path))


@app.command()
def calibrate(
    corpus: Annotated[Path, typer.Argument(help="Annotated corpus, not the training corpus.")],
    model: Annotated[Path, typer.Option("--model", help="Model folder; its config is changed.")],
) -> None:
    """Make a model's scores honest probabilities; `train` does it by itself."""
    from arevent.calibration import calibrate as run

    try:
        temperatures = run(model, corpus)
    except (ValueError, OSError, ImportError) as error:
        fail(str(error))
    typer.echo(json.dumps(temperatures))
