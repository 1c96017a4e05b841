"""Incidents and inferred sources on documents written for the tests."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arevent.corpus import document_from_record
from arevent.merge import FIRST_MENTION, merge_incidents
from arevent.ontology import Ontology
from arevent.sources import inherit_sources
from arevent.values.annotate import add_values


def read(record_of, *sentences, date="2024-03-12"):
    records = [record_of(*sentence) for sentence in sentences]
    record = {"doc_id": "x", "date": date, "sentences": records}
    return add_values(document_from_record(record))


def grouped(document, ontology):
    """Give the triggers of each incident."""
    incidents = merge_incidents(document, ontology).incidents
    return [[event.trigger.text for event in incident.events] for incident in incidents]


HEADLINE = (
    "مقتل خمسة جنود في هجوم قرب الموصل",
    [("n", "NUM", "خمسة"), ("a", "ACTOR", "جنود"), ("l", "LOC", "الموصل")],
    [
        ("Death", "مقتل", "actual", [("Count", "n"), ("Target", "a"), ("Place", "l")]),
        ("Attack", "هجوم", "actual", [("Target", "a"), ("Place", "l")]),
    ],
)
OPENING = (
    "قتل خمسة جنود أمس في هجوم شنه مسلحون قرب الموصل",
    [
        ("n", "NUM", "خمسة"),
        ("a", "ACTOR", "جنود"),
        ("d", "DATE", "أمس"),
        ("m", "ACTOR", "مسلحون"),
        ("l", "LOC", "الموصل"),
    ],
    [
        ("Death", "قتل", "actual", [("Count", "n"), ("Target", "a"), ("Time", "d")]),
        ("Attack", "هجوم", "actual", [("Agent", "m"), ("Place", "l"), ("Time", "d")]),
    ],
)


def test_headline_body_and_anaphor_are_one_incident(sentence_record, ontology):
    document = read(
        sentence_record,
        HEADLINE,
        OPENING,
        ("وأدان الوزير الهجوم", [], [("Attack", "الهجوم", "actual", [])]),
    )
    assert grouped(document, ontology) == [["مقتل", "هجوم", "قتل", "هجوم", "الهجوم"]]


def test_an_empty_title_is_no_headline(sentence_record, ontology):
    words, *spans = HEADLINE
    document = read(sentence_record, (f"{words}.", *spans), OPENING)
    empty, none, headline = (
        merge_incidents(replace(document, title=title), ontology).incidents
        for title in ("", None, words)
    )
    assert empty == none
    assert empty != headline, "the reasons tell"


def test_another_attack_is_another_incident(sentence_record, ontology):
    document = read(
        sentence_record,
        HEADLINE,
        (
            "ووقع هجوم آخر في البصرة",
            [("l", "LOC", "البصرة")],
            [("Attack", "هجوم", "actual", [("Place", "l")])],
        ),
    )
    assert grouped(document, ontology) == [["مقتل", "هجوم"], ["هجوم"]]


def test_the_shortest_time_of_an_event_is_held_against_others(sentence_record, ontology):
    """The week lies within the month, and the other day only within the month."""
    first = (
        "وقع هجوم في مارس الأسبوع الماضي",
        [("m", "DATE", "مارس"), ("w", "DATE", "الأسبوع الماضي")],
        [("Attack", "هجوم", "actual", [("Time", "m"), ("Time", "w")])],
    )
    second = (
        "وقع هجوم اليوم",
        [("d", "DATE", "اليوم")],
        [("Attack", "هجوم", "actual", [("Time", "d")])],
    )
    assert grouped(read(sentence_record, first, second), ontology) == [["هجوم"], ["هجوم"]]


def test_other_day_is_a_veto(sentence_record, ontology):
    first = (
        "وقع هجوم أمس",
        [("d", "DATE", "أمس")],
        [("Attack", "هجوم", "actual", [("Time", "d")])],
    )
    second = (
        "وكان الهجوم على الموصل في 3 يناير 2020",
        [("d", "DATE", "3 يناير 2020")],
        [("Attack", "الهجوم", "actual", [("Time", "d")])],
    )
    assert grouped(read(sentence_record, first, second), ontology) == [["هجوم"], ["الهجوم"]]


def test_arrest_is_not_the_attack(sentence_record, ontology):
    document = read(
        sentence_record,
        HEADLINE,
        ("واعتقلت الشرطة أربعة", [("n", "NUM", "أربعة")], [
            ("Arrest", "واعتقلت", "actual", [("Count", "n")]),
        ]),
    )  # fmt: skip
    assert grouped(document, ontology)[1] == ["واعتقلت"]


def test_every_frame_says_why_it_joined(sentence_record, ontology):
    (incident,) = merge_incidents(read(sentence_record, HEADLINE, OPENING), ontology).incidents
    assert incident.reasons[0] == FIRST_MENTION
    assert "same place" in incident.reasons[3]
    assert "headline and opening" in incident.reasons[2]


def test_incident_sums_up_type_place_date_and_count(sentence_record, ontology):
    (incident,) = merge_incidents(read(sentence_record, HEADLINE, OPENING), ontology).incidents
    assert incident.type == "Attack"
    assert [place.name for place in incident.places] == ["Mosul"]
    assert (incident.date.start, incident.date.end) == ("2024-03-11", "2024-03-11")
    assert [(figure.type, figure.quantity.value) for figure in incident.figures] == [
        ("Death", 5),
        ("Death", 5),
    ]
    assert incident.count("Death").value == 5


def test_updated_toll_is_the_latest_of_several_and_nothing_is_added_up(sentence_record, ontology):
    update = (
        "وارتفعت حصيلة الهجوم إلى ثمانية قتلى من الجنود",
        [("n", "NUM", "ثمانية"), ("a", "ACTOR", "الجنود")],
        [
            ("Attack", "الهجوم", "actual", []),
            ("Death", "قتلى", "actual", [("Count", "n"), ("Target", "a")]),
        ],
    )
    document = read(sentence_record, HEADLINE, update)
    document = replace(
        document,
        events=tuple(replace(e, arguments=tuple(a for a in e.arguments if a.role == "Count"))
                     for e in document.events),
    )  # fmt: skip
    (incident,) = merge_incidents(document, ontology).incidents
    assert [(f.quantity.value, f.is_latest) for f in incident.figures] == [(5, False), (8, True)]
    assert incident.count("Death").value == 8


def test_counts_of_different_people_stand_side_by_side(sentence_record, ontology):
    document = read(
        sentence_record,
        (
            "قتل 374 مسلحا و121 حارسا في الهجوم",
            [("n", "NUM", "374"), ("a", "ACTOR", "مسلحا"), ("b", "ACTOR", "حارسا")],
            [
                ("Death", "قتل", "actual", [("Count", "n"), ("Target", "a")]),
                ("Attack", "الهجوم", "actual", []),
            ],
        ),
        (
            "ولقي 121 حارسا مصرعهم في الهجوم",
            [("n", "NUM", "121"), ("b", "ACTOR", "حارسا")],
            [
                ("Death", "مصرعهم", "actual", [("Count", "n"), ("Target", "b")]),
                ("Attack", "الهجوم", "actual", []),
            ],
        ),
    )
    figures = [f for i in merge_incidents(document, ontology).incidents for f in i.figures]
    assert [(f.quantity.value, f.of, f.is_latest) for f in figures] == [
        (374, ("مسلحا",), True),
        (121, ("حارسا",), True),
    ]


def test_twins_of_one_word_are_one_incident(sentence_record, ontology):
    document = read(
        sentence_record,
        (
            "اغتيال الوزير",
            [("m", "ACTOR", "الوزير")],
            [
                ("Death", "اغتيال", "actual", [("Target", "m")]),
                ("Attack", "اغتيال", "actual", [("Target", "m")]),
            ],
        ),
    )
    assert grouped(document, ontology) == [["اغتيال", "اغتيال"]]


SPEAKER = (
    "وقالت وزارة الداخلية إن هجوما وقع",
    [("s", "ACTOR", "وزارة الداخلية")],
    [("Attack", "هجوما", "actual", [("Source", "s")])],
)


def inferred(document, ontology):
    return [
        [argument.mention.text for argument in event.inferred]
        for event in inherit_sources(document, ontology).events
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("وأضافت أن خمسة قتلوا", ["وزارة الداخلية"], id="goes on"),
        pytest.param("كما أشارت إلى أن خمسة قتلوا", ["وزارة الداخلية"], id="second word"),
        pytest.param("وتابعت: قتلوا جميعا", ["وزارة الداخلية"], id="colon"),
        pytest.param("وكان خمسة قتلوا أمس", [], id="no verb of reporting"),
        pytest.param("وعقب ذلك بأيام قالت إنهم قتلوا", [], id="verb far from the beginning"),
    ],
)
def test_dropped_speaker(sentence_record, ontology, sentence, expected):
    trigger = next(word for word in sentence.split() if word.startswith("قتلوا"))
    document = read(sentence_record, SPEAKER, (sentence, [], [("Death", trigger, "actual", [])]))
    assert inferred(document, ontology) == [[], expected]


def test_new_speaker_is_not_dropped(sentence_record, ontology):
    second = (
        "وأضافت الشرطة أن خمسة قتلوا",
        [("p", "ACTOR", "الشرطة")],
        [("Death", "قتلوا", "actual", [])],
    )
    third = ("وأضافت أنهم قتلوا", [], [("Death", "قتلوا", "actual", [])])
    document = read(sentence_record, SPEAKER, second, third)
    assert inferred(document, ontology) == [[], [], ["الشرطة"]]


def test_own_source_is_kept(sentence_record, ontology):
    second = (
        "وأضافت أن خمسة قتلوا بحسب المرصد",
        [("p", "ACTOR", "المرصد")],
        [("Death", "قتلوا", "actual", [("Source", "p")])],
    )
    assert inferred(read(sentence_record, SPEAKER, second), ontology) == [[], []]


def test_nobody_spoke_before(sentence_record, ontology):
    only = ("وأضافت أن خمسة قتلوا", [], [("Death", "قتلوا", "actual", [])])
    assert inferred(read(sentence_record, only), ontology) == [[]]


def test_ontology_without_sources_is_left_alone(sentence_record, news_document, ontology):
    data = ontology.to_dict()
    del data["roles"]["Source"]
    for entry in data["event_types"].values():
        entry["roles"] = [role for role in entry["roles"] if role != "Source"]
    assert inherit_sources(news_document, Ontology.from_dict(data)) is news_document


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the fixture is a function
)
@given(sentences=st.lists(st.sampled_from([HEADLINE, OPENING, SPEAKER]), min_size=1, max_size=6))
def test_every_event_is_in_one_incident_and_nothing_depends_on_chance(
    sentence_record, ontology, sentences
):
    document = read(sentence_record, *sentences)
    once, twice = (merge_incidents(document, ontology).incidents for _ in range(2))
    assert once == twice
    events = [event for incident in once for event in incident.events]
    assert len(events) == len(document.events)
    assert set(events) == set(document.events)
    assert all(len(incident.reasons) == len(incident.events) for incident in once)
