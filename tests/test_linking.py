import numpy as np
import pytest

from arevent.document import TaggedSpan
from arevent.linking import link_by_rules, link_by_scores
from arevent.normalize import normalize
from arevent.segment import segment


def spans(text, *labelled):
    """Find (label, word) pairs in the only sentence of a text."""
    (sentence,) = segment(normalize(text))
    words = [token.norm for token in sentence.tokens]
    found = []
    for label, phrase in labelled:
        parts = phrase.split()
        start = next(i for i in range(len(words)) if words[i : i + len(parts)] == parts)
        found.append(TaggedSpan(label, start, start + len(parts)))
    return sentence, found


def role_scores(ontology, n_triggers, n_mentions, **given):
    scores = np.zeros((n_triggers, n_mentions, len(ontology.roles)))
    roles = list(ontology.roles)
    for key, value in given.items():
        role, trigger, mention = key.split("_")
        scores[int(trigger), int(mention), roles.index(role)] = value
    return scores


def test_probable_roles_are_filled(ontology):
    triggers = [TaggedSpan("Attack", 0, 1)]
    mentions = [TaggedSpan("ACTOR", 1, 2)]
    scores = role_scores(ontology, 1, 1, Agent_0_0=0.9, Source_0_0=0.6, Target_0_0=0.4)
    links = link_by_scores(triggers, mentions, scores, ontology)
    assert [(link.role, link.score) for link in links] == [("Agent", 0.9), ("Source", 0.6)]


@pytest.mark.parametrize(
    ("event_type", "label", "role"),
    [
        pytest.param("Clash", "ACTOR", "Target", id="type does not take the role"),
        pytest.param("Attack", "DATE", "Place", id="label cannot fill the role"),
    ],
)
def test_ontology_overrules_the_model(ontology, event_type, label, role):
    scores = role_scores(ontology, 1, 1, **{f"{role}_0_0": 0.99})
    triggers, mentions = [TaggedSpan(event_type, 0, 1)], [TaggedSpan(label, 1, 2)]
    assert link_by_scores(triggers, mentions, scores, ontology) == []


def test_threshold(ontology):
    scores = role_scores(ontology, 1, 1, Agent_0_0=0.6)
    triggers, mentions = [TaggedSpan("Attack", 0, 1)], [TaggedSpan("ACTOR", 1, 2)]
    assert link_by_scores(triggers, mentions, scores, ontology, 0.7) == []


@pytest.mark.parametrize(
    ("trigger", "mention", "roles"),
    [
        pytest.param(1.0, 1.0, ["Agent", "Target"], id="sure"),
        pytest.param(0.8, 0.8, ["Agent"], id="less sure"),
        pytest.param(1.0, 0.64, ["Agent"], id="one of the two"),
        pytest.param(0.4, 0.4, [], id="unsure"),
    ],
)
def test_doubtful_spans_need_more_probable_roles(ontology, trigger, mention, roles):
    scores = role_scores(ontology, 1, 1, Agent_0_0=0.9, Target_0_0=0.6)
    triggers = [TaggedSpan("Attack", 0, 1, trigger)]
    mentions = [TaggedSpan("ACTOR", 1, 2, mention)]
    links = link_by_scores(triggers, mentions, scores, ontology, 0.5)
    assert [link.role for link in links] == roles
    assert {link.score for link in links} <= {0.9, 0.6}, "the role's own"


def by_rules(ontology, text, triggers, mentions):
    sentence, trigger_spans = spans(text, *triggers)
    _, mention_spans = spans(text, *mentions)
    links = link_by_rules(sentence, trigger_spans, mention_spans, ontology)
    return {(triggers[x.trigger][1], mentions[x.mention][1], x.role) for x in links}


def test_rules_victims_follow_the_word_for_killing(ontology):
    assert by_rules(
        ontology,
        "مقتل خمسة مدنيين في حلب أمس",
        [("Death", "مقتل")],
        [("NUM", "خمسة"), ("ACTOR", "مدنيين"), ("LOC", "حلب"), ("DATE", "أمس")],
    ) == {
        ("مقتل", "خمسة", "Count"),
        ("مقتل", "مدنيين", "Target"),
        ("مقتل", "حلب", "Place"),
        ("مقتل", "أمس", "Time"),
    }


def test_rules_attackers_and_weapons(ontology):
    assert by_rules(
        ontology,
        "شن مسلحون هجوما بسيارة مفخخة",
        [("Attack", "هجوما")],
        [("ACTOR", "مسلحون"), ("WEAPON", "بسيارة مفخخة")],
    ) == {("هجوما", "مسلحون", "Agent"), ("هجوما", "بسيارة مفخخة", "Instrument")}


def test_rules_speaker_is_the_source_of_every_event(ontology):
    assert by_rules(
        ontology,
        "وقالت الشرطة إن الهجوم أوقع قتلى",
        [("Attack", "الهجوم"), ("Death", "قتلى")],
        [("ACTOR", "الشرطة")],
    ) == {("الهجوم", "الشرطة", "Source"), ("قتلى", "الشرطة", "Source")}


def test_rules_nearest_trigger_wins(ontology):
    assert by_rules(
        ontology,
        "مقتل خمسة وإصابة سبعة",
        [("Death", "مقتل"), ("Injury", "وإصابة")],
        [("NUM", "خمسة"), ("NUM", "سبعة")],
    ) == {("مقتل", "خمسة", "Count"), ("وإصابة", "سبعة", "Count")}


def test_rules_place_that_is_taken_over_is_the_target(ontology):
    assert by_rules(
        ontology, "سيطرة القوات على حلب", [("Takeover", "سيطرة")], [("LOC", "حلب")]
    ) == {("سيطرة", "حلب", "Target")}


def test_no_triggers(ontology):
    assert by_rules(ontology, "في حلب أمس", [], [("LOC", "حلب")]) == set()
