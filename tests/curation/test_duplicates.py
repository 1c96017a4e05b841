"""Near-duplicates: hand-counted shingles, and the index against comparing all pairs."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arevent.curation.duplicates import (
    NearDuplicate,
    clusters,
    leaks,
    near_duplicates,
    shingles,
    similarity,
)
from arevent.document import Article
from arevent.extractor import prepare


def read(*texts):
    return [prepare(Article(text)) for text in texts]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        pytest.param("قتل ثلاثة جنود في هجوم", 3, id="five words"),
        pytest.param("قتل، ثلاثة جنود. في هجوم!", 3, id="punctuation does not count"),
        pytest.param("قتل جندي قتل جندي قتل جندي", 2, id="repeated runs count once"),
        pytest.param("قتل جندي", 1, id="two words are one shingle"),
        pytest.param("... !", 0, id="no words"),
    ],
)
def test_number_of_shingles(text, n):
    (document,) = read(text)
    assert len(shingles(document)) == n


def test_similarity_counted_by_hand():
    """Each has two runs of three words, one of them in common: one of three."""
    first, second = read("قتل ثلاثة جنود أمس", "قتل ثلاثة جنود اليوم")
    assert similarity(shingles(first), shingles(second)) == pytest.approx(1 / 3)
    assert near_duplicates([first, second], 0.34) == []
    assert near_duplicates([first, second], 1 / 3) == [NearDuplicate(0, 1, 1 / 3)]


def test_marks_and_tatweel_make_no_difference():
    documents = read("قُتِلَ ثَلاثَةُ جُنُود في هجـــوم", "قتل ثلاثة جنود في هجوم")
    assert near_duplicates(documents) == [NearDuplicate(0, 1, 1.0)]


def test_documents_without_words_are_like_no_other():
    assert near_duplicates(read("...", "...", "")) == []
    assert near_duplicates([]) == []


@pytest.mark.parametrize("threshold", [0, -0.5, 1.1])
def test_threshold_out_of_range(threshold):
    with pytest.raises(ValueError, match=r"similarity: expected a number in \(0, 1\]"):
        near_duplicates([], threshold)


def test_leaks_have_a_document_on_each_side():
    train = read("وصل الوزير إلى العاصمة أمس", "قتل ثلاثة جنود في هجوم", "قتل ثلاثة جنود في هجوم")
    dev = read("انفجرت سيارة في السوق", "قتل ثلاثة جنود في هجوم")
    assert leaks(train, dev) == [NearDuplicate(1, 1, 1.0), NearDuplicate(2, 1, 1.0)]
    assert leaks(train, dev[:1]) == []


def test_clusters_join_what_is_joined_through_others():
    pairs = [NearDuplicate(0, 3, 0.9), NearDuplicate(3, 4, 0.9), NearDuplicate(1, 5, 0.9)]
    assert clusters(6, pairs) == [[0, 3, 4], [1, 5], [2]]
    assert clusters(2, []) == [[0], [1]]


# Six words, so that texts are often alike.
texts = st.lists(st.sampled_from("ابجدهو"), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=8), st.sampled_from([0.2, 0.5, 0.55, 0.8, 1.0]))
def test_the_index_finds_what_comparing_all_pairs_finds(texts, threshold):
    documents = read(*texts)
    sets = [shingles(document) for document in documents]
    expected = [
        NearDuplicate(first, second, similarity(sets[first], sets[second]))
        for first, second in combinations(range(len(documents)), 2)
        if similarity(sets[first], sets[second]) >= threshold
    ]
    assert near_duplicates(documents, threshold) == expected


@settings(max_examples=30, deadline=None)
@given(st.lists(texts, min_size=1, max_size=6))
def test_identical_documents_are_always_found(texts):
    documents = read(*texts)
    pairs = {(pair.first, pair.second) for pair in leaks(documents, documents, 1.0)}
    assert {(number, number) for number in range(len(documents))} <= pairs
