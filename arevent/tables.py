"""Lookup tables: tab-separated files that a linguist edits, read with every row checked."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Mapping
from pathlib import Path

RESOURCES = importlib.resources.files("arevent") / "resources"
Check = Callable[[str], object]


class TableError(ValueError):
    """A row of a table cannot be read; the message names file, line and reason."""


def read_table(
    name: str | Path, columns: tuple[str, ...], checks: Mapping[str, Check] | None = None
) -> list[dict[str, str]]:
    """Read a table: a header line, then one row a line; ``#`` begins a comment line.

    Args:
        name: A file of ``arevent/resources``, or a path of your own.
        columns: The header that the file must have; the first column is never empty.
        checks: For some columns a function that raises ``ValueError`` on a bad value.

    Returns:
        One dictionary a row, in the order of the file. Cells are stripped of white space.

    Raises:
        TableError: If the header or a row is not as expected.
    """
    source = Path(name) if isinstance(name, Path) else RESOURCES / name
    rows: list[dict[str, str]] = []
    header_seen = False
    try:
        text = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"{name}: expected UTF-8, found {error}; save it as UTF-8") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if not header_seen:
            _expect(cells == list(columns), name, number, f"the header {columns}", cells)
            header_seen = True
            continue
        _expect(len(cells) == len(columns), name, number, f"{len(columns)} cells", cells)
        _expect(bool(cells[0]), name, number, f"a value for {columns[0]}", cells)
        row = dict(zip(columns, cells, strict=True))
        for column, check in (checks or {}).items():
            try:
                check(row[column])
            except ValueError as error:
                raise TableError(f"{name}:{number}: {column}: {error}") from error
        rows.append(row)
    if not header_seen:
        raise TableError(f"{name}: expected the header {columns}, found an empty table")
    return rows


def _expect(is_right: bool, name: str | Path, number: int, what: str, found: list[str]) -> None:
    if not is_right:
        raise TableError(f"{name}:{number}: expected {what}, found {found}")
