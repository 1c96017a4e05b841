"""Stretches of text to whole tokens of one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arevent.document import Sentence
from arevent.formats.problems import Reason
from arevent.formats.raw import Fragment, RawSpan


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span stands.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last character.
        sentence: Position of its sentence in the document.
    """

    start: int
    end: int
    sentence: int


class Misfit(Exception):
    """Something does not fit into a document.

    Attributes:
        reason: Why.
        detail: The words and numbers that show it.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = " ".join(detail.split())  # one line


class Places:
    """Finds the tokens that raw spans stand on.

    Args:
        text: The text of the document.
        sentences: Its sentences.
        snap: Whether spans are moved to the tokens that they touch.
    """

    def __init__(self, text: str, sentences: Sequence[Sentence], snap: bool) -> None:
        self._text = text
        self._snap = snap
        self._tokens = [
            Place(token.start, token.end, number)
            for number, sentence in enumerate(sentences)
            for token in sentence.tokens
        ]
        self._starts = {token.start: token.sentence for token in self._tokens}
        self._ends = {token.end: token.sentence for token in self._tokens}

    def find(self, span: RawSpan) -> tuple[Place, Misfit | None]:
        """Give the place of a span, and what was repaired to find one.

        Raises:
            Misfit: If the span does not stand on whole tokens of one sentence, or the words there
                are not those that it states.
        """
        start, end = self._bounds(span)
        repair = None
        if start not in self._starts or end not in self._ends:
            before = f"{span.label} «{self._text[start:end]}»"
            if not self._snap:
                raise Misfit(Reason.NOT_WHOLE_TOKENS, f"{before} in «{self._around(start, end)}»")
            start, end = self._touched(start, end, before)
            repair = Misfit(Reason.MOVED, f"{before} to «{self._text[start:end]}»")
        if self._starts[start] != self._ends[end]:
            raise Misfit(Reason.CROSSES_SENTENCES, f"{span.label} «{self._text[start:end]}»")
        return Place(start, end, self._starts[start]), repair

    def _bounds(self, span: RawSpan) -> Fragment:
        """Join the parts of a span into one stretch.

        Raises:
            Misfit: If they are not one stretch of the text.
        """
        if not span.fragments:
            raise Misfit(Reason.UNKNOWN_ID, f"{span.label} {span.id}")
        for start, end in span.fragments:
            if not 0 <= start < end <= len(self._text):
                detail = f"{span.label} {start} to {end} of {len(self._text)} characters"
                raise Misfit(Reason.OUTSIDE_TEXT, detail)
        words = " ".join(self._text[start:end] for start, end in span.fragments)
        if span.text is not None and not have_same_letters(words, span.text):
            detail = f"{span.label} «{span.text}» stated, «{words}» found"
            raise Misfit(Reason.TEXT_DIFFERS, detail)
        start, end = span.fragments[0][0], span.fragments[-1][1]
        # brat cuts a span at a line end; white space between two parts parts nothing.
        if not have_same_letters(words, self._text[start:end]):
            raise Misfit(Reason.DISCONTINUOUS, f"{span.label} «{words}»")
        return start, end

    def _touched(self, start: int, end: int, before: str) -> Fragment:
        touched = [token for token in self._tokens if token.start < end and start < token.end]
        if not touched:
            raise Misfit(Reason.NOT_WHOLE_TOKENS, f"{before} has no words")
        return touched[0].start, touched[-1].end

    def _around(self, start: int, end: int) -> str:
        return self._text[max(0, start - 10) : end + 10]


def have_same_letters(words: str, others: str) -> bool:
    """Whether two texts differ in white space only."""
    return "".join(words.split()) == "".join(others.split())
