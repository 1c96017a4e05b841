"""CoNLL files: a token a line with its IOB2 tags, an empty line between sentences.

Several tags of a token, separated by spaces, are nested spans, as in Wojood; columns separated by
tabs are read one by one. A document begins with ``-DOCSTART-`` or with comments::

    # doc_id = a1
    # date = 2024-03-12
    # text = قُتل جنديان.
    قُتل	B-Death
    جنديان	B-ACTOR
    .	O
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, dropwhile
from pathlib import Path

from arevent.document import Document
from arevent.formats.files import read_lines
from arevent.formats.problems import FormatError
from arevent.formats.raw import RawCorpus
from arevent.formats.tags import TAG, Head, TaggedSentence, raw_from_tags, tagged_sentences

_COMMENT = re.compile(r"#\s*(\w[\w ]*?)\s*=\s?(.*)")
_BORDER = "-DOCSTART-"
_NO_DOCUMENT = Head(0, 1)


def read(path: Path) -> RawCorpus:
    """Read a CoNLL file.

    Without borders between documents, every sentence is a document of its own: nothing says that
    neighbours belong together.

    Raises:
        FormatError: If a line has no tag.
    """
    sentences = list(_Reader(path).sentences())
    is_split = any(sentence.head.number for sentence in sentences)
    if not is_split:
        sentences = [
            replace(sentence, head=replace(sentence.head, number=number, line=sentence.lines[0]))
            for number, sentence in enumerate(sentences, 1)
        ]
    corpus = raw_from_tags(str(path), path.stem, sentences)
    if not is_split:
        corpus.passed_over["sentences without document borders"] += len(sentences)
    return corpus


def write(documents: Sequence[Document], target: Path) -> None:
    """Write a CoNLL file with one column of tags."""
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            known = {"doc_id": document.id, "date": document.date, "source": document.source}
            file.writelines(f"# {name} = {value}\n" for name, value in known.items() if value)
            for sentence, tags in tagged_sentences(document):
                file.write(f"# text = {sentence.text}\n")
                pairs = zip(sentence.tokens, tags, strict=True)
                file.writelines(f"{token.text}\t{tag}\n" for token, tag in pairs)
                file.write("\n")


@dataclass(slots=True)
class _Reader:
    """Reads the lines of a file one by one."""

    path: Path
    head: Head = _NO_DOCUMENT
    text: str | None = None
    tokens: list[str] = field(default_factory=list)
    tags: list[list[list[str]]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def sentences(self) -> Iterator[TaggedSentence]:
        for number, line in read_lines(self.path):
            words = line.split()
            if not words:
                yield from self._end()
            elif words[0] == _BORDER:
                yield from self._end()
                self.head = Head(self.head.number + 1, number)
            elif line.startswith("#") and not TAG.fullmatch(words[-1]):
                yield from self._end()
                self._comment(number, line)
            else:
                self._token(number, line)
        yield from self._end()

    def _end(self) -> Iterator[TaggedSentence]:
        if self.tokens:
            n_columns = max(map(len, self.tags))
            columns = [
                [tags[column] if column < len(tags) else [] for tags in self.tags]
                for column in range(n_columns)
            ]
            yield TaggedSentence(self.head, self.tokens, columns, self.lines, self.text)
            self.tokens, self.tags, self.lines, self.text = [], [], [], None

    def _comment(self, number: int, line: str) -> None:
        match = _COMMENT.fullmatch(line)
        if match is None:
            return
        name, value = match[1], match[2]
        if name in ("doc_id", "newdoc id"):
            self.head = Head(self.head.number + 1, number, value)
        elif name == "date":
            self.head = replace(self.head, date=value)
        elif name == "source":
            self.head = replace(self.head, source=value)
        elif name == "text":
            self.text = value

    def _token(self, number: int, line: str) -> None:
        """Read a token and its tags; columns that hold none, such as parts of speech, are not ours.

        Raises:
            FormatError: If the line has no tag, or something else after one.
        """
        token, *cells = line.split("\t") if "\t" in line else line.split(maxsplit=1)
        columns = [list(dropwhile(_is_no_tag, cell.split())) for cell in cells]
        columns = [tags for tags in columns if tags]
        if not columns or any(map(_is_no_tag, chain.from_iterable(columns))):
            raise FormatError(
                f"{self.path}:{number}: expected a token and IOB2 tags such as B-ACTOR, "
                f"found {line!r}"
            )
        self.tokens.append(token)
        self.tags.append(columns)
        self.lines.append(number)


def _is_no_tag(word: str) -> bool:
    return TAG.fullmatch(word) is None
