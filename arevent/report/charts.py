"""Figures of a model to line charts in SVG, drawn by hand; colours are those of the style sheet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arevent.report.markup import Markup, element, join

WIDTH, HEIGHT = 340, 230
LEFT, RIGHT, TOP, BOTTOM = 44, 84, 14, 40
LABEL_HEIGHT = 13
SQUARE = 230


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a chart.

    Attributes:
        name: What it measures.
        low: The value at its beginning.
        high: The value at its end.
        ticks: Values that are written beside it.
    """

    name: str
    low: float
    high: float
    ticks: Sequence[float]

    def share(self, value: float) -> float:
        """Give how far along the axis a value lies, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle that values are drawn in, in units of the SVG.

    Attributes:
        x: The axis along the bottom.
        y: The axis along the left side.
        right: Where it ends on the right.
        bottom: Where it ends below.
    """

    x: Axis
    y: Axis
    right: float
    bottom: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Give the place of a point."""
        across = LEFT + self.x.share(x) * (self.right - LEFT)
        return across, self.bottom - self.y.share(y) * (self.bottom - TOP)

    def grid(self) -> Iterator[Markup]:
        """Draw the axes, with a line and a number for each tick."""
        for value in self.y.ticks:
            y = self.at(self.x.low, value)[1]
            yield element("line", x1=LEFT, x2=self.right, y1=y, y2=y, class_="grid")
            yield _text(LEFT - 6, y + 3.5, f"{value:g}", "end")
        for value in self.x.ticks:
            yield _text(self.at(value, self.y.low)[0], self.bottom + 15, f"{value:g}", "middle")
        yield element("line", x1=LEFT, x2=self.right, y1=self.bottom, y2=self.bottom, class_="axis")
        yield _text((LEFT + self.right) / 2, self.bottom + 32, self.x.name, "middle", "name")


def learning_charts(epochs: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """Draw loss, and F1 on the dev corpus, by epoch.

    Args:
        epochs: Those of a model's ``training.json``.
    """
    numbers = [float(epoch["epoch"]) for epoch in epochs]
    across = _number_axis("epoch", numbers)
    losses = {
        name: [(number, epoch["loss"][name]) for number, epoch in zip(numbers, epochs, strict=True)]
        for name in epochs[0]["loss"]
    }
    scores = {
        name: [(number, epoch["dev"][name]) for number, epoch in zip(numbers, epochs, strict=True)]
        for name in ("Tri-C", "Arg-C", "mentions")
    }
    return [
        line_chart("Loss in training", losses, across, from_zero=True),
        line_chart("F1 on the dev corpus", scores, across),
    ]


def threshold_charts(entries: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """Draw precision, recall and F1 by threshold, events and arguments apart.

    Args:
        entries: The ``thresholds`` of a ``scores.json``.
    """
    across = Axis("threshold", 0.0, 1.0, (0, 0.2, 0.4, 0.6, 0.8, 1))
    return [
        line_chart(
            f"{what} ({layer})",
            {
                name: [(entry["threshold"], entry[layer][figure]) for entry in entries]
                for name, figure in (("precision", "precision"), ("recall", "recall"), ("F1", "f1"))
            },
            across,
        )
        for layer, what in (("Tri-C", "Events"), ("Arg-C", "Arguments"))
    ]


def line_chart(
    title: str,
    lines: Mapping[str, Sequence[tuple[float, float]]],
    across: Axis,
    from_zero: bool = False,
) -> Markup:
    """Draw lines with their names at their ends.

    Args:
        title: Stands above the chart.
        lines: Points by the name of their line, from left to right, at least one each.
        across: The axis along the bottom.
        from_zero: Whether the other axis begins at 0 whatever the values are.
    """
    values = [y for points in lines.values() for _, y in points]
    frame = Frame(across, _value_axis(values, from_zero), WIDTH - RIGHT, HEIGHT - BOTTOM)
    ends = {name: frame.at(*points[-1])[1] for name, points in lines.items()}
    heights = _apart(ends, frame.bottom)
    drawn = [
        element(
            "g",
            _line(frame, points),
            *(
                _dot(frame, point, f"{name} {point[1]:.3f} at {across.name} {point[0]:g}")
                for point in points
            ),
            _text(frame.right + 8, heights[name] + 3.5, name, "start", "end"),
            class_=f"series-{number}",
        )
        for number, (name, points) in enumerate(lines.items(), 1)
    ]
    return _figure(title, "", WIDTH, HEIGHT, join(*frame.grid(), *drawn))


def reliability_chart(name: str, entry: Mapping[str, Any]) -> Markup:
    """Draw the share of right items against their score; on the diagonal, scores are honest.

    Args:
        name: What kind of items.
        entry: What `arevent.calibration.reliability` gives. The area of a point grows with the
            number of its items.
    """
    ticks = (0, 0.25, 0.5, 0.75, 1)
    frame = Frame(
        Axis("score", 0.0, 1.0, ticks), Axis("right", 0.0, 1.0, ticks), SQUARE - 16, SQUARE - BOTTOM
    )
    bins = entry["bins"]
    largest = max((found["items"] for found in bins), default=1)
    points = [(found["score"], found["correct"]) for found in bins]
    dots = [
        _dot(
            frame,
            point,
            f"{found['items']} items with a mean score of {found['score']:.3f}: "
            f"{found['correct']:.3f} are right",
            2 + 6 * math.sqrt(found["items"] / largest),
        )
        for point, found in zip(points, bins, strict=True)
    ]
    drawn = [
        *frame.grid(),
        _line(frame, [(0, 0), (1, 1)], "diagonal"),
        element("g", *dots, class_="series-1"),
    ]
    note = f"ECE {entry['ece']:.3f}, {entry['items']:,} items"
    return _figure(name, note, SQUARE, SQUARE, join(*drawn))


def _figure(title: str, note: str, width: int, height: int, drawing: Markup) -> Markup:
    head = [element("strong", title), *([" ", element("span", note)] if note else [])]
    svg = element(
        "svg",
        drawing,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=title,
        style=f"max-inline-size: {width * 1.2}px",
    )
    return element("figure", element("figcaption", *head), svg)


def _line(frame: Frame, points: Sequence[tuple[float, float]], class_: str = "line") -> Markup:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (frame.at(*point) for point in points))
    return element("polyline", points=places, class_=class_)


def _dot(frame: Frame, point: tuple[float, float], says: str, radius: float = 2.4) -> Markup:
    x, y = frame.at(*point)
    return element("circle", element("title", says), cx=x, cy=y, r=radius)


def _text(x: float, y: float, words: str, anchor: str, class_: str | None = None) -> Markup:
    return element("text", words, x=x, y=y, text_anchor=anchor, class_=class_)


def _number_axis(name: str, numbers: Sequence[float]) -> Axis:
    """Make an axis of whole numbers, a handful of them written."""
    low, high = min(numbers), max(numbers)
    if low == high:
        return Axis(name, low - 1, high + 1, (low,))
    step = math.ceil((high - low + 1) / 10)
    return Axis(name, low, high, [low + step * n for n in range(int((high - low) // step) + 1)])


def _value_axis(values: Sequence[float], from_zero: bool) -> Axis:
    """Make an axis with round numbers around all values."""
    low, high = (0.0 if from_zero else min(values)), max(values)
    rough = max(high - low, 0.1) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.99)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    ticks = [round(step * n, 6) for n in range(first, last + 1)]
    return Axis("", ticks[0], ticks[-1], ticks)


def _apart(heights: Mapping[str, float], bottom: float) -> dict[str, float]:
    """Move labels down until none covers another, then all of them up to where there is room."""
    placed: dict[str, float] = {}
    lowest = -math.inf
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        lowest = placed[name] = max(height, lowest + LABEL_HEIGHT)
    return {name: height - max(0, lowest - bottom) for name, height in placed.items()}
