import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.document import TaggedSpan
from arevent.ontology import Ontology
from arevent.spans import BioDecoder, best_spans, span_log_probs, spans_of, tags_of, tags_within

TAGS = ("O", "B-X", "I-X", "B-Y", "I-Y")


def log_probs(*rows):
    return np.log(np.array(rows, dtype=np.float64))


def test_most_probable_path():
    rows = log_probs([0.1, 0.8, 0.0001, 0.05, 0.05], [0.2, 0.1, 0.6, 0.05, 0.05])
    (span,) = BioDecoder(TAGS).decode(rows)
    assert (span.label, span.token_start, span.token_end) == ("X", 0, 2)
    assert span.score == pytest.approx(0.48)


def test_inside_tag_cannot_begin_a_span():
    """The best tags one by one, I-X I-X, are illegal; the best legal path begins with B-X."""
    rows = log_probs([0.1, 0.3, 0.5, 0.05, 0.05], [0.1, 0.1, 0.7, 0.05, 0.05])
    (span,) = BioDecoder(TAGS).decode(rows)
    assert (span.label, span.token_start, span.token_end) == ("X", 0, 2)


def test_inside_tag_cannot_follow_another_label():
    rows = log_probs([0.01, 0.9, 0.03, 0.03, 0.03], [0.3, 0.02, 0.08, 0.1, 0.5])
    assert [(s.label, s.token_start, s.token_end) for s in BioDecoder(TAGS).decode(rows)] == [
        ("X", 0, 1)
    ]


def test_no_tokens():
    assert BioDecoder(TAGS).decode(np.empty((0, 5))) == []


@pytest.mark.parametrize(
    "tags",
    [pytest.param(("B-X", "I-X"), id="no O"), pytest.param(("O", "I-X"), id="I without B")],
)
def test_bad_tag_set(tags):
    with pytest.raises(ValueError, match="expected the tag O and a B- tag"):
        BioDecoder(tags)


def is_legal(path):
    before = "O"
    for tag in path:
        if tag.startswith("I-") and before not in (f"B-{tag[2:]}", tag):
            return False
        before = tag
    return True


@given(st.integers(1, 4), st.integers(0, 10_000))
def test_viterbi_finds_what_brute_force_finds(n_tokens, seed):
    scores = np.random.default_rng(seed).normal(size=(n_tokens, len(TAGS)))
    best = max(
        (p for p in itertools.product(range(5), repeat=n_tokens) if is_legal([TAGS[i] for i in p])),
        key=lambda p: sum(scores[t, i] for t, i in enumerate(p)),
    )
    assert BioDecoder(TAGS).best_path(scores) == list(best)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        pytest.param(["B-X", "I-X", "O"], [("X", 0, 2)], id="one span"),
        pytest.param(["B-X", "B-X"], [("X", 0, 1), ("X", 1, 2)], id="neighbours"),
        pytest.param(["O", "I-X"], [], id="stray I opens nothing"),
        pytest.param(["B-X", "I-Y"], [("X", 0, 1)], id="I of another label"),
        pytest.param(["B-X", "O", "I-X"], [("X", 0, 1)], id="I after a gap"),
        pytest.param([], [], id="empty"),
    ],
)
def test_spans_of_tags(tags, spans):
    assert [(s.label, s.token_start, s.token_end) for s in spans_of(tags)] == spans


def test_overlapping_spans_cannot_be_tagged():
    with pytest.raises(ValueError, match="do not overlap"):
        tags_of(3, [TaggedSpan("X", 0, 2), TaggedSpan("Y", 1, 3)])


@given(st.lists(st.sampled_from(TAGS), max_size=12).filter(is_legal))
def test_tags_to_spans_and_back(tags):
    assert tags_of(len(tags), spans_of(tags)) == tags


def candidates(n_tokens, longest=3):
    return np.array(
        [(a, b) for a in range(n_tokens) for b in range(a, min(n_tokens, a + longest))]
    ).reshape(-1, 2)


def test_the_surer_of_two_overlapping_spans_is_chosen():
    bounds = np.array([[0, 1], [1, 1], [2, 2]])
    rows = log_probs([0.6, 0.0001, 0.3999], [0.0001, 0.7, 0.2999], [0.3, 0.2, 0.5])
    (span,) = best_spans(bounds, rows, ("X", "Y"))
    assert (span.label, span.token_start, span.token_end) == ("Y", 1, 2)
    assert span.score == pytest.approx(0.7)


