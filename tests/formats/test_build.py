"""The builder: what fits is kept, and of everything else somebody hears."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arevent.corpus import document_from_record, document_to_record
from arevent.formats.build import build
from arevent.formats.problems import Kind, Reason
from arevent.formats.raw import RawArgument, RawAttribute, RawDocument, RawEvent, RawSpan

TEXT = "قُتِلَ جندي قرب حلب. وفرّ المهاجم أمس"


def span(name, label, words, text=TEXT, stated=None):
    start = text.index(words)
    return RawSpan(name, label, ((start, start + len(words)),), 1, stated)


def event(name, label, words):
    return RawEvent(name, span(f"{name}.trigger", label, words))


def raw(spans=(), events=(), arguments=(), attributes=(), **known):
    return RawDocument("f", 1, "d", TEXT, spans, events, arguments, attributes, **known)


def reasons(problems):
    return [(str(problem.kind), problem.id, problem.reason) for problem in problems]


def test_document():
    document, problems = build(
        raw(
            [span("T1", "ACTOR", "جندي"), span("T2", "LOC", "حلب")],
            [event("E2", "Escape", "وفرّ"), event("E1", "Death", "قُتِلَ")],
            [
                RawArgument("E1", "Place", 1, "T2"),
                RawArgument("E1", "Target", 1, "T1"),
                RawArgument("E1", "Count", 1, None, 1),
            ],
            [RawAttribute("E2", "modality", 1, "negated")],
            date="2024-03-12",
        )
    )
    assert problems == []
    assert [(m.label, m.text) for m in document.mentions] == [("ACTOR", "جندي"), ("LOC", "حلب")]
    assert [(e.type, e.trigger.text, e.modality) for e in document.events] == [
        ("Death", "قُتِلَ", "actual"),
        ("Escape", "وفرّ", "negated"),
    ]
    filled = [(a.role, a.mention and a.mention.text, a.value) for a in document.events[0].arguments]
    assert filled == [("Place", "حلب", None), ("Target", "جندي", None), ("Count", None, 1)]
    assert (document.title, document.date) == ("قُتِلَ جندي قرب حلب.", "2024-03-12")


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param(span("T1", "LOC", "حل"), Reason.NOT_WHOLE_TOKENS, id="part of a word"),
        pytest.param(span("T1", "LOC", "قُتِل"), Reason.NOT_WHOLE_TOKENS, id="last mark left out"),
        pytest.param(span("T1", "LOC", " حلب"), Reason.NOT_WHOLE_TOKENS, id="space in front"),
        pytest.param(span("T1", "LOC", "حلب. وفرّ"), Reason.CROSSES_SENTENCES, id="two sentences"),
        pytest.param(RawSpan("T1", "LOC", ((30, 99),), 1), Reason.OUTSIDE_TEXT, id="too long"),
        pytest.param(RawSpan("T1", "LOC", ((4, 4),), 1), Reason.OUTSIDE_TEXT, id="empty"),
        pytest.param(RawSpan("T1", "LOC", ((-3, 3),), 1), Reason.OUTSIDE_TEXT, id="negative"),
        pytest.param(RawSpan("T1", "LOC", (), 1), Reason.UNKNOWN_ID, id="nowhere"),
        pytest.param(
            RawSpan("T1", "LOC", ((0, 6), (12, 15)), 1), Reason.DISCONTINUOUS, id="two parts"
        ),
        pytest.param(
            span("T1", "LOC", "حلب", stated="حمص"), Reason.TEXT_DIFFERS, id="other words stated"
        ),
    ],
)
def test_span_that_does_not_fit_takes_its_arguments_with_it(bad, reason):
    document, problems = build(
        raw([bad], [event("E1", "Death", "جندي")], [RawArgument("E1", "Place", 1, "T1")])
    )
    assert document.mentions == ()
    assert document.events[0].arguments == ()
    assert reasons(problems) == [
        ("mention", "T1", reason),
        ("argument", "E1 Place", Reason.DEPENDS),
    ]


def test_parts_with_white_space_between_them_are_one_span():
    """So brat writes a span that goes on in the next line."""
    start = TEXT.index("جندي")
    parts = RawSpan("T1", "ACTOR", ((start, start + 4), (start + 5, start + 8)), 1, "جندي قرب")
    document, problems = build(raw([parts]))
    assert (document.mentions[0].text, problems) == ("جندي قرب", [])


def test_snap_moves_spans_to_the_tokens_they_touch():
    document, problems = build(raw([span("T1", "LOC", "ب حل")]), snap=True)
    assert document.mentions[0].text == "قرب حلب"
    assert reasons(problems) == [("mention", "T1", Reason.MOVED)]
    assert not problems[0].is_loss
    assert problems[0].detail == "LOC «ب حل» to «قرب حلب»"


def test_snap_does_not_move_into_the_next_sentence():
    document, problems = build(raw([span("T1", "LOC", "لب. وف")]), snap=True)
    assert document.mentions == ()
    assert reasons(problems) == [("mention", "T1", Reason.CROSSES_SENTENCES)]


def test_snap_finds_no_words():
    _, problems = build(raw([RawSpan("T1", "LOC", ((6, 7),), 1)]), snap=True)
    assert reasons(problems) == [("mention", "T1", Reason.NOT_WHOLE_TOKENS)]


def test_longer_mention_goes_before_nested_ones():
    spans = [span("T1", "LOC", "حلب"), span("T2", "LOC", "قرب حلب"), span("T3", "ACTOR", "حلب")]
    document, problems = build(raw(spans))
    assert [m.text for m in document.mentions] == ["قرب حلب"]
    assert reasons(problems) == [
        ("mention", "T1", Reason.OVERLAP),
        ("mention", "T3", Reason.OVERLAP),
    ]
    assert problems[0].detail == "LOC «حلب» and LOC «قرب حلب»"


def test_trigger_goes_before_a_longer_mention():
    document, problems = build(
        raw([span("T1", "ACTOR", "وفرّ المهاجم")], [event("E1", "Escape", "وفرّ")])
    )
    assert (document.mentions, len(document.events)) == ((), 1)
    assert reasons(problems) == [("mention", "T1", Reason.OVERLAP)]


def test_one_word_carries_two_types_but_each_once():
    events = [
        event("E1", "Attack", "قُتِلَ"),
        event("E2", "Death", "قُتِلَ"),
        event("E3", "Death", "قُتِلَ"),
    ]
    arguments = [RawArgument("E3", "Count", 1, None, 1)]
    document, problems = build(raw((), events, arguments, [RawAttribute("E3", "m", 1, "negated")]))
    assert [e.type for e in document.events] == ["Attack", "Death"]
    assert reasons(problems) == [
        ("event", "E3", Reason.SAME_EVENT),
        ("argument", "E3 Count", Reason.DEPENDS),
        ("attribute", "E3 negated", Reason.DEPENDS),
    ]


def test_mention_named_twice_is_one():
    spans = [span("T1", "LOC", "حلب"), span("T2", "LOC", "حلب")]
    arguments = [RawArgument("E1", "Place", 1, "T2")]
    document, problems = build(raw(spans, [event("E1", "Death", "قُتِلَ")], arguments))
    assert (len(document.mentions), problems) == (1, [])
    assert document.events[0].fillers("Place") == [document.mentions[0]]


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        pytest.param(("E1", "Time", 1, "T2"), Reason.OTHER_SENTENCE, id="next sentence"),
        pytest.param(("E1", "Agent", 1, "E2"), Reason.NO_MENTION, id="an event"),
        pytest.param(("E1", "Agent", 1, "E2.trigger"), Reason.NO_MENTION, id="a trigger"),
        pytest.param(("E1", "Agent", 1, "T9"), Reason.UNKNOWN_ID, id="filler unknown"),
        pytest.param(("E9", "Agent", 1, "T1"), Reason.UNKNOWN_ID, id="event unknown"),
        pytest.param(("T1", "Agent", 1, "E1"), Reason.NO_EVENT, id="mention to event"),
    ],
)
def test_argument_that_does_not_fit(argument, reason):
    spans = [span("T1", "ACTOR", "جندي"), span("T2", "DATE", "أمس")]
    events = [event("E1", "Death", "قُتِلَ"), event("E2", "Escape", "وفرّ")]
    document, problems = build(raw(spans, events, [RawArgument(*argument)]))
    assert all(event.arguments == () for event in document.events)
    assert reasons(problems) == [("argument", f"{argument[0]} {argument[1]}", reason)]


def test_first_of_two_modalities_counts():
    attributes = [RawAttribute("E1", "m", 1, "negated"), RawAttribute("E1", "m", 1, "hypothetical")]
    document, problems = build(raw((), [event("E1", "Death", "قُتِلَ")], (), attributes))
    assert document.events[0].modality == "negated"
    assert reasons(problems) == [("attribute", "E1 hypothetical", Reason.SEVERAL_MODALITIES)]


def test_id_used_twice():
    _, problems = build(raw([span("T1", "LOC", "حلب"), span("T1", "LOC", "جندي")]))
    assert reasons(problems) == [("mention", "T1", Reason.SAME_ID)]


def test_date_that_is_none():
    document, problems = build(raw(date="12 مارس"))
    assert document.date is None
    assert reasons(problems) == [("date", "d", Reason.UNREADABLE)]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: RawSpan("T1", "LOC", (("0", 3),), 1), id="offset"),
        pytest.param(lambda: RawSpan("T1", 7, ((0, 3),), 1), id="label"),
        pytest.param(lambda: RawArgument("E1", None, 1, "T1"), id="role"),
        pytest.param(lambda: RawArgument("E1", "Count", 1, None, "2"), id="number"),
    ],
)
def test_values_of_another_type(make):
    with pytest.raises(TypeError, match="expected"):
        make()


# Words with marks, clitics, signs that are tokens of their own, and ends of sentences.
WORDS = [
    "قُتِلَ",
    "وبغداد",
    "مقتـــل",
    "٣٬٠٠٠",
    "\u200fحلب",
    "(AFP)",
    ".",
    "؟",
    "\n",
    "\r\n",
    "😢",
    "",
]


@st.composite
def raw_documents(draw):
    text = " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=12)))
    offsets = st.integers(-1, len(text) + 1)

    def spans(name, labels):
        fragments = st.lists(st.tuples(offsets, offsets), max_size=2).map(tuple)
        made = st.builds(RawSpan, st.just(name), st.sampled_from(labels), fragments, st.just(1))
        return draw(made)

    mentions = [spans(f"T{n}", ["LOC", "ACTOR"]) for n in range(draw(st.integers(0, 4)))]
    events = [
        RawEvent(f"E{n}", spans(f"E{n}.t", ["Death", "Attack"]))
        for n in range(draw(st.integers(0, 4)))
    ]
    names = st.sampled_from(["T0", "T1", "E0", "E1", "E2", "X"])
    made = st.builds(RawArgument, names, st.just("Agent"), st.just(1), names, st.none())
    counts = st.builds(RawArgument, names, st.just("Count"), st.just(1), st.none(), st.just(2))
    attributes = st.builds(
        RawAttribute, names, st.just("m"), st.just(1), st.sampled_from(["negated", "hypothetical"])
    )
    return RawDocument(
        "f",
        1,
        "d",
        text,
        mentions,
        events,
        draw(st.lists(made | counts, max_size=4)),
        draw(st.lists(attributes, max_size=3)),
        is_lines=draw(st.booleans()),
    )


@settings(deadline=None, max_examples=60)
@given(document=raw_documents(), snap=st.booleans())
def test_offsets_hold_and_nothing_is_lost_in_silence(document, snap):
    built, problems = build(document, snap=snap)
    lost = [problem for problem in problems if problem.is_loss]
    n_lost = {kind: sum(problem.kind is kind for problem in lost) for kind in Kind}

    triggers = [event.trigger for event in built.events]
    for known in (*built.sentences, *built.mentions, *triggers):
        assert built.text[known.start : known.end] == known.text
    named, spoken = ({(s.start, s.end) for s in spans} for spans in (built.mentions, triggers))
    owned = [offset for bounds in named | spoken for offset in range(*bounds)]
    assert len(owned) == len(set(owned))
    assert not named & spoken

    kept = [arg for event in built.events for arg in event.arguments]
    assert len(built.events) + n_lost[Kind.EVENT] == len(document.events)
    assert len(kept) + n_lost[Kind.ARGUMENT] == len(document.arguments)
    ids = {(problem.kind, problem.id) for problem in lost}
    words = {(m.start, m.end, m.label) for m in built.mentions}
    for span in document.spans:
        if (Kind.MENTION, span.id) not in ids and not snap:
            start, end = span.fragments[0][0], span.fragments[-1][1]
            assert (start, end, span.label) in words
    for said in document.attributes:
        if (Kind.ATTRIBUTE, f"{said.target} {said.value}") not in ids:
            assert said.value in {event.modality for event in built.events}


@settings(deadline=None, max_examples=30)
@given(document=raw_documents())
def test_what_was_built_can_be_written_and_read(document):
    built, _ = build(document)
    read = document_from_record(document_to_record(built))
    assert [m.text for m in read.mentions] == [m.text for m in built.mentions]
    assert [e.trigger.text for e in read.events] == [e.trigger.text for e in built.events]
    assert [s.text for s in read.sentences] == [s.text for s in built.sentences]
