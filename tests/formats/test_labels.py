"""Mapping files, and labels that nobody knows."""

import pytest

from arevent.corpus import check_labels
from arevent.formats import FormatError, LabelMap, UnknownLabels, import_corpus
from arevent.ontology import Ontology

RECORD = {
    "doc_id": "d",
    "sentences": [
        {
            "text": "قتل جندي في حلب",
            "mentions": [
                {"id": "m1", "label": "PER", "start": 4, "end": 8},
                {"id": "m2", "label": "GPE", "start": 12, "end": 15},
            ],
            "events": [
                {
                    "id": "e1",
                    "type": "Life:Die",
                    "start": 0,
                    "end": 3,
                    "modality": "Asserted",
                    "arguments": [
                        {"role": "Victim", "mention": "m1"},
                        {"role": "Place", "mention": "m2"},
                        {"role": "Count", "value": 1},
                    ],
                }
            ],
        }
    ],
}
MAPPING = """\
mention_labels: {PER: ACTOR, GPE: null}
event_types: {"Life:Die": Death}
roles: {Victim: Target, Count: null}
modalities: {Asserted: actual}
"""


@pytest.fixture
def path(write):
    return write("a.jsonl", RECORD)


def test_unknown_labels_are_counted(path):
    with pytest.raises(UnknownLabels) as error:
        import_corpus(path)
    assert str(error.value).endswith(
        "found others: event type Life:Die (1), mention label GPE (1), mention label PER (1), "
        "modality Asserted (1), role Victim (1)"
    )


def test_mapping(path, write, ontology):
    labels = LabelMap.from_file(write("mapping.yaml", MAPPING), ontology)
    result = import_corpus(path, labels=labels)
    (document,) = result.documents
    check_labels([document], ontology)
    assert [(m.label, m.text) for m in document.mentions] == [("ACTOR", "جندي")]
    assert [(e.type, [a.role for a in e.arguments]) for e in document.events] == [
        ("Death", ["Target"])
    ]
    assert result.problems == ()
    assert result.passed_over == {
        "mention label GPE": 1,
        "arguments of dropped labels": 1,
        "role Count": 1,
    }


def test_dropped_event_takes_its_arguments(path, write, ontology):
    text = MAPPING.replace("Death", "null")
    result = import_corpus(path, labels=LabelMap.from_file(write("m.yaml", text), ontology))
    assert result.documents[0].events == ()
    assert result.passed_over["event type Life:Die"] == 1
    assert result.passed_over["arguments of dropped labels"] == 3


def test_dropped_label_does_not_hide_a_shorter_one(write):
    nested = write("a.conll", "رئيس B-OCC", "حلب I-OCC B-LOC")
    result = import_corpus(nested, labels=LabelMap({"mention_labels": {"OCC": None}}))
    assert [m.text for m in result.documents[0].mentions] == ["حلب"]


def test_label_that_the_mapping_calls_an_event(write):
    labels = LabelMap({"event_types": {"EVENT": "Attack"}, "mention_labels": {"Attack": "LOC"}})
    result = import_corpus(write("a.conll", "هجوم B-EVENT", "قرب B-Attack"), labels=labels)
    (document,) = result.documents
    assert [e.type for e in document.events] == ["Attack"]
    assert [m.label for m in document.mentions] == ["LOC"]


def test_template_has_a_place_for_every_unknown_label(path, tmp_path, ontology):
    with pytest.raises(UnknownLabels) as error:
        import_corpus(path, labels=LabelMap({"roles": {"Victim": "Target", "Entity": None}}))
    template = tmp_path / "mapping.yaml"
    labels = LabelMap({"roles": {"Victim": "Target", "Entity": None}})
    labels.save_template(template, error.value.labels, ontology)
    text = template.read_text(encoding="utf-8")
    assert "  PER: '?'  # found 1" in text
    assert "  Life:Die: '?'  # found 1" in text
    assert "  Victim: Target\n  Entity: null\n" in text
    with pytest.raises(FormatError, match=r"on the right, found others: event type \? \(1\)"):
        LabelMap.from_file(template, ontology)
    template.write_text(text.replace("'?'", "null"), encoding="utf-8")
    filled = LabelMap.from_file(template, ontology)
    assert filled.rename("event_types", "Life:Die") is None
    assert filled.rename("roles", "Victim") == "Target"
    with pytest.raises(FileExistsError):
        labels.save_template(template, {}, ontology)


def test_own_ontology(path):
    data = Ontology.from_file().to_dict()
    data["modalities"] = ["Asserted"]
    with pytest.raises(UnknownLabels) as error:
        import_corpus(path, ontology=Ontology.from_dict(data))
    assert ("modalities", "Asserted") not in error.value.labels


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("labels: {}", r"expected the keys .*, found \['labels'\]", id="key"),
        pytest.param("[]", "found list", id="no keys"),
        pytest.param("roles: [a]", "roles: expected names to names", id="a list"),
        pytest.param(
            "roles: {NO: Agent}", "found False: 'Agent'; put names in quotes", id="bare NO"
        ),
        pytest.param("roles: {A: 1}", "found 'A': 1", id="number"),
        pytest.param("roles: {A: Agent, A: Time}", "found twice", id="twice"),
        pytest.param("roles: {", "mapping.yaml: ", id="no YAML"),
        pytest.param("roles: {A: Actor}", r"role Actor \(1\)", id="not in the ontology"),
    ],
)
def test_mapping_files_of_another_shape(write, ontology, content, message):
    with pytest.raises(FormatError, match=message):
        LabelMap.from_file(write("mapping.yaml", content), ontology)
