"""`arevent extract` and `arevent info`: frames for people and for machines."""

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
from typing import TYPE_CHECKING, Annotated

import typer

from arevent import __version__
from arevent.articles import InputError, read_all
from arevent.cli.app import ModelOption, app, fail, print_scores
from arevent.document import Article, Document, check_date

if TYPE_CHECKING:
    from arevent.extractor import Extractor

EXAMPLE = "example.txt"


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
    threshold: Annotated[
        float | None, typer.Option(help="Higher: fewer events, and surer ones. 0 to 1.")
    ] = None,
    role_threshold: Annotated[
        float | None, typer.Option(help="The same for the roles that mentions fill.")
    ] = None,
    visual: Annotated[
        bool, typer.Option("--visual", help="Reorder Arabic for terminals that do not.")
    ] = False,
) -> None:
    """Print the event frames of articles."""
    if bool(files) == example:
        fail("expected either files to read or --example")
    try:
        if date is not None:
            check_date(date)
        articles = _with_date(_example() if example else read_all(files or [], input_format), date)
        first = next(articles)  # so that bad input is reported before the model is loaded
        extractor = _load(model, linker, threshold, role_threshold)
        documents = extractor.pipe(chain([first], articles))
        _print(documents, output, visual)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (InputError, ValueError, OSError) as error:
        fail(str(error))


@app.command()
def info(model: ModelOption = None) -> None:
    """Print what a model knows and how well it reads."""
    from arevent.bundle import find_model
    from arevent.ontology import Ontology

    try:
        path = find_model(model)
    except FileNotFoundError as error:
        fail(str(error))
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
        print_scores(json.loads(scores.read_text(encoding="utf-8")))


def _load(
    model: str | None,
    linker: LinkerName | None,
    threshold: float | None,
    role_threshold: float | None,
) -> Extractor:
    from arevent import load

    try:
        return load(model, linker=linker, threshold=threshold, role_threshold=role_threshold)
    except ImportError as error:
        fail(str(error))


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


def _example() -> Iterator[Article]:
    text = (importlib.resources.files("arevent") / "resources" / EXAMPLE).read_text("utf-8")
    title, _, body = text.partition("\n")
    yield Article(body.strip(), id="example", date="2024-03-12", title=title)


def _with_date(articles: Iterable[Article], date: str | None) -> Iterator[Article]:
    return (a if a.date or not date else replace(a, date=date) for a in articles)
