"""Raw documents to documents: whole tokens, no overlaps, arguments inside their sentence.

Whatever does not fit is left out with all that depends on it, and each part is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

from arevent.document import Argument, Document, EventFrame, Mention, Span, check_date
from arevent.formats.places import Misfit, Place, Places
from arevent.formats.problems import Kind, Problem, Reason
from arevent.formats.raw import RawArgument, RawDocument, RawSpan
from arevent.normalize import normalize
from arevent.segment import segment


@dataclass(frozen=True, slots=True)
class _Placed:
    """A span that has found its place."""

    span: RawSpan
    place: Place
    is_trigger: bool

    def shares_with(self, other: _Placed) -> bool:
        """Whether both can stand at once: two events on one trigger, one mention named twice."""
        is_twin = self.is_trigger or self.span.label == other.span.label
        return self.place == other.place and self.is_trigger == other.is_trigger and is_twin


def build(
    raw: RawDocument, modality: str = "actual", snap: bool = False
) -> tuple[Document, list[Problem]]:
    """Turn a raw document into a document and the list of what does not fit.

    A trigger goes before a mention that overlaps it; else the longer span goes before the shorter,
    and the first before the second. One word can carry several events of different types.

    Args:
        raw: A document in the labels of the ontology; its attributes are modalities.
        modality: The modality of events that have no attribute.
        snap: Whether a span that does not stand on whole tokens is moved to the tokens it touches.

    Returns:
        The document, and the problems.
    """
    return _Builder(raw, modality, snap).build()


class _Builder:
    def __init__(self, raw: RawDocument, modality: str, snap: bool) -> None:
        self.raw = raw
        self.modality = modality
        self.problems: list[Problem] = []
        n_lines = len(raw.text) + 1 if raw.is_lines else 0  # as many as there can be
        self.sentences = segment(normalize(raw.text), whole_lines=n_lines)
        self.places = Places(raw.text, self.sentences, snap)
        self.owners: list[_Placed | None] = [None] * len(raw.text)
        self.events: dict[str, _Placed] = {}
        self.mentions: dict[str, _Placed] = {}
        self.span_ids = {span.id for span in raw.spans}
        self.event_ids = {event.id for event in raw.events}
        self.trigger_ids = self.event_ids | {event.trigger.id for event in raw.events}

    def build(self) -> tuple[Document, list[Problem]]:
        self.events = self._keep_events()
        self.mentions = self._keep(Kind.MENTION, [(span.id, span) for span in self.raw.spans])
        events = sorted(self._frames(), key=lambda event: event.trigger.start)
        mentions = {self._mention(placed) for placed in self.mentions.values()}
        document = Document(
            text=self.raw.text,
            sentences=self.sentences,
            mentions=tuple(sorted(mentions, key=lambda mention: mention.start)),
            events=tuple(events),
            id=self.raw.id,
            date=self._date(),
            title=self.sentences[0].text if self.sentences else None,
            source=self.raw.source,
            roles=tuple(dict.fromkeys(arg.role for event in events for arg in event.arguments)),
        )
        return document, self.problems

    def _keep_events(self) -> dict[str, _Placed]:
        kept: dict[str, _Placed] = {}
        seen = set()
        events = [(event.id, event.trigger) for event in self.raw.events]
        for name, placed in self._keep(Kind.EVENT, events).items():
            key = placed.place, placed.span.label
            if key in seen:
                misfit = Misfit(Reason.SAME_EVENT, self._show(placed))
                self._report(placed.span.line, Kind.EVENT, name, misfit)
            else:
                kept[name] = placed
            seen.add(key)
        return kept

    def _keep(self, kind: Kind, spans: list[tuple[str, RawSpan]]) -> dict[str, _Placed]:
        """Place spans and give those that find room, by name, in the order of the file."""
        placed: dict[str, _Placed] = {}
        for name, span in spans:
            try:
                if name in placed:
                    raise Misfit(Reason.SAME_ID, f"{span.label} «{span.text or span.fragments}»")
                place, repair = self.places.find(span)
                placed[name] = _Placed(span, place, kind is Kind.EVENT)
                if repair is not None:
                    self._report(span.line, kind, name, repair)
            except Misfit as misfit:
                self._report(span.line, kind, name, misfit)
        losers = set()
        for name, candidate in sorted(placed.items(), key=_longest_first):
            try:
                self._take(candidate)
            except Misfit as misfit:
                self._report(candidate.span.line, kind, name, misfit)
                losers.add(name)
        return {name: span for name, span in placed.items() if name not in losers}

    def _take(self, candidate: _Placed) -> None:
        """Make the characters of a span its own.

        Raises:
            Misfit: If another span has some of them, and the two cannot share.
        """
        start, end = candidate.place.start, candidate.place.end
        for owner in self.owners[start:end]:
            if owner is not None and not candidate.shares_with(owner):
                detail = f"{self._show(candidate)} and {self._show(owner)}"
                raise Misfit(Reason.OVERLAP, detail)
        self.owners[start:end] = [candidate] * (end - start)

    def _frames(self) -> list[EventFrame]:
        arguments: dict[str, list[Argument]] = {name: [] for name in self.events}
        for raw in self.raw.arguments:
            try:
                argument = self._argument(raw)
                arguments[raw.event].append(argument)
            except Misfit as misfit:
                self._report(raw.line, Kind.ARGUMENT, f"{raw.event} {raw.role}", misfit)
        modalities = self._modalities()
        return [
            EventFrame(
                placed.span.label,
                Span(placed.span.label, *self._words_at(placed)),
                tuple(arguments[name]),
                modalities.get(name, self.modality),
            )
            for name, placed in self.events.items()
        ]

    def _argument(self, raw: RawArgument) -> Argument:
        self._check_event(raw.event)
        if raw.filler is None:
            return Argument(raw.role, None, raw.value)
        if raw.filler not in self.mentions:
            raise self._no_filler(raw.filler)
        trigger, filler = self.events[raw.event], self.mentions[raw.filler]
        if trigger.place.sentence != filler.place.sentence:
            detail = f"{self._show(trigger)} and {self._show(filler)}"
            raise Misfit(Reason.OTHER_SENTENCE, detail)
        return Argument(raw.role, self._mention(filler))

    def _check_event(self, name: str) -> None:
        if name in self.events:
            return
        if name in self.event_ids:
            raise Misfit(Reason.DEPENDS, f"event {name}")
        reason = Reason.NO_EVENT if name in self.span_ids else Reason.UNKNOWN_ID
        raise Misfit(reason, f"from {name}")

    def _no_filler(self, name: str) -> Misfit:
        if name in self.span_ids:
            return Misfit(Reason.DEPENDS, f"mention {name}")
        reason = Reason.NO_MENTION if name in self.trigger_ids else Reason.UNKNOWN_ID
        return Misfit(reason, f"to {name}")

    def _modalities(self) -> dict[str, str]:
        modalities: dict[str, str] = {}
        for raw in self.raw.attributes:
            try:
                self._check_event(raw.target)
                known = modalities.setdefault(raw.target, raw.value)
                if known != raw.value:
                    raise Misfit(Reason.SEVERAL_MODALITIES, f"{known} goes before {raw.value}")
            except Misfit as misfit:
                self._report(raw.line, Kind.ATTRIBUTE, f"{raw.target} {raw.value}", misfit)
        return modalities

    def _date(self) -> str | None:
        try:
            if self.raw.date is not None:
                check_date(self.raw.date)
        except ValueError as error:
            misfit = Misfit(Reason.UNREADABLE, str(error))
            self._report(self.raw.line, Kind.DATE, self.raw.id, misfit)
            return None
        return self.raw.date

    def _mention(self, placed: _Placed) -> Mention:
        return Mention(placed.span.label, *self._words_at(placed))

    def _words_at(self, placed: _Placed) -> tuple[str, int, int]:
        start, end = placed.place.start, placed.place.end
        return self.raw.text[start:end], start, end

    def _show(self, placed: _Placed) -> str:
        return f"{placed.span.label} «{self._words_at(placed)[0]}»"

    def _report(self, line: int, kind: Kind, name: str, misfit: Misfit) -> None:
        self.problems.append(Problem(self.raw.file, line, kind, name, misfit.reason, misfit.detail))


def _longest_first(item: tuple[str, _Placed]) -> int:
    place = item[1].place
    return place.start - place.end
