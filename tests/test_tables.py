"""Lookup tables reject bad rows by file and line."""

from pathlib import Path

import pytest

from arevent.tables import RESOURCES, TableError, read_table

COLUMNS = ("word", "number")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "numbers.tsv"


def test_rows_come_in_the_order_of_the_file(table: Path) -> None:
    table.write_text("# numbers\n\nword\tnumber\nاثنان\t2\n# odd\n واحد \t1\n", encoding="utf-8")
    assert read_table(table, COLUMNS, {"number": int}) == [
        {"word": "اثنان", "number": "2"},
        {"word": "واحد", "number": "1"},
    ]


def test_a_cell_may_be_empty_but_not_the_first(table: Path) -> None:
    table.write_text("word\tnumber\nواحد\t\n", encoding="utf-8")
    assert read_table(table, COLUMNS) == [{"word": "واحد", "number": ""}]
    table.write_text("word\tnumber\nواحد\t1\n\t2\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"numbers\.tsv:3: expected a value for word"):
        read_table(table, COLUMNS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("number\tword\n1\tواحد\n", r"numbers\.tsv:1: expected the header .*found \['number"),
        ("# a comment\nword\n", r"numbers\.tsv:2: expected the header"),
        ("word\tnumber\nواحد\n", r"numbers\.tsv:2: expected 2 cells, found \['واحد'\]"),
        ("word\tnumber\nواحد\t1\tone\n", r"numbers\.tsv:2: expected 2 cells"),
        ("word\tnumber\n\nواحد\tI\n", r"numbers\.tsv:3: number: .*'I'"),
        ("", r"numbers\.tsv: expected the header .*empty table"),
        ("# only a comment\n", r"numbers\.tsv: expected the header .*empty table"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(table: Path, text: str, message: str) -> None:
    table.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_table(table, COLUMNS, {"number": int})


def test_a_missing_table_is_not_read(table: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_table(table, COLUMNS)


def test_a_name_is_a_file_of_the_package() -> None:
    header = ("words", "match", "kind")
    assert (RESOURCES / "actor_kinds.tsv").is_file()
    assert read_table("actor_kinds.tsv", header)
