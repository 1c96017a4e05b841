"""Sentences of tagged tokens to raw documents, and documents to tags: what CoNLL files share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from arevent.document import Document, Sentence, TaggedSpan, by_sentence
from arevent.formats.problems import Kind, Problem, Reason
from arevent.formats.raw import RawCorpus, RawDocument, RawSpan
from arevent.formats.tokens import REJECTED, TokenPositions, TokenText
from arevent.ontology import Ontology
from arevent.spans import tags_of

TAG = re.compile(r"O|[BI]-\S+")
_LOST = -1


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of the document that a sentence belongs to.

    Attributes:
        number: Its number in the file, from 1 on.
        line: The line or record where it begins.
        id: Its id; its number with the file's name where it has none.
        date: Its date.
        source: Its source.
    """

    number: int
    line: int
    id: str | None = None
    date: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence as a file has it.

    Attributes:
        head: Its document; sentences in sequence with the same head are one document.
        tokens: Its tokens.
        columns: For each column of tags, the tags of each token: several where spans are nested.
        lines: The line or record of each token.
        text: The sentence as written, if the file says it.
    """

    head: Head
    tokens: Sequence[str]
    columns: Sequence[Sequence[Sequence[str]]]
    lines: Sequence[int]
    text: str | None = None


def raw_from_tags(file: str, stem: str, sentences: Iterable[TaggedSentence]) -> RawCorpus:
    """Join tagged sentences into documents.

    Args:
        file: The file, for the problems.
        stem: The beginning of the ids of documents without one.
        sentences: Sentences in the order of the file.
    """
    corpus = RawCorpus()
    for head, own in groupby(sentences, lambda sentence: sentence.head):
        text = TokenText()
        spans: list[RawSpan] = []
        for sentence in own:
            within = text.add(sentence.tokens, sentence.text)
            for tags in sentence.columns:
                for start, end, label in _spans(tags):
                    if end == _LOST:
                        corpus.problems.append(_stray(file, sentence.lines[start], label))
                        continue
                    name = f"{label}.{len(spans) + 1}"
                    fragment = text.fragment(start, end, within)
                    spans.append(RawSpan(name, label, (fragment,), sentence.lines[start]))
        corpus.passed_over[REJECTED] += text.n_rejected
        corpus.documents.append(
            RawDocument(
                file=file,
                line=head.line,
                id=head.id or f"{stem}-{head.number}",
                text=text.text,
                spans=spans,
                date=head.date,
                source=head.source,
                is_lines=True,
            )
        )
    return corpus


def _spans(tags: Sequence[Sequence[str]]) -> list[tuple[int, int, str]]:
    """Read one column of IOB2 tags.

    Of two nested spans with one label the inner one ends first.

    Returns:
        First token, token after the last, and label; `_LOST` as end where an ``I-`` goes on
        nothing.
    """
    spans: list[tuple[int, int, str]] = []
    going: dict[str, list[int]] = {}
    for token, own in enumerate(tags):
        still: dict[str, list[int]] = {}
        for label in (tag[2:] for tag in own if tag.startswith("I-")):
            if going.get(label):
                number = going[label].pop(0)  # the outermost is the first
            else:
                number = len(spans)
                spans.append((token, _LOST, label))
            if spans[number][1] != _LOST:
                spans[number] = (spans[number][0], token + 1, label)
            still.setdefault(label, []).append(number)
        for label in (tag[2:] for tag in own if tag.startswith("B-")):
            still.setdefault(label, []).append(len(spans))
            spans.append((token, token + 1, label))
        going = still
    return spans


def _stray(file: str, line: int, label: str) -> Problem:
    detail = f"I-{label} without a B-{label} before it"
    return Problem(file, line, Kind.MENTION, label, Reason.UNREADABLE, detail)


def tagged_sentences(document: Document) -> Iterator[tuple[Sentence, list[str]]]:
    """Give the sentences of a document with one IOB2 tag a token, event types among the labels.

    A word with several events has the tag that the shipped ontology chooses.
    """
    ontology = Ontology.from_file()
    for sentence, mentions, events in by_sentence(document):
        positions = TokenPositions(sentence)
        labels = {positions.of(mention): mention.label for mention in mentions}
        types: dict[tuple[int, int], list[str]] = {}
        for event in events:
            types.setdefault(positions.of(event.trigger), []).append(event.type)
        labels |= {where: ontology.tagged_type(names) for where, names in types.items()}
        spans = [TaggedSpan(label, *where) for where, label in labels.items()]
        yield sentence, tags_of(len(sentence.tokens), spans)
