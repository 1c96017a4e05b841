import numpy as np
import pytest

from arevent.document import Link, TaggedSpan
from arevent.frames import assemble_frames, make_mentions
from arevent.normalize import normalize
from arevent.segment import segment

TEXT = "الخبر:\nقُتل ثلاثة جنود واغْتيل الوزير"


@pytest.fixture
def sentence():
    return segment(normalize(TEXT))[1]


def frames(sentence, ontology, triggers, mentions=(), links=(), modalities=None):
    own = make_mentions(TEXT, sentence, mentions)
    return assemble_frames(TEXT, sentence, triggers, own, links, modalities, ontology)


def test_offsets_point_into_the_whole_text(sentence, ontology):
    (frame,) = frames(sentence, ontology, [TaggedSpan("Death", 0, 1, 0.9)])
    assert (frame.trigger.text, frame.trigger.start, frame.trigger.end) == ("قُتل", 7, 11)
    assert (frame.type, frame.score, frame.modality) == ("Death", 0.9, "actual")


def test_trigger_without_arguments_gives_a_frame(sentence, ontology):
    (frame,) = frames(sentence, ontology, [TaggedSpan("Death", 0, 1)])
    assert frame.arguments == ()


def test_arguments_are_the_linked_mentions(sentence, ontology):
    mentions = [TaggedSpan("NUM", 1, 2, 0.8), TaggedSpan("ACTOR", 2, 3, 0.7)]
    links = [Link(0, 1, "Target", 0.6), Link(0, 0, "Count", 0.5)]
    (frame,) = frames(sentence, ontology, [TaggedSpan("Death", 0, 1)], mentions, links)
    assert [(a.role, a.mention.text, a.score) for a in frame.arguments] == [
        ("Target", "جنود", 0.6),
        ("Count", "ثلاثة", 0.5),
    ]
    assert [mention.text for mention in frame.fillers("Target")] == ["جنود"]


def test_most_probable_modality(sentence, ontology):
    (frame,) = frames(
        sentence, ontology, [TaggedSpan("Death", 0, 1)], modalities=np.array([[0.2, 0.5, 0.3]])
    )
    assert frame.modality == "negated"


def test_assassination_is_a_death_and_an_attack(sentence, ontology):
    mentions, links = [TaggedSpan("ACTOR", 4, 5)], [Link(0, 0, "Target")]
    death, attack = frames(sentence, ontology, [TaggedSpan("Death", 3, 4)], mentions, links)
    assert (death.type, attack.type) == ("Death", "Attack")
    assert death.trigger.text == attack.trigger.text == "واغْتيل"
    assert attack.fillers("Target") == death.fillers("Target")
