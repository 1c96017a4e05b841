"""Folders that `datasets.Dataset.save_to_disk` writes: records of the project, or tagged tokens.

A dataset with a column ``sentences`` holds documents as `arevent.corpus` has them. One with
``tokens`` and ``ner_tags`` holds a sentence a row, with IOB2 tags; rows in sequence with one
``doc_id`` are a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from arevent.corpus import document_to_record
from arevent.document import Document
from arevent.formats.files import reading
from arevent.formats.jsonl import raw_from_record
from arevent.formats.problems import FormatError
from arevent.formats.raw import RawCorpus
from arevent.formats.tags import TAG, Head, TaggedSentence, raw_from_tags, tagged_sentences


def read(path: Path) -> RawCorpus:
    """Read a dataset of either kind.

    Raises:
        FormatError: If the folder is no dataset of either kind, or holds several splits.
        ImportError: If `datasets` is not installed.
    """
    dataset = _load(path)
    columns = set(dataset.column_names)
    if "sentences" in columns:
        return _read_records(path, dataset)
    if {"tokens", "ner_tags"} <= columns:
        return _read_tokens(path, dataset)
    raise FormatError(
        f"{path}: expected a column «sentences», or «tokens» and «ner_tags», "
        f"found {sorted(columns)}"
    )


def write(documents: Sequence[Document], target: Path) -> None:
    """Write a dataset of documents, a record a row.

    Raises:
        ImportError: If `datasets` is not installed.
    """
    datasets = _import()
    text, number = datasets.Value("string"), datasets.Value("int64")
    where = {"id": text, "start": number, "end": number}
    argument = {"role": text, "mention": text, "value": number}
    event = {**where, "type": text, "modality": text, "arguments": [argument]}
    sentence = {"text": text, "mentions": [{**where, "label": text}], "events": [event]}
    features = datasets.Features(
        {"doc_id": text, "date": text, "source": text, "sentences": [sentence]}
    )
    _save([document_to_record(document) for document in documents], features, target)


def write_tokens(documents: Sequence[Document], target: Path) -> None:
    """Write a dataset of sentences: tokens, and their tags as a ``ClassLabel``.

    Raises:
        ImportError: If `datasets` is not installed.
    """
    datasets = _import()
    tagged = [pair for document in documents for pair in tagged_sentences(document)]
    heads = [document for document in documents for _ in document.sentences]
    rows = [
        {
            "doc_id": document.id,
            "date": document.date,
            "source": document.source,
            "text": sentence.text,
            "tokens": [token.text for token in sentence.tokens],
            "ner_tags": tags,
        }
        for document, (sentence, tags) in zip(heads, tagged, strict=True)
    ]
    names = sorted({tag[2:] for _, tags in tagged for tag in tags} - {""})
    classes = ["O", *(f"{prefix}-{name}" for name in names for prefix in "BI")]
    text = datasets.Value("string")
    features = datasets.Features(
        {
            **dict.fromkeys(("doc_id", "date", "source", "text"), text),
            "tokens": [text],
            "ner_tags": [datasets.ClassLabel(names=classes)],
        }
    )
    _save(rows, features, target)


def _read_records(path: Path, dataset: Any) -> RawCorpus:
    corpus = RawCorpus()
    for row, record in enumerate(dataset, 1):
        with reading(path, row):
            corpus.documents.append(raw_from_record(record, str(path), row))
    return corpus


def _read_tokens(path: Path, dataset: Any) -> RawCorpus:
    return raw_from_tags(str(path), path.name, _sentences(path, dataset))


def _sentences(path: Path, dataset: Any) -> Iterator[TaggedSentence]:
    names = getattr(dataset.features["ner_tags"].feature, "names", None)
    head = Head(0, 0)
    for row, record in enumerate(dataset, 1):
        with reading(path, row):
            tags = [[names[tag] if names else tag] for tag in record["ner_tags"]]
            if not all(TAG.fullmatch(tag) for (tag,) in tags):
                raise ValueError(f"expected IOB2 tags such as B-ACTOR, found {record['ner_tags']}")
            if len(tags) != len(record["tokens"]):
                raise ValueError(f"expected {len(record['tokens'])} tags, found {len(tags)}")
            known = tuple(record.get(key) for key in ("doc_id", "date", "source"))
            if known[0] is None or known != (head.id, head.date, head.source):
                head = Head(head.number + 1, row, *known)
            lines = [row] * len(tags)
            yield TaggedSentence(head, record["tokens"], [tags], lines, record.get("text"))


def _load(path: Path) -> Any:
    datasets = _import()
    try:
        dataset = datasets.load_from_disk(str(path))
    except (OSError, ValueError) as error:
        raise FormatError(f"{path}: expected a folder of save_to_disk: {error}") from error
    if isinstance(dataset, datasets.DatasetDict):
        splits = ", ".join(str(path / split) for split in dataset)
        raise FormatError(f"{path}: expected one dataset, found splits; name one of: {splits}")
    return dataset


def _save(rows: list[dict[str, Any]], features: Any, target: Path) -> None:
    _import().Dataset.from_list(rows, features=features).save_to_disk(str(target))


def _import() -> Any:
    try:
        import datasets
    except ImportError as error:
        raise ImportError(
            "the format huggingface needs datasets, which is not installed; run: "
            "pip install 'arevent[train]'"
        ) from error
    return datasets
