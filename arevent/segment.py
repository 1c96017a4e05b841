"""Folded text to sentences of tokens, with offsets in the original text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from arevent.document import Sentence, Token
from arevent.normalize import NormalizedText

# A number with separators, a run of letters and digits, or a single other character.
TOKEN = re.compile(r"[0-9٠-٩]+(?:[.,٫٬،][0-9٠-٩]+)+|[\w\u064b-\u065f\u0670\u0640]+|[^\w\s]")
# After a final mark and before white space, but not after an initial («أ. محمد»), and at line ends.
_BOUNDARY = re.compile(r"(?:(?<=[!؟?])|(?<=\.)(?<!\b\w\.))\s|\n")


def segment(normalized: NormalizedText, whole_lines: int = 0) -> tuple[Sentence, ...]:
    """Cut folded text into sentences and tokens.

    A sentence ends after ``. ! ؟ ?`` before white space (a dot after a single letter or digit
    does not end it) and at every line break. Every character that is not white space is in a token.

    Args:
        normalized: The folded text with its way back.
        whole_lines: How many lines at the beginning are one sentence each: 1 where the first
            line is a headline («اليمن.. مقتل ستة»), all of them in text that is already cut.

    Returns:
        Sentences in reading order, each with at least one token.

    Example:
        >>> from arevent.normalize import normalize
        >>> [s.text for s in segment(normalize("وقع هجوم. قُتل 3.5 آلاف!"))]
        ['وقع هجوم.', 'قُتل 3.5 آلاف!']
    """
    sentences = (_sentence(normalized, *bounds) for bounds in _bounds(normalized.text, whole_lines))
    return tuple(sentence for sentence in sentences if sentence is not None)


def _bounds(text: str, whole_lines: int) -> Iterator[tuple[int, int]]:
    start = 0
    for _ in range(whole_lines):
        end = text.find("\n", start)
        if end < 0:
            yield start, len(text)
            return
        yield start, end
        start = end + 1
    for boundary in _BOUNDARY.finditer(text, start):
        yield start, boundary.start()
        start = boundary.end()
    yield start, len(text)


def _sentence(normalized: NormalizedText, start: int, end: int) -> Sentence | None:
    matches = list(TOKEN.finditer(normalized.text, start, end))
    if not matches:
        return None
    norm_start, norm_end = matches[0].start(), matches[-1].end()
    tokens = tuple(_token(normalized, match.start(), match.end(), norm_start) for match in matches)
    return Sentence(
        text=normalized.original[tokens[0].start : tokens[-1].end],
        start=tokens[0].start,
        end=tokens[-1].end,
        norm=normalized.text[norm_start:norm_end],
        tokens=tokens,
    )


def _token(normalized: NormalizedText, start: int, end: int, sentence_start: int) -> Token:
    original_start, original_end = normalized.to_original(start, end)
    return Token(
        text=normalized.original[original_start:original_end],
        start=original_start,
        end=original_end,
        norm=normalized.text[start:end],
        norm_start=start - sentence_start,
    )
