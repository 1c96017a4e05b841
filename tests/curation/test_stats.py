"""Figures of a corpus of one annotated and one bare document, counted by hand."""

import pytest

from arevent.curation.stats import Spread, corpus_stats


@pytest.fixture
def stats(news_document, document, ontology):
    """Four sentences of 8, 8, 5 and 5 tokens, and two of 3 and 4."""
    bare = document("bare", "هدوء في المدينة", "عاد الهدوء أمس.", date=None, source=None)
    return corpus_stats([news_document, bare], ontology)


def test_totals(stats):
    assert (stats.documents, stats.sentences, stats.tokens) == (2, 6, 33)
    assert (stats.mentions, stats.events) == (9, 4)
    assert (stats.arguments, stats.literals) == (12, 1)


def test_what_is_not_annotated(stats):
    assert stats.unannotated_documents == ("bare",)
    assert stats.unannotated_sentences == 3
    assert stats.unannotated_share == 0.5


def test_counts_by_name_have_the_zeros_of_the_ontology(stats):
    assert {name: n for name, n in stats.types.items() if n} == {
        "Attack": 1,
        "Strike": 1,
        "Death": 2,
    }
    assert stats.types["Protest"] == 0
    assert stats.labels == {"ACTOR": 5, "LOC": 1, "NUM": 1, "DATE": 1, "WEAPON": 1}
    assert stats.modalities == {"actual": 3, "negated": 1, "hypothetical": 0}
    assert stats.roles == {
        "Agent": 1,
        "Target": 4,
        "Place": 1,
        "Time": 1,
        "Instrument": 1,
        "Count": 2,
        "AgentCount": 0,
        "Source": 2,
    }
    assert stats.roles_by_type["Strike"] == {"Target": 2}


def test_names_that_the_ontology_lacks_come_last(document, sentence_record, ontology):
    odd = sentence_record("وصل الوزير", [("m1", "VIP", "الوزير")], [("Visit", "وصل", "actual", [])])
    stats = corpus_stats([document("odd", odd)], ontology)
    assert list(stats.labels.items())[-1] == ("VIP", 1)
    assert list(stats.types.items())[-1] == ("Visit", 1)


def test_dates_and_sources(stats):
    assert (stats.first_date, stats.last_date, stats.undated) == ("2024-03-12", "2024-03-12", 1)
    assert stats.sources == {"tests": 1, "unknown": 1}


def test_lengths(stats):
    assert stats.document_sentences == Spread(2, 3.0, 2.0, 2.5, 3.0, 3.5, 3.9, 4.0)
    assert (stats.sentence_tokens.low, stats.sentence_tokens.high) == (3.0, 8.0)
    assert (stats.sentence_events.mean, stats.sentence_events.high) == (0.67, 2.0)
    assert (stats.mention_tokens.n, stats.mention_tokens.high) == (9, 2.0)
    assert (stats.trigger_tokens.n, stats.trigger_tokens.high) == (4, 1.0)


def test_empty_corpus(ontology):
    stats = corpus_stats([], ontology)
    assert (stats.documents, stats.unannotated_share, stats.first_date) == (0, 0.0, None)
    assert stats.sentence_tokens == Spread()
