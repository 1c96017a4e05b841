r"""Let models label unlabelled articles: whole ones, or the sentences that they are sure of.

    python training/label_silver.py build/run-1/best build/run-2/best \
        --articles ant-news.jsonl.xz --output silver.jsonl \
        --categories middleEast internationalNews --before 2018-08-01 \
        --exclude gold-train.jsonl gold-dev.jsonl --sentences 5000

Several models of one ontology answer as one, and with ``--crf`` a feature CRF has a vote on the
tags. With ``--whole-articles`` all sentences of an article are kept, without it those of which all
labels are sure, one or two in a hundred. Articles are read in random order. Left out are those of
``--before`` (the first day of the dev and test months) and later or without a date, those of the
corpora after ``--exclude`` and near-duplicates of them or of an article that was taken. What is
written is a corpus whose documents have the kept sentences alone and ``silver`` as their source.
Prints what was read, what was kept and why not the others; with ``--dev`` also how well the labels
agree with a corpus.
"""

from __future__ import annotations

import argparse
import json
import lzma
import pickle
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, cast

from criteria import Criteria
from ensemble import Ensemble
from tqdm import tqdm

from arevent.bundle import find_model
from arevent.corpus import document_to_record, read_corpus
from arevent.curation.duplicates import shingles
from arevent.curation.options import SIMILARITY
from arevent.document import Article, Document, Sentence
from arevent.extractor import Extractor, SpansOfSentence, chunks, prepare
from arevent.scoring import score
from arevent.tagger import SentenceScores, Tagger

SOURCE = "silver"


