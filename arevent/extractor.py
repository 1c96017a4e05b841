"""Arabic text to documents with event frames. Read this first: it calls the stages in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from arevent.bundle import find_model
from arevent.document import Article, Document, EventFrame, Link, Mention, Sentence, TaggedSpan
from arevent.frames import assemble_frames, make_mentions
from arevent.linking import link_by_rules, link_by_scores
from arevent.merge import merge_incidents
from arevent.normalize import normalize
from arevent.segment import segment
from arevent.sources import inherit_sources
from arevent.spans import BioDecoder, best_spans
from arevent.values.annotate import add_values

if TYPE_CHECKING:
    from arevent.tagger import SentenceScores, SpanScores, Tagger

DOCUMENTS_AT_ONCE = 16
"""How many documents `Extractor.pipe` holds at a time."""

SpansOfSentence = tuple[list[TaggedSpan], list[TaggedSpan], "SpanScores"]


class Extractor:
    """Reads Arabic news and gives event frames.

    Args:
        tagger: The model.
        linker: ``model`` for the learned linker, ``rules`` for the baseline; the learned one if
            the model has it.
        threshold: Probability from which a word is taken for a trigger, between 0 and 1: a lower
            one finds more events, a higher one is surer of them; the model's own if ``None``.
        role_threshold: Probability from which a role is filled; the model's own if ``None``.

    Attributes:
        tagger: The model.
        ontology: Its types, roles and labels.
        linker: ``model`` or ``rules``.
        threshold: Probability from which a word is taken for a trigger.
        role_threshold: Probability from which a role is filled.

    Raises:
        ValueError: If the linker is unknown, the model has none to use, or a threshold is no
            probability.
    """

    def __init__(
        self,
        tagger: Tagger,
        linker: str | None = None,
        threshold: float | None = None,
        role_threshold: float | None = None,
    ) -> None:
        possible = ("model", "rules") if tagger.model.linker else ("rules",)
        if linker is not None and linker not in possible:
            raise ValueError(f"linker: expected {' or '.join(possible)}, found {linker!r}")
        settings = tagger.model.settings
        threshold = settings.trigger_threshold if threshold is None else threshold
        role_threshold = settings.role_threshold if role_threshold is None else role_threshold
        for name, value in (("threshold", threshold), ("role_threshold", role_threshold)):
            if not 0 < value < 1:
                raise ValueError(f"{name}: expected a number between 0 and 1, found {value!r}")
        self.tagger = tagger
        self.ontology = tagger.model.ontology
        self.linker = linker or possible[0]
        self.threshold = threshold
        self.role_threshold = role_threshold
        self._decoder = BioDecoder(self.ontology.tags)
        types = self.ontology.event_types
        begins = {f"B-{event_type}" for event_type in types}
        self._tag_bias = _trigger_bias(self.ontology.tags, begins, threshold)
        self._span_bias = _trigger_bias(self.ontology.span_labels, types, threshold)

    @classmethod
    def from_pretrained(
        cls,
        model: str | Path | None = None,
        *,
        device: str | None = None,
        linker: str | None = None,
        threshold: float | None = None,
        role_threshold: float | None = None,
    ) -> Extractor:
        """Load an extractor; see `arevent.load`.

        Raises:
            FileNotFoundError: If there is no such model.
            ImportError: If torch or transformers is not installed.
        """
        path = find_model(model)
        try:
            from arevent.tagger import Tagger
        except ImportError as error:
            raise ImportError(
                f"reading text needs torch and transformers ({error}); run: "
                f"pip install 'arevent[torch]'"
            ) from error
        return cls(Tagger.from_pretrained(path, device), linker, threshold, role_threshold)

    def __call__(self, article: str | Article | Document, date: str | None = None) -> Document:
        """Read one article.

        Args:
            article: A text, an article, or a document whose sentences are to be kept.
            date: Day of publication, ISO 8601, where ``article`` is a text.

        Returns:
            The document with its mentions and events.

        Raises:
            TypeError: If the article is something else.
            ValueError: If the date is no ISO date, or given beside an article that has its own.
        """
        if date is not None:
            if isinstance(article, Article | Document):
                raise ValueError("expected a date beside a text only; an Article has its own")
            article = Article(article, date=date)
        return next(self.pipe([article]))

    def pipe(self, articles: Iterable[str | Article | Document]) -> Iterator[Document]:
        """Read many articles, a few at a time: quicker than one by one, in bounded memory.

        Args:
            articles: Texts, articles, or documents whose sentences are to be kept.

        Yields:
            One document an article, in the same order.

        Raises:
            TypeError: If one of them is something else.
        """
        for documents in chunks(map(prepare, articles)):
            scores = self.tagger.score([document.sentences for document in documents])
            yield from self.read(documents, scores)

    def read(
        self, documents: Sequence[Document], scores: Sequence[SentenceScores]
    ) -> Iterator[Document]:
        """Take documents through the stages after the encoder; several extractors can share it.

        Args:
            documents: Documents with their sentences.
            scores: What `Tagger.score` gave for these sentences.

        Yields:
            The documents with their mentions and events, in order.
        """
        found = iter(self.find_spans(scores))
        for document in documents:
            yield self._assemble(document, list(islice(found, len(document.sentences))))

    def find_spans(self, scores: Sequence[SentenceScores]) -> list[SpansOfSentence]:
        """Find the triggers and mentions of sentences, and score them together.

        Args:
            scores: What `Tagger.score` gave.

        Returns:
            Triggers, mentions and span scores of each sentence.
        """
        spans = [self._decode(entry) for entry in scores]
        types = self.ontology.event_types
        triggers = [[span for span in own if span.label in types] for own in spans]
        mentions = [[span for span in own if span.label not in types] for own in spans]
        span_scores = self.tagger.score_spans(scores, triggers, mentions)
        return list(zip(triggers, mentions, span_scores, strict=True))

    def _decode(self, scores: SentenceScores) -> list[TaggedSpan]:
        """Take the best spans, or read them from the tags of a model that does not score spans."""
        if scores.candidates is None:
            return self._decoder.decode(scores.log_probs, self._tag_bias)
        bounds, log_probs = scores.candidates.bounds, scores.candidates.log_probs
        return best_spans(bounds, log_probs, self.ontology.span_labels, self._span_bias)

    def _assemble(self, document: Document, read: Sequence[SpansOfSentence]) -> Document:
        """Put spans and scores of a document's sentences together."""
        mentions: list[Mention] = []
        events: list[EventFrame] = []
        for sentence, (triggers, spans, scores) in zip(document.sentences, read, strict=True):
            links = self._link(sentence, triggers, spans, scores)
            own = make_mentions(document.text, sentence, spans)
            mentions += own
            events += assemble_frames(
                document.text, sentence, triggers, own, links, scores.modalities, self.ontology
            )
        framed = replace(
            document,
            mentions=tuple(mentions),
            events=tuple(events),
            roles=tuple(self.ontology.roles),
        )
        with_sources = inherit_sources(add_values(framed), self.ontology)
        return merge_incidents(with_sources, self.ontology)

    def _link(
        self,
        sentence: Sentence,
        triggers: Sequence[TaggedSpan],
        mentions: Sequence[TaggedSpan],
        scores: SpanScores,
    ) -> list[Link]:
        if self.linker == "rules" or scores.roles is None:
            return link_by_rules(sentence, triggers, mentions, self.ontology)
        return link_by_scores(triggers, mentions, scores.roles, self.ontology, self.role_threshold)


