"""Annotations without their text, joined with a copy of the ANT corpus: the gold files again.

    python training/join_ant.py training/data/gold-dev.standoff.jsonl.gz ANT --output gold-dev.jsonl
    python training/join_ant.py gold-dev.jsonl ANT --separate --output gold-dev.standoff.jsonl.gz

ANT is the corpus as its authors give it out (a folder of ``.txt`` files with tags), or JSON lines
with ``id``, ``title`` and ``text``, plain or packed (``.gz``, ``.xz``).

A stand-off record is a gold record with ``start`` and ``end`` of each sentence in the folded
article in place of its text, and with the SHA-256 of the sentences, one a line. Nothing is cut into
sentences anew. `arevent.segment` would give almost the same ones, but its sentences begin and end
with a token, and the direction marks beside a boundary (U+200F in nine documents) belong to none;
the annotated sentences reach to the white space and hold the marks.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import lzma
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from arevent.articles import InputError

Record = dict[str, Any]
GOLD = ("doc_id", "date", "source", "sentences")
STANDOFF = ("doc_id", "date", "source", "sha256", "sentences")
ANT = ("id", "title", "text")

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
# The tags look like XML, but the texts have a bare «&», which no XML parser takes.
_DOCUMENT = re.compile(r"<DOC>(.*?)</DOC>", re.DOTALL)
_FIELDS = [re.compile(f"<{tag}>(.*?)</{tag}>", re.DOTALL) for tag in ("DOCNO", "TITLE", "TEXT")]


def join(record: Record, article: str) -> Record:
    """Give a stand-off record its text back.

    Args:
        record: A record as `separate` makes it.
        article: The folded article of this id.

    Raises:
        ValueError: If the sentences are not those that were annotated.
    """
    texts = [article[entry["start"] : entry["end"]] for entry in record["sentences"]]
    found = checksum(texts)
    if found != record["sha256"]:
        raise ValueError(
            f"the text is not the annotated one: expected sentences with SHA-256 "
            f"{record['sha256']}, found {found}"
        )
    return {
        **{key: record[key] for key in GOLD},
        "sentences": [
            {"text": text, "mentions": entry["mentions"], "events": entry["events"]}
            for text, entry in zip(texts, record["sentences"], strict=True)
        ],
    }


def separate(record: Record, article: str) -> Record:
    """Take the text out of a gold record.

    Args:
        record: A gold record.
        article: The folded article of this id.

    Raises:
        ValueError: If a sentence is not in the article, or if the record has more than `join` can
            give back, or letters in what is not text.
    """
    entries: list[Record] = []
    offset = 0
    for number, entry in enumerate(record["sentences"]):
        start = article.find(entry["text"], offset)
        if start < 0:
            raise ValueError(f"expected sentence {number} in the article, found another text")
        offset = start + len(entry["text"])
        bounds = {"start": start, "end": offset}
        entries.append({**bounds, "mentions": entry["mentions"], "events": entry["events"]})
    sha256 = checksum(entry["text"] for entry in record["sentences"])
    result = {**{key: record[key] for key in GOLD[:3]}, "sha256": sha256, "sentences": entries}
    if to_line(join(result, article)) != to_line(record):
        raise ValueError("expected the keys of a gold record, found more of them or another order")
    if not to_line(result).isascii():
        raise ValueError("expected ids, labels and offsets in ASCII, found letters of a text")
    return result


def checksum(sentences: Iterable[str]) -> str:
    """Give the SHA-256 of sentences, one a line, as `arevent.Document.text` has them."""
    return hashlib.sha256("\n".join(sentences).encode("utf-8")).hexdigest()


def to_line(record: Record) -> str:
    """Write a record as the gold files have it."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def fold_article(title: str, text: str) -> str:
    r"""Give the title and the lines of the text, without empty lines, white space folded.

    Copies of the corpus differ in white space; folded, they are one.

    Example:
        >>> fold_article("هجوم  في المدينة", " قتل ستة. \n\nوأصيب\xa0 عشرة.")
        'هجوم في المدينة\nقتل ستة.\nوأصيب عشرة.'
    """
    lines = (" ".join(line.split()) for line in (title, *text.splitlines()))
    return "\n".join(line for line in lines if line)


