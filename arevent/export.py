"""Documents to JSON-ready data and back, and to flat rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from arevent.document import (
    ActorValue,
    Argument,
    DateValue,
    Document,
    EventFrame,
    Figure,
    Incident,
    Mention,
    Part,
    PlaceValue,
    Quantity,
    Sentence,
    Span,
    Value,
)

FORMAT_VERSION = 1
"""Version of the layout that `to_dict` writes."""

SEPARATOR = " | "
"""Between several fillers of one role in a row."""

_VALUE_TYPES: dict[str, type[Value]] = {
    "number": Quantity,
    "date": DateValue,
    "place": PlaceValue,
    "actor": ActorValue,
}
_VALUE_NAMES = {value_type: name for name, value_type in _VALUE_TYPES.items()}

_HEAD = ("document", "date", "source", "incident", "type", "modality", "trigger", "start", "end")
_VALUES = ("count", "count_low", "count_high", "date_start", "date_end", "place", "place_kind")
_POSITION = ("country", "admin", "latitude", "longitude", "geonames_id")
_TAIL = ("inferred_source", "score", "problems", "sentence")


def to_dict(document: Document) -> dict[str, Any]:
    """Give a document as data that `json.dumps` takes.

    Arguments point to mentions, incidents to events, by their position in the lists; offsets are
    characters of ``text``. A value says of what kind it is: number, date, place or actor.
    """
    mentions = {_bounds(m): number for number, m in enumerate(document.mentions)}
    events = {_event_key(e): number for number, e in enumerate(document.events)}
    return {
        "format": FORMAT_VERSION,
        "id": document.id,
        "date": document.date,
        "title": document.title,
        "source": document.source,
        "text": document.text,
        "sentences": [{"start": s.start, "end": s.end} for s in document.sentences],
        "mentions": [_mention_to_dict(mention) for mention in document.mentions],
        "events": [_event_to_dict(event, mentions) for event in document.events],
        "incidents": [_incident_to_dict(incident, events) for incident in document.incidents],
        "roles": list(document.roles),
        "metadata": dict(document.metadata),
    }


def from_dict(data: Mapping[str, Any]) -> Document:
    """Read what `to_dict` wrote. Sentences come back without their tokens.

    Raises:
        ValueError: If the data were written in another version of the format.
    """
    if data.get("format") != FORMAT_VERSION:
        raise ValueError(
            f"expected a document in format {FORMAT_VERSION}, found {data.get('format')!r}"
        )
    text = data["text"]
    mentions = tuple(_mention_from_dict(text, entry) for entry in data["mentions"])
    events = tuple(_event_from_dict(text, entry, mentions) for entry in data["events"])
    return Document(
        text=text,
        sentences=tuple(
            Sentence(text[s["start"] : s["end"]], s["start"], s["end"], "", ())
            for s in data["sentences"]
        ),
        mentions=mentions,
        events=events,
        incidents=tuple(_incident_from_dict(entry, events) for entry in data["incidents"]),
        roles=tuple(data["roles"]),
        **{name: data[name] for name in ("id", "date", "title", "source", "metadata")},
    )


def columns(document: Document) -> list[str]:
    """Give the columns of `to_rows`: roles in the order of the ontology, then what they mean."""
    return [*_HEAD, *document.roles, *_VALUES, *_POSITION, *_TAIL]


def to_rows(document: Document) -> list[dict[str, Any]]:
    """Give one flat row for each event: the table that people count in.

    Each role is a column with the words as written, several fillers of one role joined with
    « | » in reading order. Beside them stand the values: the count, the days of the time, and the
    most exact place. ``incident`` numbers the happenings of the document from 1: rows that share
    it speak of the same one, so count incidents, not rows. Empty cells are ``None``.

    Raises:
        ValueError: If a role is not among `Document.roles`, which name the columns.
    """
    incident_of = {
        _event_key(event): number
        for number, incident in enumerate(document.incidents, 1)
        for event in incident.events
    }
    return [_row(document, event, incident_of.get(_event_key(event))) for event in document.events]


def _row(document: Document, event: EventFrame, incident: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        **dict.fromkeys(columns(document)),
        "document": document.id,
        "date": document.date,
        "source": document.source,
        "incident": incident,
        "type": event.type,
        "modality": event.modality,
        "trigger": event.trigger.text,
        "start": event.trigger.start,
        "end": event.trigger.end,
        "score": round(event.score, 4),
        "inferred_source": SEPARATOR.join(a.mention.text for a in event.inferred if a.mention)
        or None,
        "problems": "; ".join(event.problems) or None,
        "sentence": document.sentence_of(event.trigger).text,
    }
    for argument in event.arguments:
        if argument.role not in document.roles:
            raise ValueError(
                f"expected roles out of {document.roles}, the columns of the table, found "
                f"{argument.role!r}; set Document.roles"
            )
        words = argument.mention.text if argument.mention else str(argument.value)
        before = row[argument.role]
        row[argument.role] = f"{before}{SEPARATOR}{words}" if before else words
    return row | _value_cells(event)


def _value_cells(event: EventFrame) -> dict[str, Any]:
    """Give the cells that say what the words mean."""
    cells: dict[str, Any] = {}
    if event.count is not None:
        cells["count"] = event.count.value
        cells["count_low"], cells["count_high"] = event.count.low, event.count.high
    date = next((v for v in _values(event, "Time") if isinstance(v, DateValue) and v.start), None)
    if date is not None:
        cells["date_start"], cells["date_end"] = date.start, date.end
    places = [v for v in _values(event, "Place") if isinstance(v, PlaceValue) and v.name]
    place = min(places, key=_exactness, default=None)
    if place is not None:
        cells["place"], cells["place_kind"] = place.name, place.kind
        cells |= {name: getattr(place, name) for name in _POSITION}
    return cells


def _values(event: EventFrame, role: str) -> Iterable[Value | None]:
    return (mention.value for mention in event.fillers(role))


def _exactness(place: PlaceValue) -> int:
    order = ("city", "facility", "region", "country", "area")
    return order.index(place.kind) if place.kind in order else len(order)


def _bounds(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _event_key(event: EventFrame) -> tuple[int, int, str]:
    return event.trigger.start, event.trigger.end, event.type


def _mention_to_dict(mention: Mention) -> dict[str, Any]:
    return {
        "label": mention.label,
        "text": mention.text,
        "start": mention.start,
        "end": mention.end,
        "score": round(mention.score, 4),
        "value": _value_to_dict(mention.value),
        "reason": mention.reason,
    }


def _mention_from_dict(text: str, data: Mapping[str, Any]) -> Mention:
    start, end = data["start"], data["end"]
    value = _value_from_dict(data["value"])
    return Mention(data["label"], text[start:end], start, end, data["score"], value, data["reason"])


def _value_to_dict(value: Value | None) -> dict[str, Any] | None:
    return None if value is None else {"kind_of_value": _VALUE_NAMES[type(value)], **asdict(value)}


def _value_from_dict(data: Mapping[str, Any] | None) -> Value | None:
    if data is None:
        return None
    fields = {name: value for name, value in data.items() if name != "kind_of_value"}
    value_type = _VALUE_TYPES[data["kind_of_value"]]
    return _quantity_from_dict(fields) if value_type is Quantity else value_type(**fields)


def _quantity_from_dict(data: Mapping[str, Any]) -> Quantity:
    pointer = data["range_start"]
    return Quantity(**{**data, "range_start": None if pointer is None else tuple(pointer)})


def _event_to_dict(event: EventFrame, mentions: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    return {
        "type": event.type,
        "trigger": {
            "text": event.trigger.text,
            "start": event.trigger.start,
            "end": event.trigger.end,
        },
        "modality": event.modality,
        "score": round(event.score, 4),
        "arguments": [_argument_to_dict(argument, mentions) for argument in event.arguments],
        "inferred": [_argument_to_dict(argument, mentions) for argument in event.inferred],
        "count": None if event.count is None else asdict(event.count),
        "breakdown": [_part_to_dict(part, mentions) for part in event.breakdown],
        "problems": list(event.problems),
    }


def _event_from_dict(text: str, data: Mapping[str, Any], mentions: Sequence[Mention]) -> EventFrame:
    start, end = data["trigger"]["start"], data["trigger"]["end"]
    return EventFrame(
        data["type"],
        Span(data["type"], text[start:end], start, end, data["score"]),
        tuple(_argument_from_dict(entry, mentions) for entry in data["arguments"]),
        data["modality"],
        data["score"],
        None if data["count"] is None else _quantity_from_dict(data["count"]),
        tuple(_part_from_dict(text, entry, mentions) for entry in data["breakdown"]),
        tuple(data["problems"]),
        tuple(_argument_from_dict(entry, mentions) for entry in data["inferred"]),
    )


def _argument_to_dict(
    argument: Argument, mentions: Mapping[tuple[int, int], int]
) -> dict[str, Any]:
    mention = argument.mention
    return {
        "role": argument.role,
        "mention": mentions[_bounds(mention)] if mention else None,
        "text": mention.text if mention else None,
        "value": None if mention else argument.value,
        "score": round(argument.score, 4),
    }


def _argument_from_dict(data: Mapping[str, Any], mentions: Sequence[Mention]) -> Argument:
    mention = None if data["mention"] is None else mentions[data["mention"]]
    value = data["value"] if mention is None else mention.value
    return Argument(data["role"], mention, value, data["score"])


def _part_to_dict(part: Part, mentions: Mapping[tuple[int, int], int]) -> dict[str, Any]:
    words = part.description
    return {
        "quantity": asdict(part.quantity),
        "number": mentions.get(_bounds(part.number)) if part.number else None,
        "description": None
        if words is None
        else {"text": words.text, "start": words.start, "end": words.end},
        "group": part.group,
    }


def _part_from_dict(text: str, data: Mapping[str, Any], mentions: Sequence[Mention]) -> Part:
    words = data["description"]
    return Part(
        _quantity_from_dict(data["quantity"]),
        None if data["number"] is None else mentions[data["number"]],
        None
        if words is None
        else Span("", text[words["start"] : words["end"]], words["start"], words["end"]),
        data["group"],
    )


def _incident_to_dict(
    incident: Incident, events: Mapping[tuple[int, int, str], int]
) -> dict[str, Any]:
    return {
        "type": incident.type,
        "modality": incident.modality,
        "events": [events[_event_key(event)] for event in incident.events],
        "reasons": list(incident.reasons),
        "places": [asdict(place) for place in incident.places],
        "date": None if incident.date is None else asdict(incident.date),
        "figures": [
            {
                "type": figure.type,
                "quantity": asdict(figure.quantity),
                "event": events[_event_key(figure.event)],
                "of": list(figure.of),
                "is_latest": figure.is_latest,
            }
            for figure in incident.figures
        ],
    }


def _incident_from_dict(data: Mapping[str, Any], events: Sequence[EventFrame]) -> Incident:
    return Incident(
        data["type"],
        tuple(events[number] for number in data["events"]),
        tuple(data["reasons"]),
        data["modality"],
        tuple(PlaceValue(**place) for place in data["places"]),
        None if data["date"] is None else DateValue(**data["date"]),
        tuple(
            Figure(
                figure["type"],
                _quantity_from_dict(figure["quantity"]),
                events[figure["event"]],
                tuple(figure["of"]),
                figure["is_latest"],
            )
            for figure in data["figures"]
        ),
    )
