"""Figures of a model to HTML tables, with bars for F1 and a heat map of confused types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from arevent.card import LAYERS
from arevent.report.markup import Markup, element
from arevent.scoring import NOTHING

_NONE = "none"
_NUMBERS = {"precision", "recall", "F1", "95 % interval", "gold", "found"}


def layer_table(model: Mapping[str, Any]) -> Markup:
    """Give the scores of each layer.

    Args:
        model: What `arevent.scoring.score` gives.
    """
    head = (
        "layer",
        "what has to be right",
        "precision",
        "recall",
        "F1",
        "95 % interval",
        "",
        "gold",
    )
    return _table(
        head,
        (
            (
                element("th", layer, scope="row"),
                element("td", what, class_="what"),
                *_figures(model[layer]),
                *_interval(model[layer]),
                _number(f"{model[layer]['gold']:,}"),
            )
            for layer, what in LAYERS.items()
        ),
    )


def name_table(what: str, entries: Mapping[str, Mapping[str, Any]]) -> Markup:
    """Give the scores of each type, role or label, with how many there are and were found.

    Args:
        what: What the names are.
        entries: Figures by name.
    """
    return _table(
        (what, "precision", "recall", "F1", "", "gold", "found"),
        (
            (
                element("th", name, scope="row"),
                *_figures(entry),
                _bar(entry["f1"]),
                _number(f"{entry['gold']:,}"),
                _number(f"{entry['predicted']:,}"),
            )
            for name, entry in entries.items()
        ),
    )


def confusion_table(confusions: Sequence[Mapping[str, Any]], order: Iterable[str]) -> Markup:
    """Give a matrix of gold types by found types, those that occur.

    The darker a cell, the larger its share of the row.

    Args:
        confusions: Those of `arevent.scoring.score`.
        order: The types in the order of the ontology.
    """
    counts = {(entry["gold"], entry["predicted"]): entry["n"] for entry in confusions}
    occurring = {name for pair in counts for name in pair}
    known = [name for name in order if name in occurring]
    names = [*known, *sorted(occurring - {*known, NOTHING}), NOTHING]
    head = element(
        "tr",
        element("td", "gold ↓  found →"),
        *(
            element("th", element("span", _shown(name)), scope="col", class_="turned")
            for name in names
        ),
    )
    rows = [
        element(
            "tr",
            element("th", _shown(name), scope="row"),
            *(_cell(counts, name, found, names) for found in names),
        )
        for name in names
    ]
    return _scrolling(
        element("table", element("thead", head), element("tbody", *rows), class_="heat")
    )


def _cell(
    counts: Mapping[tuple[str, str], int], gold: str, found: str, names: Sequence[str]
) -> Markup:
    n = counts.get((gold, found), 0)
    if not n:
        return element("td")
    share = n / sum(counts.get((gold, name), 0) for name in names)
    shade = "right" if gold == found else "wrong"
    return element(
        "td",
        n,
        class_=f"{shade} dark" if share > 0.55 else shade,
        style=f"--share: {share:.3f}",
        title=f"gold {_shown(gold)}, found {_shown(found)}: {n}",
    )


def _shown(name: str) -> str:
    return _NONE if name == NOTHING else name


def _figures(entry: Mapping[str, Any]) -> list[Markup]:
    return [_number(f"{entry[figure]:.3f}") for figure in ("precision", "recall", "f1")]


def _number(text: str) -> Markup:
    return element("td", text, class_="number")


def _bar(share: float) -> Markup:
    bar = element("span", style=f"inline-size: {100 * share:.1f}%")
    return element("td", element("span", bar, class_="bar"), aria_hidden="true")


def _interval(entry: Mapping[str, Any]) -> list[Markup]:
    """Give the interval of F1 in figures and, from 0 to 1, as a line with F1 as its dot."""
    if "interval" not in entry:
        return [_number(""), element("td")]
    low, high = entry["interval"]
    whisker = element("line", x1=100 * low, x2=100 * high, y1=6, y2=6, class_="line")
    dot = element("circle", cx=100 * entry["f1"], cy=6, r=2.2)
    scale = element("line", x1=0, x2=100, y1=6, y2=6, class_="grid")
    drawing = element("g", whisker, dot, class_="series-1")
    svg = element("svg", scale, drawing, viewBox="-3 0 106 12", class_="whisker")
    return [_number(f"{low:.3f}–{high:.3f}"), element("td", svg, aria_hidden="true")]


def _table(head: Sequence[str], rows: Iterable[Iterable[Markup]]) -> Markup:
    titles = (
        element("th", name, scope="col", class_="number" if name in _NUMBERS else None)
        for name in head
    )
    body = element("tbody", *(element("tr", *cells) for cells in rows))
    return _scrolling(element("table", element("thead", element("tr", *titles)), body))


def _scrolling(table: Markup) -> Markup:
    """Let a table that is wider than the screen scroll by itself."""
    return element("div", table, class_="wide")
