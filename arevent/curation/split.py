"""A corpus to parts for training and testing that do not know each other's documents."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path

from arevent.curation.duplicates import NearDuplicate, clusters, near_duplicates
from arevent.curation.options import SIMILARITY, SplitBy
from arevent.document import Document

Group = list[int]  # positions of documents that stay together
Placed = dict[str, list[Group]]  # the groups of each part
ANY = "*"  # a label that every document has


@dataclass(frozen=True, slots=True)
class Split:
    """A corpus in parts.

    Attributes:
        parts: For each part the positions of its documents, ascending; each is in one part.
        crossing: Near-duplicates that are in different parts.
    """

    parts: dict[str, tuple[int, ...]]
    crossing: tuple[NearDuplicate, ...]


def read_shares(text: str) -> dict[str, float]:
    """Read names and shares of parts, such as ``train=0.8,dev=0.1,test=0.1``.

    Raises:
        ValueError: If they are written otherwise, a name is used twice or the shares do not add
            up to 1.
    """
    pairs = [entry.partition("=") for entry in text.split(",")]
    try:
        shares = {name.strip(): float(share) for name, _, share in pairs}
    except ValueError as error:
        raise ValueError(f"parts: expected train=0.8,dev=0.1,test=0.1, found {text!r}") from error
    _check_shares(shares)
    if len(shares) < len(pairs):
        raise ValueError(f"parts: expected different names, found {text!r}")
    return shares


def split_corpus(
    documents: Sequence[Document],
    shares: Mapping[str, float],
    by: SplitBy = SplitBy.DOCUMENT,
    seed: int = 13,
    keep_together: bool = True,
    similarity: float = SIMILARITY,
) -> Split:
    """Divide a corpus; no document is cut.

    Args:
        documents: The corpus.
        shares: The parts and the share of documents that each should have, in order.
        by: ``document`` draws at random. ``date`` gives the oldest documents to the first part
            and the newest to the last, those of a day to one. ``type`` gives each part its share
            of the documents with each event type (Sechidis, Tsoumakas & Vlahavas 2011).
        seed: Of the draw; the same seed gives the same split.
        keep_together: Keep near-duplicates in one part. By date, they go with their newest.
        similarity: From which share of common word shingles documents are near-duplicates.

    Returns:
        The parts. Shares are met as nearly as days and near-duplicates allow.

    Raises:
        ValueError: If the shares do not add up to 1, or a document has no date to go by.
    """
    _check_shares(shares)
    pairs = near_duplicates(documents, similarity)
    groups = clusters(len(documents), pairs if keep_together else ())
    if by is SplitBy.DATE:
        placed = _by_date(groups, documents, shares)
    else:
        random.Random(seed).shuffle(groups)
        labels = [_labels(group, documents, by) for group in groups]
        placed = _stratify(groups, labels, shares)
    part_of = {number: name for name, own in placed.items() for group in own for number in group}
    return Split(
        {name: tuple(sorted(n for group in own for n in group)) for name, own in placed.items()},
        tuple(pair for pair in pairs if part_of[pair.first] != part_of[pair.second]),
    )


def write_parts(corpus: str | Path, split: Split, folder: str | Path) -> dict[str, Path]:
    """Copy the lines of a corpus, as they stand, into one file a part.

    Args:
        corpus: The file whose documents were split.
        split: Where they go.
        folder: Where the files are written, such as ``train.jsonl``; made if it is not there.

    Returns:
        The file of each part.

    Raises:
        ValueError: If a part would replace the corpus itself.
    """
    lines = [line for line in Path(corpus).read_bytes().split(b"\n") if line.strip()]
    files = {name: Path(folder) / f"{name}.jsonl" for name in split.parts}
    if Path(corpus).resolve() in {file.resolve() for file in files.values()}:
        raise ValueError(f"{folder}: expected another folder, found that of the corpus, {corpus}")
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, file in files.items():
        file.write_bytes(b"".join(lines[n].rstrip(b"\r") + b"\n" for n in split.parts[name]))
    return files


def _check_shares(shares: Mapping[str, float]) -> None:
    are_shares = all(0 < share <= 1 for share in shares.values())
    if not are_shares or not math.isclose(sum(shares.values()), 1):
        raise ValueError(f"parts: expected shares that add up to 1, found {dict(shares)}")


def _by_date(
    groups: Sequence[Group], documents: Sequence[Document], shares: Mapping[str, float]
) -> Placed:
    """Fill the parts from the oldest day to the newest; a day goes where its middle falls."""
    undated = [str(document.id) for document in documents if not document.date]
    if undated:
        raise ValueError(
            f"by date: expected a date in every document, found {len(undated)} without: "
            f"{', '.join(undated[:5])}"
        )

    def newest(group: Group) -> str:
        return max((documents[number].date or "")[:10] for number in group)

    placed: Placed = {name: [] for name in shares}
    ends = list(accumulate(shares.values()))[:-1]
    n_before = 0
    for _, same_day in groupby(sorted(groups, key=newest), key=newest):
        day = list(same_day)
        size = sum(map(len, day))
        middle = (n_before + size / 2) / len(documents)
        placed[list(shares)[bisect_right(ends, middle)]] += day
        n_before += size
    return placed


def _labels(group: Group, documents: Sequence[Document], by: SplitBy) -> Counter[str]:
    """Count the documents of a group, and those of them with each event type."""
    labels = Counter({ANY: len(group)})
    if by is SplitBy.TYPE:
        for number in group:
            labels.update({event.type for event in documents[number].events})
    return labels


def _stratify(
    groups: Sequence[Group], labels: Sequence[Counter[str]], shares: Mapping[str, float]
) -> Placed:
    """Give each part its share of every label (iterative stratification, Sechidis et al. 2011).

    The rarest label is dealt out first, because the frequent ones can make up for it later. A
    group goes to the part that lacks most documents of that label, and most documents in all
    where several lack as many.
    """
    total = _summed(labels)
    lacking = {name: {k: share * n for k, n in total.items()} for name, share in shares.items()}
    placed: Placed = {name: [] for name in shares}
    left = dict(enumerate(labels))
    while left:
        remaining = _summed(left.values())
        rarest = min(remaining, key=lambda label: (remaining[label], label))
        for number in [number for number, own in left.items() if own[rarest]]:
            name = max(lacking, key=lambda name: (lacking[name][rarest], lacking[name][ANY]))
            placed[name].append(groups[number])
            for label, n in left.pop(number).items():
                lacking[name][label] -= n
    return placed


def _summed(labels: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for own in labels:
        total.update(own)
    return total
