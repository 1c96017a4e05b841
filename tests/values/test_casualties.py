"""Counts of people and their parts, by construction.

A case of ``casualties.json`` gives the mentions of its sentence as «label | words | roles of the
trigger» and the parts as «quantity | description | group». A quantity is ``12`` (exact), ``~12``
(about), ``12+`` (at least), ``-12`` (at most), ``3-9`` (bounds) or ``?`` (unread).
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arevent.document import Argument, EventFrame, Mention, Quantity, Sentence, Span
from arevent.normalize import normalize
from arevent.segment import segment
from arevent.tables import TableError
from arevent.values.casualties import (
    PEOPLE_TYPES,
    SIGHT,
    count_casualties,
    read_breakdown_words,
)
from arevent.values.numbers import read_number

CASES = json.loads(Path(__file__).with_name("casualties.json").read_text(encoding="utf-8"))


def find(text: str, words: str) -> tuple[str, int, int]:
    words, _, number = words.partition("#")
    found = list(re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text))[int(number or 1) - 1]
    return words, found.start(), found.end()


def read_case(case: dict[str, Any]) -> tuple[EventFrame, Sentence, list[Mention]]:
    text = case["sentence"]
    mentions, arguments = [], []
    for line in case["mentions"]:
        label, words, roles = (cell.strip() for cell in line.split("|"))
        mention = Mention(label, *find(text, words))
        if label == "NUM":
            value = read_number(mention.text, text[: mention.start], text[mention.end :])
            mention = replace(mention, value=value)
        mentions.append(mention)
        arguments += [Argument(role, mention, mention.value) for role in roles.split()]
    trigger = Span(case["type"], *find(text, case["trigger"]))
    modality = case.get("modality", "actual")
    frame = EventFrame(case["type"], trigger, tuple(arguments), modality)
    return frame, segment(normalize(text), whole_lines=1)[0], mentions


def show(quantity: Quantity | None) -> str | None:
    if quantity is None:
        return None
    match quantity:
        case Quantity(value=None, low=None, high=None):
            return "?"
        case Quantity(value=None, low=low, high=high):
            return f"{low}+" if high is None else f"{low}-{high}"
        case Quantity(value=value, low=None, high=None):
            return f"~{value}"
        case Quantity(value=value, high=None):
            return f"{value}+"
        case Quantity(value=value, low=None):
            return f"-{value}"
    assert quantity == Quantity(quantity.value, quantity.value, quantity.value)
    return str(quantity.value)


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['construction']}: {case['sentence']}" for case in CASES]
)
def test_count_casualties(case: dict[str, Any]) -> None:
    frame = count_casualties(*read_case(case))
    parts = [
        f"{show(part.quantity)} | {part.description.text if part.description else '-'}"
        f" | {part.group or '-'}"
        for part in frame.breakdown
    ]
    assert (show(frame.count), parts) == (case["count"], case["parts"])
    assert list(frame.problems) == case.get("problems", [])


@pytest.mark.parametrize("case", CASES, ids=[case["sentence"] for case in CASES])
def test_parts_stand_in_the_sentence(case: dict[str, Any]) -> None:
    frame, sentence, mentions = read_case(case)
    for part in count_casualties(frame, sentence, mentions).breakdown:
        assert part.number is None or part.number in mentions
        span = part.description
        if span:
            assert span.label == ""
            assert case["sentence"][span.start : span.end] == span.text
            assert span.start in {token.start for token in sentence.tokens}
            assert span.end in {token.end for token in sentence.tokens}


def test_a_stated_count_is_an_argument() -> None:
    case = next(case for case in CASES if case["construction"] == "dual")
    frame = count_casualties(*read_case(case))
    assert frame.arguments[-1] == Argument("Count", None, 2)


def test_text_without_full_stops_is_read_around_the_trigger() -> None:
    case = next(case for case in CASES if len(case["parts"]) == 2)
    filler = "وقال المسؤول إن الوضع هادئ " * (SIGHT // 2)
    for sentence in (filler + case["sentence"], f"{case['sentence']} {filler}"):
        frame, whole, mentions = read_case({**case, "sentence": sentence})
        assert len(whole.tokens) > 2 * SIGHT
        frame = count_casualties(frame, whole, mentions)
        assert (show(frame.count), len(frame.breakdown)) == (case["count"], 2)


def test_other_types_come_back_unchanged() -> None:
    for case in CASES:
        frame, sentence, mentions = read_case(case)
        if frame.type not in PEOPLE_TYPES:
            assert count_casualties(frame, sentence, mentions) is frame


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_mentions_of_a_sentence_are_read_and_a_second_time_changes_nothing(
    data: st.DataObject,
) -> None:
    case = data.draw(st.sampled_from(CASES))
    frame, sentence, mentions = read_case(case)
    tokens = sentence.tokens
    chosen = data.draw(st.lists(st.sampled_from(tokens), max_size=6, unique=True))
    extra = [
        Mention(data.draw(st.sampled_from(["NUM", "ACTOR", "LOC"])), t.text, t.start, t.end)
        for t in chosen
    ]
    every = sorted(mentions + extra, key=lambda mention: mention.start)
    roles = st.sampled_from(["Count", "Target", "Agent"])
    arguments = tuple(Argument(data.draw(roles), mention) for mention in extra)
    frame = replace(frame, arguments=frame.arguments + arguments)
    once = count_casualties(frame, sentence, every)
    assert count_casualties(once, sentence, every) == once


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["مقتل 12 بينهم ", "منهم ", "بينهم 3 و"]))
def test_no_text_raises(text: str, start: str) -> None:
    words = start + text.replace("\n", " ")
    for sentence in segment(normalize(words)):
        token = sentence.tokens[0]
        trigger = Span("Death", token.text, token.start, token.end)
        mentions = [Mention("NUM", t.text, t.start, t.end) for t in sentence.tokens[1::2]]
        arguments = tuple(Argument("Count", mention) for mention in mentions[:2])
        count_casualties(EventFrame("Death", trigger, arguments), sentence, mentions)


def test_a_sentence_without_tokens_still_has_its_count() -> None:
    mention = Mention("NUM", "12", 5, 7, value=Quantity(12, 12, 12))
    trigger = Span("Death", "مقتل", 0, 4)
    frame = EventFrame("Death", trigger, (Argument("Count", mention),))
    sentence = Sentence("مقتل 12", 0, 7, "", ())
    assert count_casualties(frame, sentence, [mention]).count == Quantity(12, 12, 12)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("بينهم", ":2: expected 2 cells"),
        ("بينهم\tunknown", ":2: kind: expected one of"),
        ("between\topener", ":2: words: expected Arabic words"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    table = tmp_path / "words.tsv"
    table.write_text(f"words\tkind\n{row}\n", encoding="utf-8")
    with pytest.raises(TableError, match=re.escape(message)):
        read_breakdown_words(table)
