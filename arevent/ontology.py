"""Event types, roles and mention labels, and which goes with which.

An ontology is a YAML file; ``arevent/resources/ontology.yaml`` is the shipped one. Every model
folder carries the file it was trained with.
"""

from __future__ import annotations

import importlib.resources
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

OUTSIDE = "O"
MODEL_FILE = "ontology.yaml"


class OntologyError(ValueError):
    """The file is no ontology, or labels do not fit it."""


@dataclass(frozen=True, slots=True)
class EventType:
    """What the ontology says of an event type.

    Attributes:
        name: The label, such as ``Attack``.
        family: A group of types that can speak of one incident, such as ``violence``.
        roles: The roles it takes.
    """

    name: str
    family: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoubleEvent:
    """Words that name several events at once.

    Attributes:
        types: The event types; the first is the one that is tagged.
        stems: Letters by which such a word is known.
    """

    types: tuple[str, ...]
    stems: tuple[str, ...]


@dataclass(frozen=True)
class Ontology:
    """The labels of a task and the constraints between them.

    Attributes:
        mention_labels: Labels of mentions, in the order of the tag set.
        modalities: Modalities of events, the default first.
        roles: For each role, the mention labels that can fill it.
        event_types: Event types by name, in the order of the tag set.
        double_events: Words that carry several types.
    """

    mention_labels: tuple[str, ...]
    modalities: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    event_types: Mapping[str, EventType]
    double_events: tuple[DoubleEvent, ...] = ()

    @classmethod
    def from_file(cls, path: str | Path | None = None) -> Ontology:
        """Read an ontology from YAML; without a path, the shipped one.

        Raises:
            OntologyError: If a part is missing, a name is used twice or a reference dangles.
        """
        if path is None:
            source = importlib.resources.files("arevent") / "resources" / "ontology.yaml"
            return cls.from_dict(read_yaml(source.read_text(encoding="utf-8")))
        try:
            return cls.from_dict(read_yaml(Path(path).read_text(encoding="utf-8")))
        except (yaml.YAMLError, OntologyError) as error:
            raise OntologyError(f"{path}: {error}") from error

    @classmethod
    def from_model(cls, folder: Path) -> Ontology:
        """Read the ontology that a model folder carries; the shipped one if it carries none.

        Raises:
            OntologyError: If the folder's file is no ontology.
        """
        file = folder / MODEL_FILE
        return cls.from_file(file if file.exists() else None)

    @classmethod
    def from_dict(cls, data: Any) -> Ontology:
        """Build an ontology from the content of its file.

        Raises:
            OntologyError: If a part is missing, a name is used twice or a reference dangles.
        """
        needed = {"mention_labels", "modalities", "roles", "event_types"}
        if not isinstance(data, dict) or not needed <= data.keys():
            missing = sorted(needed - set(data or ())) if isinstance(data, dict) else sorted(needed)
            raise OntologyError(f"expected the keys {sorted(needed)}, missing are {missing}")
        try:
            ontology = cls(
                mention_labels=_names(data["mention_labels"]),
                modalities=_names(data["modalities"]),
                roles={role: _names(labels) for role, labels in data["roles"].items()},
                event_types={
                    name: EventType(name, entry["family"], _names(entry["roles"]))
                    for name, entry in data["event_types"].items()
                },
                double_events=tuple(
                    DoubleEvent(_names(entry["types"]), _names(entry["stems"]))
                    for entry in data.get("double_events", ())
                ),
            )
        except (TypeError, KeyError, AttributeError) as error:
            raise OntologyError(
                f"an entry is not laid out like those of the shipped ontology.yaml: {error!r}"
            ) from error
        ontology._check()
        return ontology

    def to_dict(self) -> dict[str, Any]:
        """Give the content of the ontology's file."""
        return {
            "mention_labels": list(self.mention_labels),
            "modalities": list(self.modalities),
            "roles": {role: list(labels) for role, labels in self.roles.items()},
            "event_types": {
                name: {"family": entry.family, "roles": list(entry.roles)}
                for name, entry in self.event_types.items()
            },
            "double_events": [
                {"types": list(entry.types), "stems": list(entry.stems)}
                for entry in self.double_events
            ],
        }

    def save(self, path: str | Path) -> None:
        """Write the ontology's file."""
        text = yaml.safe_dump(self.to_dict(), allow_unicode=True, sort_keys=False)
        Path(path).write_text(text, encoding="utf-8")

    @cached_property
    def span_labels(self) -> tuple[str, ...]:
        """Labels of spans: those of mentions, then the event types."""
        return (*self.mention_labels, *self.event_types)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The BIO tag set: ``O``, then ``B-`` and ``I-`` of each mention label and event type."""
        return (OUTSIDE, *(f"{prefix}-{label}" for label in self.span_labels for prefix in "BI"))

    def allows(self, event_type: str, role: str, mention_label: str | None = None) -> bool:
        """Whether events of the type take the role, and a mention of the label can fill it."""
        if role not in self.event_types[event_type].roles:
            return False
        return mention_label is None or mention_label in self.roles[role]

    def twins(self, event_type: str, trigger: str) -> tuple[str, ...]:
        """Give the other types that a trigger of this type names as well, usually none."""
        for entry in self.double_events:
            if event_type in entry.types and any(stem in trigger for stem in entry.stems):
                return tuple(other for other in entry.types if other != event_type)
        return ()

    def tagged_type(self, event_types: Iterable[str]) -> str:
        """Choose the type that is tagged on a word that carries several."""
        types = list(event_types)
        for entry in self.double_events:
            if set(types) <= set(entry.types) and entry.types[0] in types:
                return entry.types[0]
        return types[0]

    def unknown_labels(self, labels: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
        """Count the labels that the ontology lacks.

        Args:
            labels: Kinds and names; a kind is a key of the ontology's file, such as ``roles``.
        """
        return Counter((kind, name) for kind, name in labels if name not in getattr(self, kind))

    def _check(self) -> None:
        names = (*self.mention_labels, *self.event_types, *self.roles)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise OntologyError(f"expected different names for all labels, found twice: {twice}")
        if not self.modalities:
            raise OntologyError("expected at least one modality, the default, found none")
        for role, labels in self.roles.items():
            self._check_known(f"role {role}", labels, self.mention_labels)
        for entry in self.event_types.values():
            self._check_known(f"event type {entry.name}", entry.roles, self.roles)
        for double in self.double_events:
            self._check_known(f"double event {double.types}", double.types, self.event_types)

    @staticmethod
    def _check_known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise OntologyError(f"{what}: expected names out of {list(known)}, found {unknown}")


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that stands twice; YAML would keep the last in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise OntologyError(f"expected every name once, found twice: {twice}")
        return super().construct_mapping(node, deep)


def read_yaml(text: str) -> Any:
    """Read YAML.

    Raises:
        OntologyError: If a key stands twice in one place.
        yaml.YAMLError: If it is no YAML.
    """
    return yaml.load(text, _UniqueKeyLoader)


def _names(values: Any) -> tuple[str, ...]:
    """Read a list of names.

    Raises:
        TypeError: If it is no list, or holds what YAML does not read as text (``NO`` is false).
    """
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"expected a list of names, found {values!r}")
    return tuple(values)
