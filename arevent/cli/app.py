"""What all commands share: the application, its options, and how they report and fail."""

from __future__ import annotations

from typing import Annotated, Any, NoReturn

import typer

EXIT_BAD_INPUT = 2

app = typer.Typer(
    help="Event frames from Arabic news: read text, train models, look after corpora.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="Model folder or hub name; the bundled model if left out."),
]


def log_to_terminal() -> None:
    """Let the library's log be read by who runs a long command."""
    import logging

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("accelerate").setLevel(logging.WARNING)


def fail(message: str) -> NoReturn:
    """Print one line and end with the exit code for bad input."""
    typer.echo(f"arevent: {' '.join(message.split())}", err=True)
    raise typer.Exit(EXIT_BAD_INPUT)


def print_scores(scores: dict[str, Any]) -> None:
    """Print the main figures of a `scores.json`."""
    for name in ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "mentions", "tags"):
        entry = scores["model"][name]
        interval = "–".join(f"{bound:.3f}" for bound in entry.get("interval", ()))
        typer.echo(f"{name:<12} F1 {entry['f1']:.3f}  {interval}")
    typer.echo(f"{'modality':<12} accuracy {scores['model']['modality']['accuracy']:.3f}")
    typer.echo(f"{'rules':<12} Arg-C F1 {scores['rules']['Arg-C']['f1']:.3f}")
