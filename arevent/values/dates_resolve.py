"""The parts of a date to days: each part narrows the one before it, from the coarse to the fine.

Knows the document's date and where the text looks, nothing of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from arevent.values import dates_calendar as days
from arevent.values.dates_calendar import Interval, shift
from arevent.values.dates_parts import Part, Phrase, UnreadDateError

_FIRST_YEAR, _LAST_YEAR = 100, 2100
_DAY = timedelta(days=1)

# The coarse before the fine; a half comes after the month or year that it halves.
_LEVELS = {
    "century": 0,
    "decade": 1,
    "year": 2,
    "season": 3,
    "month": 4,
    "feast": 4,
    "half": 5,
    "third": 5,
    "quarter": 5,
    "month_day": 6,
    "numeric": 6,
    "week": 6,
}
_FINEST = 7
_FIXED_DAYS = frozenset({"month_day", "numeric", "day_offset"})
# What a list of dates says once: «28 و29 يونيو 2017».
_SHARED = frozenset({"year", "century", "decade", "unit", "month", "month_day", "feast"})
_FRACTIONS = {"half": 2, "third": 3, "quarter": 4}
_UNITS_OF_A_DAY = {"minute": 1440, "hour": 24}
# A half of a unit is counted in the next smaller one: a year and a half is 18 months.
_SMALLER = {"century": ("year", 100), "decade": ("year", 10), "year": ("month", 12)}


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a mention.

    Attributes:
        look: Where the text looks, 1 ahead or -1 back.
        shift: -1 after «منذ» and «قبل», 1 after «بعد», else ``None``.
        is_range: Whether «بين» and the like make two dates the ends of a stretch.
        is_during: Whether «خلال» and the like come first.
        is_anchored: Whether what follows is what a duration is counted from.
    """

    look: int = -1
    shift: int | None = None
    is_range: bool = False
    is_during: bool = False
    is_anchored: bool = False


