"""The command line: `arevent extract`, `arevent train` and the others, a module a group."""

from __future__ import annotations

from arevent.cli import (  # noqa: F401  (they add their commands to the application)
    corpus,
    extract,
    formats,
    learn,
)
from arevent.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    app()
