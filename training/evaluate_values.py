"""Measure values and incidents on an annotated corpus, with its gold events and mentions.

    python training/evaluate_values.py gold-dev.jsonl --incidents training/data/incidents-dev.jsonl

Prints which share of the mentions gets a value and why the others do not, B³ of the incidents,
precision and recall of inferred sources, and how many breakdowns are exactly right. The file of
incidents holds offsets and labels alone, keyed by document id and a checksum of the text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from arevent.corpus import read_corpus
from arevent.document import Document, EventFrame
from arevent.merge import merge_incidents
from arevent.ontology import Ontology
from arevent.scoring import Counts, b_cubed
from arevent.sources import inherit_sources
from arevent.values.annotate import add_values

Key = tuple[int, str]


def coverage(documents: Iterable[Document]) -> dict[str, Any]:
    """Count mentions with a value, and the reasons of the others, for each label."""
    seen: Counter[str] = Counter()
    read: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for document in documents:
        for mention in document.mentions:
            seen[mention.label] += 1
            is_read = mention.value is not None and mention.reason is None
            read[mention.label] += is_read
            if mention.reason:
                reasons.setdefault(mention.label, Counter())[mention.reason] += 1
    return {
        label: {
            "mentions": n,
            "with_value": round(read[label] / n, 4),
            "reasons": dict(reasons.get(label, Counter()).most_common(5)),
        }
        for label, n in seen.items()
        if label != "WEAPON"
    }


def incident_scores(
    records: Sequence[dict[str, Any]], documents: dict[str, Document], ontology: Ontology
) -> dict[str, Any]:
    """Score incidents, inferred sources and breakdowns against the annotation.

    Raises:
        ValueError: If nothing is annotated, or a document is not in the corpus.
    """
    missing = [record["doc_id"] for record in records if record["doc_id"] not in documents]
    if missing or not records:
        raise ValueError(f"incidents: expected documents of the corpus, found {missing or 'none'}")
    precision = recall = n_items = 0.0
    sources, breakdowns = Counts(), Counts()
    for record in records:
        document = documents[record["doc_id"]]
        _check_text(record, document)
        read = merge_incidents(inherit_sources(document, ontology), ontology)
        gold = [[_key(document, event) for event in group] for group in record["incidents"]]
        found = [[_event_key(event) for event in i.events] for i in read.incidents]
        sums = b_cubed(gold, found)
        precision, recall, n_items = precision + sums[0], recall + sums[1], n_items + sums[2]
        sources = _add(sources, _gold_sources(record, document), _found_sources(read))
        breakdowns = _add(breakdowns, _gold_parts(record, document), _found_parts(read))
    precision, recall = precision / n_items, recall / n_items
    return {
        "documents": len(records),
        "b_cubed": {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / (precision + recall), 4),
        },
        "sources": sources.to_dict(),
        "breakdowns": breakdowns.to_dict(),
    }


def _check_text(record: dict[str, Any], document: Document) -> None:
    found = hashlib.sha256(document.text.encode()).hexdigest()
    if found != record["sha256"]:
        raise SystemExit(f"{record['doc_id']}: expected the text {record['sha256']}, found {found}")


def _add(before: Counts, gold: set[Any], found: set[Any]) -> Counts:
    return Counts(
        before.gold + len(gold),
        before.predicted + len(found),
        before.correct + len(gold & found),
    )


def _key(document: Document, event: Sequence[Any]) -> Key:
    sentence, start, _, event_type = event
    return document.sentences[sentence].start + start, event_type


def _event_key(event: EventFrame) -> Key:
    return event.trigger.start, event.type


def _gold_sources(record: dict[str, Any], document: Document) -> set[Any]:
    """Give events with the words of their speaker, whichever of his mentions they are."""
    result = set()
    for entry in record["sources"]:
        sentence, start, end = entry["source"]
        offset = document.sentences[sentence].start
        result.add((_key(document, entry["event"]), document.text[offset + start : offset + end]))
    return result


def _found_sources(document: Document) -> set[Any]:
    return {
        (_event_key(event), argument.mention.text)
        for event in document.events
        for argument in event.inferred
        if argument.mention
    }


def _gold_parts(record: dict[str, Any], document: Document) -> set[Any]:
    return {
        (_key(document, entry["event"]), tuple(part["value"] for part in entry["parts"]))
        for entry in record["breakdowns"]
    }


def _found_parts(document: Document) -> set[Any]:
    return {
        (_event_key(event), tuple(part.quantity.value for part in event.breakdown))
        for event in document.events
        if event.breakdown
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--incidents", type=Path)
    args = parser.parse_args()
    try:
        documents = [add_values(document) for document in read_corpus(args.corpus)]
        report: dict[str, Any] = {"values": coverage(documents)}
        if args.incidents:
            lines = args.incidents.read_text(encoding="utf-8").splitlines()
            records = [json.loads(line) for line in lines if line.strip()]
            report["incidents"] = incident_scores(
                records, {str(d.id): d for d in documents}, Ontology.from_file()
            )
    except (ValueError, OSError) as error:
        raise SystemExit(f"evaluate_values: {error}") from error
    print(json.dumps(report, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
