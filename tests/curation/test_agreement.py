"""Agreement against values computed by hand and by scikit-learn."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arevent.curation.agreement import agreement, cohen_kappa
from arevent.document import Argument, Mention, Span


def test_kappa_computed_by_hand():
    """Of 50 items, 35 are equal; chance makes 25 of them so: (0.7 - 0.5) / (1 - 0.5)."""
    table = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    kappa = cohen_kappa(pair for pair, n in table.items() for _ in range(n))
    assert (kappa.n, kappa.observed, kappa.expected) == (50, 0.7, 0.5)
    assert kappa.value == pytest.approx(0.4)


def test_agreement_below_chance_is_negative():
    assert cohen_kappa([("a", "b"), ("b", "a")]).value == -1.0


@pytest.mark.parametrize(
    "pairs", [pytest.param([], id="nothing"), pytest.param([("a", "a")] * 3, id="one label")]
)
def test_kappa_is_undefined_where_chance_explains_all(pairs):
    assert cohen_kappa(pairs).value is None


label = st.sampled_from("abcd")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(label, label), min_size=1))
def test_kappa_is_that_of_scikit_learn(pairs):
    metrics = pytest.importorskip("sklearn.metrics")
    value = cohen_kappa(pairs).value
    if value is not None:  # where scikit-learn warns and gives not a number
        assert value == pytest.approx(metrics.cohen_kappa_score(*zip(*pairs, strict=True)))


def test_a_corpus_agrees_with_itself(news_document, ontology):
    result = agreement([news_document], [news_document], ontology)
    assert {counts.f1 for counts in result.f1.values()} == {1.0}
    assert {name: kappa.value for name, kappa in result.kappa.items()} == {
        "trigger tags": 1.0,
        "trigger tags without O-O": 1.0,
        "mention tags": 1.0,
        "mention tags without O-O": 1.0,
        "types": 1.0,
        "mention labels": 1.0,
        "modality": 1.0,
        "roles": 1.0,
    }
    assert result.disagreements == ()
    assert (result.documents, result.only_a, result.only_b) == (1, (), ())


@pytest.fixture
def other(news_document):
    """The same, read otherwise in five places.

    An injury for a death, the town without its class noun, a soldier who kills, no source for it,
    an attack that is planned instead of denied.
    """
    death, strike, killing, attack = news_document.events
    town = news_document.mentions[2]
    shorter = replace(town, text="الكرامة", start=town.end - len("الكرامة"))
    _, soldier, *others = killing.arguments
    events = (
        replace(death, type="Injury"),
        replace(strike, arguments=(Argument("Target", shorter), strike.arguments[1])),
        replace(killing, arguments=(replace(soldier, role="Agent"), *others)),
        replace(attack, modality="hypothetical"),
    )
    mentions = tuple(shorter if mention == town else mention for mention in news_document.mentions)
    return replace(news_document, mentions=mentions, events=events)


def test_layers_of_two_readings(news_document, other, ontology):
    result = agreement([news_document], [other], ontology)
    assert result.f1["Tri-I"].f1 == 1.0
    assert result.f1["Tri-C"].correct == 3
    assert (result.f1["mentions"].gold, result.f1["mentions"].correct) == (9, 8)
    assert (result.kappa["types"].n, result.kappa["types"].observed) == (4, 0.75)
    assert (result.kappa["modality"].n, result.kappa["modality"].observed) == (3, 2 / 3)
    assert (result.kappa["roles"].n, result.kappa["roles"].observed) == (6, 5 / 6)


def test_kappa_of_tags_with_and_without_what_both_leave_out(news_document, other, ontology):
    """26 tokens; four carry a trigger on either side, and one of those another type."""
    kappa = agreement([news_document], [other], ontology).kappa
    assert (kappa["trigger tags"].n, kappa["trigger tags"].observed) == (26, 25 / 26)
    assert kappa["trigger tags without O-O"].n == 4
    assert kappa["trigger tags without O-O"].observed == 0.75
    # Ten tokens in a mention of the first; of the second, all but «بلدة», whose neighbour begins.
    assert kappa["mention tags without O-O"].n == 10
    assert kappa["mention tags without O-O"].observed == 0.8


def test_disagreements_name_what_each_side_has(news_document, other, ontology):
    found = agreement([news_document], [other], ontology).disagreements
    assert [(d.layer, d.a, d.b, d.n) for d in found] == [
        ("mention bounds", "LOC", "LOC", 1),
        ("modality", "negated", "hypothetical", 1),
        ("role", "Source", "-", 1),
        ("role", "Target", "Agent", 1),
        ("trigger", "Death", "Injury", 1),
    ]
    assert found[0].text == "بلدة الكرامة / الكرامة"
    assert found[3].text == "قتل: جنديا"
    assert found[4].document == "news-1"


def test_missing_spans_count_once(news_document, ontology):
    bare = replace(news_document, mentions=(), events=())
    found = agreement([news_document], [bare], ontology).disagreements
    assert [(d.layer, d.a, d.b, d.n) for d in found][:2] == [
        ("mention", "ACTOR", "-", 5),
        ("trigger", "Death", "-", 2),
    ]
    back = agreement([bare], [news_document], ontology).disagreements
    assert (back[0].a, back[0].b, back[0].n) == ("-", "ACTOR", 5)


def test_documents_in_one_corpus_only_are_reported(document, ontology):
    a = [document("1", "قتل جندي"), document("2", "قتل جندي")]
    b = [document("3", "وصل وزير"), document("2", "قتل جندي")]
    result = agreement(a, b, ontology)
    assert (result.documents, result.only_a, result.only_b) == (1, ("1",), ("3",))


def test_other_text_is_refused(document, ontology):
    with pytest.raises(ValueError, match="d1: expected the same text in both corpora"):
        agreement([document("d1", "قتل جندي")], [document("d1", "قتل وزير")], ontology)


def test_an_id_used_twice_is_refused(document, ontology):
    twice = [document("d1", "قتل جندي"), document("d1", "وصل وزير")]
    with pytest.raises(ValueError, match="used once in the first corpus, found d1 twice"):
        agreement(twice, [], ontology)


def test_overlapping_spans_are_refused_with_the_document(document, ontology):
    one = document("d1", "قتل جندي أمس")
    mentions = Mention("ACTOR", "جندي", 4, 8), Mention("ACTOR", "جندي أمس", 4, 12)
    with pytest.raises(ValueError, match="d1: expected spans that do not overlap"):
        agreement([replace(one, mentions=mentions)], [one], ontology)


def test_of_several_types_the_tagged_one_counts(document, sentence_record, ontology):
    events = [("Attack", "اغتيال", "actual", []), ("Death", "اغتيال", "actual", [])]
    one = document("d1", sentence_record("اغتيال وزير", (), events))
    other = replace(one, events=(replace(one.events[1], trigger=Span("Death", "اغتيال", 0, 6)),))
    assert agreement([one], [other], ontology).kappa["types"].observed == 1.0
