"""The ontology's file, its constraints and its errors."""

import copy
from pathlib import Path

import pytest
import yaml

from arevent.ontology import DoubleEvent, EventType, Ontology, OntologyError

DATA = {
    "mention_labels": ["ACTOR", "LOC"],
    "modalities": ["actual", "negated"],
    "roles": {"Agent": ["ACTOR"], "Place": ["LOC"], "Target": ["ACTOR", "LOC"]},
    "event_types": {
        "Death": {"family": "people", "roles": ["Agent", "Target", "Place"]},
        "Attack": {"family": "violence", "roles": ["Agent", "Target"]},
        "Meeting": {"family": "politics", "roles": ["Place"]},
    },
    "double_events": [{"types": ["Death", "Attack"], "stems": ["اغتيال", "اغتال"]}],
}


@pytest.fixture
def data():
    """Content of an ontology's file that a test may change."""
    return copy.deepcopy(DATA)


@pytest.fixture
def small():
    return Ontology.from_dict(DATA)


def test_from_dict(small):
    assert small == Ontology(
        mention_labels=("ACTOR", "LOC"),
        modalities=("actual", "negated"),
        roles={"Agent": ("ACTOR",), "Place": ("LOC",), "Target": ("ACTOR", "LOC")},
        event_types={
            "Death": EventType("Death", "people", ("Agent", "Target", "Place")),
            "Attack": EventType("Attack", "violence", ("Agent", "Target")),
            "Meeting": EventType("Meeting", "politics", ("Place",)),
        },
        double_events=(DoubleEvent(("Death", "Attack"), ("اغتيال", "اغتال")),),
    )


def test_tags_follow_the_order_of_the_file(small):
    assert small.tags == (
        "O",
        *("B-ACTOR", "I-ACTOR", "B-LOC", "I-LOC"),
        *("B-Death", "I-Death", "B-Attack", "I-Attack", "B-Meeting", "I-Meeting"),
    )


@pytest.mark.parametrize(
    ("arguments", "is_allowed"),
    [
        pytest.param(("Death", "Place"), True, id="role of the type"),
        pytest.param(("Attack", "Place"), False, id="role of another type"),
        pytest.param(("Attack", "Nobody"), False, id="no role"),
        pytest.param(("Attack", "Target", "LOC"), True, id="label of the role"),
        pytest.param(("Attack", "Agent", "LOC"), False, id="label of another role"),
        pytest.param(("Attack", "Place", "LOC"), False, id="label fits, role does not"),
    ],
)
def test_allows(small, arguments, is_allowed):
    assert small.allows(*arguments) is is_allowed


@pytest.mark.parametrize(
    ("event_type", "trigger", "twins"),
    [
        pytest.param("Death", "اغتيال", ("Attack",), id="second type"),
        pytest.param("Attack", "اغتيال", ("Death",), id="first type"),
        pytest.param("Death", "واغتالت", ("Attack",), id="stem inside a word"),
        pytest.param("Death", "عملية الاغتيال", ("Attack",), id="stem in the second word"),
        pytest.param("Death", "مقتل", (), id="another word"),
        pytest.param("Meeting", "اغتيال", (), id="another type"),
    ],
)
def test_twins(small, event_type, trigger, twins):
    assert small.twins(event_type, trigger) == twins


@pytest.mark.parametrize(
    ("types", "tagged"),
    [
        pytest.param(["Attack", "Death"], "Death", id="first of the double event"),
        pytest.param(["Attack"], "Attack", id="one type"),
        pytest.param(["Meeting", "Death"], "Meeting", id="no double event: first given"),
        pytest.param(iter(["Attack", "Death"]), "Death", id="any iterable"),
    ],
)
def test_tagged_type(small, types, tagged):
    assert small.tagged_type(types) == tagged


def test_double_events_may_be_missing(data):
    del data["double_events"]
    assert Ontology.from_dict(data).double_events == ()


def test_to_dict_gives_the_file(small):
    assert small.to_dict() == DATA


def test_save_and_read(small, tmp_path):
    path = tmp_path / "ontology.yaml"
    small.save(path)
    assert Ontology.from_file(path) == small
    assert Ontology.from_file(path).tags == small.tags
    assert "اغتيال" in path.read_text(encoding="utf-8")


def test_ontology_is_not_changed_through_its_data(data):
    ontology = Ontology.from_dict(data)
    data["mention_labels"].append("WEAPON")
    data["roles"]["Agent"].append("LOC")
    assert ontology == Ontology.from_dict(DATA)


