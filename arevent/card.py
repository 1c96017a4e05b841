"""A model folder's scores and settings to its card, `README.md`; no figure is typed by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

CARD = "README.md"
ABOUT = "about.md"
"""File of the model folder with what no command can know: data, licences, limits."""

LAYERS = {
    "Tri-I": "trigger span",
    "Tri-C": "trigger span and type",
    "Arg-I": "argument span, attached to its trigger",
    "Arg-C": "argument span and role",
    "mentions": "mention span and label",
    "tags": "seqeval, strict IOB2",
}
"""What has to be right in each layer that is shown."""


def write_card(folder: Path) -> Path:
    """Write the card of a model from its ``scores.json``, ``training.json`` and ``about.md``.

    Args:
        folder: A model folder; ``scores.json`` is needed, the other two are used if present.

    Returns:
        The card's path.
    """
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    parts = [f"# {folder.resolve().name}", *_about(folder), *_scores(scores)]
    training = folder / "training.json"
    if training.is_file():
        parts += _training(json.loads(training.read_text(encoding="utf-8")))
    path = folder / CARD
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def _about(folder: Path) -> list[str]:
    about = folder / ABOUT
    return [about.read_text(encoding="utf-8").strip()] if about.is_file() else []


def _scores(scores: Mapping[str, Any]) -> list[str]:
    model, rules, about = scores["model"], scores["rules"], scores["about"]
    return [
        "## Scores",
        f"On `{about['corpus']}` ({model['documents']} documents, {model['sentences']} sentences), "
        f"by `{about['command']}`. Spans are exact; intervals are 95 %, bootstrapped over "
        f"documents.",
        _table(
            ("layer", "what has to be right", "precision", "recall", "F1", "interval"),
            (
                (
                    name,
                    what,
                    *(f"{model[name][figure]:.3f}" for figure in ("precision", "recall", "f1")),
                    "–".join(f"{bound:.3f}" for bound in model[name].get("interval", ())),
                )
                for name, what in LAYERS.items()
            ),
        ),
        f"Modality is right on {model['modality']['accuracy']:.3f} of the "
        f"{model['modality']['matched']} triggers matched in span and type. With the rule-based "
        f"linker instead of the learned one, Arg-C is {rules['Arg-C']['f1']:.3f}. "
        f"Speed: {about['sentences_per_second']} sentences a second on {about['device']}.",
        *_thresholds(scores),
        *_reliability(scores),
        "### Event types",
        _by_name(model["types"]),
        "### Roles",
        _by_name(model["roles"]),
        "### Mentions",
        _by_name(model["labels"]),
    ]


def _thresholds(scores: Mapping[str, Any]) -> list[str]:
    if "thresholds" not in scores:
        return []
    figures = ("precision", "recall", "f1")
    return [
        "### Precision against recall",
        "`arevent.load(threshold=…)` takes words for a trigger from this probability of being one "
        "on, whatever its type; to keep what has a `score` from a bound on, filter by `score`.",
        _table(
            ("threshold", "Tri-C precision", "recall", "F1", "Arg-C precision", "recall", "F1"),
            (
                (
                    str(entry["threshold"]),
                    *(f"{entry['Tri-C'][figure]:.3f}" for figure in figures),
                    *(f"{entry['Arg-C'][figure]:.3f}" for figure in figures),
                )
                for entry in scores["thresholds"]
            ),
        ),
    ]


def _reliability(scores: Mapping[str, Any]) -> list[str]:
    if "reliability" not in scores:
        return []
    errors = ", ".join(f"{name} {e['ece']:.3f}" for name, e in scores["reliability"].items())
    return [
        "### Honesty of scores",
        "The `score` of a frame is the probability that trigger and type are right. Expected "
        f"calibration error: {errors}. Frames by their score:",
        _table(
            ("score from", "frames", "mean score", "right"),
            (
                (f"{b['from']:.1f}", str(b["items"]), f"{b['score']:.3f}", f"{b['correct']:.3f}")
                for b in scores["reliability"]["events"]["bins"]
            ),
        ),
    ]


def _training(training: Mapping[str, Any]) -> list[str]:
    settings = "\n".join(f"{name}: {value}" for name, value in training["config"].items())
    return [
        "## Training",
        _table(
            ("epoch", "loss of tags", "Tri-C", "Arg-C", "mentions", "minutes", "tokens/s"),
            (
                (
                    str(epoch["epoch"]),
                    f"{epoch['loss']['tags']:.3f}",
                    *(f"{epoch['dev'][name]:.3f}" for name in ("Tri-C", "Arg-C", "mentions")),
                    f"{epoch['minutes']:.1f}",
                    str(epoch["tokens_per_second"]),
                )
                for epoch in training["epochs"]
            ),
        ),
        f"```yaml\n{settings}\n```",
    ]


def _by_name(entries: Mapping[str, Mapping[str, Any]]) -> str:
    return _table(
        ("", "precision", "recall", "F1", "gold"),
        (
            (
                name,
                *(f"{entry[figure]:.3f}" for figure in ("precision", "recall", "f1")),
                str(entry["gold"]),
            )
            for name, entry in entries.items()
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
