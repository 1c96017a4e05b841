"""Tags or scored candidates to labelled spans, and back; knows nothing of models or text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from arevent.document import TaggedSpan
from arevent.ontology import OUTSIDE, Ontology


class BioDecoder:
    """Finds the most probable legal BIO sequence and reads its spans.

    Legal means that ``I-X`` follows ``B-X`` or ``I-X`` and nothing else, so a span always has a
    beginning. Because that is the only constraint, Viterbi search needs one comparison a tag
    instead of one a pair of tags.

    Args:
        tags: The tag set, ``O`` and pairs of ``B-X`` and ``I-X`` in any order.

    Raises:
        ValueError: If ``O`` is missing or an ``I-X`` has no ``B-X``.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        position = {tag: index for index, tag in enumerate(tags)}
        inside = [index for index, tag in enumerate(tags) if tag.startswith("I-")]
        missing = [tags[index] for index in inside if f"B-{tags[index][2:]}" not in position]
        if OUTSIDE not in position or missing:
            raise ValueError(f"expected the tag O and a B- tag for every I- tag, found {tags}")
        self._tags = tuple(tags)
        self._inside = np.array(inside, dtype=np.int64)
        self._begin = np.array([position[f"B-{tags[index][2:]}"] for index in inside], np.int64)

    def decode(self, log_probs: np.ndarray, bias: np.ndarray | None = None) -> list[TaggedSpan]:
        """Read the spans of one sentence.

        Args:
            log_probs: Log probabilities of the tags, shape ``(tokens, tags)``.
            bias: What to add to each tag's log probability in the search, shape ``(tags,)``.
                Scores stay those of the model.

        Returns:
            Spans in reading order, never overlapping. The score of a span is the product of the
            probabilities of its tags.
        """
        path = self.best_path(log_probs if bias is None else log_probs + bias)
        scores = np.exp(log_probs[np.arange(len(path)), path]).tolist()
        return spans_of([self._tags[index] for index in path], scores)

    def best_path(self, log_probs: np.ndarray) -> list[int]:
        """Give the most probable legal sequence of tag positions, one a token."""
        if not len(log_probs):
            return []
        total = log_probs[0].astype(np.float64)
        total[self._inside] = -np.inf
        back = np.empty(log_probs.shape, dtype=np.int64)
        for token in range(1, len(log_probs)):
            previous = np.full(len(total), int(total.argmax()))
            continues = total[self._inside] > total[self._begin]
            previous[self._inside] = np.where(continues, self._inside, self._begin)
            back[token] = previous
            total = total[previous] + log_probs[token]
        path = [int(total.argmax())]
        for token in range(len(log_probs) - 1, 0, -1):
            path.append(int(back[token, path[-1]]))
        return path[::-1]


def best_spans(
    bounds: np.ndarray,
    log_probs: np.ndarray,
    labels: Sequence[str],
    bias: np.ndarray | None = None,
) -> list[TaggedSpan]:
    """Choose spans that do not overlap, the surest ones first.

    How sure a span is are the odds of its label against none: they keep their order under any
    temperature.

    Args:
        bounds: First and last token (inclusive) of each candidate, shape ``(candidates, 2)``.
        log_probs: Log probabilities of the labels, and last that of none, shape
            ``(candidates, labels + 1)``.
        labels: The labels.
        bias: What to add to the log odds of each label when it is compared with none, shape
            ``(labels,)``. It decides which spans there are, not which is surer.

    Returns:
        In reading order the spans for which a label is more probable than none, the most probable
        of these labels, unless a surer span has one of their tokens. The score of a span is the
        probability of its label.
    """
    if not len(bounds):
        return []
    all_odds = log_probs[:, :-1] - log_probs[:, -1:]
    is_likely = all_odds + (0.0 if bias is None else bias) > 0
    best = np.where(is_likely, all_odds, -np.inf).argmax(axis=1)
    odds = all_odds[np.arange(len(best)), best]
    (likely,) = np.nonzero(is_likely.any(axis=1))
    taken: set[int] = set()
    spans = []
    for row in likely[np.argsort(-odds[likely], kind="stable")].tolist():
        start, end = int(bounds[row, 0]), int(bounds[row, 1]) + 1
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            score = float(np.exp(log_probs[row, best[row]]))
            spans.append(TaggedSpan(labels[best[row]], start, end, score))
    return sorted(spans, key=lambda span: span.token_start)


