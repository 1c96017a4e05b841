"""Scores against cases computed by hand."""

from dataclasses import replace

import pytest

from arevent.document import Argument, Document, EventFrame, Mention, Span
from arevent.scoring import Counts, confusions, modality_scores, score, seqeval_scores

TEXT = "قتل ثلاثة جنود في هجوم"
DEATH, COUNT, VICTIMS, ATTACK = (0, 3), (4, 9), (10, 14), (18, 22)


def mention(label, bounds):
    return Mention(label, TEXT[slice(*bounds)], *bounds)


def event(event_type, bounds, arguments=(), modality="actual"):
    trigger = Span(event_type, TEXT[slice(*bounds)], *bounds)
    filled = tuple(
        Argument(role, None, filler) if isinstance(filler, int) else Argument(role, filler)
        for role, filler in arguments
    )
    return EventFrame(event_type, trigger, filled, modality)


NUM, ACTOR = mention("NUM", COUNT), mention("ACTOR", VICTIMS)


@pytest.fixture
def gold(news_document):
    """Two events, three arguments and a literal."""
    return replace(
        news_document,
        text=TEXT,
        sentences=_sentences(TEXT),
        mentions=(NUM, ACTOR),
        events=(
            event("Death", DEATH, [("Count", NUM), ("Target", ACTOR)]),
            event("Attack", ATTACK, [("Target", ACTOR), ("Count", 3)], "hypothetical"),
        ),
    )


def _sentences(text):
    from arevent.normalize import normalize
    from arevent.segment import segment

    return segment(normalize(text))


def figures(gold, predicted, ontology):
    scores = score([gold], [predicted], ontology, n_resamples=0)
    layers = ("Tri-I", "Tri-C", "Arg-I", "Arg-C", "mentions", "literals", "tags")
    return {name: scores[name]["f1"] for name in layers}


def test_perfect(gold, ontology):
    assert set(figures(gold, gold, ontology).values()) == {1.0}


def test_nothing_found(gold, ontology):
    assert set(figures(gold, replace(gold, mentions=(), events=()), ontology).values()) == {0.0}


