"""What a model does with an annotated corpus to one HTML page that needs no other file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from arevent.bundle import find_model
from arevent.evaluation import Evaluation, measure
from arevent.report.charts import learning_charts, reliability_chart, threshold_charts
from arevent.report.errors import mistake_counts, mistake_list
from arevent.report.markup import Markup, element, join
from arevent.report.mistakes import find_mistakes
from arevent.report.tables import confusion_table, layer_table, name_table
from arevent.tables import RESOURCES

N_MISTAKES = 20


def write_report(
    corpus: str | Path, model: str | Path | None = None, output: str | Path = "report.html"
) -> Path:
    """Measure a model and write its report.

    The page shows sentences of the corpus: pass it on only where the corpus may be passed on.

    Args:
        corpus: Annotated corpus, JSONL.
        model: Model folder or hub name; the bundled model if ``None``.
        output: The file to write.

    Returns:
        The file's path.

    Raises:
        FileNotFoundError: If there is no such corpus or model.
        ValueError: If the corpus or the model's ``training.json`` cannot be read.
    """
    folder = find_model(model)
    training = _training(folder)
    page = render_report(folder.resolve().name, measure(corpus, folder), training)
    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def render_report(
    name: str, evaluation: Evaluation, training: Mapping[str, Any] | None = None
) -> str:
    """Write the page.

    Args:
        name: What the model is called.
        evaluation: What `arevent.evaluation.measure` gives.
        training: The content of the model's ``training.json``, if there is one.
    """
    scores = evaluation.scores
    body = join(
        _head(name, scores),
        _scores(scores),
        _learning_curve(training),
        _by_name(scores["model"]),
        _confusions(scores["model"]),
        _reliability(scores["reliability"]),
        _thresholds(scores["thresholds"]),
        _errors(evaluation),
        _about(scores["about"]),
    )
    template = Template((RESOURCES / "report.html").read_text(encoding="utf-8"))
    style = (RESOURCES / "report.css").read_text(encoding="utf-8")
    return template.substitute(title=join(name, ": report"), style=style, body=body)


def _training(folder: Path) -> dict[str, Any] | None:
    """Read how a model was trained, if it says so."""
    file = folder / "training.json"
    if not file.is_file():
        return None
    try:
        training: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: expected the JSON that training writes: {error}") from error
    return training


def _head(name: str, scores: Mapping[str, Any]) -> Markup:
    model = scores["model"]
    corpus = element("bdi", scores["about"]["corpus"])
    size = f": {model['documents']:,} documents, {model['sentences']:,} sentences."
    return element(
        "header",
        element("h1", element("bdi", name)),
        element("p", "Event extraction from Arabic news, measured on ", corpus, size),
    )


def _scores(scores: Mapping[str, Any]) -> Markup:
    modality, rules = scores["model"]["modality"], scores["rules"]["Arg-C"]["f1"]
    return _section(
        "Scores",
        layer_table(scores["model"]),
        element(
            "p",
            "Spans are exact; the intervals of F1 are bootstrapped over documents. Modality is "
            f"right on {modality['accuracy']:.3f} of the {modality['matched']:,} triggers matched "
            "in span and type. With the rule-based linker instead of the model's own, Arg-C is "
            f"{rules:.3f}.",
        ),
    )


def _learning_curve(training: Mapping[str, Any] | None) -> Markup:
    if not training or not training["epochs"]:
        return Markup()
    best = max(training["epochs"], key=lambda epoch: epoch["dev"]["score"])
    return _section(
        "Learning curve",
        _charts(learning_charts(training["epochs"])),
        element(
            "p",
            f"The model is that of epoch {best['epoch']}, the best by the mean of Tri-C, Arg-C and "
            f"mentions: {best['dev']['score']:.3f}.",
        ),
    )


def _by_name(model: Mapping[str, Any]) -> Markup:
    modalities = {n: entry for n, entry in model["modality"].items() if isinstance(entry, Mapping)}
    others = (
        _section("Roles", name_table("role", model["roles"])),
        _section("Mentions", name_table("label", model["labels"])),
        _section("Modalities of matched triggers", name_table("modality", modalities)),
    )
    types = _section("Event types", name_table("type", model["types"]))
    return element("div", types, element("div", *others), class_="columns")


def _confusions(model: Mapping[str, Any]) -> Markup:
    return _section(
        "Confused types",
        confusion_table(model["confusions"], model["types"]),
        element(
            "p",
            "Triggers by the type that they have and the type that was found, on the same words. "
            "The darker a cell, the larger its share of the row; «none» is for triggers that the "
            "model does not find, and for those that the annotation does not have.",
        ),
    )


def _reliability(entries: Mapping[str, Mapping[str, Any]]) -> Markup:
    return _section(
        "Honesty of scores",
        _charts([reliability_chart(name, entry) for name, entry in entries.items()]),
        element(
            "p",
            "The share of right items against their mean score, in ten bins; honest scores lie on "
            "the diagonal. The area of a point stands for the number of its items. ECE is the "
            "expected calibration error, the mean distance from the diagonal. Arguments are those "
            "between right triggers and mentions.",
        ),
    )


def _thresholds(entries: Sequence[Mapping[str, Any]]) -> Markup:
    return _section(
        "Precision against recall",
        _charts(threshold_charts(entries)),
        element(
            "p",
            "What ",
            element("code", "arevent.load(threshold=…)"),
            " changes: the probability from which a word is taken for a trigger.",
        ),
    )


def _errors(evaluation: Evaluation) -> Markup:
    mistakes = find_mistakes(evaluation.gold, evaluation.found, evaluation.chances)
    worst = mistakes[:N_MISTAKES]
    if not worst:
        return _section("Errors", element("p", "The model and the annotation agree everywhere."))
    return _section(
        "Errors",
        element(
            "p",
            f"{len(mistakes):,} in all. What follows from an error, such as the roles of a missed "
            "event, is none of its own.",
        ),
        mistake_counts(mistakes),
        element("h3", f"The {len(worst)} of which the model was surest"),
        element(
            "p",
            "Beside each error stands how sure the model was: the score of what it found, or the "
            "probability that it gave to there being nothing.",
        ),
        mistake_list(worst, evaluation.gold, evaluation.found),
    )


def _about(about: Mapping[str, Any]) -> Markup:
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    rows = (
        ("corpus", about["corpus"]),
        ("SHA-256", about["corpus_sha256"]),
        ("scores by", about["command"]),
        ("speed", f"{about['sentences_per_second']} sentences a second on {about['device']}"),
        ("versions", versions),
    )
    cells = [
        join(element("dt", name), element("dd", element("bdi", value))) for name, value in rows
    ]
    return element("footer", element("dl", *cells))


def _charts(figures: Sequence[Markup]) -> Markup:
    return element("div", *figures, class_="charts")


def _section(title: str, *content: Markup) -> Markup:
    return element("section", element("h2", title), *content)
