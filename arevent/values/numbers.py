"""Number mentions to quantities: the number, and what the words beside it make of it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import islice, takewhile
from pathlib import Path

from arevent.document import Quantity
from arevent.tables import read_table
from arevent.values.clitics import clitic_readings
from arevent.values.number_grammar import (
    Amount,
    Atom,
    Number,
    fold_spelling,
    lex,
    parse_number,
)

CONTEXT = 100
"""Characters of the sentence that are looked at on either side of a mention."""

REACH = 7
"""Words after a number among which «على الأقل» still belongs to it."""

COUNTED_WORDS = 2
"""Words that may stand between the two numbers of «بين ألف شخص وألفين»."""

MAX_ATOMS = 12
"""Length of the longest number that is looked for before a mention."""

EFFECTS = (
    "about", "at_least", "at_most", "neutral", "skip", "skip_with_noun", "between", "not_between",
    "to", "change",
)  # fmt: skip

_QUOTES = frozenset("\"'«»“”‘’()[]{}#")
_COMMAS = frozenset("،,")
_DASHES = frozenset("-–—−")
_PERCENT_SIGNS = frozenset({"%", "٪"})
_PERCENT = _PERCENT_SIGNS | {"بالمئة", "بالمائة", "بالمية"}
_PERCENT_NOUNS = frozenset({"المئة", "المائة", "المية"})


@dataclass(frozen=True, slots=True)
class Modifiers:
    """The table of words beside numbers.

    Attributes:
        before: Effect of a phrase, in folded words, that stands before a number.
        after: Effect of a phrase that stands after one.
        words: Every word of the phrases.
    """

    before: dict[tuple[str, ...], str]
    after: dict[tuple[str, ...], str]
    words: frozenset[str]


@cache
def load_modifiers(table: str | Path = "number_modifiers.tsv") -> Modifiers:
    """Read the table of words beside numbers.

    Raises:
        TableError: If a row is not as the table's own head describes.
    """
    checks = {"position": _check_position, "effect": _check_effect}
    sides: dict[str, dict[tuple[str, ...], str]] = {"before": {}, "after": {}}
    for row in read_table(table, ("phrase", "position", "effect"), checks):
        sides[row["position"]][tuple(fold_spelling(row["phrase"]).split())] = row["effect"]
    words = frozenset(word for side in sides.values() for phrase in side for word in phrase)
    return Modifiers(sides["before"], sides["after"], words)


def _check_position(cell: str) -> None:
    if cell not in ("before", "after"):
        raise ValueError(f"expected before or after, found {cell!r}")


def _check_effect(cell: str) -> None:
    if cell not in EFFECTS:
        raise ValueError(f"expected one of {', '.join(EFFECTS)}, found {cell!r}")


def read_number(mention: str, before: str = "", after: str = "") -> Quantity:
    """Read a number mention.

    Args:
        mention: The number words as written; a modifier may stand among them.
        before: The sentence before the mention; its last 100 characters are looked at.
        after: The sentence after it; its first 100 characters are looked at.

    Returns:
        An exact number has ``value == low == high``. With «نحو» only the value is given, with
        «أكثر من» value and ``low``, with «أقل من» value and ``high``: the number named counts as
        inside the bound. Vague words («عشرات») and ranges give bounds without a value; each of
        the two mentions of «بين 20 و30» gives the whole range. All but exact numbers are marked
        approximate. Percentages, ordinals, shares («نصفهم») and words that form no number
        («ثلاثة خمسة») come back without a value, with a reason.

    Example:
        >>> read_number("ثلاثمئة وأربعة وسبعين")
        Quantity(value=374, low=374, high=374, is_approximate=False, reason=None, range_start=None)
        >>> read_number("30", before="مقتل نحو ")
        Quantity(value=30, low=None, high=None, is_approximate=True, reason=None, range_start=None)
    """
    inside = _atoms(mention)
    start = _start(inside)
    if start is None:
        return Quantity(reason="no number word")
    number = parse_number(inside, start)
    if number is None:
        return Quantity(reason=_why_unread(inside[start]))
    left = _atoms(_tail(before)) + inside[:start]
    right = inside[number.end :] + _atoms(_head(after))
    if _is_percentage(right) or _has_sign_before(left):
        return Quantity(reason="a percentage")
    partner = _partner_after(left, right)
    if partner and _is_percentage(right[partner.end :]):  # «30 إلى 40%»
        return Quantity(reason="a percentage")
    stray = _stray(inside[:start], inside[number.end :], left)
    if stray:
        return Quantity(reason=f"cannot read «{stray.text}» in a number")
    if "\u064b" not in mention:  # tanwin, which no dual carries
        number = _as_construct_dual(inside[start : number.end], number, right)
    bounds = _range_after(number, left, right) or _range_before(number, left)
    if bounds:
        return Quantity(low=_plain(bounds.low), high=_plain(bounds.high), is_approximate=True)
    return _quantity(number.amount, {_effect_before(left), _effect_after(right)})


def ends_range(mention: str, before: str) -> bool:
    """Whether a mention is the second number of a range, such as «و30» after «بين 20».

    The first number of the range is the mention before it.
    """
    inside = _atoms(mention)
    start = _start(inside) or 0
    number = parse_number(inside, start)
    left = _atoms(_tail(before)) + inside[:start]
    return number is not None and _range_before(number, left) is not None


def _start(atoms: Sequence[Atom]) -> int | None:
    others = ("word", "mark", "and", "clitic")
    return next((at for at, atom in enumerate(atoms) if atom.kind not in others), None)


def _why_unread(atom: Atom) -> str:
    if atom.kind == "ordinal":
        return "an ordinal"
    if atom.kind in ("fraction", "fractions"):
        return "a share of a number that is not named"
    if atom.kind == "digits":
        return f"unclear separators in {atom.text}"
    return f"cannot read «{atom.text}» as a number"


def _tail(text: str) -> str:
    """Give the last characters of a text, from the beginning of a word on."""
    return text if len(text) <= CONTEXT else text[-CONTEXT:].partition(" ")[2]


def _head(text: str) -> str:
    return text if len(text) <= CONTEXT else text[:CONTEXT].rpartition(" ")[0]


def _atoms(text: str) -> list[Atom]:
    """Cut text into atoms, without what says nothing about a number: quotes and brackets."""
    return [atom for atom in lex(text) if atom.kind != "mark" or atom.text not in _QUOTES]


def _is_percentage(right: Sequence[Atom]) -> bool:
    texts = [atom.text for atom in right[:2]]
    return bool(texts) and (
        texts[0] in _PERCENT or (texts[0] == "في" and texts[-1] in _PERCENT_NOUNS)
    )


def _has_sign_before(left: Sequence[Atom]) -> bool:
    """Whether a percent sign before a number is its own: «%50», but not «50% 12»."""
    is_sign = bool(left) and left[-1].text in _PERCENT_SIGNS
    return is_sign and (len(left) == 1 or left[-2].kind != "digits" or not left[-1].is_glued)


def _stray(lead: list[Atom], rest: list[Atom], left: Sequence[Atom]) -> Atom | None:
    """Find what a mention holds beside its number that no table and no range explains."""
    partner = _partner_after(left, rest)
    tail = rest[partner.end :] if partner else rest
    if tail and tail[0].kind == "word" and tail[0].is_glued:
        tail = tail[1:]  # «17شخصا»: the counted noun has lost its blank
    for atom in (*lead, *tail):
        is_modifier = atom.kind == "word" and _is_modifier(atom.text)
        if atom.kind not in ("and", "clitic") and not is_modifier:
            return atom
    return None


def _as_construct_dual(atoms: Sequence[Atom], number: Number, right: Sequence[Atom]) -> Number:
    """Read «ألفا شخص» as two thousand.

    «ألفا» is the accusative of one thousand, but right before the noun that it counts it is a
    dual without its nun.
    """
    is_bare = len(atoms) == 1 and atoms[0].form == "accusative"
    if is_bare and right and right[0].kind == "word" and not _is_modifier(right[0].text):
        return Number(number.amount.times(2), number.end, number.scale)
    return number


def _is_modifier(word: str) -> bool:
    return any(reading in load_modifiers().words for reading in clitic_readings(word))


def _quantity(amount: Amount, effects: Set[str | None]) -> Quantity:
    low, high = _plain(amount.low), _plain(amount.high)
    value = low if amount.is_exact else None
    if "at_least" in effects:
        return Quantity(value, low, None, is_approximate=True)
    if "at_most" in effects and high is not None:
        return Quantity(value, None, high, is_approximate=True)
    if "about" in effects and amount.is_exact:
        return Quantity(value, None, None, is_approximate=True)
    return Quantity(value, low, high, is_approximate=not amount.is_exact)


def _plain(number: Fraction | None) -> int | float | None:
    if number is None:
        return None
    return number.numerator if number.denominator == 1 else float(number)


def _effect_before(left: Sequence[Atom]) -> str | None:
    """Find the phrase that ends right before the number, the longest first."""
    words = _words_before(left)
    phrases = load_modifiers().before
    lengths = range(min(len(words), max(map(len, phrases))), 0, -1)
    effects = (_lookup(phrases, words[-length:]) for length in lengths)
    return next((effect for effect in effects if effect), None)


def _words_before(left: Sequence[Atom]) -> list[str]:
    """Give the words that reach up to the number; other numbers and marks cut them off."""
    words: list[str] = []
    phrases = load_modifiers().before
    for atom in reversed(left):
        if atom.kind == "word":
            effect = phrases.get((atom.text,))
            if effect == "skip_with_noun" and words and words[0].startswith("ال"):
                del words[0]
            elif effect not in ("skip", "skip_with_noun"):
                words.insert(0, atom.text)
        elif atom.kind not in ("and", "clitic"):
            break
    return words


def _lookup(phrases: dict[tuple[str, ...], str], words: Sequence[str]) -> str | None:
    """Look a phrase up; its first word may carry clitics («لأكثر من»)."""
    readings = clitic_readings(words[0])
    return next((phrases[key] for w in readings if (key := (w, *words[1:])) in phrases), None)


def _effect_after(right: Sequence[Atom]) -> str | None:
    """Find a modifier in the next words, before another number, a mark or another clause."""
    phrases = load_modifiers().after
    words = _words_after(right)
    for at, word in enumerate(words):
        for length in (3, 2, 1):
            effect = phrases.get(tuple(words[at : at + length]))
            if effect:
                return effect
        if at and (word.startswith("و") or words[at - 1] in _COMMAS):
            return None
    return None


def _words_after(right: Sequence[Atom]) -> list[str]:
    """Give the next words with the commas between them: «36 شخصا، على الأقل»."""
    words = takewhile(lambda atom: atom.kind == "word" or atom.text in _COMMAS, right)
    return [atom.text for atom in islice(words, REACH)]


def _range_after(number: Number, left: Sequence[Atom], right: Sequence[Atom]) -> Amount | None:
    partner = _partner_after(left, right)
    return _range(number, partner) if partner else None


def _range_before(number: Number, left: Sequence[Atom]) -> Amount | None:
    partner = _partner_before(left)
    return _range(partner, number) if partner else None


def _range(first: Number, second: Number) -> Amount | None:
    """Give the bounds of a range, ``None`` where the numbers do not rise."""
    low, high = first.amount, second.amount
    if first.scale == 1 < second.scale and low.low * second.scale < high.low:
        low = low.times(second.scale)  # «بين 6 و8 آلاف»: the scale is said once
    is_rising = low.is_exact and high.is_exact and low.low < high.low
    return Amount(low.low, high.low) if is_rising else None


def _partner_after(left: Sequence[Atom], right: Sequence[Atom]) -> Number | None:
    """Find the second number of a range that begins between ``left`` and ``right``."""
    if right and _is_connector(right[0]):
        return None if _tells_change(left) else parse_number(right, 1)
    if _effect_before(left) == "between":
        for at, atom in enumerate(right[: COUNTED_WORDS + 1]):
            if atom.kind == "and":
                return parse_number(right, at + 1)
            if atom.kind != "word":
                break
    return None


def _partner_before(left: Sequence[Atom]) -> Number | None:
    """Find the first number of a range that ends after ``left``."""
    if left and _is_connector(left[-1]):
        start = _start_of_number(left, len(left) - 1)
        return None if start is None or _tells_change(left) else parse_number(left, start)
    if left and left[-1].kind == "and":
        for end in range(len(left) - 1, max(0, len(left) - 2 - COUNTED_WORDS), -1):
            start = _start_of_number(left, end)
            if start is not None and _effect_before(left[:start]) == "between":
                return parse_number(left, start)
            if left[end - 1].kind != "word":
                break
    return None


def _is_connector(atom: Atom) -> bool:
    if atom.kind == "mark":
        return atom.text in _DASHES
    return load_modifiers().before.get((atom.text,)) == "to"


def _tells_change(left: Sequence[Atom]) -> bool:
    """Whether a verb makes «من 10 إلى 15» a rise or a fall."""
    phrases = load_modifiers().before
    return any(atom.kind == "word" and _lookup(phrases, [atom.text]) == "change" for atom in left)


def _start_of_number(atoms: Sequence[Atom], end: int) -> int | None:
    """Find where the longest number begins that ends right before a position."""
    for start in range(max(0, end - MAX_ATOMS), end):
        number = parse_number(atoms, start)
        if number and number.end == end:
            return start
    return None
