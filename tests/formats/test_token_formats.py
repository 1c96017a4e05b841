"""OneIE, DyGIE and tagged datasets in the shape in which other tools write them."""

import datasets
import pytest

from arevent.formats import FormatError, LabelMap, export_corpus, import_corpus

ACE = LabelMap(
    {
        "mention_labels": {"PER": "ACTOR", "GPE": "LOC"},
        "event_types": {"Life:Die": "Death"},
        "roles": {"Victim": "Target"},
    }
)


def window(**changes):
    """A sentence of OneIE whose tokens split clitics and brackets as its authors do."""
    return {
        "doc_id": "AFP_1",
        "wnd_id": "AFP_1-0",
        "tokens": ["قتل", "جندي", "(", "سوري", ")", "في", "حلب", "."],
        "sentence": "قتل جندي (سوري) في حلب.",
        "entity_mentions": [
            {"id": "E1", "start": 1, "end": 2, "entity_type": "PER", "text": "جندي"},
            {"id": "E2", "start": 6, "end": 7, "entity_type": "GPE", "text": "حلب"},
        ],
        "relation_mentions": [{"relation_type": "PHYS"}],
        "event_mentions": [
            {
                "id": "EV1",
                "event_type": "Life:Die",
                "trigger": {"start": 0, "end": 1, "text": "قتل"},
                "arguments": [
                    {"entity_id": "E1", "text": "جندي", "role": "Victim"},
                    {"entity_id": "E2", "text": "حلب", "role": "Place"},
                ],
            }
        ],
        **changes,
    }


def test_oneie(write):
    other = window(wnd_id="AFP_1-1", entity_mentions=[], event_mentions=[], relation_mentions=[])
    path = write("train.oneie.json", window(), window(doc_id="AFP_2"), other)
    result = import_corpus(path, labels=ACE)
    assert result.problems == ()
    assert result.passed_over == {"relation mentions": 2}
    first, second = result.documents
    assert first.text == "قتل جندي (سوري) في حلب.\nقتل جندي (سوري) في حلب."
    assert (first.id, second.id) == ("AFP_1", "AFP_2")
    (event,) = first.events
    assert (event.type, event.trigger.text) == ("Death", "قتل")
    assert [(a.role, a.mention.text) for a in event.arguments] == [
        ("Target", "جندي"),
        ("Place", "حلب"),
    ]


def test_oneie_tokens_that_do_not_spell_the_sentence(write):
    result = import_corpus(write("a.json", window(sentence="قُتل جندي")), labels=ACE)
    assert result.documents[0].text == "قتل جندي ( سوري ) في حلب ."
    assert result.passed_over["sentences written otherwise than their tokens"] == 1


def test_oneie_misaligned_parts_name_their_line(write, show):
    clitic = window(
        tokens=["و", "قتل", "جندي"],
        sentence="وقتل جندي",
        entity_mentions=[
            {"id": "E1", "start": 2, "end": 3, "entity_type": "PER", "text": "ضابط"},
            {"id": "E2", "start": 2, "end": 9, "entity_type": "PER", "text": "جندي"},
        ],
    )
    clitic["event_mentions"][0]["trigger"] = {"start": 1, "end": 2, "text": "قتل"}
    result = import_corpus(write("a.json", window(), clitic), labels=ACE)
    assert show(result) == [
        (2, "event", "1/EV1", "not on whole tokens"),
        (2, "mention", "1/E1", "text differs"),
        (2, "mention", "1/E2", "outside the text"),
        (2, "argument", "1/EV1 Target", "depends on something left out"),
        (2, "argument", "1/EV1 Place", "depends on something left out"),
    ]
    assert len(result.documents[0].events) == 1


def test_oneie_clitic_snaps_to_its_word(write, show):
    record = window(tokens=["و", "قتل", "جندي"], sentence="وقتل جندي", entity_mentions=[])
    record["event_mentions"][0] |= {
        "trigger": {"start": 1, "end": 2, "text": "قتل"},
        "arguments": [],
    }
    result = import_corpus(write("a.json", record), labels=ACE, snap=True)
    assert result.documents[0].events[0].trigger.text == "وقتل"
    assert show(result) == [(1, "event", "0/EV1", "moved to whole tokens")]


def dygie(**changes):
    return {
        "doc_key": "d1",
        "dataset": "ace-event",
        "sentences": [["خبر", "عاجل"], ["مقتل", "جندي", "في", "وقف", "إطلاق", "النار", "بحلب"]],
        "ner": [[], [[3, 3, "PER"], [8, 8, "GPE"]]],
        "relations": [[], [[3, 3, 8, 8, "PHYS"]]],
        "events": [
            [],
            [
                [[2, "Life:Die"], [3, 3, "Victim"], [8, 8, "Place"]],
                [[5, 7, "Agreement"], [8, 8, "Place"]],
            ],
        ],
        **changes,
    }


