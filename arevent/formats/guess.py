"""Files and folders to the name of their format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from arevent.formats.files import read_lines
from arevent.formats.problems import FormatError

_CONLL = {".conll", ".conll03", ".iob", ".iob2", ".bio"}

# The first whose keys a record has all of; the more telling ones come first.
_KEYS = (
    ({"text", "entities"}, "doccano"),
    ({"text", "label"}, "doccano"),
    ({"text", "labels"}, "doccano"),
    ({"doc_key", "sentences"}, "dygie"),
    ({"doc_id", "sentences"}, "jsonl"),
    ({"tokens", "entity_mentions"}, "oneie"),
    ({"tokens", "event_mentions"}, "oneie"),
    ({"data", "annotations"}, "label-studio"),
)


def guess_format(path: Path) -> str:
    """Say in which format a corpus is.

    Args:
        path: A file or folder that exists.

    Raises:
        FormatError: If nothing tells.
    """
    if path.is_dir():
        if (path / "dataset_info.json").exists() or (path / "dataset_dict.json").exists():
            return "huggingface"
        if any(path.rglob("*.ann")):
            return "brat"
    elif path.suffix.lower() in _CONLL:
        return "conll"
    else:
        keys = _keys(path)
        for needed, name in _KEYS:
            if needed <= keys:
                return name
    raise FormatError(f"{path}: expected a corpus in a known format, found none; name it: --format")


def _keys(path: Path) -> set[str]:
    """Give the keys of the first record of a file of JSON, none for other files."""
    first = next((line for _, line in read_lines(path) if line.strip()), "")
    record = _json(first)
    if record is None and first.lstrip().startswith("["):
        record = _json("".join(line for _, line in read_lines(path)))
    if isinstance(record, list) and record:
        record = record[0]
    return set(record) if isinstance(record, dict) else set()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
