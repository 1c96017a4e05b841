"""What the tools can be told; imports nothing heavy, so that the command line starts quickly."""

from __future__ import annotations

from enum import StrEnum

SIMILARITY = 0.5
"""From which share of common word shingles two documents are near-duplicates."""


class SplitBy(StrEnum):
    """What decides where a document goes."""

    DOCUMENT = "document"
    DATE = "date"
    TYPE = "type"