def span_log_probs(
    log_probs: np.ndarray, bounds: np.ndarray, ontology: Ontology, with_end: bool = False
) -> np.ndarray:
    """Read from the probabilities of tags those of whole spans.

    Args:
        log_probs: Log probabilities of the tags, shape ``(tokens, tags)``.
        bounds: First and last token (inclusive) of each span, shape ``(spans, 2)``.
        ontology: Tags and labels.
        with_end: Count in that the token after a span, if there is one, does not go on with its
            label. Not for a `Lexicon`, which does not know where mentions go on.

    Returns:
        Log probabilities of the span labels, and last of none of them, normalized, shape
        ``(spans, labels + 1)``: the products of the tags that would stand for each.
    """
    first, after = bounds[:, 0], bounds[:, 1] + 1
    tags = {tag: index for index, tag in enumerate(ontology.tags)}
    begins = log_probs[:, [tags[f"B-{label}"] for label in ontology.span_labels]]
    insides = log_probs[:, [tags[f"I-{label}"] for label in ontology.span_labels]]
    inside, outside = _sums(insides), _sums(log_probs[:, [tags[OUTSIDE]]])
    named = begins[first] + inside[after] - inside[first + 1]
    if with_end:
        ends = np.log1p(-np.exp(np.minimum(insides, -1e-6)))
        named += np.vstack((ends, np.zeros_like(ends[:1])))[after]
    chances = np.hstack((named, outside[after] - outside[first]))
    normalized: np.ndarray = chances - np.logaddexp.reduce(chances, axis=1, keepdims=True)
    return normalized


def _sums(rows: np.ndarray) -> np.ndarray:
    """Add up rows from the first one on; row n of the result is the sum of the n before it."""
    return np.vstack((np.zeros_like(rows[:1]), rows)).cumsum(axis=0, dtype=np.float64)


def spans_of(tags: Sequence[str], scores: Sequence[float] | None = None) -> list[TaggedSpan]:
    """Join strict BIO tags into spans; an ``I-X`` that continues no ``X`` belongs to none.

    Args:
        tags: One tag a token.
        scores: One probability a token; the product over its tokens is the span's score.
    """
    spans: list[TaggedSpan] = []
    is_open = False
    for token, tag in enumerate(tags):
        score = scores[token] if scores is not None else 1.0
        if tag.startswith("B-"):
            spans.append(TaggedSpan(tag[2:], token, token + 1, score))
            is_open = True
        elif is_open and tag == f"I-{spans[-1].label}":
            last = spans[-1]
            spans[-1] = TaggedSpan(last.label, last.token_start, token + 1, last.score * score)
        else:
            is_open = False
    return spans


def tags_of(n_tokens: int, spans: Iterable[TaggedSpan]) -> list[str]:
    """Write spans as BIO tags, one a token.

    Raises:
        ValueError: If two spans overlap: one layer of tags cannot say that.
    """
    tags = [OUTSIDE] * n_tokens
    for span in spans:
        if any(tag != OUTSIDE for tag in tags[span.token_start : span.token_end]):
            raise ValueError(f"expected spans that do not overlap, found another under {span}")
        tags[span.token_start : span.token_end] = tags_within(span)
    return tags


def tags_within(span: TaggedSpan) -> list[str]:
    """Write one span as BIO tags, one for each of its tokens."""
    return [f"B-{span.label}"] + [f"I-{span.label}"] * (span.token_end - span.token_start - 1)
