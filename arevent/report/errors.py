"""Mistakes of a model to HTML: what is wrong in words, and the sentence as it should be and is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from arevent.document import Document, EventFrame, Mention, Span, by_sentence
from arevent.report.markup import Markup, element, join
from arevent.report.mistakes import Kind, Layer, Mistake

Bounds = tuple[int, int]

_NAMES = {
    (Layer.EVENT, Kind.MISSED): "Missed event",
    (Layer.EVENT, Kind.EXTRA): "Extra event",
    (Layer.EVENT, Kind.LABEL): "Wrong type",
    (Layer.EVENT, Kind.EXTENT): "Wrong extent",
    (Layer.MENTION, Kind.MISSED): "Missed mention",
    (Layer.MENTION, Kind.EXTRA): "Extra mention",
    (Layer.MENTION, Kind.LABEL): "Wrong label",
    (Layer.MENTION, Kind.EXTENT): "Wrong extent",
    (Layer.ROLE, Kind.MISSED): "Missed role",
    (Layer.ROLE, Kind.EXTRA): "Extra role",
    (Layer.ROLE, Kind.LABEL): "Wrong role",
    (Layer.MODALITY, Kind.LABEL): "Wrong modality",
}


def mistake_counts(mistakes: Sequence[Mistake]) -> Markup:
    """Give a table of how often each kind of mistake is made in each layer."""
    seen = Counter((mistake.layer, mistake.kind) for mistake in mistakes)
    head = [element("th", kind, scope="col", class_="number") for kind in Kind]
    rows = [
        element(
            "tr",
            element("th", layer, scope="row"),
            *(
                element(
                    "td",
                    f"{seen[layer, kind]:,}" if (layer, kind) in _NAMES else "",
                    class_="number",
                )
                for kind in Kind
            ),
        )
        for layer in Layer
    ]
    return element(
        "table", element("thead", element("tr", element("td"), *head)), element("tbody", *rows)
    )


def mistake_list(
    mistakes: Sequence[Mistake], gold: Sequence[Document], found: Sequence[Document]
) -> Markup:
    """Show mistakes in their sentences.

    Args:
        mistakes: What `arevent.report.mistakes.find_mistakes` gives, or the first of them.
        gold: The annotated documents.
        found: The same documents as the model reads them.
    """
    items = [
        _mistake(mistake, gold[mistake.document], found[mistake.document]) for mistake in mistakes
    ]
    return element("ol", *items, class_="mistakes")


def _mistake(mistake: Mistake, gold: Document, found: Document) -> Markup:
    place = f", sentence {mistake.sentence}{', the title' if mistake.sentence == 0 else ''}"
    name = gold.id or f"document {mistake.document}"
    head = element(
        "p",
        element("strong", _NAMES[mistake.layer, mistake.kind]),
        element("span", _score(mistake.score), class_="score"),
        element("span", element("bdi", name), place, class_="where"),
        class_="head",
    )
    lines = element(
        "dl",
        element("dt", "gold"),
        _line(mistake, gold, mistake.gold_span),
        element("dt", "found"),
        _line(mistake, found, mistake.found_span),
    )
    said = _say_role(mistake, mistake.trigger) if mistake.trigger else _say_span(mistake)
    return element("li", head, element("p", *said, "."), lines)


def _score(score: float | None) -> str:
    if score is None:
        return "–"
    return f"{score:.3f}" if score < 0.9995 else "> 0.999"


def _say_span(mistake: Mistake) -> Iterator[object]:
    """Say what is wrong with a trigger, a mention or a modality."""
    wanted, found = _bold(mistake.gold), _bold(mistake.found)
    words, other = _quote(mistake.gold_span), _quote(mistake.found_span)
    if mistake.kind is Kind.EXTRA:
        yield from ("The model finds ", found, " in ", other, "; the annotation does not")
    elif mistake.kind is Kind.EXTENT:
        yield from ("The annotation has ", wanted, " in ", words)
        yield from ("; the model finds ", found, " in ", other)
    elif mistake.kind is Kind.MISSED:
        yield from ("The annotation has ", wanted, " in ", words, "; the model does not find it")
    else:
        yield from (words, " is ", wanted, "; the model says ", found)


def _say_role(mistake: Mistake, trigger: Span) -> Iterator[object]:
    """Say what is wrong with the role of a mention."""
    wanted, found = _bold(mistake.gold), _bold(mistake.found)
    event = join(_quote(trigger), " (", trigger.label, ")")
    if mistake.kind is Kind.EXTRA:
        yield from ("The model takes ", _quote(mistake.found_span), " for the ", found)
        yield from (" of ", event, "; the annotation does not")
    else:
        yield from (_quote(mistake.gold_span), " is the ", wanted, " of ", event)
        yield from (
            ("; the model says ", found) if mistake.found else ("; the model does not say so",)
        )


def _bold(labels: Sequence[str]) -> Markup:
    return element("b", " + ".join(labels))


def _quote(span: Span) -> Markup:
    return element("bdi", f"«{span.text}»", lang="ar")


def _line(mistake: Mistake, document: Document, focus: Span) -> Markup:
    """Write the sentence of a mistake as one side reads it, with the spans of its layer marked."""
    sentence, mentions, events = by_sentence(document)[mistake.sentence]
    marks = _marks(mistake, mentions, events)
    wanted = (focus.start, focus.end)
    if not any(start < wanted[1] and wanted[0] < end for start, end in marks):
        marks[wanted] = []
    parts: list[object] = []
    position = sentence.start
    for (start, end), labels in sorted(marks.items()):
        if start < position:  # inside the last one: text can be marked once
            continue
        kind = ("focus" if labels else "absent") if (start, end) == wanted else "other"
        parts += [document.text[position:start], _mark(document.text[start:end], labels, kind)]
        position = end
    parts.append(document.text[position : sentence.end])
    return element("dd", *parts, dir="rtl", lang="ar")


def _marks(
    mistake: Mistake, mentions: Sequence[Mention], events: Sequence[EventFrame]
) -> dict[Bounds, list[str]]:
    """Give the labels of the spans that help to see a mistake, by their place in the text."""
    marks: dict[Bounds, list[str]] = {}
    if mistake.layer is Layer.MENTION:
        for mention in mentions:
            marks.setdefault((mention.start, mention.end), []).append(mention.label)
        return marks
    for event in events:
        trigger = (event.trigger.start, event.trigger.end)
        if mistake.trigger is None:
            modality = event.modality if mistake.layer is Layer.MODALITY else ""
            marks.setdefault(trigger, []).append(" ".join(filter(None, (event.type, modality))))
        elif (
            trigger == (mistake.trigger.start, mistake.trigger.end)
            and event.type == mistake.trigger.label
        ):
            marks.setdefault(trigger, []).append(event.type)
            for argument in event.arguments:
                if filler := argument.mention:
                    marks.setdefault((filler.start, filler.end), []).append(argument.role)
    return marks


def _mark(words: str, labels: Sequence[str], kind: str) -> Markup:
    label = [element("bdi", " + ".join(labels), class_="label", lang="en")] if labels else []
    return element("mark", words, *label, class_=kind)
