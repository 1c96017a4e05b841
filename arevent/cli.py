"""The command line: `arevent extract`, `arevent info`, `arevent train`, `arevent evaluate`."""

from __future__ import annotations

import csv
import importlib.resources
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from arevent import __version__
from arevent.articles import InputError, read_all
from arevent.document import Article, Document, check_date

if TYPE_CHECKING:
    from arevent.extractor import Extractor

EXIT_BAD_INPUT = 2
EXAMPLE = "example.txt"

app = typer.Typer(
    help=__doc__, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)


class OutputFormat(StrEnum):
    """What `extract` prints."""

    TEXT = "text"
    JSONL = "jsonl"
    CSV = "csv"


class InputFormat(StrEnum):
    """What the files of `extract` are."""

    TXT = "txt"
    JSONL = "jsonl"
    CSV = "csv"


class LinkerName(StrEnum):
    """Who links mentions to triggers."""

    MODEL = "model"
    RULES = "rules"


ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="Model folder or hub name; the bundled model if left out."),
]


@app.command()
def extract(
    files: Annotated[
        list[str] | None, typer.Argument(help="Files of text, JSONL or CSV; - is standard input.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Read the bundled article.")] = False,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="For people or for machines.")
    ] = (OutputFormat.TEXT),
    input_format: Annotated[
        InputFormat | None, typer.Option("--input-format", help="If the file's name does not say.")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="Day of publication, ISO 8601, where an article has none.")
    ] = None,
    model: ModelOption = None,
    linker: Annotated[LinkerName | None, typer.Option(help="Learned linker or rules.")] = None,
    visual: Annotated[
        bool, typer.Option("--visual", help="Reorder Arabic for terminals that do not.")
    ] = False,
) -> None:
    """Print the event frames of articles."""
    if bool(files) == example:
        _fail("expected either files to read or --example")
    try:
        if date is not None:
            check_date(date)
        articles = _with_date(_example() if example else read_all(files or [], input_format), date)
        first = next(articles)  # so that bad input is reported before the model is loaded
        documents = _load(model, linker).pipe(chain([first], articles))
        _print(documents, output, visual)
    except (InputError, ValueError, FileNotFoundError) as error:
        _fail(str(error))
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def info(model: ModelOption = None) -> None:
    """Print what a model knows and how well it reads."""
    from arevent.bundle import find_model
    from arevent.ontology import Ontology

    try:
        path = find_model(model)
    except FileNotFoundError as error:
        _fail(str(error))
    ontology = Ontology.from_model(path)
    size = sum(file.stat().st_size for file in path.glob("*.safetensors"))
    typer.echo(f"arevent      {__version__}")
    typer.echo(f"model        {path}")
    typer.echo(f"weights      {size / 1e6:.1f} MB")
    typer.echo(f"event types  {', '.join(ontology.event_types)}")
    typer.echo(f"roles        {', '.join(ontology.roles)}")
    typer.echo(f"mentions     {', '.join(ontology.mention_labels)}")
    typer.echo(f"modalities   {', '.join(ontology.modalities)}")
    scores = path / "scores.json"
    if scores.is_file():
        _print_scores(json.loads(scores.read_text(encoding="utf-8")))


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
    _log()
    try:
        from arevent.train.config import TrainConfig
        from arevent.train.trainer import TrainingFailed
        from arevent.train.trainer import train as run
    except ImportError as error:
        _fail(f"training needs the extra «train» ({error}); run: pip install 'arevent[train]'")
    try:
        changes = _assignments(settings or [])
        paths = {"encoder": encoder, "output": output}
        changes |= {name: path for name, path in paths.items() if path is not None}
        metrics = run(TrainConfig.from_file(config, changes), resume)
    except (ValueError, OSError, TrainingFailed) as error:
        _fail(str(error))
    typer.echo(json.dumps(metrics))


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
        _fail(str(error))
    _print_scores(scores)


def main() -> None:
    """Run the command line."""
    app()


def _load(model: str | None, linker: LinkerName | None) -> Extractor:
    from arevent import load

    try:
        return load(model, linker=linker)
    except ImportError as error:
        _fail(str(error))


def _print(documents: Iterable[Document], output: OutputFormat, is_visual: bool) -> None:
    if output is OutputFormat.JSONL:
        for document in documents:
            typer.echo(json.dumps(document.to_dict(), ensure_ascii=False))
    elif output is OutputFormat.CSV:
        _print_csv(documents)
    else:
        from arevent.render import render_text

        for document in documents:
            for line in render_text(document, is_visual):
                typer.echo(line)
            typer.echo()


def _print_csv(documents: Iterable[Document]) -> None:
    writer = None
    for document in documents:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, document.columns)
            writer.writeheader()
        writer.writerows(document.to_rows())


def _print_scores(scores: dict[str, Any]) -> None:
    """Print the main figures of a `scores.json`."""
    for name in ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "mentions", "tags"):
        entry = scores["model"][name]
        interval = "–".join(f"{bound:.3f}" for bound in entry.get("interval", ()))
        typer.echo(f"{name:<12} F1 {entry['f1']:.3f}  {interval}")
    typer.echo(f"{'modality':<12} accuracy {scores['model']['modality']['accuracy']:.3f}")
    typer.echo(f"{'rules':<12} Arg-C F1 {scores['rules']['Arg-C']['f1']:.3f}")


def _example() -> Iterator[Article]:
    text = (importlib.resources.files("arevent") / "resources" / EXAMPLE).read_text("utf-8")
    title, _, body = text.partition("\n")
    yield Article(body.strip(), id="example", date="2024-03-12", title=title)


def _with_date(articles: Iterable[Article], date: str | None) -> Iterator[Article]:
    return (a if a.date or not date else replace(a, date=date) for a in articles)


def _assignments(settings: Iterable[str]) -> dict[str, Any]:
    """Read ``name=value`` pairs, values as YAML.

    Raises:
        ValueError: If one has no ``=``.
    """
    import yaml

    pairs = [setting.partition("=") for setting in settings]
    for name, equals, _ in pairs:
        if not equals:
            raise ValueError(f"--set: expected name=value, found {name!r}")
    return {name: yaml.safe_load(value) for name, _, value in pairs}


def _log() -> None:
    import logging

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("accelerate").setLevel(logging.WARNING)


def _fail(message: str) -> NoReturn:
    """Print one line and end with the exit code for bad input."""
    typer.echo(f"arevent: {' '.join(message.split())}", err=True)
    raise typer.Exit(EXIT_BAD_INPUT)
