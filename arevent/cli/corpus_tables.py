"""What `arevent corpus` prints for people: figures in tables, findings a line each."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from arevent.curation.agreement import Agreement
from arevent.curation.check import Finding
from arevent.curation.rules import Rule
from arevent.curation.stats import CorpusStats, Spread
from arevent.render import isolate

WIDE = 120
"""Columns of a table that goes to a file, where there is no terminal to fill."""

_QUOTED = re.compile("«[^»]*»")
SPREADS = {
    "sentence_tokens": "tokens a sentence",
    "document_sentences": "sentences a document",
    "sentence_events": "events a sentence",
    "mention_tokens": "tokens a mention",
    "trigger_tokens": "tokens a trigger",
}


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: numbers to the right, words to the left, as they stand."""
    listed = [list(row) for row in rows]
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, name in enumerate(columns):
        is_number = all(isinstance(row[index], int | float | None) for row in listed)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in listed:
        table.add_row(*map(_cell, row))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    Console(width=width, markup=False, highlight=False, emoji=False).print(table)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else isolate(str(value))


def show_stats(stats: CorpusStats) -> None:
    """Print the figures of a corpus."""
    show_table("Corpus", ("figure", "value"), _totals(stats))
    spreads = [getattr(stats, field) for field in SPREADS]
    rows = zip(SPREADS.values(), map(_spread, spreads), strict=True)
    head = ("length", "mean", "min", "25 %", "median", "75 %", "95 %", "max")
    show_table("Lengths", head, [(name, *figures) for name, figures in rows])
    roles = list(stats.roles)
    show_table(
        "Event types and their roles",
        ("type", "events", *roles),
        [
            *(
                (name, n, *_named(stats.roles_by_type.get(name, {}), roles))
                for name, n in stats.types.items()
            ),
            ("all", stats.events, *stats.roles.values()),
        ],
    )
    show_table("Mentions", ("label", "mentions"), stats.labels.items())
    show_table("Modalities", ("modality", "events"), stats.modalities.items())
    show_table("Sources", ("source", "documents"), stats.sources.items())


def _totals(stats: CorpusStats) -> Iterator[tuple[str, str]]:
    for field in ("documents", "sentences", "tokens", "mentions", "events", "arguments"):
        yield field, f"{getattr(stats, field):,}"
    yield "literals among them", f"{stats.literals:,}"
    yield "documents without annotation", f"{len(stats.unannotated_documents):,}"
    bare, share = stats.unannotated_sentences, stats.unannotated_share
    yield "sentences without annotation", f"{bare:,} ({share:.1%})"
    yield "dates", f"{stats.first_date or '–'} to {stats.last_date or '–'}"
    yield "documents without date", f"{stats.undated:,}"


def _spread(spread: Spread) -> tuple[str, ...]:
    figures = (spread.mean, spread.low, spread.q25, spread.median, spread.q75, spread.q95)
    return tuple(f"{figure:g}" for figure in (*figures, spread.high))


def _named(counts: Mapping[str, int], names: Iterable[str]) -> list[int]:
    return [counts.get(name, 0) for name in names]


def finding_line(path: object, finding: Finding) -> str:
    """Say where a finding is and what it is."""
    place = "" if finding.document is None else f" {finding.document}"
    if finding.sentence is not None:
        place += f", sentence {finding.sentence} [{finding.start}, {finding.end})"
    message = _QUOTED.sub(lambda match: isolate(match[0]), finding.message)
    return f"{path}:{finding.line}{place}: {finding.level} {finding.rule}: {message}"


def show_rules(rules: Iterable[Rule]) -> None:
    """Print the rules of `check`."""
    show_table(
        "Rules",
        ("rule", "level", "what it asks for"),
        ((r.name, r.level, r.meaning) for r in rules),
    )


def show_agreement(result: Agreement, n_kinds: int) -> None:
    """Print agreement, and its most frequent disagreements."""
    show_table(
        f"F1 of {result.documents} documents",
        ("layer", "F1", "A", "B", "both"),
        [(name, c.f1, c.gold, c.predicted, c.correct) for name, c in result.f1.items()],
    )
    show_table(
        "Cohen's kappa",
        ("layer", "kappa", "observed", "by chance", "items"),
        [(name, k.value, k.observed, k.expected, k.n) for name, k in result.kappa.items()],
    )
    show_table(
        "Most frequent disagreements",
        ("layer", "A", "B", "times", "first in", "words"),
        [(d.layer, d.a, d.b, d.n, d.document, d.text) for d in result.disagreements[:n_kinds]],
    )
