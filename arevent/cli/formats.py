"""`arevent import` and `arevent export`: annotated corpora of other tools, and back."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arevent.cli.app import app, fail

if TYPE_CHECKING:
    from arevent.formats import ImportResult


class FormatName(StrEnum):
    """A format of annotated corpora."""

    JSONL = "jsonl"
    BRAT = "brat"
    ONEIE = "oneie"
    DYGIE = "dygie"
    CONLL = "conll"
    DOCCANO = "doccano"
    LABEL_STUDIO = "label-studio"
    HUGGINGFACE = "huggingface"
    HUGGINGFACE_TOKENS = "huggingface-tokens"


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="File or folder to read.")],
    output: Annotated[Path, typer.Argument(help="Corpus to write, JSONL.")],
    format_name: Annotated[
        FormatName | None, typer.Option("--format", help="If the source does not say.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML file: what labels become.")] = None,
    write_mapping: Annotated[
        Path | None, typer.Option(help="Write a mapping of the unknown labels to fill in.")
    ] = None,
    ontology: Annotated[Path | None, typer.Option(help="Ontology, if not the shipped one.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first loss.")] = False,
    snap: Annotated[
        bool, typer.Option("--snap", help="Move spans to the whole tokens they touch.")
    ] = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="Every line of a text is a sentence.")
    ] = False,
    date: Annotated[
        str | None, typer.Option(help="Day of publication, ISO 8601, where a document has none.")
    ] = None,
) -> None:
    """Read an annotated corpus of another tool."""
    from arevent.document import check_date
    from arevent.formats import LabelMap, UnknownLabels, import_corpus
    from arevent.ontology import Ontology

    try:
        if date is not None:
            check_date(date)
        known = Ontology.from_file(ontology)
        labels = LabelMap.from_file(mapping, known) if mapping else LabelMap({})
        result = import_corpus(
            source,
            format_name,
            ontology=known,
            labels=labels,
            date=date,
            is_lines=lines,
            snap=snap,
            strict=strict,
        )
        _write(result, output)
    except UnknownLabels as error:
        if write_mapping is None:
            fail(f"{error}; --write-mapping FILE writes a mapping to fill in")
        try:
            labels.save_template(write_mapping, error.labels, known)
        except FileExistsError:
            fail(f"{write_mapping}: expected a new file for the mapping, found one")
        except OSError as problem:
            fail(f"{write_mapping}: cannot be written: {problem.strerror}")
        fail(f"{error}; fill in {write_mapping} and name it: --mapping {write_mapping}")
    except (ValueError, OSError, ImportError) as error:
        fail(str(error))


@app.command("export")
def export(
    corpus: Annotated[Path, typer.Argument(help="Annotated corpus, JSONL.")],
    target: Annotated[Path, typer.Argument(help="File or folder to write.")],
    format_name: Annotated[FormatName, typer.Option("--format", help="What to write.")],
) -> None:
    """Write an annotated corpus for another tool."""
    from arevent.corpus import read_corpus
    from arevent.formats import export_corpus

    try:
        documents = read_corpus(corpus)
        left_out = export_corpus(documents, target, format_name)
    except (ValueError, OSError, ImportError) as error:
        fail(str(error))
    typer.echo(f"{'documents':<12}{len(documents):>8}", err=True)
    _print_counts(f"left out, {format_name} cannot hold them", left_out.items())


def _write(result: ImportResult, output: Path) -> None:
    """Write the documents, the list of problems if there are some, and the summary."""
    from arevent.corpus import write_corpus
    from arevent.formats import write_problems

    write_corpus(result.documents, output)
    list_file = output.with_suffix(".problems.tsv")
    list_file.unlink(missing_ok=True)  # of an earlier import
    for name, count in result.counts.items():
        typer.echo(f"{name:<12}{count:>8}", err=True)
    _print_counts("passed over", result.passed_over.items())
    _print_counts("problems", result.reasons.items())
    if result.problems:
        write_problems(result.problems, list_file)
        typer.echo(f"all problems: {list_file}", err=True)


def _print_counts(title: str, counts: Collection[tuple[str, int]]) -> None:
    if counts:
        typer.echo(f"{title}:", err=True)
    for name, count in sorted(counts, key=lambda item: -item[1]):
        typer.echo(f"{count:>8}  {name}", err=True)
