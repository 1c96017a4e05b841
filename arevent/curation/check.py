"""A corpus file to what is wrong with it, line by line; never stops at the first finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from arevent.corpus import CorpusError, read_lines
from arevent.curation.duplicates import near_duplicates
from arevent.curation.options import SIMILARITY
from arevent.curation.rules import SENTENCE_RULES, Level, Rule
from arevent.curation.sentences import annotated_sentences
from arevent.document import Document, check_date
from arevent.ontology import Ontology


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a rule found.

    Attributes:
        rule: Name of the rule.
        level: Its level.
        message: What was expected and what was found.
        line: Line of the file, from 1.
        document: Id of the document; ``None`` if the line is none, or it has no id.
        sentence: Number of the sentence, from 0, the title; ``None`` for whole documents.
        start: Offset in the sentence, as the file has it; ``None`` for whole documents.
        end: Offset after the last character.
        text: The words.
    """

    rule: str
    level: Level
    message: str
    line: int
    document: str | None = None
    sentence: int | None = None
    start: int | None = None
    end: int | None = None
    text: str | None = None


Lines = Sequence[tuple[int, Document]]


@dataclass(frozen=True, slots=True)
class DocumentRule(Rule):
    """A rule about whole documents.

    Attributes:
        find: Gives the positions of the documents that break the rule, each with a message.
    """

    find: Callable[[Lines, float], Iterator[tuple[int, str]]]


def _duplicate_id(lines: Lines, _: float) -> Iterator[tuple[int, str]]:
    first: dict[str | None, int] = {}
    for position, (line, document) in enumerate(lines):
        if document.id in first:
            yield position, f"expected an id used once, found it on line {first[document.id]} too"
        first.setdefault(document.id, line)


def _missing_date(lines: Lines, _: float) -> Iterator[tuple[int, str]]:
    for position, (_line, document) in enumerate(lines):
        if not document.date:
            yield position, "expected a date, found none; relative dates cannot be read"


def _bad_date(lines: Lines, _: float) -> Iterator[tuple[int, str]]:
    for position, (_line, document) in enumerate(lines):
        try:
            check_date(document.date or "2000-01-01")  # without a date nothing is wrong with it
        except ValueError as error:
            yield position, str(error)


def _near_duplicate(lines: Lines, similarity: float) -> Iterator[tuple[int, str]]:
    for pair in near_duplicates([document for _, document in lines], similarity):
        line, other = lines[pair.first]
        found = f"«{other.id}» on line {line}, {pair.similarity:.0%} alike"
        yield pair.second, f"expected a text of its own, found that of {found}"


MALFORMED = Rule("malformed-record", Level.ERROR, "a line is a document, spans are whole tokens")
DOCUMENT_RULES = (
    DocumentRule("duplicate-id", Level.ERROR, "a document's id is used once", _duplicate_id),
    DocumentRule("bad-date", Level.ERROR, "dates are ISO 8601", _bad_date),
    DocumentRule("missing-date", Level.WARNING, "a document has a date", _missing_date),
    DocumentRule(
        "near-duplicate", Level.WARNING, "no other document is nearly the same", _near_duplicate
    ),
)
RULES: tuple[Rule, ...] = (MALFORMED, *DOCUMENT_RULES, *SENTENCE_RULES)


def check_corpus(
    path: str | Path, ontology: Ontology, similarity: float = SIMILARITY
) -> list[Finding]:
    """Check a corpus file by the mechanical rules of the guidelines.

    Args:
        path: A JSONL file in the project's format.
        ontology: What its labels have to fit.
        similarity: From which share of common word shingles documents are near-duplicates.

    Returns:
        Findings in the order of the file; lines that cannot be read are findings as well.

    Raises:
        ValueError: If the similarity is not in (0, 1].
    """
    findings = []
    lines = []
    for number, entry in read_lines(path):
        if isinstance(entry, CorpusError):
            findings.append(Finding(MALFORMED.name, MALFORMED.level, str(entry), number))
        else:
            lines.append((number, entry))
            findings += _in_sentences(number, entry, ontology)
    for rule in DOCUMENT_RULES:
        for position, message in rule.find(lines, similarity):
            number, document = lines[position]
            findings.append(Finding(rule.name, rule.level, message, number, document.id))
    return sorted(findings, key=_place)


def _in_sentences(line: int, document: Document, ontology: Ontology) -> Iterator[Finding]:
    for entry in annotated_sentences(document):
        for rule in SENTENCE_RULES:
            for span, message in rule.find(entry, ontology):
                yield Finding(
                    rule.name,
                    rule.level,
                    message,
                    line,
                    document.id,
                    entry.number,
                    span.start - entry.line_start,
                    span.end - entry.line_start,
                    span.text,
                )


def _place(finding: Finding) -> tuple[int, int, int]:
    """Order findings by line; what concerns a whole document comes before its sentences."""
    sentence = -1 if finding.sentence is None else finding.sentence
    return finding.line, sentence, finding.start or 0