def read_articles(path: Path, wanted: Collection[str]) -> dict[str, str]:
    """Read the articles with the wanted ids out of a copy of the corpus, and fold them.

    Raises:
        InputError: If the copy cannot be read.
    """
    articles = _tagged_articles(path) if path.is_dir() else _json_articles(path)
    return {name: fold_article(title, text) for name, title, text in articles if name in wanted}


def _tagged_articles(folder: Path) -> Iterator[Sequence[str]]:
    for path in sorted(folder.rglob("*.txt")):
        # A byte that is not UTF-8 becomes U+FFFD: the checksum finds it where it matters.
        content = path.read_text(encoding="utf-8", errors="replace")
        for document in _DOCUMENT.findall(content):
            fields = [field.search(document) for field in _FIELDS]
            yield [match[1].strip() if match else "" for match in fields]


def _json_articles(path: Path) -> Iterator[Sequence[str]]:
    for record in read_records(path, ANT):
        yield [str(record[key] or "") for key in ANT]


def read_records(path: Path, keys: Sequence[str]) -> Iterator[Record]:
    """Read JSON lines, plain or packed.

    Raises:
        InputError: If the file cannot be read, or a line is no object with these keys.
    """
    try:
        with _OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _parse(line, keys, f"{path}, line {number}")
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _parse(line: str, keys: Sequence[str], where: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: expected a JSON object, found: {error}") from error
    if not isinstance(record, dict) or not record.keys() >= set(keys):
        found = ", ".join(record) if isinstance(record, dict) else type(record).__name__
        raise InputError(f"{where}: expected the keys {', '.join(keys)}; found {found}")
    return record


def convert(
    records: Iterable[Record],
    articles: Mapping[str, str],
    change: Callable[[Record, str], Record],
) -> tuple[list[str], list[str]]:
    """Join, or separate, records and articles.

    Args:
        records: Stand-off records, or gold records if they are to be separated.
        articles: Folded articles by id.
        change: `join` or `separate`.

    Returns:
        The lines of the new file in the order of the records, and the id of each document that is
        left out with the reason.
    """
    lines, problems = [], []
    for record in records:
        name = record["doc_id"]
        try:
            if name not in articles:
                raise ValueError("expected an article of this id in the ANT copy, found none")
            lines.append(to_line(change(record, articles[name])))
        except ValueError as error:
            problems.append(f"{name}: {error}")
    return lines, problems


def write(lines: Iterable[str], output: Path | None) -> None:
    """Write lines to a file, packed if it ends in ``.gz``, or to standard output."""
    content = "".join(lines).encode("utf-8")
    if output is None:
        sys.stdout.buffer.write(content)
        return
    if output.suffix == ".gz":
        content = gzip.compress(content, 9, mtime=0)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; give 1 if documents are left out."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("annotations", type=Path, help="a stand-off file")
    parser.add_argument("ant", type=Path, help="a copy of the ANT corpus: a folder or JSON lines")
    parser.add_argument("--output", type=Path, help="by default standard output")
    parser.add_argument("--allow-missing", action="store_true", help="exit with 0 all the same")
    parser.add_argument(
        "--separate", action="store_true", help="make a stand-off file of a gold file"
    )
    args = parser.parse_args(arguments)
    try:
        records = list(read_records(args.annotations, GOLD if args.separate else STANDOFF))
        articles = read_articles(args.ant, {record["doc_id"] for record in records})
    except InputError as error:
        parser.error(str(error))
    lines, problems = convert(records, articles, separate if args.separate else join)
    write(lines, args.output)
    for problem in problems:
        print(problem, file=sys.stderr)
    n_documents = len(lines) + len(problems)
    print(
        f"{len(lines)} of {n_documents} documents written, {len(problems)} left out",
        file=sys.stderr,
    )
    return int(bool(problems) and not args.allow_missing)


if __name__ == "__main__":
    sys.exit(main())
