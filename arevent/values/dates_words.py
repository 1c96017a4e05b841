"""The words of a date: text to terms, by the tables of months, weekdays, units and the rest.

Knows what single words and set phrases mean, nothing of how they combine.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from arevent.normalize import normalize
from arevent.tables import Check, read_table
from arevent.values.clitics import CONJUNCTIONS, clitic_readings

KINDS = frozenset(
    {"day_offset", "direction", "this", "phase", "part", "tonight", "during", "since", "shift"}
    | {"many", "approximate", "season", "decade", "era", "clock", "zone", "minus", "and", "range"}
    | {"vague", "another", "repeated", "filler"}
)
CALENDARS = frozenset({"gregorian", "hijri"})
UNITS = frozenset(
    {"minute", "hour", "day", "week", "month", "quarter", "third", "half"}
    | {"year", "decade", "century"}
)
MANY = "many"
OF = "of"

# Hamza seats, teh marbuta and alef maksura vary in news; Persian yeh and kaf come with digits.
_FOLDS = str.maketrans("أإآٱىةیک", "اااايهيك")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.")
_TOKEN = re.compile(
    r"(?P<numeric>[0-9]{1,4}([/.-])[0-9]{1,2}\2[0-9]{1,4}(?![0-9])|[0-9]{4}[/-][0-9]{1,2}(?![0-9])"
    r"|[0-9]{1,2}[/-][0-9]{4}(?![0-9])|[0-9]{1,2}/[0-9]{1,2}(?![0-9]))"
    r"|(?P<time>[0-9]{1,2}[:.,][0-9]{2}(?![0-9]))|(?P<digits>[0-9]+)|(?P<word>[^\W\d_]+)|\S"
)
_QUOTES = frozenset("\"'«»“”‘’")
_MAX_DIGITS = 4
_MAX_PHRASE = 4  # words


@dataclass(frozen=True, slots=True)
class Term:
    """A word or set phrase with its meaning.

    Attributes:
        kind: What it does in a date: ``month``, ``unit``, ``number``, a kind of the tables …
        text: The folded words.
        value: A number that goes with the kind (month 1–12, weekday 0–6, offset in days …).
        name: A name that goes with the kind (calendar, unit, part of day …).
        count: For a unit ``1``, ``2``, ``many`` or ``of``; for a feast its days.
        day: For a feast its first day in the month.
        is_definite: Whether the article stands before it.
        is_spelled: Whether a number is written in words.
    """

    kind: str
    text: str = ""
    value: int = 0
    name: str = ""
    count: str = ""
    day: int = 0
    is_definite: bool = False
    is_spelled: bool = False


def fold(text: str) -> str:
    """Give text with marks dropped, letters of variable spelling merged and Western digits."""
    return normalize(text).text.translate(_FOLDS).translate(_DIGITS)


def read_terms(text: str) -> list[Term]:
    """Cut text into terms.

    Args:
        text: Any string, as written.

    Returns:
        Terms in reading order; a word of no table has the kind ``unknown``. Spelled numbers are
        put together («خمسة وعشرين» is one term, 25).
    """
    tokens = [(m.lastgroup or "sign", m[0]) for m in _TOKEN.finditer(fold(text))]
    tokens = [token for token in tokens if token[1] not in _QUOTES]
    terms: list[Term] = []
    position = 0
    while position < len(tokens):
        group, token = tokens[position]
        if group in ("word", "sign"):
            words = tuple(token for _, token in tokens[position : position + _MAX_PHRASE])
            length, found = _look_up(words)
            terms += found
            position += length
        else:
            terms.append(_digits(group, token))
            position += 1
    if terms and terms[0].kind == "and":  # «والسبت»: joined to what is outside the text
        del terms[0]
    return _join_numbers(terms)


def _digits(group: str, token: str) -> Term:
    if group != "digits":
        return Term(group, token)
    if len(token) > _MAX_DIGITS:
        return Term("unknown", token)
    return Term("number", token, int(token))


@functools.lru_cache(maxsize=8192)
def _look_up(words: tuple[str, ...]) -> tuple[int, tuple[Term, ...]]:
    """Find the longest phrase of the tables at the head of ``words``; clitics may come off."""
    table, continuations = lexicon()
    longest = len(words) if len(words) > 1 and words[1] in continuations else 1
    for length in range(longest, 0, -1):
        for reading in clitic_readings(words[0]):
            term = table.get(" ".join([reading, *words[1:length]]))
            if term is not None:
                return length, tuple(_stripped(words[0], reading, term))
    return 1, (Term("unknown", words[0]),)


def _stripped(word: str, reading: str, term: Term) -> Iterator[Term]:
    if reading != word and word[0] in CONJUNCTIONS:
        yield Term("and", word[0])
    lost = word[: len(word) - len(reading)]
    yield replace(term, is_definite=reading.startswith("ال") or lost.endswith(("ال", "لل")))


def _join_numbers(terms: list[Term]) -> list[Term]:
    """Put together units with «عشر» and units with tens: «التاسع عشر», «خمسة وعشرين»."""
    joined: list[Term] = []
    for term in terms:
        if _is_spelled_number(term):
            if joined and term.value == 10 and _is_unit(joined[-1]):
                joined[-1] = replace(joined[-1], value=joined[-1].value + 10)
                continue
            is_ten = 20 <= term.value <= 90
            if is_ten and len(joined) > 1 and joined[-1].kind == "and" and _is_unit(joined[-2]):
                joined.pop()
                joined[-1] = replace(joined[-1], value=joined[-1].value + term.value)
                continue
        joined.append(term)
    return joined


def _is_spelled_number(term: Term) -> bool:
    return term.kind == "number" and term.is_spelled


def _is_unit(term: Term) -> bool:
    return term.kind in ("number", "ordinal") and term.is_spelled and 0 < term.value < 10


@functools.cache
def lexicon() -> tuple[dict[str, Term], frozenset[str]]:
    """Give all phrases of the tables, folded, and the words that follow another in one."""
    terms = [*_words(), *_numbers(), *_units(), *_months_and_days(), *_feasts()]
    table = {term.text: term for term in terms}
    return table, frozenset(word for phrase in table for word in phrase.split()[1:])


def _words() -> Iterator[Term]:
    columns = ("phrase", "kind", "value")
    for row in read_table("date_words.tsv", columns, {"kind": _one_of(KINDS)}):
        value = row["value"]
        is_number = value.lstrip("-").isdigit()
        yield Term(
            row["kind"],
            fold(row["phrase"]),
            value=int(value) if is_number else 0,
            name="" if is_number else value,
        )


def _numbers() -> Iterator[Term]:
    checks: dict[str, Check] = {"kind": _one_of({"cardinal", "ordinal"}), "value": int}
    for row in read_table("date_numbers.tsv", ("word", "kind", "value"), checks):
        kind = "ordinal" if row["kind"] == "ordinal" else "number"
        yield Term(kind, fold(row["word"]), int(row["value"]), is_spelled=True)


def _units() -> Iterator[Term]:
    checks = {"unit": _one_of(UNITS), "number": _one_of({"1", "2", MANY, OF})}
    for row in read_table("date_units.tsv", ("form", "unit", "number"), checks):
        yield Term("unit", fold(row["form"]), name=row["unit"], count=row["number"])


def _months_and_days() -> Iterator[Term]:
    columns = ("name", "calendar", "month", "variety")
    checks = {"calendar": _one_of(CALENDARS), "month": _within(1, 12)}
    for row in read_table("months.tsv", columns, checks):
        yield Term("month", fold(row["name"]), int(row["month"]), name=row["calendar"])
    for row in read_table("weekdays.tsv", ("name", "weekday"), {"weekday": _within(0, 6)}):
        yield Term("weekday", fold(row["name"]), int(row["weekday"]))


def _feasts() -> Iterator[Term]:
    columns = ("name", "calendar", "month", "day", "days")
    checks = {
        "calendar": _one_of(CALENDARS),
        "month": _within(1, 12),
        "day": _within(1, 31),
        "days": _within(1, 31),
    }
    for row in read_table("date_feasts.tsv", columns, checks):
        yield Term(
            "feast",
            fold(row["name"]),
            int(row["month"]),
            name=row["calendar"],
            count=row["days"],
            day=int(row["day"]),
        )


@functools.cache
def signals() -> dict[str, str]:
    """Give the words around a date that say where it lies: folded word or stem → signal."""
    checks = {"signal": _one_of({"forward", "backward", "link", "noun", "stem"})}
    rows = read_table("date_signals.tsv", ("word", "signal"), checks)
    return {fold(row["word"]): row["signal"] for row in rows}


def _one_of(allowed: Iterable[str]) -> Callable[[str], None]:
    values = frozenset(allowed)

    def check(value: str) -> None:
        if value not in values:
            raise ValueError(f"expected one of {sorted(values)}, found {value!r}")

    return check


def _within(low: int, high: int) -> Callable[[str], None]:
    return _one_of(str(number) for number in range(low, high + 1))
