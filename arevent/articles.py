"""Files of text, JSON lines or CSV to articles."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from arevent.document import Article

STANDARD_INPUT = "-"
FORMATS = ("txt", "jsonl", "csv")
_ENDINGS = {
    **{name: name for name in FORMATS},
    **{"ndjson": "jsonl", "jsonlines": "jsonl", "tsv": "csv"},
    "json": "json",
}
_FIELDS = ("id", "date", "title", "source")
_COLUMNS = ("text", *_FIELDS)
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}


class InputError(ValueError):
    """A file cannot be read; the message is one line for the person who named it."""


def read_articles(path: str, file_format: str | None = None) -> Iterator[Article]:
    """Read the articles of a file.

    A text file is one article. A line of JSON, an object of a JSON array and a row of CSV are an
    article each, with ``text`` and any of ``id``, ``date``, ``title`` and ``source``; other fields
    become its metadata. CSV may have commas, semicolons or tabs between its cells.
    A text file's id is its name; records without an id get the file's name and their number.

    Args:
        path: A file, or ``-`` for standard input.
        file_format: ``txt``, ``jsonl`` or ``csv``; by default what the file's name says (also
            ``.ndjson``, ``.json`` and ``.tsv``), and text for standard input and unknown endings.

    Yields:
        Articles in the order of the file.

    Raises:
        InputError: If the file is missing, not UTF-8, empty or malformed.
    """
    is_stdin = path == STANDARD_INPUT
    name = "standard input" if is_stdin else path
    suffix = Path(path).suffix.lstrip(".").lower()
    file_format = file_format or _ENDINGS.get(suffix, "txt")
    content = _decode(_read_bytes(path), name)
    if not content.strip():
        raise InputError(f"{name}: expected an article, found an empty file")
    stem = "stdin" if is_stdin else Path(path).stem
    if file_format == "txt":
        yield Article(content, id=stem)
        return
    records = _RECORDS[file_format](content)
    number = 0
    for number, (line, record) in enumerate(records, 1):
        try:
            yield _to_article(record, f"{stem}-{number}")
        except (TypeError, ValueError) as error:
            raise InputError(f"{name}, line {line}: {error}") from error
    if not number:
        raise InputError(f"{name}: expected an article, found a head without rows")


def _read_bytes(path: str) -> bytes:
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.buffer.read()
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: expected UTF-8, found byte 0x{error.object[error.start]:02x} at position "
            f"{error.start}; convert it first, for example: iconv -f windows-1256 -t utf-8"
        ) from error


def _json_array(content: str) -> Iterator[tuple[int, Any]]:
    """Read an array of objects, numbered; a file that holds none is one of JSON lines."""
    if not content.lstrip().startswith("["):
        yield from _json_records(content)
        return
    try:
        yield from enumerate(json.loads(content), 1)
    except json.JSONDecodeError as error:
        yield error.lineno, error


def _json_records(content: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except ValueError as error:
            # Handed on as the record, so that the caller names file and line.
            yield number, error


def _csv_records(content: str) -> Iterator[tuple[int, Any]]:
    # An article is longer than the default of 131,072; Windows takes no more than this.
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    lines = content.splitlines(keepends=True)
    skipped = next((n for n, line in enumerate(lines) if not _is_preamble(line)), 0)
    delimiter = _delimiter(lines[skipped])
    reader = csv.reader(
        io.StringIO("".join(lines[skipped:]), newline=""), strict=True, delimiter=delimiter
    )
    try:
        head = [_column(cell) for cell in next(reader)]
        for row in reader:
            if len(row) > len(head):
                marks = _DELIMITERS[delimiter]
                message = f"expected {len(head)} cells, found {len(row)}; quote cells with {marks}"
                yield skipped + reader.line_num, ValueError(message)
            elif any(map(str.strip, row)):
                record = zip(head, row, strict=False)
                yield skipped + reader.line_num, {key: cell for key, cell in record if cell}
    except csv.Error as error:
        yield skipped + reader.line_num, error


def _is_preamble(line: str) -> bool:
    """Whether a line stands before the head: a blank one, or what Excel writes there."""
    return not line.strip() or line.lower().startswith("sep=")


def _delimiter(head: str) -> str:
    """Give what stands between the cells: what makes one of them «text», else a comma."""
    found = (d for d in _DELIMITERS if "text" in (_column(c.strip('"')) for c in head.split(d)))
    return next(found, ",")


def _column(cell: str) -> str:
    """Give the name of a column; case and blanks around the names that count do not count."""
    name = cell.strip()
    return name.lower() if name.lower() in _COLUMNS else name


_RECORDS = {"jsonl": _json_records, "json": _json_array, "csv": _csv_records}


def _to_article(record: Any, default_id: str) -> Article:
    """Build an article from a record.

    Raises:
        ValueError: If the record is none, or has no text.
    """
    if isinstance(record, json.JSONDecodeError):
        raise ValueError(f"expected a JSON object, found: {record.msg}, column {record.colno}")
    if isinstance(record, Exception):
        raise ValueError(str(record))
    if not isinstance(record, Mapping) or not isinstance(record.get("text"), str):
        found = sorted(record) if isinstance(record, Mapping) else type(record).__name__
        raise ValueError(f"expected a record with a field or column «text», found {found}")
    known = {
        name: _whole(str(record[name])) for name in _FIELDS if record.get(name) not in (None, "")
    }
    return Article(
        text=_whole(record["text"]),
        metadata={k: v for k, v in record.items() if k not in _COLUMNS},
        **{"id": default_id, **known},
    )


def _whole(text: str) -> str:
    """Give the text with halves of characters, such as a cut emoji's, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_all(paths: Iterable[str], file_format: str | None = None) -> Iterator[Article]:
    """Read the articles of several files, one file after the other."""
    for path in paths:
        yield from read_articles(path, file_format)
