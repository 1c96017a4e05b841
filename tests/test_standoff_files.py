"""The committed stand-off files, and the gold files where the news texts are at hand."""

import gzip
import hashlib
import importlib.util
import json
from pathlib import Path

import pytest

from arevent.corpus import check_labels, read_corpus
from arevent.normalize import INVISIBLE, normalize
from arevent.segment import segment

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "training" / "join_ant.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("join_ant", SCRIPT)
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)

DATA = ROOT / "training" / "data"
SHARED = ROOT.parent / "shared"
ANT_COPY = SHARED / "corpora" / "ant-news.jsonl.xz"
PARTS = {"gold-train": 760, "gold-dev": 48}
REVIEWED = {"reviewed-1": (1189, 10578), "reviewed-2": (2200, 22524), "reviewed-3": (3499, 32401)}
"""Documents and sentences of the files that language models corrected."""
COMMITTED = {**PARTS, **{part: documents for part, (documents, _) in REVIEWED.items()}}


def read_committed(part):
    content = gzip.decompress((DATA / f"{part}.standoff.jsonl.gz").read_bytes())
    return content, [json.loads(line) for line in content.splitlines()]


@pytest.mark.parametrize("part", COMMITTED)
def test_committed_files_hold_no_text(part):
    content, records = read_committed(part)
    assert content.isascii()
    assert len(records) == COMMITTED[part]
    for record in records:
        assert list(record) == ["doc_id", "date", "source", "sha256", "sentences"]
        assert {tuple(s) for s in record["sentences"]} == {("start", "end", "mentions", "events")}


def test_committed_files_carry_no_time():
    for part in COMMITTED:
        assert (DATA / f"{part}.standoff.jsonl.gz").read_bytes()[4:8] == bytes(4)


def test_reviewed_articles_are_older_than_those_of_dev_and_stand_in_one_file():
    records = {part: read_committed(part)[1] for part in COMMITTED}
    ids = [record["doc_id"] for own in records.values() for record in own]
    assert len(ids) == len(set(ids))
    first_of_dev = min(record["date"] for record in records["gold-dev"])
    assert max(record["date"] for part in REVIEWED for record in records[part]) < first_of_dev


def test_incidents_are_of_the_same_texts():
    """Both kinds of annotation are keyed by the same checksum of the same sentences."""
    checksums = {record["doc_id"]: record["sha256"] for record in read_committed("gold-dev")[1]}
    lines = (DATA / "incidents-dev.jsonl").read_text(encoding="utf-8").splitlines()
    incidents = [json.loads(line) for line in lines]
    assert len(incidents) == 30
    assert all(record["sha256"] == checksums[record["doc_id"]] for record in incidents)


with_news = pytest.mark.skipif(not ANT_COPY.exists(), reason="the news texts are not at hand")


def read_gold(part):
    return (SHARED / "data" / f"{part}.jsonl").read_bytes()


@pytest.fixture(scope="module")
def news():
    """The folded articles of all annotated documents; unpacking the corpus takes seconds."""
    wanted = {record["doc_id"] for part in COMMITTED for record in read_committed(part)[1]}
    return script.read_articles(ANT_COPY, wanted)


@pytest.mark.slow
@with_news
@pytest.mark.parametrize("part", REVIEWED)
def test_reviewed_annotations_stand_on_the_tokens_of_their_articles(news, tmp_path, ontology, part):
    lines, problems = script.convert(read_committed(part)[1], news, script.join)
    assert problems == []
    (tmp_path / "reviewed.jsonl").write_text("".join(lines), encoding="utf-8")
    documents = read_corpus(tmp_path / "reviewed.jsonl")
    assert sum(len(document.sentences) for document in documents) == REVIEWED[part][1]
    check_labels(documents, ontology)


@pytest.mark.slow
@with_news
@pytest.mark.parametrize("part", PARTS)
def test_the_real_files_come_back(news, part):
    lines, problems = script.convert(read_committed(part)[1], news, script.join)
    assert problems == []
    assert "".join(lines).encode() == read_gold(part)


@pytest.mark.slow
@with_news
@pytest.mark.parametrize("part", PARTS)
def test_the_committed_files_are_made_of_the_real_ones(news, part):
    records = map(json.loads, read_gold(part).splitlines())
    lines, problems = script.convert(records, news, script.separate)
    assert problems == []
    assert "".join(lines).encode() == read_committed(part)[0]


@with_news
@pytest.mark.parametrize("part", PARTS)
def test_docs_name_the_checksums_of_the_real_files(part):
    sha256 = hashlib.sha256(read_gold(part)).hexdigest()
    docs = (ROOT / "docs" / "real-corpora.md").read_text(encoding="utf-8")
    assert f"{sha256}  build/{part}.jsonl\n" in docs


@pytest.mark.slow
@with_news
def test_segment_gives_the_annotated_sentences_but_for_marks_at_their_ends(news):
    """What the model reads is cut like what was annotated, in all 808 documents."""
    n_with_marks = 0
    records = [json.loads(line) for part in PARTS for line in read_gold(part).splitlines()]
    for record in records:
        title, *lines = news[record["doc_id"]].split("\n")
        body = [s.text for line in lines for s in segment(normalize(line))]
        found = [title, *(text for text in body if len(text.split()) >= 3)]
        annotated = [entry["text"] for entry in record["sentences"]]
        n_with_marks += annotated != found
        assert [without_marks(text) for text in annotated] == [without_marks(t) for t in found]
    assert (len(records), n_with_marks) == (808, 9)


def without_marks(text):
    return INVISIBLE.sub("", text).strip()
