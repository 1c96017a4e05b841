"""Days, and stretches of days: units around a day, what recurs every year, Hijri dates.

Knows nothing of words.
"""

from __future__ import annotations

import calendar
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hijridate import Gregorian, Hijri

from arevent.values.dates_parts import UnreadDateError

HIJRI_FIRST, HIJRI_LAST = 1343, 1500
_DAY = timedelta(days=1)
_MONTHS = {
    "month": 1,
    "quarter": 3,
    "third": 4,
    "half": 6,
    "year": 12,
    "decade": 120,
    "century": 1200,
}
_DAYS = {"day": 1, "week": 7}

# Where the middle and the end of a stretch begin: ends of tens of days in a month, of four months
# in a year; a week ends with both weekends of the Arab world, Friday to Sunday.
_PHASES = {
    "week": ("day", 2, 4),
    "month": ("day", 10, 20),
    "year": ("month", 4, 8),
    "decade": ("year", 4, 7),
    "century": ("year", 33, 66),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """Days from ``start`` to ``end``, both inclusive, and what they make up."""

    start: date
    end: date
    granularity: str

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def day(value: date) -> Interval:
    """Give a day as an interval."""
    return Interval(value, value, "day")


def shift(value: date, count: int, unit: str) -> date:
    """Move a day by units; the 31st becomes the last day of a shorter month.

    Raises:
        OverflowError: If the calendar ends before.
    """
    if unit in _DAYS:
        return value + timedelta(days=count * _DAYS[unit])
    years, month = divmod(value.month - 1 + count * _MONTHS[unit], 12)
    year = value.year + years
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(f"year {year}")
    return date(year, month + 1, min(value.day, calendar.monthrange(year, month + 1)[1]))


def around(value: date, unit: str) -> Interval:
    """Give the whole unit that holds a day; weeks begin on Monday, centuries with year 1."""
    if unit == "day":
        return day(value)
    if unit == "week":
        start = value - timedelta(days=value.weekday())
    elif _MONTHS[unit] < 12:
        start = date(value.year, value.month - (value.month - 1) % _MONTHS[unit], 1)
    elif unit == "century":
        start = date((value.year - 1) // 100 * 100 + 1, 1, 1)
    else:
        start = date(value.year // (_MONTHS[unit] // 12) * (_MONTHS[unit] // 12), 1, 1)
    granularity = "span" if unit == "third" else unit
    return Interval(start, shift(start, 1, unit) - _DAY, granularity)


def phase_of(whole: Interval, phase: int) -> Interval:
    """Give the early (0), middle (1) or late (2) part; a day stays whole."""
    if whole.granularity == "day":
        return whole
    if whole.granularity in _PHASES:
        unit, *cuts = _PHASES[whole.granularity]
    else:
        third = max(1, ((whole.end - whole.start).days + 1) // 3)
        unit, cuts = "day", [third, 2 * third]
    edges = [whole.start, *(shift(whole.start, cut, unit) for cut in cuts), whole.end + _DAY]
    start, end = edges[phase], edges[phase + 1] - _DAY
    return Interval(start, max(start, end), "span")


def gregorian_month(year: int, month: int) -> Interval:
    """Give a month of a year."""
    return around(date(year, month, 1), "month")


def hijri_day(year: int, month: int, day_of_month: int) -> date:
    """Give the day of the Umm al-Qura calendar.

    Raises:
        UnreadDateError: If the calendar does not have the day, or the year is not in its tables.
    """
    check_hijri(year)
    if not 1 <= month <= 12 or not 1 <= day_of_month <= hijri_month_length(year, month):
        raise UnreadDateError(f"{year}-{month}-{day_of_month} is no day of the Hijri calendar")
    return _hijri_month_start(year, month) + timedelta(days=day_of_month - 1)


def hijri_month(year: int, month: int) -> Interval:
    """Give a month of a Hijri year in Gregorian days."""
    start = hijri_day(year, month, 1)
    return Interval(start, start + timedelta(days=hijri_month_length(year, month) - 1), "month")


def hijri_year(year: int) -> Interval:
    """Give a Hijri year in Gregorian days."""
    return Interval(hijri_day(year, 1, 1), hijri_month(year, 12).end, "year")


def hijri_years(first: int, last: int) -> range:
    """Give the Hijri years that touch the Gregorian years, both inclusive, and can be converted.

    Raises:
        UnreadDateError: If there is none.
    """
    # 33 Hijri years last 32 Gregorian ones; one year of margin on both sides.
    low, high = (first - 622) * 33 // 32 - 1, (last - 622) * 33 // 32 + 2
    years = range(max(low, HIJRI_FIRST), min(high, HIJRI_LAST) + 1)
    if not years:
        check_hijri(low)
    return years


def check_hijri(year: int) -> None:
    """Make sure that a Hijri year is in the tables of the calendar.

    Raises:
        UnreadDateError: If it is not.
    """
    if not HIJRI_FIRST <= year <= HIJRI_LAST:
        raise UnreadDateError(
            f"Hijri year {year} is outside {HIJRI_FIRST}-{HIJRI_LAST}, which can be converted"
        )


@functools.lru_cache(maxsize=4096)
def _hijri_month_start(year: int, month: int) -> date:
    found: Gregorian = Hijri(year, month, 1).to_gregorian()
    return date(found.year, found.month, found.day)


@functools.lru_cache(maxsize=4096)
def hijri_month_length(year: int, month: int) -> int:
    """Give the number of days, 29 or 30, of a month in the tables."""
    return int(Hijri(year, month, 1).month_length())


def choose(
    candidates: Iterator[Interval],
    reference: date,
    direction: int | None,
    look: int,
) -> Interval | None:
    """Choose which occurrence of something recurring is meant.

    Args:
        candidates: Its occurrences, in order of time.
        reference: The day that «last» and «next» are counted from.
        direction: -1 before the reference day, 1 after it, 0 the nearest, -2 and 2 one further;
            ``None`` where the words do not say.
        look: Where the text looks without saying: -1 back (the latest that has begun), 1 ahead
            (the earliest that has not ended). What holds the reference day fits both.
    """
    found = list(candidates)
    if direction == 0:
        return min(found, key=lambda one: _distance(one, reference), default=None)
    if direction is None:
        tests: dict[int, Callable[[Interval], bool]] = {
            -1: lambda one: one.start <= reference,
            1: lambda one: one.end >= reference,
        }
        fitting = [one for one in found if tests[look](one)]
        place = -1 if look < 0 else 0
    elif direction < 0:
        fitting = [one for one in found if one.end < reference]
        place = direction
    else:
        fitting = [one for one in found if one.start > reference]
        place = direction - 1
    return fitting[place] if -len(fitting) <= place < len(fitting) else None


def _distance(one: Interval, reference: date) -> int:
    if reference in one:
        return 0
    return min(abs((one.start - reference).days), abs((one.end - reference).days))
