"""Documents to lines for a terminal."""

import pytest

from arevent.document import Argument, Document, EventFrame, Mention, Quantity, Sentence, Span
from arevent.render import describe, isolate, render_text, reshape

RLI, PDI = "\u2067", "\u2069"

TEXT = "قتل  ثلاثة جنود\nالطقس هادئ\nلم يقع هجوم"


def sentence(start, end):
    return Sentence(TEXT[start:end], start, end, TEXT[start:end], ())


def mention(label, start, end):
    return Mention(label, TEXT[start:end], start, end)


DEATH = EventFrame(
    "Death",
    Span("Death", TEXT[0:3], 0, 3),
    (
        Argument("Target", mention("ACTOR", 11, 15)),
        Argument("Count", mention("NUM", 5, 10)),
        Argument("AgentCount", None, 2),
    ),
    score=0.876,
)
ATTACK = EventFrame("Attack", Span("Attack", TEXT[34:38], 34, 38), modality="negated", score=0.5)


def document(*events, **fields):
    return Document(
        TEXT,
        sentences=(sentence(0, 15), sentence(16, 26), sentence(27, 38)),
        events=events,
        **fields,
    )


def test_events_stand_under_their_sentences():
    shown = document(DEATH, ATTACK, id="news-1", date="2024-03-12", source="SANA")
    assert list(render_text(shown)) == [
        "── news-1 · 2024-03-12 · SANA ── 2 events",
        "",
        f"{RLI}قتل ثلاثة جنود{PDI}",
        f"  Death  {RLI}قتل{PDI}  0.88",
        f"    Target      {RLI}جنود{PDI}",
        f"    Count       {RLI}ثلاثة{PDI}",
        "    AgentCount  2 (stated by grammar)",
        "",
        f"{RLI}لم يقع هجوم{PDI}",
        f"  Attack, negated  {RLI}هجوم{PDI}  0.50",
    ]


def test_sentence_is_shown_once_for_all_its_events():
    lines = list(render_text(document(DEATH, DEATH)))
    assert lines.count(f"{RLI}قتل ثلاثة جنود{PDI}") == 1
    assert lines.count(f"  Death  {RLI}قتل{PDI}  0.88") == 2


@pytest.mark.parametrize(
    ("shown", "head"),
    [
        pytest.param(document(), "── document ── 0 events", id="nothing known"),
        pytest.param(document(DEATH, id="a"), "── a ── 1 event", id="one event"),
        pytest.param(
            document(date="2024-03-12", id="a"), "── a · 2024-03-12 ── 0 events", id="no source"
        ),
        pytest.param(Document(""), "── document ── 0 events", id="empty document"),
    ],
)
def test_head(shown, head):
    assert next(render_text(shown)) == head


def test_document_without_events_is_its_head():
    assert list(render_text(document(id="a"))) == ["── a ── 0 events"]


def test_isolate():
    assert isolate("قتل") == f"{RLI}قتل{PDI}"


@pytest.mark.parametrize(
    ("text", "visual"),
    [
        # In visual order from the left: final lam, medial teh, initial qaf.
        pytest.param("قتل", "\ufede\ufe98\ufed7", id="letters are joined and turned"),
        pytest.param("قُتِل", "\ufede\ufe98\ufed7", id="marks are dropped"),
        # Isolated dal, waw and noon (initial), jeem (initial), the number in its own order.
        pytest.param("12 جنود", "\ufea9\ufeee\ufee8\ufe9f 12", id="number stays readable"),
        pytest.param("لا", "\ufefb", id="lam-alef"),
        pytest.param("AFP", "AFP", id="Latin stays"),
        pytest.param("", "", id="empty"),
    ],
)
def test_reshape(text, visual):
    assert reshape(text) == visual


def test_visual_lines_have_no_isolates():
    lines = list(render_text(document(DEATH), is_visual=True))
    assert "  Death  \ufede\ufe98\ufed7  0.88" in lines
    assert not any(RLI in line or PDI in line for line in lines)


def test_values_parts_and_incidents_are_shown(sentence_record, ontology):
    from arevent.corpus import document_from_record
    from arevent.merge import merge_incidents
    from arevent.values.annotate import add_values

    record = sentence_record(
        "قتل 12 مدنيا، بينهم طفلان، أمس في الموصل",
        [
            ("n", "NUM", "12"),
            ("t", "ACTOR", "مدنيا"),
            ("d", "DATE", "أمس"),
            ("l", "LOC", "الموصل"),
        ],
        [
            (
                "Death",
                "قتل",
                "actual",
                [("Count", "n"), ("Target", "t"), ("Time", "d"), ("Place", "l")],
            )
        ],
    )
    read = document_from_record({"doc_id": "x", "date": "2024-03-12", "sentences": [record]})
    lines = list(render_text(merge_incidents(add_values(read), ontology)))
    assert "    Count       12" in lines
    assert "    Time        \u2067أمس\u2069 = 2024-03-11" in lines
    assert "    Place       \u2067الموصل\u2069 = Mosul, IQ" in lines
    assert "    of whom     2 \u2067طفلان\u2069" in lines
    assert lines[-1] == "   1  Death · 2024-03-11 · Mosul · Death 12 · 1 mention"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param(Quantity(30, None, None, is_approximate=True), "about 30", id="about"),
        pytest.param(Quantity(None, 20, 99, is_approximate=True), "20–99", id="bounds"),
        pytest.param(Quantity(1500, 1500, 1500), "1,500", id="exact"),
        pytest.param(Quantity(40, 40, None, is_approximate=True), "at least 40", id="more than"),
        pytest.param(Quantity(20, None, 20, is_approximate=True), "at most 20", id="less than"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_values_in_words(value, words):
    assert describe(value) == words
