"""Labels of foreign corpora to labels of the ontology, by a mapping file.

A mapping file is YAML; every part may be missing, and ``null`` drops a label::

    mention_labels: {PER: ACTOR, URL: null}
    event_types: {"Life:Die": Death}
    roles: {Victim: Target}
    modalities: {Negation: negated}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from arevent.corpus import LABEL_KINDS, list_labels
from arevent.formats.problems import FormatError
from arevent.formats.raw import RawArgument, RawAttribute, RawDocument, RawEvent
from arevent.ontology import Ontology, OntologyError, read_yaml

MODALITIES = {"Negation": "negated", "Speculation": "hypothetical"}
"""Attributes that brat corpora use for modalities."""

_MODALITY = "modality"
_TO_FILL_IN = "?"


class UnknownLabels(FormatError):
    """A corpus has labels that neither the ontology nor the mapping knows.

    Attributes:
        labels: The labels, as kinds and names, with their counts.
    """

    def __init__(self, labels: Mapping[tuple[str, str], int]) -> None:
        super().__init__(
            f"expected labels of the ontology or of a mapping, found others: {list_labels(labels)}"
        )
        self.labels = labels


@dataclass(frozen=True, slots=True)
class LabelMap:
    """What the labels of a corpus become.

    Attributes:
        parts: For each kind of label, the new name of an old one; ``None`` drops it.
    """

    parts: Mapping[str, Mapping[str, str | None]]

    @classmethod
    def from_file(cls, path: str | Path, ontology: Ontology) -> LabelMap:
        """Read a mapping file.

        Raises:
            FormatError: If it is none, or maps to what the ontology lacks.
        """
        try:
            data = read_yaml(Path(path).read_text(encoding="utf-8-sig"))
        except (yaml.YAMLError, OntologyError, UnicodeDecodeError) as error:
            raise FormatError(f"{path}: {error}") from error
        if not isinstance(data, dict) or not data.keys() <= LABEL_KINDS.keys():
            found = sorted(map(str, data)) if isinstance(data, dict) else type(data).__name__
            raise FormatError(f"{path}: expected the keys {list(LABEL_KINDS)}, found {found}")
        parts = {kind: _names(path, kind, part) for kind, part in data.items()}
        targets = [(k, new) for k, part in parts.items() for new in part.values() if new]
        if unknown := ontology.unknown_labels(targets):
            raise FormatError(
                f"{path}: expected labels of the ontology on the right, found others: "
                f"{list_labels(unknown)}"
            )
        return cls(parts)

    def rename(self, kind: str, name: str) -> str | None:
        """Give the new name of a label; its own where nothing is said of it."""
        return self.parts.get(kind, {}).get(name, name)

    def save_template(
        self, path: str | Path, unknown: Mapping[tuple[str, str], int], ontology: Ontology
    ) -> None:
        """Write a mapping file with this mapping and a place to fill in for each unknown label.

        Raises:
            FileExistsError: If there is such a file.
        """
        lines = ["# Replace every ? by a label of the ontology, or by null to drop the label."]
        for kind in LABEL_KINDS:
            own = [(name, count) for (k, name), count in sorted(unknown.items()) if k == kind]
            known = self.parts.get(kind, {})
            if own or known:
                lines += [f"# One of: {', '.join(getattr(ontology, kind))}", f"{kind}:"]
                lines += [f"  {_yaml(old)}: {_yaml(new)}" for old, new in known.items()]
                lines += [f"  {_yaml(name)}: {_TO_FILL_IN!r}  # found {n}" for name, n in own]
        with Path(path).open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


def relabel(
    raw: RawDocument, labels: LabelMap, ontology: Ontology
) -> tuple[RawDocument, Counter[str]]:
    """Give a document the labels of the ontology.

    Spans whose label is an event type become events. Attributes become modalities. What the
    mapping drops, and what a document holds no place for, is left out.

    Args:
        raw: A document as a reader gives it.
        labels: What its labels become.
        ontology: Tells event types from mention labels.

    Returns:
        The document, and counts of what was left out.
    """
    return _Relabeler(raw, labels, ontology).relabel()


class _Relabeler:
    def __init__(self, raw: RawDocument, labels: LabelMap, ontology: Ontology) -> None:
        self.raw = raw
        self.labels = labels
        self.ontology = ontology
        self.dropped: Counter[str] = Counter()
        self.dropped_ids: set[str | None] = set()

    def relabel(self) -> tuple[RawDocument, Counter[str]]:
        event_types = {*self.ontology.event_types, *self.labels.parts.get("event_types", ())}
        event_types -= self.labels.parts.get("mention_labels", {}).keys()
        triggers = [RawEvent(s.id, s) for s in self.raw.spans if s.label in event_types]
        mentions = [span for span in self.raw.spans if span.label not in event_types]
        events = [
            replace(event, trigger=replace(event.trigger, label=name))
            for event in (*self.raw.events, *triggers)
            if (name := self._rename("event_types", event.trigger.label, event.id)) is not None
        ]
        spans = [
            replace(span, label=name)
            for span in mentions
            if (name := self._rename("mention_labels", span.label, span.id)) is not None
        ]
        document = replace(
            self.raw,
            spans=spans,
            events=events,
            arguments=list(self._arguments({span.id for span in mentions})),
            attributes=list(self._modalities({event.id for event in events})),
        )
        return document, self.dropped

    def _arguments(self, mention_ids: set[str]) -> Iterator[RawArgument]:
        for argument in self.raw.arguments:
            if argument.event in mention_ids and argument.filler is None:
                self.dropped["numbers on mentions"] += 1
            elif argument.event in mention_ids and argument.filler in mention_ids:
                self.dropped["relations between mentions"] += 1
            elif self.dropped_ids & {argument.event, argument.filler}:
                self.dropped["arguments of dropped labels"] += 1
            elif (role := self._rename("roles", argument.role)) is not None:
                yield replace(argument, role=role)

    def _modalities(self, event_ids: set[str]) -> Iterator[RawAttribute]:
        for attribute in self.raw.attributes:
            name = self._modality(attribute)
            if name is None or attribute.target not in event_ids:
                self.dropped[f"attribute {attribute.name} {attribute.value}".rstrip()] += 1
            else:
                yield replace(attribute, name=_MODALITY, value=name)

    def _modality(self, attribute: RawAttribute) -> str | None:
        """Read an attribute as a modality: by its value, else by its name."""
        part = {**MODALITIES, **self.labels.parts.get("modalities", {})}
        for word in (attribute.value, attribute.name):
            if word in part:
                return part[word]
            if word in self.ontology.modalities:
                return word
        return attribute.value if attribute.name.lower() == _MODALITY else None

    def _rename(self, kind: str, name: str, owner: str | None = None) -> str | None:
        new = self.labels.rename(kind, name)
        if new is None:
            self.dropped[f"{LABEL_KINDS[kind]} {name}"] += 1
            if owner is not None:
                self.dropped_ids.add(owner)
        return new


def check_raw_labels(documents: Sequence[RawDocument], ontology: Ontology) -> None:
    """Make sure that the ontology knows the labels of raw documents.

    Raises:
        UnknownLabels: If it does not.
    """
    unknown = ontology.unknown_labels(label for raw in documents for label in _labels(raw))
    if unknown:
        raise UnknownLabels(unknown)


def _labels(raw: RawDocument) -> Iterator[tuple[str, str]]:
    yield from (("mention_labels", span.label) for span in raw.spans)
    yield from (("event_types", event.trigger.label) for event in raw.events)
    yield from (("roles", argument.role) for argument in raw.arguments)
    yield from (("modalities", attribute.value) for attribute in raw.attributes)


def _names(path: str | Path, kind: str, part: Any) -> dict[str, str | None]:
    """Check a part of a mapping file.

    Raises:
        FormatError: If it holds anything but names. YAML reads a bare ``NO`` as false.
    """
    part = {} if part is None else part
    if not isinstance(part, dict):
        raise FormatError(f"{path}: {kind}: expected names to names, found {part!r}")
    for old, new in part.items():
        if not isinstance(old, str) or not isinstance(new, str | None):
            raise FormatError(
                f"{path}: {kind}: expected a name to a name or null, found {old!r}: {new!r}; "
                f"put names in quotes"
            )
    return part


def _yaml(name: str | None) -> str:
    return yaml.safe_dump(name, allow_unicode=True, width=10**6).split("\n")[0]
