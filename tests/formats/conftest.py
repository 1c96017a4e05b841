"""Ten annotated sentences in two documents, and ways to write files for the readers."""

import json

import pytest

from arevent.corpus import document_from_record

TITLE_OF_TWO = "اليمن.. مقتل جنديين في هجوم 😢"
DIACRITICS = "قُتِلَ ثَلاثَةُ جُنُودٍ فِي قَصْفٍ قُرْبَ الْمَدِينَةِ."
CLITICS = "وبتفجيرهم سيارة مفخخة أصابوا ٣٬٥٠٠ مدني، بحسب المرصد السوري."
TWINS = "وتبنى التنظيم اغتيال القاضي أمس"
MODALITIES = "ونفت الحكومة وقوع أي هجوم، وحذرت من احتجاجات"
TITLE_OF_ONE = "انسحاب القوات من حلب"
LONG_TRIGGER = "أعلن الجيش وقف إطلاق النار مساء السبت."
TWO_FILLERS = "التقى الوزيران في عمّان وبغداد"
MARKS = "قالت Reuters: \u200fمقتـــل عشـــرة (AFP) #هجوم"
NOTHING = "هل الطقس هادئ؟ نعم."


@pytest.fixture
def documents(sentence_record):
    """Everything that a document can hold; counts of grammar are the last arguments."""
    first = [
        sentence_record(
            TITLE_OF_TWO,
            [("m1", "LOC", "اليمن"), ("m2", "ACTOR", "جنديين")],
            [
                ("Death", "مقتل", "actual", [("Target", "m2"), ("Place", "m1"), ("Count", 2)]),
                ("Attack", "هجوم", "actual", [("Place", "m1")]),
            ],
        ),
        sentence_record(
            DIACRITICS,
            [("m1", "NUM", "ثَلاثَةُ"), ("m2", "ACTOR", "جُنُودٍ"), ("m3", "LOC", "الْمَدِينَةِ")],
            [
                ("Death", "قُتِلَ", "actual", [("Count", "m1"), ("Target", "m2")]),
                ("Strike", "قَصْفٍ", "actual", [("Target", "m2"), ("Place", "m3")]),
            ],
        ),
        sentence_record(
            CLITICS,
            [
                ("m1", "WEAPON", "سيارة مفخخة"),
                ("m2", "NUM", "٣٬٥٠٠"),
                ("m3", "ACTOR", "مدني"),
                ("m4", "ACTOR", "المرصد السوري"),
            ],
            [
                ("Explosion", "وبتفجيرهم", "actual", [("Instrument", "m1"), ("Source", "m4")]),
                ("Injury", "أصابوا", "actual", [("Count", "m2"), ("Target", "m3")]),
            ],
        ),
        sentence_record(
            TWINS,
            [("m1", "ACTOR", "التنظيم"), ("m2", "ACTOR", "القاضي"), ("m3", "DATE", "أمس")],
            [
                ("Attack", "اغتيال", "actual", [("Agent", "m1"), ("Target", "m2")]),
                ("Death", "اغتيال", "actual", [("Target", "m2"), ("Time", "m3"), ("Count", 1)]),
            ],
        ),
        sentence_record(
            MODALITIES,
            [("m1", "ACTOR", "الحكومة")],
            [
                ("Attack", "هجوم", "negated", [("Source", "m1")]),
                ("Threat", "وحذرت", "actual", [("Agent", "m1"), ("Source", "m1")]),
                ("Protest", "احتجاجات", "hypothetical", []),
            ],
        ),
    ]
    second = [
        sentence_record(
            TITLE_OF_ONE,
            [("m1", "ACTOR", "القوات"), ("m2", "LOC", "حلب")],
            [("Deployment", "انسحاب", "actual", [("Agent", "m1"), ("Place", "m2")])],
        ),
        sentence_record(
            LONG_TRIGGER,
            [("m1", "ACTOR", "الجيش"), ("m2", "DATE", "مساء السبت")],
            [("Agreement", "وقف إطلاق النار", "actual", [("Agent", "m1"), ("Time", "m2")])],
        ),
        sentence_record(
            TWO_FILLERS,
            [("m1", "ACTOR", "الوزيران"), ("m2", "LOC", "عمّان"), ("m3", "LOC", "وبغداد")],
            [
                (
                    "Meeting",
                    "التقى",
                    "actual",
                    [("Place", "m2"), ("Agent", "m1"), ("Place", "m3"), ("AgentCount", 2)],
                )
            ],
        ),
        sentence_record(
            MARKS,
            [("m1", "ACTOR", "Reuters"), ("m2", "NUM", "عشـــرة"), ("m3", "ACTOR", "AFP")],
            [
                ("Death", "مقتـــل", "actual", [("Count", "m2"), ("Source", "m1")]),
                ("Attack", "هجوم", "actual", []),
            ],
        ),
        sentence_record(NOTHING),
    ]
    return [
        document_from_record(record)
        for record in (
            {"doc_id": "a/1", "date": "2024-03-12", "source": "وكالة", "sentences": first},
            {"doc_id": "خبر", "date": None, "source": None, "sentences": second},
        )
    ]


@pytest.fixture
def write(tmp_path):
    """Write a file of text or of JSON lines and give its path."""

    def write_file(name, *lines):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        path.write_bytes("".join(line + "\n" for line in text).encode())
        return path

    return write_file


@pytest.fixture
def show():
    """Write problems shortly: line, kind, id and reason."""

    def show_problems(result):
        return [(p.line, str(p.kind), p.id, str(p.reason)) for p in result.problems]

    return show_problems
