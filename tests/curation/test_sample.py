"""Choosing what to annotate: figures of scripted scores, and the whole way with a tiny model."""

import numpy as np
import pytest

from arevent.corpus import read_corpus
from arevent.curation.sample import rank, sample, token_uncertainty, write_sample
from arevent.document import Article


def log_probs(*rows):
    return np.log(np.array(rows))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(1.0, 1e-9)] * 3, 0.0, id="sure"),
        pytest.param([(0.5, 0.5)], 1.0, id="cannot choose"),
        pytest.param([(0.6, 0.3, 0.1)], 0.7, id="two best"),
        pytest.param([(0.6, 0.4)] + [(0.9, 0.1)] * 4, 0.8, id="one of five tokens"),
        pytest.param([(0.6, 0.4)] + [(0.9, 0.1)] * 5, 0.5, id="two of six tokens"),
    ],
)
def test_uncertainty_of_a_sentence(rows, expected):
    assert token_uncertainty(log_probs(*rows)) == pytest.approx(expected, abs=1e-6)


def uncertainty(extractor, text):
    (candidate,) = rank([Article(text)], extractor)
    return candidate.uncertainty


def test_parts_of_a_document_and_their_mean(scripted):
    found = uncertainty(scripted(tag=0.9, role=0.75, modality=0.7), "قتل جندي")
    assert (found.tags, found.roles, found.modality) == (0.2, 0.5, 0.6)
    assert found.total == pytest.approx((0.2 + 0.5 + 0.6) / 3, abs=1e-4)


def test_without_triggers_there_is_no_role_to_ask_about(scripted):
    found = uncertainty(scripted(outside=0.9), "وصل الوزير")
    assert (found.tags, found.roles, found.modality) == (0.2, 0.0, 0.0)


def test_without_a_linker_tags_are_all(scripted):
    found = uncertainty(scripted(has_linker=False), "قتل جندي")
    assert (found.roles, found.modality, found.total) == (None, None, found.tags)


def test_a_long_document_does_not_win_by_its_length(scripted):
    short, long = uncertainty(scripted(), "قتل جندي."), uncertainty(scripted(), "قتل جندي.\n" * 9)
    assert short == long


def test_roles_that_the_ontology_forbids_do_not_count(scripted):
    """A trigger without a mention has no role to fill, whatever the scores say."""
    assert uncertainty(scripted(role=0.5), "قتل أمس").roles == 0.0


ARTICLES = [
    Article("وصل الوزير إلى العاصمة أمس", id="sure"),
    Article("قتل جندي في هجوم على حاجز", id="unsure", date="2024-03-12", source="tests"),
    Article("قتل جندي في هجوم على حاجز", id="copy"),
    Article(" ", id="empty"),
]


def test_the_least_certain_come_first_without_their_copies(scripted):
    chosen = sample(ARTICLES, scripted(), 5)
    assert [entry.document.id for entry in chosen] == ["unsure", "sure"]
    assert chosen[0].uncertainty.total > chosen[1].uncertainty.total
    assert [event.type for event in chosen[0].document.events] == ["Death"]


def test_copies_can_be_kept(scripted):
    chosen = sample(ARTICLES, scripted(), 2, max_similarity=None)
    assert [entry.document.id for entry in chosen] == ["unsure", "copy"]


def test_a_sample_is_a_corpus(tiny_extractor, tmp_path):
    """The tiny model finds spans at random, so that every part of a record is written."""
    articles = [Article(f"قتل {n} جنود في هجوم قرب المدينة رقم {n}.", id=str(n)) for n in range(5)]
    chosen = sample(articles, tiny_extractor, 3)
    write_sample(chosen, tmp_path / "chosen.jsonl")
    documents = read_corpus(tmp_path / "chosen.jsonl")
    assert [document.id for document in documents] == [entry.document.id for entry in chosen]
    assert [len(d.events) for d in documents] == [len(entry.document.events) for entry in chosen]
    totals = [entry.uncertainty.total for entry in chosen]
    assert totals == sorted(totals, reverse=True)
