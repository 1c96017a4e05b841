"""The grammar of dates: terms to parts, coarse and fine, that narrow each other.

«أواخر ديسمبر الماضي» is the month of December, backward, and a late phase. Order is nearly free in
Arabic dates, so each term adds a part where it stands; only a few rules look at their neighbours.
Knows nothing of calendars or of the document's date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from arevent.values.dates_parts import Part, Phrase, UnreadDateError
from arevent.values.dates_words import OF, Term

_MINUTES = {"half": 30, "third": 20, "quarter": 15}
_FRACTIONS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25}
_TRAILING_TIME = re.compile(r"[:.,]")


def _introduces_month(term: Term) -> bool:
    return term.kind == "filler" or (term.kind, term.name, term.count) == ("unit", "month", "1")


def parse(terms: list[Term]) -> Phrase:
    """Read terms from left to right.

    Raises:
        UnreadDateError: If a term has no place in a date.
    """
    return _Parser(terms).parse()


class _Parser:
    def __init__(self, terms: list[Term]) -> None:
        self.terms = terms
        self.position = 0
        self.phrase = Phrase()
        self.pending: int | None = None  # «هذا» says the direction of what follows

    def parse(self) -> Phrase:
        while self.position < len(self.terms):
            term = self.terms[self.position]
            self.position += 1
            rule = _RULES.get(term.kind)
            if rule is None:
                raise UnreadDateError(f"{term.text!r} is no word of a date that the tables know")
            rule(self, term)
        self.phrase.groups = [group for group in self.phrase.groups if group]
        return self.phrase

    # What stands around the current position.

    def next(self, *kinds: str, skip: tuple[str, ...] = ()) -> Term | None:
        """Give the next term if it is of one of the kinds, else ``None``; ``skip`` is passed."""
        position = self.position
        while position < len(self.terms) and self.terms[position].kind in skip:
            position += 1
        if position < len(self.terms) and self.terms[position].kind in kinds:
            return self.terms[position]
        return None

    def take(self, *kinds: str, skip: tuple[str, ...] = ()) -> Term | None:
        """Give the next term as `next` does and move behind it."""
        term = self.next(*kinds, skip=skip)
        if term is not None:
            while self.terms[self.position] is not term:
                self.position += 1
            self.position += 1
        return term

    @property
    def group(self) -> list[Part]:
        return self.phrase.groups[-1]

    def add(self, part: Part) -> None:
        if self.pending is not None:
            part, self.pending = replace(part, direction=self.pending), None
        self.group.append(part)

    def month_ahead(self) -> bool:
        """Whether a month follows, as after a day: «الرابع من شهر نوفمبر»."""
        position = self.position
        while position < len(self.terms) and _introduces_month(self.terms[position]):
            position += 1
        return position < len(self.terms) and self.terms[position].kind == "month"

    # One rule for each kind of term.

    def number(self, term: Term) -> None:
        if self.month_ahead():
            self.month_day(term.value)
        elif (unit := self.next("unit")) and not unit.is_definite and unit.count != OF:
            self.position += 1
            self.quantity(unit, term.value, is_definite=self.follows_article(term))
        elif self.next("zone"):
            self.phrase.clock = divmod(term.value, 100)
        elif self.is_year(term):
            era = self.take("era")
            self.year(term.value, era.name if era else "")
        else:
            self.add(Part("number", term.value))

    def follows_article(self, term: Term) -> bool:
        """Whether a number is definite; before digits the article is a word of its own."""
        place = next(i for i, other in enumerate(self.terms) if other is term)
        return term.is_definite or (place > 0 and self.terms[place - 1].text == "ال")

    def is_year(self, term: Term) -> bool:
        last = self.group[-1].kind if self.group else ""
        return (
            term.value >= 1000
            or self.next("era") is not None
            or last == "month_day"
            or (last == "year_word" and not term.is_spelled)
        )

    def year(self, value: int, calendar: str) -> None:
        self.group[:] = [part for part in self.group if part.kind != "year_word"]
        if not calendar:
            with_month = any(part.of == "hijri" for part in self.group)
            is_hijri = value < 1800 if with_month else 1343 <= value <= 1500
            calendar = "hijri" if is_hijri else "gregorian"
        self.add(Part("year", value, calendar))

    def ordinal(self, term: Term) -> None:
        if self.month_ahead() and term.value > 0:
            self.month_day(term.value)
        elif counted := self.counted_units():  # «أول شهرين من 2023»
            units, count = counted
            self.add(Part("stretch", term.value, units.name, count=count))
        elif (unit := self.take("unit")) is not None:
            self.add(Part("nth", term.value, unit.name))
        elif term.text.endswith(("ه", "ى")) and self.next("part"):  # «العاشرة صباحا»
            self.phrase.clock = (term.value, self.minutes())
        else:
            self.add(Part("number", term.value))

    def counted_units(self) -> tuple[Term, float] | None:
        """Take several units with their number: «شهرين», «ثلاثة أشهر»."""
        start = self.position
        number = self.take("number")
        unit = self.take("unit")
        if unit is not None and (number or unit.count == "2"):
            return unit, number.value if number else 2
        self.position = start
        return None

    def month_day(self, day: int) -> None:
        while self.take("filler", "unit"):
            pass  # up to the month that `month_ahead` saw
        month = self.month_name()
        self.add(Part("month_day", month.value, month.name, day=day))

    def month(self, term: Term) -> None:
        self.position -= 1
        month = self.month_name()
        self.add(Part("month", month.value, month.name))

    def month_name(self) -> Term:
        """Take a month with its other name: «كانون الثاني/يناير», «فبراير شباط»."""
        first = self.terms[self.position]
        self.position += 1
        while other := self.take("month", skip=("filler",)):
            if (other.value, other.name) != (first.value, first.name):
                raise UnreadDateError(f"{first.text!r} and {other.text!r} are different months")
        return first

    def unit(self, term: Term) -> None:
        if term.name in _FRACTIONS and (unit := self.next("unit")) and not unit.is_definite:
            self.position += 1  # «نصف قرن»
            self.quantity(unit, _FRACTIONS[term.name], is_definite=False)
        elif term.count == OF or self.introduces_name(term):
            return
        elif term.name == "year" and term.count == "1" and self.digits_ahead():
            self.add(Part("year_word"))
        elif term.count == "1" and (ordinal := self.ordinal_of(term)):
            self.add(self.nth(term, ordinal))
        elif term.count == "1":
            self.single(term)
        else:
            self.quantity(term, self.count(term), is_definite=term.is_definite)

    def digits_ahead(self) -> bool:
        number = self.next("number", skip=("filler",))
        return number is not None and not number.is_spelled

    def count(self, unit: Term) -> float:
        """Give the number of a dual or a plural, 0 where it is left open: «الأشهر الثلاثة»."""
        if unit.count == "2":
            return 2
        number = self.take("number", skip=("filler",))
        return number.value if number else 0

    def introduces_name(self, term: Term) -> bool:
        """Whether a class noun only stands before its name: «يوم السبت», «شهر رمضان»."""
        if term.name == "day" and self.month_ahead_of_number():
            return True
        kinds = {"day": ("weekday", "day_offset", "feast"), "month": ("month",)}
        return self.next(*kinds.get(term.name, ("feast",))) is not None

    def month_ahead_of_number(self) -> bool:
        start = self.position
        number = self.take("number", "ordinal", skip=("filler",))
        is_found = number is not None and self.month_ahead()
        self.position = start
        return is_found

    def ordinal_of(self, unit: Term) -> Term | None:
        """Take the ordinal behind a unit; «القرن العشرين» has the cardinal's form."""
        ordinal = self.take("ordinal")
        if ordinal is None and unit.name == "century":
            ordinal = self.take("number")
        return ordinal

    def nth(self, unit: Term, ordinal: Term) -> Part:
        if unit.name == "century" and ordinal.value > 0:
            return Part("century", ordinal.value)
        return Part("nth", ordinal.value, unit.name)

    def single(self, unit: Term) -> None:
        """Read a unit in the singular: «العام», «هذا الشهر», or the duration «عام ونصف»."""
        self.take_one()
        if unit.is_definite or self.pending is not None:
            self.add(Part("unit", of=unit.name))
        else:
            self.quantity(unit, 1, is_definite=False)

    def take_one(self) -> None:
        """Pass over «واحد», which says nothing beside a singular."""
        following = self.next("number")
        if following and following.value == 1 and following.is_spelled:
            self.position += 1

    def quantity(self, unit: Term, count: float, *, is_definite: bool) -> None:
        """Read a number of units: a duration, or a stretch before or after today."""
        if self.take("many"):
            count = 0
        if (half := self.next("unit", skip=("and",))) and half.name == "half" and self.take("and"):
            self.take("unit")
            count += 0.5
        ordinal = self.take("ordinal") if is_definite else None
        if ordinal is not None:
            self.add(Part("stretch", ordinal.value, unit.name, count=count))
        elif self.next("direction") or self.pending is not None:
            self.add(Part("stretch", of=unit.name, count=count))
        else:
            self.add(Part("duration", of=unit.name, count=count))

    def direction(self, term: Term) -> None:
        if not self.group:
            raise UnreadDateError(f"{term.text!r} stands alone")
        self.group[-1] = replace(self.group[-1], direction=term.value)

    def this(self, term: Term) -> None:
        self.pending = term.value

    def weekday(self, term: Term) -> None:
        if any(part.kind == "weekday" for part in self.group):  # «ليل الأحد الاثنين»
            self.phrase.groups.append([])
        self.add(Part("weekday", term.value))

    def day_offset(self, term: Term) -> None:
        ordinal = self.take("ordinal") if term.value == 0 and term.is_definite else None
        if ordinal is not None:  # «اليوم الأول»
            self.add(Part("nth", ordinal.value, "day"))
        else:
            self.add(Part("day_offset", term.value))

    def season(self, term: Term) -> None:
        self.add(Part("season", term.value))

    def decade(self, term: Term) -> None:
        self.add(Part("decade", term.value))

    def feast(self, term: Term) -> None:
        self.add(Part("feast", term.value, term.name, day=term.day, count=int(term.count)))

    def numeric(self, term: Term) -> None:
        era = self.take("era")
        self.add(Part("numeric", text=term.text, of=era.name if era else ""))

    def part(self, term: Term) -> None:
        self.phrase.part_of_day = term.name
        if self.pending is not None:  # «هذا الصباح»
            self.add(Part("day_offset"))

    def tonight(self, term: Term) -> None:
        self.phrase.part_of_day = term.name
        self.add(Part("unit", of="day"))

    def clock(self, term: Term) -> None:
        if self.group and self.group[-1].kind == "number" and self.next("direction"):
            number = self.group.pop()  # «الـ24 الساعة الماضية»
            self.add(Part("stretch", of="hour", count=number.value))
            return
        hour = self.take("number", "ordinal", "time", "month", skip=("filler",))
        if hour is None or (hour.kind == "month" and hour.text != "صفر"):
            raise UnreadDateError("an hour that is not named")
        if hour.kind == "time":
            self.time(hour)
        elif hour.kind == "number" and hour.value >= 100:
            self.phrase.clock = divmod(hour.value, 100)
        elif hour.kind == "month":  # «الساعة صفر»
            self.phrase.clock = (0, 0)
        else:
            self.phrase.clock = (hour.value, 0)
            minute = self.minutes()
            self.phrase.clock = (hour.value - (minute < 0), minute % 60)

    def minutes(self) -> int:
        """Take «والنصف», «إلا ربعا», «وعشر دقائق»; 0 where nothing is said."""
        start = self.position
        sign = -1 if self.next("minus") else 1
        if self.take("and", "minus"):
            if (unit := self.take("unit")) and unit.name in _MINUTES:
                return sign * _MINUTES[unit.name]
            if (number := self.take("number")) and self.take("unit"):
                return sign * number.value
        self.position = start
        return 0

    def time(self, term: Term) -> None:
        if self.phrase.clock is None:  # a second time is the same in another zone
            hour, minute = _TRAILING_TIME.split(term.text)
            self.phrase.clock = (int(hour), int(minute))

    def zone(self, term: Term) -> None:
        while self.take("unknown"):
            pass

    def join(self, term: Term) -> None:
        if self.group:
            self.phrase.groups.append([])
        self.phrase.is_range |= term.kind == "range"

    def mark(self, term: Term) -> None:
        """Note the words that colour the whole mention."""
        phrase = self.phrase
        phrase.phase = term.value if term.kind == "phase" else phrase.phase
        phrase.shift = term.value if term.kind in ("shift", "since") else phrase.shift
        phrase.is_since |= term.kind == "since"
        phrase.is_during |= term.kind == "during"
        phrase.is_vague |= term.kind == "vague"

    def another(self, term: Term) -> None:
        raise UnreadDateError(f"{term.text!r} points to another date of the text")

    def repeated(self, term: Term) -> None:
        raise UnreadDateError(f"{term.text!r} says that the date is repeated")

    def ignore(self, term: Term) -> None:
        """Pass over words that add nothing."""


_RULES: dict[str, Callable[[_Parser, Term], None]] = {
    "number": _Parser.number,
    "ordinal": _Parser.ordinal,
    "month": _Parser.month,
    "weekday": _Parser.weekday,
    "unit": _Parser.unit,
    "day_offset": _Parser.day_offset,
    "direction": _Parser.direction,
    "this": _Parser.this,
    "season": _Parser.season,
    "decade": _Parser.decade,
    "feast": _Parser.feast,
    "numeric": _Parser.numeric,
    "part": _Parser.part,
    "tonight": _Parser.tonight,
    "clock": _Parser.clock,
    "time": _Parser.time,
    "zone": _Parser.zone,
    "and": _Parser.join,
    "range": _Parser.join,
    "phase": _Parser.mark,
    "shift": _Parser.mark,
    "since": _Parser.mark,
    "during": _Parser.mark,
    "vague": _Parser.mark,
    "many": _Parser.mark,
    "another": _Parser.another,
    "repeated": _Parser.repeated,
    "era": _Parser.ignore,
    "approximate": _Parser.ignore,
    "filler": _Parser.ignore,
}
