"""Words for groups of people."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arevent.tables import TableError, read_table
from arevent.values.demographics import demographic_group, demographic_words, read_groups

CASES = read_table(Path(__file__).with_name("demographics.tsv"), ("construction", "words", "group"))


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['construction']}-{case['words']}" for case in CASES]
)
def test_demographic_group(case: dict[str, str]) -> None:
    assert (demographic_group(case["words"]) or "") == case["group"]


def test_every_word_form_is_read_as_its_own_group() -> None:
    for words, group in demographic_words().items():
        assert demographic_group(words) == group, words


def test_no_form_is_in_two_groups(tmp_path: Path) -> None:
    table = tmp_path / "groups.tsv"
    table.write_text(
        "group\tsingular\tdual\tplural\nmen\tرجل\t\tرجال\nsoldiers\tرجل\t\t\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="رجل"):
        read_groups(table)


def test_a_row_without_all_cells_is_rejected(tmp_path: Path) -> None:
    table = tmp_path / "groups.tsv"
    table.write_text("group\tsingular\tdual\tplural\nmen\tرجل\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"groups\.tsv:2: expected 4 cells"):
        read_groups(table)


def test_a_row_without_words_is_rejected(tmp_path: Path) -> None:
    table = tmp_path / "groups.tsv"
    table.write_text("group\tsingular\tdual\tplural\nmen\t\t\tرجال،\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"groups\.tsv:2: plural: .*رجال،"):
        read_groups(table)


groups = frozenset(demographic_words().values())


@given(st.text() | st.lists(st.sampled_from(sorted(demographic_words())), max_size=3).map(" ".join))
def test_any_text_is_read(words: str) -> None:
    group = demographic_group(words)
    assert group is None or group in groups
    assert demographic_group(words) == group
