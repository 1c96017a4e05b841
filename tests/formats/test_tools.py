"""doccano and Label Studio exports in their own shapes."""

import json

import pytest

from arevent.formats import FormatError, LabelMap, import_corpus

TEXT = "هجوم\nقتل جندي في هجوم قرب حلب. ونفى الجيش ذلك"


def at(words, first="start", last="end", text=TEXT):
    start = text.rindex(words)
    return {first: start, last: start + len(words)}


def entity(number, label, words):
    return {"id": number, "label": label, **at(words, "start_offset", "end_offset")}


def test_doccano_sequence_labelling(write):
    spans = [[*at(words).values(), label] for words, label in (("حلب", "LOC"), ("قتل", "Death"))]
    path = write(
        "all.jsonl",
        {"id": 7, "text": TEXT, "label": spans, "Comments": ["؟"]},
        {"text": TEXT, "labels": [], "meta": {"doc_id": "d", "date": "2024-03-12"}},
    )
    result = import_corpus(path)
    first, second = result.documents
    assert [(m.label, m.text) for m in first.mentions] == [("LOC", "حلب")]
    assert [(e.type, e.trigger.text, e.arguments) for e in first.events] == [("Death", "قتل", ())]
    assert (first.id, second.id, second.date) == ("all-7", "d", "2024-03-12")
    assert result.passed_over == {"comments": 1}


def test_doccano_relations(write, show):
    record = {
        "id": 1,
        "text": TEXT,
        "entities": [
            entity(11, "Death", "قتل"),
            entity(12, "ACTOR", "جندي"),
            entity(13, "LOC", "حلب"),
            entity(14, "ACTOR", "الجيش"),
        ],
        "relations": [
            {"id": 1, "from_id": 11, "to_id": 12, "type": "Target"},
            {"id": 2, "from_id": 12, "to_id": 13, "type": "livesIn"},
            {"id": 3, "from_id": 11, "to_id": 14, "type": "Source"},
            {"id": 4, "from_id": 13, "to_id": 11, "type": "Place"},
        ],
    }
    result = import_corpus(write("all.jsonl", record))
    (event,) = result.documents[0].events
    assert [(a.role, a.mention.text) for a in event.arguments] == [("Target", "جندي")]
    assert show(result) == [
        (1, "argument", "span 11 Source", "argument in another sentence"),
        (1, "argument", "span 13 Place", "starts at no event"),
    ]
    assert result.passed_over == {"relations between mentions": 1}


def region(name, label, words, **changes):
    value = {**at(words), "text": words, "labels": [label]}
    return {
        "id": name,
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {**value, **changes},
    }


def per_region(name, kind, control, value):
    return {
        "id": name,
        "from_name": control,
        "to_name": "text",
        "type": kind,
        "value": {kind: value},
    }


def relation(start, end, direction="right", labels=("Target",)):
    return {
        "from_id": start,
        "to_id": end,
        "type": "relation",
        "direction": direction,
        "labels": list(labels),
    }


RESULT = [
    relation("r1", "r2"),
    per_region("r1", "choices", "status", ["negated"]),
    region("r1", "Death", "قتل"),
    region("r2", "ACTOR", "جندي"),
    region("r3", "LOC", "حلب"),
    relation("r3", "r1", "left", ["Place"]),
    per_region("r1", "number", "Count", 1),
    relation("r1", "r3", labels=()),
    per_region("whole", "choices", "topic", ["war"]),
    {
        "id": "r3",
        "from_name": "note",
        "to_name": "text",
        "type": "textarea",
        "value": {"text": ["؟"]},
    },
]


def tasks(*results, **changes):
    annotations = [{"id": n, "was_cancelled": False, "result": r} for n, r in enumerate(results)]
    task = {"id": 5, "data": {"text": TEXT}, "annotations": annotations, "predictions": []}
    return json.dumps([{**task, **changes}], indent=2)


def test_label_studio(write):
    result = import_corpus(write("project-1.json", tasks(RESULT, RESULT)))
    (document,) = result.documents
    (event,) = document.events
    assert (document.id, event.type, event.modality) == ("project-1-5", "Death", "negated")
    assert [(a.role, a.mention and a.mention.text, a.value) for a in event.arguments] == [
        ("Target", "جندي", None),
        ("Place", "حلب", None),
        ("Count", None, 1),
    ]
    assert result.problems == ()
    assert result.passed_over == {
        "further annotations of a task": 1,
        "relations without a label": 1,
        "choices of a whole text": 1,
        "results of type textarea": 1,
    }


def test_label_studio_region_with_two_labels_is_two_events(write):
    twin = region("r1", "Death", "قتل", labels=["Attack", "Death"])
    result = import_corpus(write("a.json", tasks([twin, RESULT[3], RESULT[0]])))
    events = result.documents[0].events
    assert [(e.type, len(e.arguments)) for e in events] == [("Attack", 1), ("Death", 1)]


def test_label_studio_text_that_differs(write, show):
    """So offsets look that count an emoji as two characters."""
    shifted = region("r2", "ACTOR", "جندي", start=10, end=14)
    result = import_corpus(write("a.json", tasks([shifted])))
    assert show(result) == [(1, "mention", "r2", "text differs")]


def test_label_studio_cancelled_annotation(write):
    cancelled = [{"was_cancelled": True, "result": RESULT}]
    result = import_corpus(write("a.json", tasks(annotations=cancelled, predictions=[{}])))
    assert result.counts["mentions"] == 0
    assert result.documents == (), "nobody has said that there is nothing in it"
    assert result.passed_over == {
        "cancelled annotations": 1,
        "predictions": 1,
        "tasks without annotation": 1,
    }


def test_label_studio_text_under_another_name(write):
    result = import_corpus(write("a.json", tasks(RESULT, data={"body": TEXT, "n": 1})))
    assert result.documents[0].text == TEXT


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{}", "a.json: expected a list of tasks", id="no list"),
        pytest.param("[", "a.json:1: ", id="no JSON"),
        pytest.param('[{"text": "", "label": []}]', "missing key 'annotations'", id="JSON-MIN"),
        pytest.param(tasks([], data={"a": "", "b": ""}), "expected a field «text»", id="two texts"),
    ],
)
def test_label_studio_files_of_another_shape(write, content, message):
    with pytest.raises(FormatError, match=message):
        import_corpus(write("a.json", content), "label-studio")


def test_attributes_by_name_and_by_mapping(write):
    result_list = [*RESULT[2:4], per_region("r1", "choices", "status", ["rumour"])]
    path = write("a.json", tasks(result_list))
    assert import_corpus(path).passed_over == {"attribute status rumour": 1}
    labels = LabelMap({"modalities": {"rumour": "hypothetical"}})
    assert import_corpus(path, labels=labels).documents[0].events[0].modality == "hypothetical"
