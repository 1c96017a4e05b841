"""Splits: a partition always, by shares, days, types and near-duplicates as far as they allow."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arevent.corpus import read_corpus
from arevent.curation.duplicates import NearDuplicate
from arevent.curation.options import SplitBy
from arevent.curation.split import Split, read_shares, split_corpus, write_parts
from arevent.document import Article, EventFrame, Span
from arevent.extractor import prepare

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}
WORDS = ["قتل", "وصل", "انفجر", "عاد", "سافر", "اجتمع", "وقع", "هاجم", "نزح", "اعتقل"]


def make(number, types=(), date="2024-03-12", text=None):
    """Make a document of words of its own, so that no other is like it."""
    text = text or " ".join(f"{word}{number}" for word in WORDS)
    events = tuple(EventFrame(name, Span(name, text[:3], 0, 3)) for name in types)
    return replace(prepare(Article(text, id=str(number), date=date)), events=events)


def sizes(split):
    return {name: len(positions) for name, positions in split.parts.items()}


def test_random_split_meets_the_shares():
    documents = [make(n) for n in range(40)]
    split = split_corpus(documents, SHARES)
    assert sizes(split) == {"train": 32, "dev": 4, "test": 4}
    assert split.crossing == ()
    assert split.parts["train"] != tuple(range(32)), "drawn, not cut"
    assert split == split_corpus(documents, SHARES, seed=13)
    assert split != split_corpus(documents, SHARES, seed=14)


def test_by_date_the_newest_are_in_the_last_part():
    days = [5, 1, 4, 2, 3, 9, 8, 10, 7, 6]
    documents = [make(n, date=f"2024-03-{day:02}") for n, day in enumerate(days)]
    split = split_corpus(documents, SHARES, SplitBy.DATE)
    assert split.parts == {"train": (0, 1, 2, 3, 4, 6, 8, 9), "dev": (5,), "test": (7,)}


def test_by_date_a_day_is_not_cut():
    """The last day is a third of the corpus and goes where its middle falls."""
    days = [1, 2, 3, 4, 5, 5]
    documents = [make(n, date=f"2024-03-{day:02}T10:0{n}") for n, day in enumerate(days)]
    split = split_corpus(documents, {"old": 0.8, "new": 0.2}, SplitBy.DATE)
    assert split.parts == {"old": (0, 1, 2, 3), "new": (4, 5)}


def test_by_date_every_document_needs_one():
    with pytest.raises(ValueError, match="found 1 without: 7"):
        split_corpus([make(1), make(7, date=None)], SHARES, SplitBy.DATE)


def test_by_type_each_part_has_its_share_of_every_type():
    """Ten documents of a rare type, which a random draw would seldom divide eight, one, one."""
    types = [("Attack",)] * 60 + [("Attack", "Death")] * 30 + [("Disaster",)] * 10
    documents = [make(n, own) for n, own in enumerate(types)]
    split = split_corpus(documents, SHARES, SplitBy.TYPE)
    counts = {
        name: [
            sum(t in types[n] for n in split.parts[name]) for t in ("Attack", "Death", "Disaster")
        ]
        for name in SHARES
    }
    assert counts == {"train": [72, 24, 8], "dev": [9, 3, 1], "test": [9, 3, 1]}


COPY = "قتل ثلاثة جنود في هجوم على حاجز قرب المدينة أمس"


def test_near_duplicates_stay_together():
    documents = [make(n) for n in range(16)] + [make(n, text=COPY) for n in range(16, 20)]
    for by in SplitBy:
        split = split_corpus(documents, {"a": 0.5, "b": 0.5}, by)
        assert sum(set(range(16, 20)) <= set(own) for own in split.parts.values()) == 1
        assert split.crossing == ()
    assert sizes(split_corpus(documents, {"a": 0.5, "b": 0.5})) == {"a": 10, "b": 10}


def test_near_duplicates_on_two_sides_are_told():
    documents = [make(0, text=COPY, date="2024-03-01"), make(1, text=COPY, date="2024-03-02")]
    halves = {"old": 0.5, "new": 0.5}
    split = split_corpus(documents, halves, SplitBy.DATE, keep_together=False)
    assert split == Split({"old": (0,), "new": (1,)}, (NearDuplicate(0, 1, 1.0),))
    together = split_corpus(documents, halves, SplitBy.DATE)
    assert sorted(sizes(together).values()) == [0, 2]


days = st.integers(1, 5).map("2024-03-{:02}".format)
types = st.sets(st.sampled_from(["Attack", "Death", "Meeting"]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(types, days, st.sampled_from([None, COPY])), max_size=12),
    st.sampled_from(list(SplitBy)),
    st.booleans(),
    st.integers(0, 5),
)
def test_a_split_is_a_partition(rows, by, keep_together, seed):
    documents = [make(n, own, day, text) for n, (own, day, text) in enumerate(rows)]
    split = split_corpus(documents, SHARES, by, seed, keep_together)
    assert list(split.parts) == list(SHARES)
    assert sorted(n for own in split.parts.values() for n in own) == list(range(len(rows)))
    if keep_together:
        assert split.crossing == ()


def test_shares_as_written():
    assert read_shares("train=0.8, dev=0.2") == {"train": 0.8, "dev": 0.2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("train=0.8,dev=0.1", "expected shares that add up to 1", id="sum"),
        pytest.param("train=1.5,dev=-0.5", "expected shares that add up to 1", id="negative"),
        pytest.param("train=x", "expected train=0.8,dev=0.1,test=0.1", id="no number"),
        pytest.param("train", "expected train=0.8,dev=0.1,test=0.1", id="no share"),
        pytest.param("a=0.5,a=1", "expected different names", id="twice"),
    ],
)
def test_shares_that_are_none(text, message):
    with pytest.raises(ValueError, match=f"parts: {message}"):
        read_shares(text)


def test_lines_are_copied_as_they_stand(record, corpus_file, tmp_path):
    """A field that the format does not know is kept, and a blank line is none."""
    own = {**record("b", "وصل الوزير"), "annotator": "x"}
    path = corpus_file(record("a", "قتل جندي"), "", own)
    split = Split({"train": (1,), "test": (0,), "dev": ()}, ())
    files = write_parts(path, split, tmp_path / "out" / "parts")
    assert [document.id for document in read_corpus(files["train"])] == ["b"]
    assert files["train"].read_bytes() in path.read_bytes()
    assert '"annotator": "x"' in files["train"].read_text(encoding="utf-8")
    assert files["dev"].read_bytes() == b""


def test_a_part_does_not_replace_the_corpus(record, corpus_file):
    path = corpus_file(record("a", "قتل جندي"), name="train.jsonl")
    with pytest.raises(ValueError, match="expected another folder"):
        write_parts(path, Split({"train": (0,)}, ()), path.parent)