def test_a_bias_lets_spans_in_and_leaves_scores_and_order():
    bounds = np.array([[0, 0]])
    rows = log_probs([0.3, 0.1, 0.6])
    assert best_spans(bounds, rows, ("X", "Y")) == []
    (span,) = best_spans(bounds, rows, ("X", "Y"), np.log([3.0, 1.0]))
    assert (span.label, span.score) == ("X", pytest.approx(0.3))
    bounds, rows = np.array([[0, 0], [0, 1]]), log_probs([0.4, 0.1, 0.5], [0.1, 0.6, 0.3])
    (span,) = best_spans(bounds, rows, ("X", "Y"), np.log([9.0, 1.0]))
    assert span.label == "Y", "the other one may come in, and is less sure"


def test_a_label_that_the_bias_keeps_out_leaves_its_place_to_the_next():
    (span,) = best_spans(
        np.array([[0, 0]]), log_probs([0.45, 0.4, 0.15]), ("X", "Y"), np.log([0.1, 1.0])
    )
    assert (span.label, span.score) == ("Y", pytest.approx(0.4))


def test_no_candidates():
    assert best_spans(np.empty((0, 2), int), np.empty((0, 3)), ("X", "Y")) == []


@given(st.integers(0, 6), st.integers(0, 2**32 - 1))
def test_best_spans_do_not_overlap_and_are_surer_than_what_they_displace(n_tokens, seed):
    bounds = candidates(n_tokens)
    rows = np.random.default_rng(seed).dirichlet(np.ones(3), len(bounds))
    found = best_spans(bounds, np.log(rows), ("X", "Y"))
    odds = {
        (first, last): row[:2].max() / row[2]
        for (first, last), row in zip(bounds.tolist(), rows, strict=True)
    }
    owner = {token: span for span in found for token in range(span.token_start, span.token_end)}
    assert len(owner) == sum(span.token_end - span.token_start for span in found)
    assert [span.token_start for span in found] == sorted(span.token_start for span in found)
    for (first, last), own in odds.items():
        if own > 1:
            rivals = [owner[token] for token in range(first, last + 1) if token in owner]
            assert rivals
            surest = max(odds[span.token_start, span.token_end - 1] for span in rivals)
            assert surest >= own * (1 - 1e-9)


@given(st.integers(0, 6), st.integers(0, 2**32 - 1), st.floats(0.3, 4.0))
def test_a_temperature_does_not_change_the_choice(n_tokens, seed, temperature):
    bounds = candidates(n_tokens)
    rows = np.log(np.random.default_rng(seed).dirichlet(np.ones(3), len(bounds)))
    scaled = rows / temperature
    scaled = scaled - np.logaddexp.reduce(scaled, axis=1, keepdims=True)
    before, after = (best_spans(bounds, entry, ("X", "Y")) for entry in (rows, scaled))
    assert [(s.label, s.token_start, s.token_end) for s in before] == [
        (s.label, s.token_start, s.token_end) for s in after
    ]


@pytest.mark.parametrize("with_end", [False, True])
def test_chance_of_a_span_is_the_product_of_its_tags(with_end):
    ontology = Ontology.from_file()
    position = {tag: index for index, tag in enumerate(ontology.tags)}
    rows = np.log(np.random.default_rng(0).dirichlet(np.ones(len(ontology.tags)), 5))
    bounds = candidates(5)
    found = span_log_probs(rows, bounds, ontology, with_end)
    assert np.exp(found).sum(axis=1) == pytest.approx(1.0)
    for (first, last), row in zip(bounds.tolist(), found, strict=True):
        nothing = rows[first : last + 1, position["O"]].sum()
        for label, chance in zip(ontology.span_labels, row, strict=False):
            tags = tags_within(TaggedSpan(label, first, last + 1, 1.0))
            product = sum(rows[first + n, position[tag]] for n, tag in enumerate(tags))
            if with_end and last < 4:
                product += np.log(1 - np.exp(rows[last + 1, position[f"I-{label}"]]))
            assert chance - row[-1] == pytest.approx(product - nothing)
