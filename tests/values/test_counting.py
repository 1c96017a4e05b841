"""Counts that grammar states, by construction."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.tables import TableError, read_table
from arevent.values.counting import count_in_words, grammar_count, load_lexicon

COLUMNS = ("construction", "trigger", "targets", "has_number", "count")
CASES = read_table(Path(__file__).with_name("counting.tsv"), COLUMNS)
PHRASES = [case for case in CASES if case["trigger"] == "-"]
EVENTS = [case for case in CASES if case["trigger"] != "-"]


def count(cell: str) -> int | None:
    return None if cell == "-" else int(cell)


@pytest.mark.parametrize(
    "case", PHRASES, ids=[f"{c['construction']}: {c['targets']}" for c in PHRASES]
)
def test_count_in_words(case: dict[str, str]) -> None:
    assert count_in_words(case["targets"]) == count(case["count"])


@pytest.mark.parametrize(
    "case", EVENTS, ids=[f"{c['construction']}: {c['trigger']} {c['targets']}" for c in EVENTS]
)
def test_grammar_count(case: dict[str, str]) -> None:
    targets = [] if case["targets"] == "-" else case["targets"].split(",")
    has_number = case["has_number"] == "yes"
    assert grammar_count(case["trigger"], targets, has_number) == count(case["count"])


nouns = st.sampled_from([case["targets"] for case in PHRASES])
texts = nouns | nouns.map(lambda noun: f"و{noun}") | st.text(max_size=12)


@given(texts)
def test_a_phrase_states_one_or_two_or_nothing(words: str) -> None:
    assert count_in_words(words) in (None, 1, 2)
    assert count_in_words(words) == count_in_words(words)


@given(texts, st.lists(texts, max_size=4), st.booleans())
def test_a_count_is_never_less_than_one(trigger: str, targets: list[str], has_number: bool) -> None:
    stated = grammar_count(trigger, targets, has_number)
    assert stated is None or stated >= 1
    # A digit written together with the trigger («مقتل1») is a number of its own.
    assert not (has_number and stated == 1) or any(char.isdigit() for char in trigger)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("طفل\tطفلين\tno\tperson", "dual: expected a nominative dual"),
        ("طفل\tطفلان\tmaybe\tperson", "sound_plural: expected yes or no"),
        ("طفل\tطفلان\tno\tpeople", "kind: expected one of"),
        ("طفل\tطفلان\tno", "expected 4 cells"),
    ],
)
def test_a_bad_row_is_rejected_by_line(tmp_path: Path, row: str, problem: str) -> None:
    path = tmp_path / "counts.tsv"
    path.write_text(f"word\tdual\tsound_plural\tkind\n{row}\n", "utf-8")
    with pytest.raises(TableError, match=rf"counts\.tsv:2: {problem}"):
        load_lexicon(path)