def test_wrong_type_loses_type_and_arguments(gold, ontology):
    wrong = event("Injury", DEATH, [("Count", NUM), ("Target", ACTOR)])
    found = figures(gold, replace(gold, events=(wrong, gold.events[1])), ontology)
    assert found["Tri-I"] == 1.0
    assert found["Tri-C"] == 0.5
    assert found["Arg-I"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["literals"] == 1.0
    assert found["tags"] == pytest.approx(3 / 4)


def test_wrong_role_keeps_the_argument_span(gold, ontology):
    wrong = event("Death", DEATH, [("Count", NUM), ("Agent", ACTOR)])
    found = figures(gold, replace(gold, events=(wrong, gold.events[1])), ontology)
    assert found["Arg-I"] == 1.0
    assert found["Arg-C"] == pytest.approx(2 / 3, abs=1e-4)


def test_argument_of_another_trigger_is_wrong(gold, ontology):
    death, attack = gold.events
    moved = (
        replace(death, arguments=()),
        replace(attack, arguments=(*attack.arguments, *death.arguments[:1])),
    )
    found = figures(gold, replace(gold, events=moved), ontology)
    assert found["Arg-C"] == pytest.approx(2 * 1 / (3 + 2), abs=1e-4)


def test_filler_with_two_roles_counts_once_for_the_span(gold, ontology):
    two = event("Death", DEATH, [("Agent", ACTOR), ("Target", ACTOR)])
    one = replace(gold, events=(two,))
    scores = score([one], [one], ontology, n_resamples=0)
    assert (scores["Arg-I"]["gold"], scores["Arg-C"]["gold"]) == (1, 2)


def test_literals_are_scored_apart(gold, ontology):
    death, attack = gold.events
    other = replace(attack, arguments=(attack.arguments[0], Argument("Count", None, 4)))
    found = figures(gold, replace(gold, events=(death, other)), ontology)
    assert found["literals"] == 0.0
    assert found["Arg-C"] == 1.0


def test_shifted_span_is_wrong(gold, ontology):
    found = figures(gold, replace(gold, mentions=(NUM, mention("ACTOR", (10, 17)))), ontology)
    assert found["mentions"] == 0.5


def test_two_types_on_one_span(gold, ontology):
    """Tri-I counts a span once, Tri-C each type; the layer of tags has the tagged one."""
    both = replace(gold, events=(event("Death", DEATH), event("Attack", DEATH)))
    scores = score([both], [both], ontology, n_resamples=0)
    assert (scores["Tri-I"]["gold"], scores["Tri-C"]["gold"]) == (1, 2)
    assert scores["tags"]["gold"] == 3


def test_per_type_role_and_label(gold, ontology):
    wrong = event("Injury", DEATH, [("Count", NUM)])
    scores = score([gold], [replace(gold, events=(wrong,))], ontology, n_resamples=0)
    assert {name: entry["f1"] for name, entry in scores["types"].items()} == {
        "Attack": 0.0,
        "Death": 0.0,
        "Injury": 0.0,
    }
    assert scores["roles"]["Target"]["gold"] == 2
    assert scores["labels"]["NUM"]["f1"] == 1.0


def test_modality_counts_matched_triggers_only(gold):
    death, attack = gold.events
    found = replace(
        gold, events=(replace(death, type="Injury"), replace(attack, modality="actual"))
    )
    scores = modality_scores([(gold, found)], ("actual", "negated", "hypothetical"))
    assert (scores["accuracy"], scores["matched"]) == (0.0, 1)
    assert scores["hypothetical"]["recall"] == 0.0
    assert scores["actual"]["predicted"] == 1


def test_confusions_pair_wrong_types_and_list_the_rest(gold):
    found = replace(gold, events=(event("Injury", DEATH), event("Clash", VICTIMS)))
    assert confusions([(gold, found)]) == [
        {"gold": "-", "predicted": "Clash", "n": 1},
        {"gold": "Attack", "predicted": "-", "n": 1},
        {"gold": "Death", "predicted": "Injury", "n": 1},
    ]


def test_interval_of_one_document_is_its_score(gold, ontology):
    scores = score([gold], [gold], ontology, n_resamples=50)
    assert scores["Tri-C"]["interval"] == [1.0, 1.0]


def test_interval_spans_good_and_bad_documents(gold, ontology):
    empty = replace(gold, events=())
    scores = score([gold, gold], [gold, empty], ontology, n_resamples=200)
    low, high = scores["Tri-C"]["interval"]
    assert (low, high) == (0.0, 1.0)
    assert scores["Tri-C"]["f1"] == pytest.approx(2 / 3, abs=1e-4)


def test_other_text_is_refused(gold, ontology):
    with pytest.raises(ValueError, match="with the same text"):
        score([gold], [replace(gold, text=TEXT + ".")], ontology)


def test_other_number_of_documents_is_refused(gold, ontology):
    with pytest.raises(ValueError, match="expected 2 predicted documents, found 1"):
        score([gold, gold], [gold], ontology)


def test_seqeval_is_strict():
    """Lenient seqeval would accept the I-X that opens a span and find the whole of it."""
    gold = [["B-Attack", "I-Attack", "O", "B-LOC"]]
    predicted = [["I-Attack", "I-Attack", "O", "B-LOC"]]
    scores = seqeval_scores(gold, predicted)
    assert scores["f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert (scores["precision"], scores["recall"]) == (1.0, 0.5)


def test_counts_of_nothing_are_zero():
    assert (Counts().precision, Counts().recall, Counts().f1) == (0.0, 0.0, 0.0)


def test_empty_document(ontology):
    empty = Document("", id="empty")
    assert score([empty], [empty], ontology)["Tri-C"]["f1"] == 0.0
