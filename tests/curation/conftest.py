"""Small corpora made by hand: sentences of words, documents of sentences, files of documents."""

import json

import pytest

from arevent.corpus import document_from_record


@pytest.fixture
def record(sentence_record):
    """Writes a corpus record of sentences; a bare text is one without annotation."""

    def write(doc_id, *sentences, date="2024-03-12", source="tests"):
        entries = [sentence_record(s) if isinstance(s, str) else s for s in sentences]
        return {"doc_id": doc_id, "date": date, "source": source, "sentences": entries}

    return write


@pytest.fixture
def document(record):
    """Makes a document of sentences."""

    def make(doc_id, *sentences, **fields):
        return document_from_record(record(doc_id, *sentences, **fields))

    return make


@pytest.fixture
def corpus_file(tmp_path):
    """Writes a corpus of records; a bare text is a line that stands as it is."""

    def write(*records, name="corpus.jsonl"):
        lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
