"""JSON and rows of documents with values, incidents and inferred sources."""

import json

import pytest

from arevent import Document
from arevent.corpus import document_from_record
from arevent.merge import merge_incidents
from arevent.sources import inherit_sources
from arevent.values.annotate import add_values


@pytest.fixture
def document(sentence_record, ontology):
    records = [
        sentence_record(
            "وقالت الشرطة إن 12 مدنيا، بينهم طفلان، قتلوا أمس في هجوم قرب الموصل",
            [
                ("s", "ACTOR", "الشرطة"),
                ("n", "NUM", "12"),
                ("t", "ACTOR", "مدنيا"),
                ("d", "DATE", "أمس"),
                ("l", "LOC", "الموصل"),
            ],
            [
                (
                    "Death",
                    "قتلوا",
                    "actual",
                    [("Count", "n"), ("Target", "t"), ("Time", "d"), ("Source", "s")],
                ),
                ("Attack", "هجوم", "actual", [("Place", "l"), ("Time", "d"), ("Source", "s")]),
            ],
        ),
        sentence_record(
            "وأضافت أن جنديين أصيبا",
            [("t", "ACTOR", "جنديين")],
            [("Injury", "أصيبا", "actual", [("Target", "t"), ("Count", 2)])],
        ),
    ]
    record = {"doc_id": "x", "date": "2024-03-12", "source": "وكالة", "sentences": records}
    read = document_from_record(record)
    return merge_incidents(inherit_sources(add_values(read), ontology), ontology)


def test_json_and_back(document):
    data = json.loads(json.dumps(document.to_dict(), ensure_ascii=False))
    again = Document.from_dict(data)
    assert again.mentions == document.mentions
    assert again.events == document.events
    assert again.incidents == document.incidents
    assert again.to_dict() == document.to_dict()


def test_pointer_of_a_range_survives_json(sentence_record):
    record = sentence_record(
        "قتل بين 20 و30 شخصا",
        [("a", "NUM", "20"), ("b", "NUM", "و30")],
        [("Death", "قتل", "actual", [("Count", "a"), ("Count", "b")])],
    )
    read = add_values(document_from_record({"doc_id": "x", "sentences": [record]}))
    again = Document.from_dict(json.loads(json.dumps(read.to_dict())))
    assert again.mentions == read.mentions
    assert again.events == read.events
    assert (again.events[0].count.low, again.events[0].count.high) == (20, 30)


def test_json_of_a_value_says_its_kind(document):
    kinds = [m["value"]["kind_of_value"] for m in document.to_dict()["mentions"] if m["value"]]
    assert kinds == ["actor", "number", "actor", "date", "place", "actor"]


def test_other_format_is_refused(document):
    with pytest.raises(ValueError, match="expected a document in format 1, found 2"):
        Document.from_dict({**document.to_dict(), "format": 2})


def test_row_of_an_event(document):
    death, attack, injury = document.to_rows()
    assert list(death) == document.columns
    assert (death["type"], death["trigger"], death["Count"]) == ("Death", "قتلوا", "12")
    assert (death["count"], death["count_low"], death["count_high"]) == (12, 12, 12)
    assert (death["date_start"], death["date_end"]) == ("2024-03-11", "2024-03-11")
    assert (attack["place"], attack["country"], attack["place_kind"]) == ("Mosul", "IQ", "city")
    assert attack["admin"] == "Nineveh"
    assert death["incident"] == attack["incident"] == 1
    assert injury["count"] == 2
    assert injury["Count"] == "2"
    assert (injury["Source"], injury["inferred_source"]) == (None, "الشرطة")


def test_fillers_of_one_role_share_a_cell(sentence_record, ontology):
    record = sentence_record(
        "اجتمع الوزير والسفير",
        [("a", "ACTOR", "الوزير"), ("b", "ACTOR", "والسفير")],
        [("Meeting", "اجتمع", "actual", [("Agent", "a"), ("Agent", "b")])],
    )
    read = document_from_record({"doc_id": "x", "sentences": [record]})
    assert read.to_rows()[0]["Agent"] == "الوزير | والسفير"


def test_role_without_a_column_is_refused(document):
    from dataclasses import replace

    with pytest.raises(ValueError, match=r"expected roles out of \('Agent',\)"):
        replace(document, roles=("Agent",)).to_rows()


def test_breakdown_survives(document):
    (part,) = document.events[0].breakdown
    assert (part.quantity.value, part.description.text, part.group) == (2, "طفلان", "children")