class KnownTexts:
    """Texts that are not to come again, found by the words they share (as in `near_duplicates`)."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._holders: defaultdict[int, list[int]] = defaultdict(list)
        self._sizes: list[int] = []
        for document in documents:
            self.add(document)

    def add(self, document: Document) -> None:
        """Remember a document."""
        own = shingles(document).tolist()
        for shingle in own:
            self._holders[shingle].append(len(self._sizes))
        self._sizes.append(len(own))

    def has_near(self, document: Document, threshold: float = SIMILARITY) -> bool:
        """Whether a known document resembles this one so far."""
        own = shingles(document).tolist()
        shared = Counter(number for shingle in own for number in self._holders.get(shingle, ()))
        return any(
            n >= threshold * (len(own) + self._sizes[number] - n) for number, n in shared.items()
        )


@dataclass(slots=True)
class Statistics:
    """What became of articles and sentences, and what the kept ones hold."""

    articles: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    modalities: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """Give the figures, the greatest first."""
        return {entry.name: dict(getattr(self, entry.name).most_common()) for entry in fields(self)}


class Labeller:
    """Chooses and labels sentences.

    Args:
        extractor: The model, or an `Ensemble` in an extractor.
        gold: Annotated documents, which are not labelled again.
        criteria: What a sentence needs.
        rarity: How strongly rare types are preferred. 0 takes sentences as they come. With 1 a
            sentence whose rarest type is n times as frequent as the average type, in the gold
            documents and what was kept, is taken once in n times.
        seed: Of the draw.
        events_per_sentence: Take articles that have so many on average, whole and as they are
            read: criteria and rarity choose nothing.

    Attributes:
        statistics: What was read so far.
    """

    def __init__(
        self,
        extractor: Extractor,
        gold: Sequence[Document],
        criteria: Criteria,
        rarity: float = 0.0,
        seed: int = 13,
        events_per_sentence: float | None = None,
    ) -> None:
        self.statistics = Statistics()
        self._extractor = extractor
        self._criteria = criteria
        self._rarity = rarity
        self._events_per_sentence = events_per_sentence
        self._draw = random.Random(seed)
        self._known = KnownTexts(gold)
        self._known_ids = {document.id for document in gold} - {None}
        self._sentences = {sentence.norm for document in gold for sentence in document.sentences}
        self._counts = Counter(event.type for document in gold for event in document.events)

    def label(self, articles: Iterable[Article], n_sentences: int) -> Iterator[dict[str, Any]]:
        """Label articles until there are so many sentences.

        Yields:
            Records of a corpus: documents with their kept sentences.
        """
        tagger = self._extractor.tagger
        for documents in chunks(map(prepare, self._unknown(articles))):
            scores = tagger.score([document.sentences for document in documents])
            read = iter(zip(scores, self._extractor.find_spans(scores), strict=True))
            for document in documents:
                own = list(islice(read, len(document.sentences)))
                if self._known.has_near(document):
                    self.statistics.articles["near-duplicate"] += 1
                    continue
                self.statistics.articles["read"] += 1
                if self._events_per_sentence is None:
                    kept = self._choose(document, own, n_sentences)
                else:
                    kept = self._choose_whole(own)
                if kept:
                    yield self._record(document, [entry for entry, _ in own], kept)
                if self.statistics.sentences["kept"] >= n_sentences:
                    return

    def _unknown(self, articles: Iterable[Article]) -> Iterator[Article]:
        for article in articles:
            if article.id in self._known_ids:
                self.statistics.articles["in gold"] += 1
            else:
                yield article

    def _choose(
        self,
        document: Document,
        read: Sequence[tuple[SentenceScores, SpansOfSentence]],
        n_sentences: int,
    ) -> list[int]:
        """Give the numbers of the sentences that are kept."""
        kept = []
        counts = self.statistics.sentences
        for number, (sentence, own) in enumerate(zip(document.sentences, read, strict=True)):
            if counts["kept"] >= n_sentences:
                break
            counts["read"] += 1
            reason = self._refusal(sentence, *own) or "kept"
            counts[reason] += 1
            if reason == "kept":
                kept.append(number)
                self._sentences.add(sentence.norm)
                self._counts.update(trigger.label for trigger in own[1][0])
        return kept

    def _choose_whole(self, read: Sequence[tuple[SentenceScores, SpansOfSentence]]) -> list[int]:
        """Give the numbers of all sentences, or none if the article has too few events."""
        n_events = sum(len(triggers) for _, (triggers, _, _) in read)
        is_kept = n_events >= (self._events_per_sentence or 0.0) * len(read)
        self.statistics.sentences["read"] += len(read)
        self.statistics.sentences["kept" if is_kept else "article of few events"] += len(read)
        return list(range(len(read))) if is_kept else []

    def _refusal(
        self, sentence: Sentence, entry: SentenceScores, found: SpansOfSentence
    ) -> str | None:
        if sentence.norm in self._sentences:
            return "known sentence"
        lacking = self._criteria.refusal(entry, found, self._extractor.ontology)
        if lacking is None and not self._is_drawn({trigger.label for trigger in found[0]}):
            return "frequent types"
        return lacking

    def _is_drawn(self, event_types: set[str]) -> bool:
        """Draw a sentence by its rarest type."""
        rarest = min((self._counts[name] for name in event_types), default=0)
        average = self._counts.total() / len(self._extractor.ontology.event_types)
        # One more of each, so that the first sentences have something to be compared with.
        share: float = ((average + 1) / (rarest + 1)) ** self._rarity
        return self._draw.random() < share

    def _record(
        self, document: Document, scores: Sequence[SentenceScores], kept: Sequence[int]
    ) -> dict[str, Any]:
        self._known.add(document)
        (read,) = self._extractor.read([document], scores)
        record = document_to_record(read)
        sentences = [record["sentences"][number] for number in kept]
        events = [event for sentence in sentences for event in sentence["events"]]
        self.statistics.types.update(event["type"] for event in events)
        self.statistics.modalities.update(event["modality"] for event in events)
        return {**record, "source": SOURCE, "sentences": sentences}


def read_pool(
    path: Path, before: str | None = None, categories: Collection[str] = ()
) -> list[Article]:
    """Read unlabelled articles from JSON lines, packed with xz or not.

    Args:
        path: The file; each line has ``text``, and ``id``, ``date``, ``title`` and ``category``
            where known.
        before: Leave out articles of this day, ISO 8601, and later, and those without a date.
        categories: Leave out articles of others than these, if there are any.

    Raises:
        ValueError: If a line is no article, which the message names, or the day is none.
    """
    # In the one way of writing that sorts by time.
    before = date.fromisoformat(before).isoformat() if before else None
    articles = []
    with lzma.open(path, "rb") if path.suffix == ".xz" else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line)
                known = (record.get(name) or None for name in ("id", "date", "title"))
                article = Article(record["text"], *known)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(
                    f"{path}:{number}: expected an article, found {error!r}"
                ) from error
            is_early = before is None or (article.date and article.date < before)
            if is_early and (not categories or record.get("category") in categories):
                articles.append(article)
    return articles


def label_silver(
    extractor: Extractor,
    articles: list[Article],
    gold: Sequence[Document],
    output: Path,
    criteria: Criteria,
    n_sentences: int,
    rarity: float = 0.0,
    seed: int = 13,
    events_per_sentence: float | None = None,
) -> Statistics:
    """Label articles, and write a corpus.

    Args:
        extractor: The model, or an `Ensemble` in an extractor.
        articles: The pool; it is read in random order.
        gold: Annotated documents to keep away from.
        output: The corpus; every document is written at once, so an interruption loses none.
        criteria: What a sentence needs.
        n_sentences: After how many sentences to stop.
        rarity: How strongly rare types are preferred, see `Labeller`.
        seed: Of order and draw.
        events_per_sentence: Take whole articles that have so many, see `Labeller`.
    """
    labeller = Labeller(extractor, gold, criteria, rarity, seed, events_per_sentence)
    shuffled = random.Random(seed).sample(articles, len(articles))
    progress = tqdm(shuffled, unit="article", mininterval=2.0)
    with output.open("w", encoding="utf-8") as file:
        for record in labeller.label(progress, n_sentences):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            file.flush()
    return labeller.statistics


def load_extractor(models: Sequence[str], crf: Path | None, crf_weight: float) -> Extractor:
    """Load models, and a CRF if there is one, that read as one; events and roles from even odds.

    Args:
        models: Model folders or hub names.
        crf: File that `crf_baseline.py --save` wrote: a pickle, so one of your own.
        crf_weight: Its share of the vote on tags.
    """
    taggers = [Tagger.from_pretrained(find_model(model)) for model in models]
    ensemble = Ensemble(taggers, pickle.loads(crf.read_bytes()) if crf else None, crf_weight)
    return Extractor(cast(Tagger, ensemble), threshold=0.5, role_threshold=0.5)


def score_labels(extractor: Extractor, gold: Sequence[Document]) -> dict[str, float]:
    """Compare labels with annotations: F1 of the layers, and the accuracy of modalities."""
    scores = score(gold, list(extractor.pipe(gold)), extractor.ontology, n_resamples=0)
    return {
        **{layer: scores[layer]["f1"] for layer in ("Tri-I", "Tri-C", "Arg-C", "mentions")},
        "modality": scores["modality"]["accuracy"],
    }


def main() -> None:
    """Read the command line and print the statistics."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+", help="model folders or hub names")
    parser.add_argument("--articles", type=Path, required=True, help="JSONL, may end in .xz")
    parser.add_argument("--output", type=Path, required=True, help="the corpus to write, JSONL")
    parser.add_argument("--before", metavar="DATE", help="leave out this day and later")
    parser.add_argument("--categories", nargs="+", default=[], help="leave out all others")
    parser.add_argument("--exclude", type=Path, nargs="+", default=[], help="annotated corpora")
    parser.add_argument("--dev", type=Path, help="annotated corpus to score the labels on")
    parser.add_argument("--sentences", type=int, default=10_000, help="stop after so many")
    parser.add_argument("--rarity", type=float, default=0.0, help="prefer rare types: 0 to 1")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--crf", type=Path, help="file of crf_baseline.py --save, which votes too")
    parser.add_argument("--crf-weight", type=float, default=0.3, help="its share of the vote")
    parser.add_argument(
        "--whole-articles",
        type=float,
        metavar="EVENTS",
        help="take whole articles of so many events a sentence, however sure the labels are",
    )
    for entry in fields(Criteria):
        name = f"--{entry.name.replace('_', '-')}"
        parser.add_argument(name, type=type(entry.default), default=entry.default)
    args = parser.parse_args()
    criteria = Criteria(**{entry.name: getattr(args, entry.name) for entry in fields(Criteria)})
    report: dict[str, Any] = {}
    try:
        extractor = load_extractor(args.models, args.crf, args.crf_weight)
        if args.dev:
            report["dev"] = score_labels(extractor, read_corpus(args.dev))
        statistics = label_silver(
            extractor,
            read_pool(args.articles, args.before, args.categories),
            [document for path in args.exclude for document in read_corpus(path)],
            args.output,
            criteria,
            args.sentences,
            args.rarity,
            args.seed,
            args.whole_articles,
        )
    except (ValueError, OSError) as error:
        raise SystemExit(f"label_silver: {error}") from error
    print(json.dumps({**report, **statistics.to_dict()}, indent=1))


if __name__ == "__main__":
    main()
