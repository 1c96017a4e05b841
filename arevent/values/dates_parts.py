"""What a date mention says, before any calendar: the parts that its words state."""

from __future__ import annotations

from dataclasses import dataclass, field

_AFTER_NOON = frozenset({"noon", "afternoon", "evening", "night"})


class UnreadDateError(ValueError):
    """The words cannot be read as a date; the message is the reason for the caller."""


@dataclass(frozen=True, slots=True)
class Part:
    """One statement about time.

    Attributes:
        kind: ``year``, ``decade``, ``century``, ``month``, ``month_day``, ``weekday``,
            ``day_offset``, ``unit`` («الشهر»), ``nth`` («الأسبوع الأول»), ``stretch`` («اليومين
            الماضيين»), ``duration``, ``season``, ``feast``, ``numeric`` or ``number``.
        value: Year, month, weekday, offset in days, ordinal …
        of: Its unit or calendar.
        day: Day of the month.
        count: How many units, or days of a feast.
        direction: -1 last, 0 this, 1 next; ``None`` where the words do not say.
        text: Digits as written, for ``numeric``.
    """

    kind: str
    value: int = 0
    of: str = ""
    day: int = 0
    count: float = 1
    direction: int | None = None
    text: str = ""


@dataclass(slots=True)
class Phrase:
    """What the words of a mention say, before any calendar.

    Attributes:
        groups: Parts of each date; two and more groups are a list or a range.
        is_range: Whether the words say that the dates are the ends of a stretch.
        part_of_day: Name of a part of day.
        clock: Hour and minute as stated.
        phase: 0 early, 1 middle, 2 late.
        shift: -1 counts a duration back, 1 ahead.
        is_since: Whether the shift is «منذ», which counts from today only.
        is_during: Whether «خلال» and the like stand before a part of day.
        is_vague: Whether words such as «مؤخرا» occur.
    """

    groups: list[list[Part]] = field(default_factory=lambda: [[]])
    is_range: bool = False
    part_of_day: str | None = None
    clock: tuple[int, int] | None = None
    phase: int | None = None
    shift: int | None = None
    is_since: bool = False
    is_during: bool = False
    is_vague: bool = False

    @property
    def time(self) -> str | None:
        """The clock time ``HH:MM`` on 24 hours, else the part of day."""
        if self.clock is None:
            return self.part_of_day
        hour, minute = self.clock
        if self.part_of_day in ("dawn", "morning", "night") and hour == 12:
            hour = 0
        elif self.part_of_day in _AFTER_NOON and hour < 12:
            is_small_hour = self.part_of_day == "night" and hour < 6
            is_late_morning = self.part_of_day == "noon" and hour > 9
            hour += 0 if is_small_hour or is_late_morning else 12
        if not (0 <= hour < 24 and 0 <= minute < 60):
            raise UnreadDateError(f"{hour}:{minute:02} is no time of the clock")
        return f"{hour:02}:{minute:02}"
