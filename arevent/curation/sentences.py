"""Documents to sentences with the annotations that stand in them; arguments never leave theirs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from arevent.document import Document, EventFrame, Mention, Sentence, Span


@dataclass(frozen=True, slots=True)
class AnnotatedSentence:
    """A sentence with its own mentions and events.

    Attributes:
        number: Its place in the document, from 0, the title.
        sentence: The sentence.
        mentions: In reading order.
        events: In the order of their triggers.
        line_start: Where its text begins in the document, from which a corpus file counts.
    """

    number: int
    sentence: Sentence
    mentions: tuple[Mention, ...]
    events: tuple[EventFrame, ...]
    line_start: int

    def words(self, span: Span) -> list[str]:
        """Give the tokens of a span in folded text."""
        return [t.norm for t in self.sentence.tokens if span.start <= t.start and t.end <= span.end]


def annotated_sentences(document: Document) -> Iterator[AnnotatedSentence]:
    """Give the sentences of a document in reading order."""
    starts = [sentence.start for sentence in document.sentences]
    mentions: list[list[Mention]] = [[] for _ in starts]
    events: list[list[EventFrame]] = [[] for _ in starts]
    for mention in document.mentions:
        mentions[bisect_right(starts, mention.start) - 1].append(mention)
    for event in document.events:
        events[bisect_right(starts, event.trigger.start) - 1].append(event)
    for number, sentence in enumerate(document.sentences):
        yield AnnotatedSentence(
            number,
            sentence,
            tuple(mentions[number]),
            tuple(events[number]),
            document.text.rfind("\n", 0, sentence.start) + 1,
        )