class Resolver:
    """Turns phrases into intervals, seen from one document and one place in it."""

    def __init__(self, reference: date | None, context: Context) -> None:
        self._reference = reference
        self._context = context
        self._look = context.look
        self._weekday: Part | None = None

    def resolve(self, phrase: Phrase) -> Interval | None:
        """Give the days that a phrase names, ``None`` if it names none.

        Raises:
            UnreadDateError: If they cannot be told; the message says why.
            ValueError: If they lie outside the calendar; so does `OverflowError`.
        """
        if not phrase.groups:
            is_night = phrase.part_of_day == "night" and self._context.is_during
            if not is_night:
                return None
            return days.day(self.reference + min(self._look, 0) * _DAY)
        if len(phrase.groups) > 1:
            return self._stretch_of(phrase)
        found = self._group(phrase.groups[0])
        return found if phrase.phase is None else self._phase(found, phrase)

    @property
    def reference(self) -> date:
        """The document's date.

        Raises:
            UnreadDateError: If it is not known.
        """
        if self._reference is None:
            raise UnreadDateError("needs the document's date")
        return self._reference

    def _phase(self, whole: Interval, phrase: Phrase) -> Interval:
        found = days.phase_of(whole, phrase.phase or 0)
        # «نهاية الأسبوع» on a Tuesday is the weekend that was, unless the text looks ahead.
        is_open = whole.granularity == "week" and phrase.groups[0][-1].direction is None
        if is_open and self._look < 0 and found.start > self.reference:
            return replace(found, start=found.start - 7 * _DAY, end=found.end - 7 * _DAY)
        return found

    # Several dates.

    def _stretch_of(self, phrase: Phrase) -> Interval:
        if phrase.phase is not None:
            raise UnreadDateError("two dates with a vague part")
        parts = phrase.groups[-1]
        whole = self._group(parts)
        for earlier in reversed(phrase.groups[:-1]):
            parts = _complete(earlier, parts)
            whole = self._join(parts, whole)
        return whole

    def _join(self, parts: list[Part], right: Interval) -> Interval:
        left = self._group(parts)
        if left.start > right.start:  # «الثلاثاء والأربعاء» on a Tuesday
            left = Resolver(right.start, Context(look=-1))._group(parts)
        if left.start > right.start:
            raise UnreadDateError("the second of two dates lies before the first")
        if not self._context.is_range and right.start - left.end > _DAY:
            raise UnreadDateError("two dates that are not one stretch")
        return right if left == right else Interval(left.start, right.end, "span")

    # One date.

    def _group(self, parts: list[Part]) -> Interval:
        parts = _without_apposition(parts)
        _check_consistent(parts)
        self._weekday = None
        if any(part.kind in _FIXED_DAYS for part in parts):
            self._weekday = next((part for part in parts if part.kind == "weekday"), None)
            parts = [part for part in parts if part.kind != "weekday"]
        found: Interval | None = None
        for part in sorted(parts, key=_level):
            found = _STEPS[part.kind](self, part, found)
        if found is None:
            raise UnreadDateError("no words of a date")
        return found

    def _year(self, part: Part, within: Interval | None) -> Interval:
        if part.of == "hijri":
            return days.hijri_year(part.value)
        if not _FIRST_YEAR <= part.value <= _LAST_YEAR:
            raise UnreadDateError(f"{part.value} is no year of {_FIRST_YEAR}-{_LAST_YEAR}")
        return days.around(date(part.value, 1, 1), "year")

    def _decade(self, part: Part, within: Interval | None) -> Interval:
        if within is None and part.value < 30:
            raise UnreadDateError("the decade of a century that is not named")
        century = within.start.year - 1 if within else 1900
        return days.around(date(century + part.value, 1, 1), "decade")

    def _century(self, part: Part, within: Interval | None) -> Interval:
        return days.around(date(part.value * 100, 1, 1), "century")

    def _unit(self, part: Part, within: Interval | None) -> Interval:
        unit = "day" if part.of in _UNITS_OF_A_DAY else part.of
        return days.around(shift(self.reference, part.direction or 0, unit), unit)

    def _day_offset(self, part: Part, within: Interval | None) -> Interval:
        offset = part.value if part.direction is None else part.direction
        if part.value == 1 and self._context.shift == 1:  # «بعد» + «غد»
            offset += 1
        near = self.reference + offset * _DAY
        if self._weekday is None:
            return days.day(near)
        return days.day(near + ((self._weekday.value - near.weekday() + 3) % 7 - 3) * _DAY)

    def _weekday_part(self, part: Part, within: Interval | None) -> Interval:
        def occurrences(first: date, last: date) -> Iterator[Interval]:
            one = first + (part.value - first.weekday()) % 7 * _DAY
            while one <= last:
                yield days.day(one)
                one += 7 * _DAY

        if within is not None:
            return self._only(occurrences(within.start, within.end), part, within)
        margin = timedelta(days=21)
        near = occurrences(self.reference - margin, self.reference + margin)
        if part.direction == 0:  # «الاثنين الجاري»: of this week
            week = days.around(self.reference, "week")
            near = occurrences(week.start, week.end)
        return self._only(near, part, None)

    def _recurring(self, part: Part, within: Interval | None) -> Interval:
        """Place what comes once a year: a month, a day of one, a feast, a season."""
        if within is not None:
            inside = (
                one
                for one in _occurrences(part, within.start.year - 1, within.end.year + 1)
                if one.end >= within.start and one.end <= within.end
            )
            return self._only(inside, part, within)
        year = self.reference.year
        margin = 2 if part.of == "hijri" else 8  # a 29 February is at most 8 years away
        found = list(_occurrences(part, max(1, year - margin), year + margin))
        if self._weekday is not None:
            value = self._weekday.value
            close = [one for one in found if abs(one.start.year - year) <= 1]
            if fitting := [one for one in close if one.start.weekday() == value]:
                return self._only(iter(fitting), replace(part, direction=0), None)
        return self._only(iter(found), part, None)

    def _only(self, found: Iterator[Interval], part: Part, within: Interval | None) -> Interval:
        """Choose one occurrence: the first within a longer stretch, else as the text looks."""
        if within is None:
            one = days.choose(found, self.reference, part.direction, self._look)
        else:
            one = next(found, None)
        if one is None:
            raise UnreadDateError("no day of the calendar fits")
        return one

    def _numeric(self, part: Part, within: Interval | None) -> Interval:
        numbers = re.split(r"[/.-]", part.text)
        if len(numbers) == 2:
            return self._numeric_pair(part, numbers)
        first, middle, last = (int(number) for number in numbers)
        if len(numbers[0]) > 2:
            year, month, day = first, middle, last
        else:
            day, month, year = first, middle, last
            if month > 12 >= day:
                day, month = month, day
            if len(numbers[2]) <= 2:
                year += 2000 if year < 50 else 1900
        if part.of == "hijri" or (not part.of and 1343 <= year <= 1500):
            return days.day(days.hijri_day(year, month, day))
        return days.day(_gregorian(year, month, day, part.text))

    def _numeric_pair(self, part: Part, numbers: list[str]) -> Interval:
        first, second = (int(number) for number in numbers)
        if len(numbers[0]) == 4 or len(numbers[1]) == 4:
            year, month = (first, second) if len(numbers[0]) == 4 else (second, first)
            return days.around(_gregorian(year, month, 1, part.text), "month")
        _gregorian(2000, second, first, part.text)
        return self._recurring(Part("month_day", second, "gregorian", day=first), None)

    def _nth(self, part: Part, within: Interval | None) -> Interval:
        """Give the n-th unit of a longer stretch, the last one for -1."""
        if part.of in _FRACTIONS:
            return self._fraction(part, within or days.around(self.reference, "year"))
        if within is None or part.of not in ("day", "week", "month", "year", "decade"):
            raise UnreadDateError(f"the n-th {part.of} of what is not named")
        if part.value < 0:
            start = shift(within.end + _DAY, -1, part.of)
        else:
            start = shift(within.start, part.value - 1, part.of)
        granularity = "span" if part.of == "week" else part.of
        return _inside(Interval(start, shift(start, 1, part.of) - _DAY, granularity), within)

    def _fraction(self, part: Part, whole: Interval) -> Interval:
        n_parts = _FRACTIONS[part.of]
        place = part.value - 1 if part.value > 0 else n_parts - 1
        if place >= n_parts:
            raise UnreadDateError(f"a {part.of} has no part {part.value}")
        if whole.granularity == "year" and whole.start == date(whole.start.year, 1, 1):
            return days.around(shift(whole.start, place * 12 // n_parts, "month"), part.of)
        length = (whole.end - whole.start).days + 1
        edges = [whole.start + length * k // n_parts * _DAY for k in range(n_parts + 1)]
        return Interval(edges[place], max(edges[place], edges[place + 1] - _DAY), "span")

    def _stretch(self, part: Part, within: Interval | None) -> Interval:
        """Give several units: the first or last of a longer stretch, or those next to today."""
        if not part.count or (part.direction == 0 and not part.value):
            raise UnreadDateError(f"does not say how many {part.of}s")
        unit, count = _whole_units(part)
        if part.value > 0 and within is None:
            raise UnreadDateError(f"the first {part.of}s of what is not named")
        if within is not None and part.value > 0:
            end = shift(within.start, count, unit) - _DAY
            return _inside(Interval(within.start, end, "span"), within)
        if within is not None and part.value < 0:
            return _inside(
                Interval(shift(within.end + _DAY, -count, unit), within.end, "span"), within
            )
        is_hours = part.of in _UNITS_OF_A_DAY
        if not count and not is_hours:
            raise UnreadDateError("a stretch of less than a day")
        if (part.direction or part.value) < 0:
            last = self.reference - (0 if is_hours else 1) * _DAY
            return Interval(shift(self.reference, -count, unit), last, "span")
        first = self.reference + (0 if is_hours else 1) * _DAY
        return Interval(first, shift(self.reference, count, unit), "span")

    def _duration(self, part: Part, within: Interval | None) -> Interval:
        """Count a duration from today; by itself it says how long, not when."""
        if not part.count:
            raise UnreadDateError(f"does not say how many {part.of}s")
        if self._context.shift is None:
            raise UnreadDateError("a duration: says how long, not when")
        if self._context.is_anchored or self._context.shift > self._look:
            raise UnreadDateError("counted from another date of the text")
        unit, count = _whole_units(part)
        reached = shift(self.reference, self._context.shift * count, unit)
        granularity = unit
        if part.of == "century":
            granularity = "decade"
        elif part.of == "month" and unit == "day":  # a month and a half
            granularity = "week"
        return days.around(reached, granularity)

    def _number(self, part: Part, within: Interval | None) -> Interval:
        if within is not None and within.granularity == "month":  # «الثالث من الشهر الجاري»
            return self._nth(replace(part, of="day"), within)
        raise UnreadDateError(f"{part.value} is no day, month or year here")


def _level(part: Part) -> int:
    return _LEVELS.get(part.of if part.kind in ("unit", "nth") else part.kind, _FINEST)


def _without_apposition(parts: list[Part]) -> list[Part]:
    """Keep the Gregorian of two calendars, and «2017» of «العام الماضي 2017»."""
    calendars = {part.of for part in parts if part.kind in ("month", "month_day")}
    if len(calendars) > 1:
        parts = [part for part in parts if part.of != "hijri"]
    if any(part.kind == "year" for part in parts):
        parts = [part for part in parts if (part.kind, part.of) != ("unit", "year")]
    return parts


def _check_consistent(parts: list[Part]) -> None:
    """Make sure that no part says again, or otherwise, what another says."""
    named = [(part.kind, part.of if part.kind in ("unit", "nth") else "") for part in parts]
    if len(set(named)) < len(named):
        raise UnreadDateError("two statements of one kind in a date")
    if len(parts) > 1 and any(part.kind == "duration" for part in parts):
        raise UnreadDateError("a duration beside a date")


def _complete(left: list[Part], right: list[Part]) -> list[Part]:
    """Give an earlier date what the later one says for both: «28 و29 يونيو 2017»."""
    finest = max(right, key=_level)
    if [part.kind for part in left] == ["number"] and finest.kind == "month_day":
        return [replace(part, day=left[0].value) if part is finest else part for part in right]
    level = min(_level(part) for part in left)
    same = {part.kind: part.direction for part in right}
    own = [
        replace(part, direction=same.get(part.kind)) if part.direction is None else part
        for part in left
    ]
    shared = [part for part in right if part.kind in _SHARED and _level(part) < level]
    return [*shared, *own]


def _whole_units(part: Part) -> tuple[str, int]:
    """Give unit and number to count in: hours as days, halves in the next smaller unit."""
    if part.of in _UNITS_OF_A_DAY:
        return "day", int(part.count / _UNITS_OF_A_DAY[part.of])
    if part.count % 1 and part.of in _SMALLER:
        unit, size = _SMALLER[part.of]
        return unit, int(part.count * size)
    if part.count % 1 and part.of == "month":
        return "day", int(part.count * 30)
    return part.of, int(part.count)


def _gregorian(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadDateError(f"{text} is no day of the calendar") from None


def _inside(part: Interval, whole: Interval) -> Interval:
    if part.start not in whole or part.end not in whole:
        raise UnreadDateError("a part that its whole does not have")
    return part


def _occurrences(part: Part, first: int, last: int) -> Iterator[Interval]:
    """Give what ``part`` names in each year, the years both Gregorian and inclusive, in order."""
    years: Iterable[int] = range(max(1, first), last + 1)
    if part.of == "hijri":
        years = days.hijri_years(first, last)
    for year in years:
        try:
            yield _occurrence(part, year)
        except ValueError:  # a 30 February; a 30th of a month of 29 days
            continue


def _occurrence(part: Part, year: int) -> Interval:
    if part.kind == "season":
        start = date(year, part.value, 1)
        if part.value == 12:
            start = date(year - 1, 12, 1)
        return Interval(start, shift(start, 3, "month") - _DAY, "season")
    is_hijri = part.of == "hijri"
    if part.kind == "month":
        month = days.hijri_month if is_hijri else days.gregorian_month
        return month(year, part.value)
    place = days.hijri_day if is_hijri else date
    start = place(year, part.value, part.day)
    end = start + (int(part.count) - 1) * _DAY
    return Interval(start, end, "day" if start == end else "span")


_STEPS: dict[str, Callable[[Resolver, Part, Interval | None], Interval]] = {
    "year": Resolver._year,
    "decade": Resolver._decade,
    "century": Resolver._century,
    "unit": Resolver._unit,
    "day_offset": Resolver._day_offset,
    "weekday": Resolver._weekday_part,
    "month": Resolver._recurring,
    "month_day": Resolver._recurring,
    "feast": Resolver._recurring,
    "season": Resolver._recurring,
    "numeric": Resolver._numeric,
    "nth": Resolver._nth,
    "stretch": Resolver._stretch,
    "duration": Resolver._duration,
    "number": Resolver._number,
}
