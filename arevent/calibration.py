"""How honest scores are: reliability of probabilities, and the temperatures that mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from arevent.document import Document, TaggedSpan
from arevent.extractor import Extractor, SpansOfSentence, chunks, read_together
from arevent.model import update_settings
from arevent.ontology import Ontology
from arevent.scoring import read_gold, total, typed_arguments, typed_mentions, typed_triggers
from arevent.spans import tags_within
from arevent.tagger import CandidateScores, Tagger
from arevent.train.examples import SentenceTargets, sentence_targets

N_BINS = 10
TEMPERATURES = np.geomspace(0.5, 5.0, 93)
"""The temperatures tried, each 2.5 % above the last."""
_TEMPERATURES = tuple(f"{name}_temperature" for name in ("tag", "span", "role", "modality"))
THRESHOLDS = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
"""The thresholds tried."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores of one kind of item, and whether the items are right.

    Attributes:
        scores: Probabilities in [0, 1], shape ``(items,)``.
        correct: Whether each item is right, same shape.
    """

    scores: np.ndarray
    correct: np.ndarray


def reliability(judged: Judged) -> dict[str, Any]:
    """Compare scores with what came true.

    Returns:
        ``items``, ``ece``, the expected calibration error (Naeini et al. 2015) over ten bins of
        equal width, and ``bins``: for each that has items its lower bound, number of items, mean
        score and share of right ones.
    """
    n = len(judged.scores)
    number = np.minimum((judged.scores * N_BINS).astype(int), N_BINS - 1)
    bins = []
    error = 0.0
    for index in range(N_BINS):
        inside = number == index
        if not inside.any():
            continue
        score, share = float(judged.scores[inside].mean()), float(judged.correct[inside].mean())
        error += abs(score - share) * int(inside.sum()) / n
        bins.append(
            {
                "from": index / N_BINS,
                "items": int(inside.sum()),
                "score": round(score, 4),
                "correct": round(share, 4),
            }
        )
    return {"items": n, "ece": round(error, 4), "bins": bins}


def judge(gold: Sequence[Document], found: Sequence[Document]) -> dict[str, Judged]:
    """Look which items are right: frames, mentions, and arguments between right spans.

    Args:
        gold: The annotated documents.
        found: The same documents as a model reads them, in the same order.

    Returns:
        ``events`` (trigger and type), ``mentions`` (span and label) and ``arguments`` (role, where
        trigger and mention are right: what their score speaks of).
    """
    rows: dict[str, list[tuple[float, bool]]] = {"events": [], "mentions": [], "arguments": []}
    for wanted, read in zip(gold, found, strict=True):
        triggers, mentions = typed_triggers(wanted), typed_mentions(wanted)
        arguments = typed_arguments(wanted)
        spans = {item[:2] for item in mentions}
        for mention in read.mentions:
            key = (mention.start, mention.end, mention.label)
            rows["mentions"].append((mention.score, key in mentions))
        for event in read.events:
            key = (event.trigger.start, event.trigger.end, event.type)
            rows["events"].append((event.score, key in triggers))
            for argument in event.arguments:
                filler = argument.mention
                if filler and key in triggers and (filler.start, filler.end) in spans:
                    item = (*key, filler.start, filler.end, argument.role)
                    rows["arguments"].append((argument.score, item in arguments))
    return {name: _judged(entries) for name, entries in rows.items()}


def _judged(rows: Sequence[tuple[float, bool]]) -> Judged:
    table = np.array(rows, dtype=float).reshape(-1, 2)
    return Judged(table[:, 0], table[:, 1].astype(bool))


def calibrate(model: str | Path, corpus: str | Path) -> dict[str, float]:
    """Fit temperatures and thresholds of a model and write them into its ``config.json``.

    Temperatures change how sure the model says it is, not what is most probable. Thresholds are
    those of the best F1: of Tri-C for triggers, then of Arg-C for roles.

    Args:
        model: A model folder.
        corpus: An annotated corpus that the model was not trained on.

    Returns:
        The temperatures of `fit_temperatures`, ``trigger_threshold`` and ``role_threshold``.

    Raises:
        CorpusError: If the corpus cannot be read.
        ValueError: If the corpus has labels that the model lacks or overlapping spans, or none of
            the model's spans is right, so that there is nothing to fit to.
    """
    network = Extractor.from_pretrained(model).tagger
    gold = read_gold(corpus, network.model.ontology)
    if not gold:
        raise ValueError(f"{corpus}: expected annotated documents, found none")
    _set(network, dict.fromkeys(_TEMPERATURES, 1.0))
    fitted = fit_temperatures(Extractor(network, threshold=0.5), gold)
    _set(network, fitted)
    fitted |= fit_thresholds(network, gold)
    update_settings(model, fitted)
    return fitted


def _set(tagger: Tagger, settings: Mapping[str, Any]) -> None:
    tagger.model.settings = replace(tagger.model.settings, **settings)


def fit_thresholds(tagger: Tagger, gold: Sequence[Document]) -> dict[str, float]:
    """Find the thresholds of the best F1.

    Args:
        tagger: The model, with its temperatures.
        gold: Annotated documents.

    Returns:
        ``trigger_threshold`` and ``role_threshold``.
    """
    triggers = {
        value: Extractor(tagger, threshold=value, role_threshold=0.5) for value in THRESHOLDS
    }
    best = _best(gold, triggers, "Tri-C")
    roles = {value: Extractor(tagger, threshold=best, role_threshold=value) for value in THRESHOLDS}
    return {"trigger_threshold": best, "role_threshold": _best(gold, roles, "Arg-C")}


def _best(gold: Sequence[Document], extractors: Mapping[float, Extractor], layer: str) -> float:
    """Give the value with the best F1; of equal ones the nearest to a half."""
    found, _ = read_together(gold, {str(value): entry for value, entry in extractors.items()})
    return max(
        extractors,
        key=lambda value: (total(gold, found[str(value)], layer).f1, -abs(value - 0.5)),
    )


def fit_temperatures(extractor: Extractor, gold: Sequence[Document]) -> dict[str, float]:
    """Find the temperatures under which a model's scores fit best what comes true.

    The temperatures of tags and of the span head are fitted to whole spans, because the score of a
    frame is that of its trigger's span; those of roles and modalities to the spans that are right.

    Args:
        extractor: The model, with temperatures of 1.
        gold: Annotated documents.

    Returns:
        ``tag_temperature``, ``span_temperature`` (1 without a span head), ``role_temperature`` and
        ``modality_temperature``.

    Raises:
        ValueError: If none of the model's spans is right.
    """
    ontology = extractor.ontology
    tags: list[_Rows] = []
    spans: list[_Rows] = []
    roles: list[_Rows] = []
    modalities: list[_Rows] = []
    for documents in chunks(gold):
        scores = extractor.tagger.score([document.sentences for document in documents])
        targets = [t for document in documents for t in sentence_targets(document, ontology)]
        for entry, found, target in zip(scores, extractor.find_spans(scores), targets, strict=True):
            tags += _tag_rows(entry.log_probs, found, target, ontology)
            if entry.candidates is not None:
                spans += _span_rows(entry.candidates, found, target, ontology)
            if found[2].roles is not None:
                roles += _role_rows(found, target, ontology)
                modalities += _modality_rows(found, target)
    if not any(row.target for row in tags):
        raise ValueError("expected a model that finds some spans of the corpus, found none right")
    return {
        "tag_temperature": _fit(tags, _span_loss),
        "span_temperature": _fit(spans, _span_loss),
        "role_temperature": _fit(roles, _class_loss),
        "modality_temperature": _fit(modalities, _class_loss),
    }


@dataclass(frozen=True, slots=True)
class _Rows:
    """Log probabilities of one item, and what they should have said.

    Attributes:
        log_probs: Shape ``(rows, classes)``.
        chosen: The class of each row, shape ``(rows,)``.
        target: Whether a span is right; 1 for the classes that are.
    """

    log_probs: np.ndarray
    chosen: np.ndarray
    target: bool = True


def _tag_rows(
    log_probs: np.ndarray, found: SpansOfSentence, target: SentenceTargets, ontology: Ontology
) -> list[_Rows]:
    tag_ids = {tag: index for index, tag in enumerate(ontology.tags)}
    return [
        _Rows(
            log_probs[span.token_start : span.token_end],
            np.array([tag_ids[tag] for tag in tags_within(span)]),
            is_right,
        )
        for span, is_right in _judged_spans(found, target)
    ]


def _span_rows(
    scores: CandidateScores, found: SpansOfSentence, target: SentenceTargets, ontology: Ontology
) -> list[_Rows]:
    labels = ontology.span_labels
    return [
        _Rows(scores.of(span), np.array([labels.index(span.label)]), is_right)
        for span, is_right in _judged_spans(found, target)
    ]


def _judged_spans(
    found: SpansOfSentence, target: SentenceTargets
) -> Iterator[tuple[TaggedSpan, bool]]:
    """Give the triggers and mentions that were found, and whether each is right."""
    right = _keys([*target.triggers, *target.mentions])
    return ((span, _key(span) in right) for span in (*found[0], *found[1]))


def _role_rows(found: SpansOfSentence, target: SentenceTargets, ontology: Ontology) -> list[_Rows]:
    """Give a row of (no, yes) for each role that a right pair can have."""
    triggers, mentions, scores = found
    of_trigger, of_mention = _keys(target.triggers), _keys(target.mentions)
    wanted = set(target.roles)
    rows = []
    for t, trigger in enumerate(triggers):
        for m, mention in enumerate(mentions):
            if _key(trigger) not in of_trigger or _key(mention) not in of_mention:
                continue
            pair = (of_trigger[_key(trigger)], of_mention[_key(mention)])
            for r, role in enumerate(ontology.roles):
                if ontology.allows(trigger.label, role, mention.label):
                    yes = np.clip(scores.roles[t, m, r], 1e-6, 1 - 1e-6)  # type: ignore[index]
                    chosen = np.array([int((*pair, r) in wanted)])
                    rows.append(_Rows(np.log([[1 - yes, yes]]), chosen))
    return rows


def _modality_rows(found: SpansOfSentence, target: SentenceTargets) -> list[_Rows]:
    right = _keys(target.triggers)
    return [
        _Rows(np.log(row[None] + 1e-9), np.array([target.modalities[right[_key(trigger)]]]))
        for trigger, row in zip(found[0], found[2].modalities, strict=True)  # type: ignore[arg-type]
        if _key(trigger) in right
    ]


def _key(span: TaggedSpan) -> tuple[str, int, int]:
    return span.label, span.token_start, span.token_end


def _keys(spans: Sequence[TaggedSpan]) -> dict[tuple[str, int, int], int]:
    return {_key(span): index for index, span in enumerate(spans)}


def _fit(items: Sequence[_Rows], loss: Callable[[np.ndarray, Sequence[_Rows]], float]) -> float:
    """Find the temperature with the smallest loss; 1 where there is nothing to fit to."""
    if not items:
        return 1.0
    log_probs = np.concatenate([item.log_probs for item in items])
    chosen = np.concatenate([item.chosen for item in items])
    losses = []
    for temperature in TEMPERATURES:
        scaled = log_probs / temperature
        scaled = scaled - np.logaddexp.reduce(scaled, axis=1, keepdims=True)
        losses.append(loss(scaled[np.arange(len(chosen)), chosen], items))
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 4)


def _class_loss(of_chosen: np.ndarray, items: Sequence[_Rows]) -> float:
    return -float(of_chosen.mean())


def _span_loss(of_chosen: np.ndarray, items: Sequence[_Rows]) -> float:
    """Give the log loss of «the span is right», whose probability is the product of its rows'."""
    starts = np.cumsum([0, *(len(item.chosen) for item in items)])[:-1]
    log_score = np.minimum(np.add.reduceat(of_chosen, starts), -1e-7)
    right = np.array([item.target for item in items])
    return -float(np.where(right, log_score, np.log1p(-np.exp(log_score))).mean())
