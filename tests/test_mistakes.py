"""Gold and found documents to single mistakes."""

from dataclasses import replace

import pytest

from arevent.chances import gold_chances
from arevent.corpus import document_from_record
from arevent.report.mistakes import find_mistakes

TITLE = "مقتل خمسة مدنيين في قصف على بلدة الكرامة"
BODY = "ونفت الحكومة وقوع أي هجوم في مدينة المنصورة"


@pytest.fixture
def pair(sentence_record):
    """A document as it should be read and as a model reads it, with the model's scores."""
    gold = [
        sentence_record(
            TITLE,
            [("n", "NUM", "خمسة"), ("a", "ACTOR", "مدنيين"), ("l", "LOC", "بلدة الكرامة")],
            [
                ("Death", "مقتل", "actual", [("Count", "n"), ("Target", "a"), ("Place", "l")]),
                ("Strike", "قصف", "actual", [("Target", "l")]),
            ],
        ),
        sentence_record(
            BODY,
            [("a", "ACTOR", "الحكومة"), ("l", "LOC", "مدينة المنصورة")],
            [("Attack", "هجوم", "negated", [("Source", "a"), ("Place", "l")])],
        ),
    ]
    found = [
        sentence_record(
            TITLE,
            [("n", "NUM", "خمسة"), ("a", "ACTOR", "مدنيين"), ("l", "LOC", "الكرامة")],
            [
                ("Death", "مقتل", "actual", [("Count", "n"), ("Agent", "a"), ("Place", "l")]),
                ("Attack", "قصف", "actual", [("Place", "l")]),
            ],
        ),
        sentence_record(
            BODY,
            [("a", "ACTOR", "الحكومة")],
            [("Accusation", "ونفت", "actual", []), ("Attack", "هجوم", "actual", [])],
        ),
    ]
    scores = {"الكرامة": 0.7, "قصف": 0.9, "ونفت": 0.6, "هجوم": 0.99, "Agent": 0.8}
    return read(gold), scored(read(found), scores)


def read(sentences):
    return document_from_record({"doc_id": "news-1", "sentences": sentences})


def scored(document, scores):
    """Give mentions and events the scores of their words, arguments those of their roles."""
    mentions = [replace(m, score=scores.get(m.text, 1.0)) for m in document.mentions]
    events = [
        replace(
            event,
            trigger=replace(event.trigger, score=scores.get(event.trigger.text, 1.0)),
            arguments=tuple(replace(a, score=scores.get(a.role, 1.0)) for a in event.arguments),
        )
        for event in document.events
    ]
    return replace(document, mentions=tuple(mentions), events=tuple(events))


CHANCES = {
    (70, 84, "LOC"): 0.5,
    (62, 66, "Attack", "actual"): 0.95,
    (62, 66, "Attack", 46, 53, "Source"): 0.25,
}


def rows(mistakes):
    return [
        (m.layer, m.kind, m.gold, m.found, m.gold_span.text, m.found_span.text, m.score, m.sentence)
        for m in mistakes
    ]


def test_each_mistake_once_the_surest_first(pair):
    gold, found = pair
    assert rows(find_mistakes([gold], [found], [CHANCES])) == [
        ("modality", "wrong label", ("negated",), ("actual",), "هجوم", "هجوم", 0.95, 1),
        ("event", "wrong label", ("Strike",), ("Attack",), "قصف", "قصف", 0.9, 0),
        ("role", "wrong label", ("Target",), ("Agent",), "مدنيين", "مدنيين", 0.8, 0),
        ("role", "missed", ("Source",), (), "الحكومة", "الحكومة", 0.75, 1),
        ("mention", "wrong extent", ("LOC",), ("LOC",), "بلدة الكرامة", "الكرامة", 0.7, 0),
        ("event", "extra", (), ("Accusation",), "ونفت", "ونفت", 0.6, 1),
        ("mention", "missed", ("LOC",), (), "مدينة المنصورة", "مدينة المنصورة", 0.5, 1),
    ]