def read_together(
    documents: Iterable[Document],
    extractors: Mapping[str, Extractor],
    watch: Callable[[Sequence[Document], Sequence[SentenceScores]], None] | None = None,
) -> tuple[dict[str, list[Document]], float]:
    """Read documents with several extractors of one tagger, over one pass of the encoder.

    Args:
        documents: Documents with their sentences.
        extractors: Extractors by name; they differ in what comes after the encoder.
        watch: Told what the encoder says of each group of documents.

    Returns:
        What each extractor finds, by its name, and the seconds that the first one takes alone.
    """
    found: dict[str, list[Document]] = {name: [] for name in extractors}
    (first, leader), *others = extractors.items()
    seconds = 0.0
    for chunk in chunks(documents):
        started = time.perf_counter()
        scores = leader.tagger.score([document.sentences for document in chunk])
        found[first] += leader.read(chunk, scores)
        seconds += time.perf_counter() - started
        for name, extractor in others:
            found[name] += extractor.read(chunk, scores)
        if watch:
            watch(chunk, scores)
    return found, seconds


def chunks(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Group documents as `Extractor.pipe` reads them, a few at a time.

    Raises:
        Exception: What ``documents`` raises, after the documents before it were given.
    """
    chunk: list[Document] = []
    try:
        for document in documents:
            chunk.append(document)
            if len(chunk) == DOCUMENTS_AT_ONCE:
                yield chunk
                chunk = []
    except Exception:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _trigger_bias(
    labels: Sequence[str], of_triggers: Collection[str], threshold: float
) -> np.ndarray | None:
    """Give what a threshold adds to the log probability of each label.

    Where a trigger could begin, the choice between it and nothing then is made at odds of
    threshold / (1 - threshold) instead of one to one.
    """
    if threshold == 0.5:
        return None
    penalty = np.log(threshold / (1 - threshold))
    return np.array([-penalty if label in of_triggers else 0.0 for label in labels])


def prepare(article: str | Article | Document) -> Document:
    """Give a document cut into sentences; what it has of mentions and events will be replaced.

    A document without tokens, such as `Document.from_dict` gives, is cut anew.

    Raises:
        TypeError: If the article is no text, article or document.
    """
    if isinstance(article, Document):
        is_cut = article.sentences and all(sentence.tokens for sentence in article.sentences)
        return article if is_cut else replace(article, sentences=_cut(article.text, article.title))
    if isinstance(article, str):
        article = Article(article)
    if not isinstance(article, Article):
        raise TypeError(
            f"expected a str, an arevent.Article or an arevent.Document, found "
            f"{type(article).__name__}"
        )
    text = article.full_text
    return Document(
        text=text,
        sentences=_cut(text, article.title),
        id=article.id,
        date=article.date,
        title=article.title,
        source=article.source,
        metadata=article.metadata,
    )


def _cut(text: str, title: str | None) -> tuple[Sentence, ...]:
    return segment(normalize(text), whole_lines=1 if title else 0)
