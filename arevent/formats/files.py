"""Files to text and records, with errors that name file and line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from arevent.formats.problems import FormatError


def read_text(path: Path) -> str:
    """Read a file of UTF-8 with or without a byte order mark; line ends stay as they are.

    Raises:
        FormatError: If it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path}: expected UTF-8, found byte 0x{error.object[error.start]:02x} at position "
            f"{error.start}; convert it first, for example: iconv -f windows-1256 -t utf-8"
        ) from error


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Give the lines of a file with their numbers, without their ends, empty ones too."""
    # Not splitlines: it also cuts at U+2028 and other signs that can stand inside a line.
    for number, line in enumerate(read_text(path).split("\n"), 1):
        yield number, line.removesuffix("\r")


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the JSON objects of a file of JSON lines with their line numbers.

    Raises:
        FormatError: If a line is no JSON object.
    """
    for number, line in read_lines(path):
        if line.strip():
            with reading(path, number):
                record = json.loads(line)
                if not isinstance(record, dict):
                    raise TypeError(f"expected a JSON object, found {type(record).__name__}")
            yield number, record


def write_records(records: Iterable[dict[str, Any]], path: Path) -> None:
    """Write JSON lines of readable Arabic."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


@contextmanager
def reading(path: str | Path, line: int) -> Iterator[None]:
    """Turn the errors of a malformed record into one that names its file and line.

    Raises:
        FormatError: If anything inside finds the record malformed.
    """
    try:
        yield
    except FormatError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = f"missing key {error}" if isinstance(error, KeyError) else error
        raise FormatError(f"{path}:{line}: {reason}") from error