def replaced(**parts):
    return {**DATA, **parts}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        pytest.param(
            {"roles": {}, "modalities": ["actual"]},
            "expected the keys ['event_types', 'mention_labels', 'modalities', 'roles'], "
            "missing are ['event_types', 'mention_labels']",
            id="missing keys",
        ),
        pytest.param(
            None,
            "expected the keys ['event_types', 'mention_labels', 'modalities', 'roles'], "
            "missing are ['event_types', 'mention_labels', 'modalities', 'roles']",
            id="empty file",
        ),
        pytest.param(
            replaced(roles=["Agent"]),
            "an entry is not laid out like those of the shipped ontology.yaml: "
            "AttributeError(\"'list' object has no attribute 'items'\")",
            id="list of roles",
        ),
        pytest.param(
            replaced(event_types={"Death": {"roles": ["Agent"]}}),
            "an entry is not laid out like those of the shipped ontology.yaml: KeyError('family')",
            id="type without a family",
        ),
        pytest.param(
            replaced(double_events=None),
            "an entry is not laid out like those of the shipped ontology.yaml: "
            "TypeError(\"'NoneType' object is not iterable\")",
            id="key without content",
        ),
        pytest.param(
            replaced(mention_labels=["ACTOR", "LOC", "LOC"]),
            "expected different names for all labels, found twice: ['LOC']",
            id="label twice",
        ),
        pytest.param(
            replaced(roles={**DATA["roles"], "Death": ["LOC"]}),
            "expected different names for all labels, found twice: ['Death']",
            id="role named like a type",
        ),
        pytest.param(
            replaced(modalities=[]),
            "expected at least one modality, the default, found none",
            id="no modality",
        ),
        pytest.param(
            replaced(roles={**DATA["roles"], "Agent": ["ACTOR", "PERSON"]}),
            "role Agent: expected names out of ['ACTOR', 'LOC'], found ['PERSON']",
            id="unknown label of a role",
        ),
        pytest.param(
            replaced(event_types={"Death": {"family": "people", "roles": ["Agent", "Victim"]}}),
            "event type Death: expected names out of ['Agent', 'Place', 'Target'], "
            "found ['Victim']",
            id="unknown role of a type",
        ),
        pytest.param(
            replaced(double_events=[{"types": ["Death", "Murder"], "stems": ["اغتيال"]}]),
            "double event ('Death', 'Murder'): expected names out of "
            "['Death', 'Attack', 'Meeting'], found ['Murder']",
            id="unknown type of a double event",
        ),
    ],
)
def test_errors(broken, message, tmp_path):
    with pytest.raises(OntologyError) as error:
        Ontology.from_dict(broken)
    assert str(error.value) == message
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(broken, sort_keys=False), encoding="utf-8")
    with pytest.raises(OntologyError) as error:
        Ontology.from_file(path)
    assert str(error.value) == f"{path}: {message}"


def test_error_names_a_file_that_is_no_yaml(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("mention_labels: [ACTOR", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"broken\.yaml: while parsing a flow"):
        Ontology.from_file(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.yaml"):
        Ontology.from_file(tmp_path / "none.yaml")


def test_type_given_twice_in_the_file(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text(
        "mention_labels: [ACTOR]\nmodalities: [actual]\nroles: {Agent: [ACTOR]}\nevent_types:\n"
        "  Death: {family: people, roles: [Agent]}\n  Death: {family: violence, roles: []}\n",
        encoding="utf-8",
    )
    with pytest.raises(OntologyError, match="found twice"):
        Ontology.from_file(path)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(replaced(mention_labels="LOC", roles={}, event_types={}), id="word as list"),
        pytest.param(replaced(roles={**DATA["roles"], "Agent": ["X", 1]}), id="number as label"),
    ],
)
def test_labels_are_lists_of_words(broken):
    with pytest.raises(OntologyError):
        Ontology.from_dict(broken | {"double_events": []})


class TestShipped:
    """The ontology that is installed with the package."""

    @pytest.fixture
    def shipped(self):
        return Ontology.from_file()

    def test_size(self, shipped):
        assert len(shipped.event_types) == 28
        assert len(shipped.tags) == 67
        assert shipped.mention_labels == ("ACTOR", "LOC", "NUM", "DATE", "WEAPON")
        assert shipped.modalities == ("actual", "negated", "hypothetical")

    def test_every_role_is_used(self, shipped):
        used = {role for entry in shipped.event_types.values() for role in entry.roles}
        assert used == set(shipped.roles)

    def test_assassination_is_death_and_attack(self, shipped):
        assert shipped.twins("Death", "اغتيال") == ("Attack",)
        assert shipped.tagged_type(["Attack", "Death"]) == "Death"

    def test_file_is_found_by_path_too(self, shipped, tmp_path):
        shipped.save(tmp_path / "copy.yaml")
        assert Ontology.from_file(Path(tmp_path, "copy.yaml")) == shipped