def test_dygie(write):
    result = import_corpus(write("train.json", dygie()), labels=ACE)
    (document,) = result.documents
    assert (result.problems, result.passed_over) == ((), {"relations": 1})
    assert document.text == "خبر عاجل\nمقتل جندي في وقف إطلاق النار بحلب"
    assert [(e.type, e.trigger.text, len(e.arguments)) for e in document.events] == [
        ("Death", "مقتل", 2),
        ("Agreement", "وقف إطلاق النار", 1),
    ]


def test_dygie_arguments_outside_the_sentence_or_without_a_mention(write, show):
    record = dygie(ner=[[[0, 0, "PER"]], [[1, 2, "GPE"]]])
    result = import_corpus(write("train.json", record), labels=ACE)
    record["events"][1][0][1] = [0, 0, "Victim"]
    result = import_corpus(write("train.json", record), labels=ACE)
    assert show(result) == [
        (1, "mention", "tokens 1-2", "crosses sentences"),
        (1, "argument", "event 1.1 Target", "argument in another sentence"),
        (1, "argument", "event 1.1 Place", "names nothing"),
        (1, "argument", "event 1.2 Place", "names nothing"),
    ]


def test_dygie_export_has_lists_of_one_entry_a_sentence(documents, tmp_path):
    """The loader of DyGIE++ refuses other lists, and keys that do not begin with _."""
    import json

    export_corpus(documents, tmp_path / "a.json", "dygie")
    for text in (tmp_path / "a.json").read_text(encoding="utf-8").splitlines():
        record = json.loads(text)
        n_sentences = {len(value) for key, value in record.items() if isinstance(value, list)}
        assert n_sentences == {5}
        assert {key for key in record if not key.startswith("_")} == {
            "doc_key",
            "dataset",
            "sentences",
            "ner",
            "events",
        }


@pytest.mark.parametrize(
    ("name", "record", "message"),
    [
        ("oneie", {"doc_id": "d", "tokens": ["قتل"], "entity_mentions": [{}]}, "missing key 'id'"),
        ("oneie", {"tokens": []}, "missing key 'doc_id'"),
        ("dygie", dygie(events=[[], [[[2], [3, 3, "Victim"]]]]), "values to unpack"),
        ("dygie", dygie(ner=[[["a", 0, "PER"]]]), "not supported|must be"),
        ("doccano", {"text": "قتل"}, "expected one of the keys"),
        ("doccano", {"text": "قتل", "label": [["0", 3, "LOC"]]}, "expected whole numbers"),
        ("jsonl", {"doc_id": "d"}, "missing key 'sentences'"),
    ],
)
def test_records_of_another_shape_name_file_and_line(write, name, record, message):
    path = write("a.jsonl", "", record)
    with pytest.raises(FormatError, match=rf"a\.jsonl:2: .*({message})"):
        import_corpus(path, name)


def tagged(tags, names=("O", "B-LOC", "I-LOC", "B-Attack")):
    features = {
        "tokens": [datasets.Value("string")],
        "ner_tags": [datasets.ClassLabel(names=list(names))],
    }
    rows = [{"tokens": ["هجوم", "في", "بلدة", "الكرامة"], "ner_tags": tags}] * 2
    return datasets.Dataset.from_list(rows, features=datasets.Features(features))


def test_plain_token_classification_dataset(tmp_path):
    tagged([3, 0, 1, 2]).save_to_disk(tmp_path / "ner")
    result = import_corpus(tmp_path / "ner")
    assert [document.id for document in result.documents] == ["ner-1", "ner-2"]
    document = result.documents[1]
    assert [m.text for m in document.mentions] == ["بلدة الكرامة"]
    assert [e.type for e in document.events] == ["Attack"]


def test_tag_that_is_no_iob2(tmp_path):
    tagged([1, 0, 0, 0], ("O", "S-LOC")).save_to_disk(tmp_path / "ner")
    with pytest.raises(FormatError, match=r"ner:1: expected IOB2 tags"):
        import_corpus(tmp_path / "ner")


def test_splits_are_read_one_by_one(tmp_path):
    datasets.DatasetDict({"train": tagged([0] * 4)}).save_to_disk(tmp_path / "ner")
    with pytest.raises(FormatError, match=r"found splits; name one of: .*train"):
        import_corpus(tmp_path / "ner")
    assert len(import_corpus(tmp_path / "ner" / "train").documents) == 2


def test_dataset_of_another_kind(tmp_path):
    datasets.Dataset.from_list([{"text": "قتل"}]).save_to_disk(tmp_path / "texts")
    with pytest.raises(FormatError, match=r"found \['text'\]"):
        import_corpus(tmp_path / "texts")


def test_missing_library_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'arevent\[train\]'"):
        import_corpus(tmp_path, "huggingface")
