"""Tokens of foreign corpora to the characters of a text, and our own tokens to their positions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from arevent.document import Sentence, Span
from arevent.formats.raw import NOWHERE, Fragment
from arevent.normalize import INVISIBLE, LINE_BREAK

_GAP = re.compile(rf"\s|{INVISIBLE.pattern}")
_GAPS = re.compile(rf"(?:{_GAP.pattern})*")

REJECTED = "sentences written otherwise than their tokens"
"""What the sentences are counted as whose text was not taken."""


class TokenText:
    """Puts a text together from sentences of tokens, one sentence a line.

    Attributes:
        tokens: The characters of each token of the text.
        n_rejected: How many sentences were written otherwise than their tokens say.
    """

    def __init__(self) -> None:
        self.tokens: list[Fragment] = []
        self.n_rejected = 0
        self._sentences: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """The text so far."""
        return "\n".join(self._sentences)

    def add(self, tokens: Sequence[str], written: str | None = None) -> range:
        """Append a sentence.

        Args:
            tokens: Its tokens.
            written: The sentence as written, if it is known. It counts if it is the tokens with
                white space between them; else the tokens with single spaces are the sentence.

        Returns:
            The positions of its tokens among `tokens`.
        """
        # A line break would end the sentence; one space for each character keeps the offsets.
        tokens = [LINE_BREAK.sub(" ", token) for token in tokens]
        text = " ".join(tokens) if written is None else LINE_BREAK.sub(" ", written)
        fragments = _find(tokens, text)
        if fragments is None:
            self.n_rejected += 1
            text = " ".join(tokens)
            fragments = _find(tokens, text) or []
        first = len(self.tokens)
        self.tokens += [(self._length + start, self._length + end) for start, end in fragments]
        self._sentences.append(text)
        self._length += len(text) + 1
        return range(first, len(self.tokens))

    def fragment(self, start: int, end: int, within: range | None = None) -> Fragment:
        """Give the characters of the tokens from ``start`` to before ``end``.

        Args:
            start: Position of the first token among the tokens of ``within``.
            end: Position after the last.
            within: Tokens of a sentence; all tokens if left out.

        Returns:
            Offsets of the text, or `NOWHERE` for tokens that there are not.
        """
        within = range(len(self.tokens)) if within is None else within
        if not 0 <= start < end <= len(within):
            return NOWHERE
        return self.tokens[within[start]][0], self.tokens[within[end - 1]][1]


def _find(tokens: Sequence[str], text: str) -> list[Fragment] | None:
    """Find tokens one after the other; ``None`` if anything but white space is between them."""
    fragments = []
    end = 0
    for token in tokens:
        letters = token.strip()
        start = end
        while not text.startswith(letters, start) and _GAP.match(text, start):
            start += 1
        if not text.startswith(letters, start):
            return None
        end = start + len(letters)
        fragments.append((start, end))
    return fragments if _GAPS.fullmatch(text, end) else None


class TokenPositions:
    """Positions of our own tokens, for writers of formats that count tokens.

    Args:
        sentence: The sentence.
        first: The position of its first token.
    """

    def __init__(self, sentence: Sentence, first: int = 0) -> None:
        numbered = list(enumerate(sentence.tokens, first))
        self._starts = {token.start: number for number, token in numbered}
        self._ends = {token.end: number + 1 for number, token in numbered}

    def of(self, span: Span) -> tuple[int, int]:
        """Give the position of the first token of a span and the one after its last."""
        return self._starts[span.start], self._ends[span.end]
