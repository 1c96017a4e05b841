"""Annotated corpora in the formats of other tools, read and written.

`import_corpus` and `export_corpus` are what to call; a module of this package knows one format.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from arevent.corpus import document_from_record, document_to_record
from arevent.document import Document
from arevent.formats import brat, conll, doccano, dygie, huggingface, jsonl, label_studio, oneie
from arevent.formats.build import build
from arevent.formats.guess import guess_format
from arevent.formats.labels import LabelMap, UnknownLabels, check_raw_labels, relabel
from arevent.formats.problems import FormatError, Problem, Reason, write_problems
from arevent.formats.raw import RawCorpus
from arevent.ontology import Ontology

__all__ = [
    "FORMATS",
    "Format",
    "FormatError",
    "ImportResult",
    "LabelMap",
    "Part",
    "Problem",
    "Reason",
    "UnknownLabels",
    "export_corpus",
    "import_corpus",
    "write_problems",
]


class Part(StrEnum):
    """What a document has that not every format can hold."""

    ARGUMENTS = "arguments"
    COUNTS = "counts that grammar states"
    MODALITIES = "modalities"
    TWINS = "second events on a trigger"
    EMPTY = "documents without sentences"


@dataclass(frozen=True, slots=True)
class Format:
    """A format of annotated corpora.

    All hold ids, dates and sources of documents, sentences, mentions and events with their types.

    Attributes:
        name: Its name on the command line.
        read: Reads a file or folder of it.
        write: Writes documents to a file or folder.
        lacks: What it cannot hold.
    """

    name: str
    read: Callable[[Path], RawCorpus]
    write: Callable[[Sequence[Document], Path], None]
    lacks: frozenset[Part] = frozenset()


_TAGS_LACK = frozenset(Part)

FORMATS: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format("jsonl", jsonl.read, jsonl.write),
        Format("brat", brat.read, brat.write),
        Format("oneie", oneie.read, oneie.write, frozenset({Part.EMPTY})),
        Format("dygie", dygie.read, dygie.write),
        Format("conll", conll.read, conll.write, _TAGS_LACK),
        Format("doccano", doccano.read, doccano.write, frozenset({Part.COUNTS, Part.MODALITIES})),
        Format("label-studio", label_studio.read, label_studio.write),
        Format("huggingface", huggingface.read, huggingface.write),
        Format("huggingface-tokens", huggingface.read, huggingface.write_tokens, _TAGS_LACK),
    )
}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of an import.

    Attributes:
        documents: The documents, in the order of the source.
        problems: What was left out or repaired, in the order of the source.
        passed_over: Counts of what a document holds no place for, and of what the mapping dropped.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> Counter[Reason]:
        """The problems, counted by their reason."""
        return Counter(problem.reason for problem in self.problems)

    @property
    def counts(self) -> dict[str, int]:
        """How much there is of everything."""
        events = [event for document in self.documents for event in document.events]
        return {
            "documents": len(self.documents),
            "sentences": sum(len(document.sentences) for document in self.documents),
            "mentions": sum(len(document.mentions) for document in self.documents),
            "events": len(events),
            "arguments": sum(len(event.arguments) for event in events),
        }


def import_corpus(
    source: str | Path,
    format_name: str | None = None,
    *,
    ontology: Ontology | None = None,
    labels: LabelMap | None = None,
    date: str | None = None,
    is_lines: bool = False,
    snap: bool = False,
    strict: bool = False,
) -> ImportResult:
    """Read an annotated corpus of any format.

    Args:
        source: A file or a folder.
        format_name: A name of `FORMATS`; what the source looks like if left out.
        ontology: The labels to end with; the shipped ones if left out.
        labels: What the labels of the source become.
        date: Day of publication, ISO 8601, of documents without one.
        is_lines: Whether every line of a text is a sentence; else a text is cut as `segment` does.
            Formats with sentences keep their own.
        snap: Whether a span that does not stand on whole tokens is moved to the tokens it touches.
        strict: Whether the first loss is an error.

    Raises:
        FormatError: If the source is not in the format, or with ``strict`` at the first loss.
        UnknownLabels: If a label is none of the ontology, nor mapped to one.
        FileNotFoundError: If there is no such file.
        ImportError: If the format needs a library that is not installed.
    """
    ontology = ontology or Ontology.from_file()
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    corpus = FORMATS[format_name or guess_format(path)].read(path)
    passed_over = +corpus.passed_over
    raws = []
    for raw in corpus.documents:
        raw, dropped = relabel(raw, labels or LabelMap({}), ontology)
        passed_over += dropped
        raws.append(replace(raw, date=raw.date or date, is_lines=raw.is_lines or is_lines))
    check_raw_labels(raws, ontology)
    documents: list[Document] = []
    problems = list(corpus.problems)
    for raw in raws:
        document, own = build(raw, ontology.modalities[0], snap)
        documents.append(document)
        problems += own
    order = {raw.file: number for number, raw in enumerate(raws)}
    problems.sort(key=lambda problem: (order.get(problem.file, 0), problem.line))
    if strict and (loss := next((problem for problem in problems if problem.is_loss), None)):
        raise FormatError(str(loss))
    return ImportResult(tuple(documents), tuple(problems), dict(passed_over))


def export_corpus(
    documents: Iterable[Document], target: str | Path, format_name: str
) -> Counter[Part]:
    """Write documents in a format; values, scores and incidents are no part of a corpus.

    Args:
        documents: Documents with sentences. Their texts are written as a sentence a line.
        target: A file, for some formats a folder.
        format_name: A name of `FORMATS`.

    Returns:
        Counts of what the format cannot hold and was left out.

    Raises:
        FormatError: If the target cannot be written to.
        ImportError: If the format needs a library that is not installed.
    """
    entry = FORMATS[format_name]
    plain = [
        document_from_record({**document_to_record(document), "doc_id": document.id or str(number)})
        for number, document in enumerate(documents, 1)
    ]
    entry.write(plain, Path(target))
    return Counter({part: n for part, n in _parts(plain).items() if part in entry.lacks and n})


def _parts(documents: Sequence[Document]) -> dict[Part, int]:
    """Count what not every format can hold."""
    events = [event for document in documents for event in document.events]
    arguments = [argument for event in events for argument in event.arguments]
    n_triggers = sum(
        len({(e.trigger.start, e.trigger.end) for e in document.events}) for document in documents
    )
    return {
        Part.ARGUMENTS: sum(argument.mention is not None for argument in arguments),
        Part.COUNTS: sum(argument.mention is None for argument in arguments),
        Part.MODALITIES: sum(event.modality != "actual" for event in events),
        Part.TWINS: len(events) - n_triggers,
        Part.EMPTY: sum(not document.sentences for document in documents),
    }