def test_what_has_no_probability_comes_last(pair):
    gold, found = pair
    mistakes = find_mistakes([gold], [found], [{}])
    assert [(m.layer, m.score) for m in mistakes][-3:] == [
        ("role", None),
        ("modality", None),
        ("mention", None),
    ]


def test_agreement_has_no_mistakes(pair):
    gold, _ = pair
    assert find_mistakes([gold], [gold], [CHANCES]) == []


def test_position_of_the_document(pair):
    gold, found = pair
    mistakes = find_mistakes([gold, gold], [gold, found], [CHANCES, CHANCES])
    assert {mistake.document for mistake in mistakes} == {1}


def test_two_types_of_a_word_have_their_roles_in_common(sentence_record):
    def document(role):
        return read(
            [
                sentence_record(
                    "اغتيال قائد في المدينة",
                    [("a", "ACTOR", "قائد")],
                    [
                        ("Death", "اغتيال", "actual", [(role, "a")]),
                        ("Attack", "اغتيال", "actual", [(role, "a")]),
                    ],
                )
            ]
        )

    (mistake,) = find_mistakes([document("Target")], [document("Agent")], [{}])
    assert (mistake.gold, mistake.found, mistake.trigger.text) == (
        ("Target",),
        ("Agent",),
        "اغتيال",
    )


def test_missed_second_type_of_a_word(sentence_record):
    def document(*types):
        events = [(name, "اغتيال", "actual", []) for name in types]
        return read([sentence_record("اغتيال قائد في المدينة", [], events)])

    (mistake,) = find_mistakes([document("Death", "Attack")], [document("Death")], [{}])
    assert (mistake.kind, mistake.gold, mistake.score) == ("missed", ("Attack",), 1.0)


def test_one_gold_span_over_two_found_ones(sentence_record):
    text = "قال وزير الدفاع العراقي"
    gold = read([sentence_record(text, [("a", "ACTOR", "وزير الدفاع العراقي")])])
    found = read([sentence_record(text, [("a", "ACTOR", "وزير"), ("b", "LOC", "العراقي")])])
    assert [(m.kind, m.found_span.text) for m in find_mistakes([gold], [found], [{}])] == [
        ("wrong extent", "وزير"),
        ("extra", "العراقي"),
    ]


def test_chance_of_a_span_that_no_head_scores_is_zero(tiny_extractor, sentence_record):
    name = "لجنة " * 9
    document = read([sentence_record(f"قالت {name}إن", [("m1", "ACTOR", name.strip())])])
    scores = tiny_extractor.tagger.score([document.sentences])
    (chances,) = gold_chances([document], scores, tiny_extractor.tagger)
    assert list(chances.values()) == [0.0]


def test_chance_of_what_a_model_finds_is_its_score(tiny_extractor, news_document):
    """Take for gold what the model itself reads."""
    scores = tiny_extractor.tagger.score([news_document.sentences])
    (found,) = tiny_extractor.read([news_document], scores)
    (chances,) = gold_chances([found], scores, tiny_extractor.tagger)
    assert found.events
    assert found.mentions
    for mention in found.mentions:
        chance = chances[mention.start, mention.end, mention.label]
        assert chance == pytest.approx(mention.score, abs=1e-6)
    for event in found.events:
        key = (event.trigger.start, event.trigger.end, event.type)
        assert chances[key] == pytest.approx(event.score, abs=1e-6)
        modalities = {name: chances[*key, name] for name in ("actual", "negated", "hypothetical")}
        assert max(modalities, key=modalities.get) == event.modality
        assert sum(modalities.values()) == pytest.approx(1, abs=1e-5)
        for argument in event.arguments:
            mention = argument.mention
            chance = chances[*key, mention.start, mention.end, argument.role]
            assert chance == pytest.approx(argument.score, abs=1e-5)


def test_labels_that_the_model_lacks_have_no_chance(tiny_extractor, sentence_record):
    record = sentence_record(
        "وقع هجوم أمس", [("d", "TIME", "أمس")], [("Raid", "هجوم", "actual", [("Time", "d")])]
    )
    document = read([record])
    scores = tiny_extractor.tagger.score([document.sentences])
    assert gold_chances([document], scores, tiny_extractor.tagger) == [{}]
