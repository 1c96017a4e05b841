"""Documents to a folder that brat opens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from arevent.document import Document, EventFrame, Span
from arevent.formats.files import write_records
from arevent.formats.problems import FormatError

HEADS = "documents.jsonl"

_CONFIGURATION = """\
[entities]
{entities}

[relations]

[events]
{events}

[attributes]
Modality Arg:<EVENT>, Value:{modalities}
"""


def write(documents: Sequence[Document], target: Path) -> None:
    """Write a folder of brat; a sentence is a line of text.

    Raises:
        FormatError: If the folder holds something: documents of an earlier export would stay.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FormatError(f"{target}: expected an empty or a new folder")
    target.mkdir(parents=True, exist_ok=True)
    names = list(_file_names(documents))
    for name, document in zip(names, documents, strict=True):
        (target / f"{name}.txt").write_bytes(document.text.encode())
        lines = "".join(f"{line}\n" for line in _annotations(document))
        (target / f"{name}.ann").write_bytes(lines.encode())
    heads = (
        {
            "file": name,
            "doc_id": document.id,
            "date": document.date,
            "source": document.source,
            "sentences": "lines",
        }
        for name, document in zip(names, documents, strict=True)
    )
    write_records(heads, target / HEADS)
    configuration = _configuration(documents)
    (target / "annotation.conf").write_text(configuration, encoding="utf-8")


def _file_names(documents: Sequence[Document]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for document in documents:
        name = re.sub(r"[^\w-]+", "_", str(document.id or "document"))[:80]
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}~{seen[name]}"


def _annotations(document: Document) -> Iterator[str]:
    """Write the lines of a ``.ann`` file: mentions, then events with what belongs to them."""
    names = {(m.start, m.end): f"T{n}" for n, m in enumerate(document.mentions, 1)}
    for mention in document.mentions:
        yield _text_bound(names[mention.start, mention.end], mention)
    n_attributes = n_notes = 0
    for number, event in enumerate(document.events, 1):
        trigger = f"T{len(document.mentions) + number}"
        yield _text_bound(trigger, event.trigger)
        arguments = [f"{role}:{names[where]}" for role, where in _numbered(event)]
        yield f"E{number}\t{' '.join([f'{event.type}:{trigger}', *arguments])}"
        if event.modality != "actual":
            n_attributes += 1
            yield f"A{n_attributes}\tModality E{number} {event.modality}"
        counts = [f"{arg.role}={arg.value}" for arg in event.arguments if arg.mention is None]
        if counts:
            n_notes += 1
            yield f"#{n_notes}\tAnnotatorNotes E{number}\t{' '.join(counts)}"


def _text_bound(name: str, span: Span) -> str:
    return f"{name}\t{span.label} {span.start} {span.end}\t{span.text}"


def _numbered(event: EventFrame) -> Iterator[tuple[str, tuple[int, int]]]:
    """Give roles and fillers; the second filler of ``Agent`` is ``Agent2``, as brat has it."""
    seen: Counter[str] = Counter()
    for argument in event.arguments:
        if (mention := argument.mention) is not None:
            seen[argument.role] += 1
            number = seen[argument.role] if seen[argument.role] > 1 else ""
            yield f"{argument.role}{number}", (mention.start, mention.end)


def _configuration(documents: Sequence[Document]) -> str:
    """Declare the labels of the documents, without which brat lets nobody edit them."""
    events = [event for document in documents for event in document.events]
    labels = {mention.label for document in documents for mention in document.mentions}
    roles = sorted({arg.role for event in events for arg in event.arguments if arg.mention})
    slots = ", ".join(f"{role}*:<ENTITY>" for role in roles)
    modalities = sorted({event.modality for event in events} - {"actual"})
    return _CONFIGURATION.format(
        entities="\n".join(sorted(labels)),
        events="\n".join(f"{name}\t{slots}" for name in sorted({e.type for e in events})),
        modalities="|".join(modalities or ["negated", "hypothetical"]),
    )
