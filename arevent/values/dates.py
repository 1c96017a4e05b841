"""Date mentions to calendar days.

The words become terms (`dates_words`), the terms parts (`dates_grammar`), the parts days of the
calendar (`dates_resolve`, `dates_calendar`). Here is the public function, and what it learns from
the words around a mention.
"""

from __future__ import annotations

import functools
import re
from datetime import date, datetime

from arevent.document import DateValue, check_date
from arevent.values.clitics import CONJUNCTIONS
from arevent.values.dates_grammar import parse
from arevent.values.dates_parts import Phrase, UnreadDateError
from arevent.values.dates_resolve import Context, Resolver
from arevent.values.dates_words import Term, fold, read_terms, signals

_MAX_TERMS = 40


def read_date(
    mention: str,
    reference_date: date | str | None = None,
    before: str = "",
    after: str = "",
) -> DateValue:
    """Read a date mention as an interval of days.

    Granularities: ``day`` has ``start == end``; a ``week`` runs from Monday to Sunday; ``month``,
    ``year``, ``decade`` (1980–1989) and ``century`` (1901–2000) are whole ones; a ``season`` has
    three whole months, winter ends in February of its year. A vague part is a ``span``: early,
    middle and late are days 1–10, 11–20, 21–end of a month, four months each of a year, Monday–
    Tuesday, Wednesday–Thursday, Friday–Sunday of a week, years 0–3, 4–6, 7–9 of a decade, thirds of
    a century. So are ranges, nights between two weekdays and «اليومين الماضيين».

    Readings that the words leave open:

    * A weekday, a month or a day and month without a year is the most recent one, today included;
      it is the next one, today included, where the text looks ahead: where the nearest telling word
      before it is a future verb («سيعقد»), «سوف», «المقرر» …, not a reporting verb («قال»).
      «الماضي» lies before today, «المقبل» after it, «الجاري» is the nearest.
    * A named weekday outweighs «أمس», «اليوم» and «غدا» by up to three days, and finds the year of
      a day and month.
    * A numeric date has the day first (``05/06/2018`` is 5 June) unless it cannot be, and the year
      first where it has more than two digits. Two digits of a year are 2000–2049 or 1950–1999.
    * A year of 1343–1500 is Hijri unless «م» follows; so is one after a Hijri month below 1800.
      Hijri dates follow the Umm al-Qura calendar; a sighted moon may differ by a day.
    * «قبل شهرين», «منذ ثلاث سنوات» are the month, the year in which the count ends; decades and
      centuries ago are a decade; hours are whole days. «بعد يومين» is read only in
      a text that looks ahead, as it is else counted from another event.
    * A night is dated by its evening: «خلال الليل» and «الليلة الماضية» are yesterday's.
    * Clock times stay in the time zone that the text names.

    Args:
        mention: The words as written.
        reference_date: Day that relative words are counted from, mostly the day of publication;
            a ``date``, or a string in ISO 8601.
        before: The sentence up to the mention: «منذ», «قبل», «بين», future verbs are read here.
        after: The sentence behind the mention.

    Returns:
        The days, both inclusive, with granularity and part of day. Where the words cannot be read
        ``start`` is ``None`` and ``reason`` says why; a time of day without its day keeps
        ``part_of_day``.

    Raises:
        ValueError: If ``reference_date`` is a string and not ISO 8601.

    Example:
        >>> read_date("مساء السبت", "2018-05-16")
        ... # doctest: +NORMALIZE_WHITESPACE
        DateValue(start='2018-05-12', end='2018-05-12', granularity='day',
                  part_of_day='evening', reason=None)
        >>> read_date("أمس").reason
        "needs the document's date"
    """
    reference = _to_day(reference_date)
    try:
        terms = _terms(mention, after)
        phrase = parse(terms)
        time = phrase.time
        context = _context(before, after, phrase)
        found = Resolver(reference, context).resolve(phrase)
    except UnreadDateError as error:
        return DateValue(reason=str(error))
    except (OverflowError, ValueError):
        return DateValue(reason="lies outside the calendar")
    if found is None:
        return _without_day(phrase, time)
    return DateValue(found.start.isoformat(), found.end.isoformat(), found.granularity, time)


def _to_day(reference: date | str | None) -> date | None:
    if isinstance(reference, str):
        check_date(reference)
        reference = datetime.fromisoformat(reference)
    return reference.date() if isinstance(reference, datetime) else reference


def _terms(mention: str, after: str) -> list[Term]:
    terms = read_terms(mention)
    if len(terms) > _MAX_TERMS:
        raise UnreadDateError(f"expected at most {_MAX_TERMS} words, found {len(terms)}")
    following = read_terms(after[:20])[:1]
    if terms and following and following[0].kind in ("direction", "era"):
        terms += following  # «مارس» + «الماضي», left outside the mention
    return terms


def _without_day(phrase: Phrase, time: str | None) -> DateValue:
    if time is not None:
        return DateValue(part_of_day=time, reason="a time of day without its day")
    if phrase.is_vague:
        return DateValue(reason="a vague time")
    return DateValue(reason="no words of a date")


def _context(before: str, after: str, phrase: Phrase) -> Context:
    lead = [term for term in read_terms(before[-40:]) if term.kind != "approximate"][-1:]
    kind = lead[0].kind if lead else ""
    shift = lead[0].value if kind in ("shift", "since") else None
    is_since = phrase.is_since or kind == "since"
    return Context(
        look=-1 if is_since else _look(before, after),
        shift=phrase.shift if phrase.shift is not None else shift,
        is_range=phrase.is_range or kind == "range",
        is_during=phrase.is_during or kind == "during",
        is_anchored=not is_since and re.match(r"\s*(?:من|على)\s", after) is not None,
    )


_N_WORDS = 15
_OPENERS = ":،"
_SIGNS = "\"'«»“”()[]،؛:.,!؟?-–—…"
_FUTURE = re.compile("[وف]?(س[يت]\\w{2,})")


def _look(before: str, after: str) -> int:
    """Give 1 where the text looks ahead, else -1: the telling word nearest before the date wins.

    A word of the form of a future verb under a past verb without a conjunction between them is a
    foreign name: «أعلن سيسيليو» against «أعلن أنه سيعود».
    """
    is_future = False
    for word in reversed(before.split()[-_N_WORDS:]):
        signal = _signal(word)
        if signal in ("forward", "backward"):
            return 1 if signal == "forward" else -1
        if is_future and (signal == "link" or word[-1] in _OPENERS):
            return 1
        is_future = is_future or signal == "future"
    following = after.split()[:1]
    is_future = is_future or bool(following and _signal(following[0]) == "future")
    return 1 if is_future else -1


@functools.lru_cache(maxsize=4096)
def _signal(word: str) -> str:
    """Give the signal of a word by the table, ``future`` by its form, or nothing."""
    bare = fold(word).strip(_SIGNS)
    table = signals()
    for form in (bare, bare[1:] if bare[:1] in CONJUNCTIONS else bare):
        if form in table:
            return table[form]
    future = _FUTURE.fullmatch(bare)
    if future is None or future[1].startswith(_stems()):
        return ""
    return "future" if bare == future[1] else "forward"  # «وسيعقد» begins a clause itself


@functools.cache
def _stems() -> tuple[str, ...]:
    return tuple(stem for stem, signal in signals().items() if signal == "stem")
