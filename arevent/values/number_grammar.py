"""Arabic number words and digits to amounts: a small grammar over tokens.

It knows how a number is built (units before tens, hundreds before both, falling scales joined by
«و») and nothing about sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

from arevent.normalize import normalize
from arevent.tables import read_table
from arevent.values.clitics import CONJUNCTIONS, PREPOSITIONS, clitic_readings

KINDS = ("zero", "unit", "bound", "ten", "tens", "hundreds", "scale", "fraction", "fractions")
FORMS = ("singular", "dual", "plural", "accusative", "-")
MAX_DIGITS = 18

_SPELLING = str.maketrans("أإآٱى", "ااااي")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹،", "01234567890123456789,")
_DIGIT = "[0-9٠-٩۰-۹]"
_LEXEME = re.compile(
    rf"(?P<digits>{_DIGIT}+(?:[.,٫٬،]{_DIGIT}+)*)|(?P<word>[^\W\d_]+)|(?P<mark>[^\w\s]|\d+|_)"
)
_ONLY_CLITICS = re.compile("(?=.)[وف]?(?:لل|[بكل]?(?:ال)?)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, or the bounds of a vague one, both inclusive; ``high`` is ``None`` where open."""

    low: Fraction
    high: Fraction | None

    @property
    def is_exact(self) -> bool:
        """Whether there is only one number between the bounds."""
        return self.low == self.high

    def times(self, scale: int) -> Amount:
        """Multiply; a vague amount reaches up to the next step: «بضعة آلاف» is 3,000 to 9,999."""
        if self.is_exact:
            return Amount(self.low * scale, self.low * scale)
        high = Fraction(9) if self.high is None else self.high
        return Amount(self.low * scale, (high + 1) * scale - 1)

    def plus(self, other: Amount) -> Amount:
        """Add bound to bound; a sum is open where a part is."""
        if self.high is None or other.high is None:
            return Amount(self.low + other.low, None)
        return Amount(self.low + other.low, self.high + other.high)


ZERO = Amount(Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class Word:
    """What the table says of a number word."""

    kind: str
    amount: Amount
    form: str = "-"


@dataclass(frozen=True, slots=True)
class Atom:
    """A token of a number or of the text around it.

    Attributes:
        kind: A kind of the table; ``digits``, ``and`` (the conjunction و), ``clitic`` (ب ك ل ف
            before a number), ``word`` or ``mark``.
        text: The token, clitics included, with its spelling folded.
        amount: What a number token is worth; zero for others.
        form: The form of a scale.
        is_glued: Whether no white space stands before it.
    """

    kind: str
    text: str
    amount: Amount
    form: str = "-"
    is_glued: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was read from atoms.

    Attributes:
        amount: Its value or bounds.
        end: Position after its last atom.
        scale: The largest power that multiplies, 1 where none does.
    """

    amount: Amount
    end: int
    scale: int


def fold_letters(text: str) -> str:
    """Fold marks, hamza on alef, and alef maksura."""
    return normalize(text).text.translate(_SPELLING)


def fold_spelling(text: str) -> str:
    """Fold letters, and final heh where teh marbuta is meant: no number ends in heh."""
    return re.sub(r"ه\b", "ة", fold_letters(text))


@cache
def load_words(
    words: str | Path = "number_words.tsv", vague: str | Path = "number_vague.tsv"
) -> dict[str, Word]:
    """Read the two tables of number words.

    Raises:
        TableError: If a row is not as the table's own head describes.
    """
    lexicon = {}
    columns = ("word", "kind", "value", "form")
    checks = {"kind": _check_kind, "value": _check_value, "form": _check_form}
    for row in read_table(words, columns, checks):
        value = Fraction(row["value"])
        lexicon[fold_spelling(row["word"])] = Word(row["kind"], Amount(value, value), row["form"])
    for row in read_table(
        vague, ("word", "low", "high"), {"low": _check_value, "high": _check_high}
    ):
        high = None if row["high"] == "-" else Fraction(row["high"])
        lexicon[fold_spelling(row["word"])] = Word("vague", Amount(Fraction(row["low"]), high))
    return lexicon


def _check_kind(cell: str) -> None:
    if cell not in (*KINDS, "ordinal"):
        raise ValueError(f"expected one of {', '.join(KINDS)} or ordinal, found {cell!r}")


def _check_form(cell: str) -> None:
    if cell not in FORMS:
        raise ValueError(f"expected one of {', '.join(FORMS)}, found {cell!r}")


def _check_value(cell: str) -> None:
    if not re.fullmatch(r"\d+(/[1-9]\d*)?", cell):
        raise ValueError(f"expected a whole number or a fraction such as 1/2, found {cell!r}")


def _check_high(cell: str) -> None:
    if cell != "-":
        _check_value(cell)


def lex(text: str) -> list[Atom]:
    """Cut text into atoms; clitics of number words become atoms of their own."""
    atoms: list[Atom] = []
    end = -1
    for match in _LEXEME.finditer(fold_spelling(text)):
        token, is_glued = match[0], match.start() == end
        end = match.end()
        if match.lastgroup == "digits":
            _add_digits(atoms, token, is_glued)
        elif match.lastgroup == "word":
            atoms += _lex_word(token, is_glued)
        else:
            atoms.append(Atom("mark", token, ZERO, is_glued=is_glued))
    return atoms


@lru_cache(maxsize=4096)
def _lex_word(token: str, is_glued: bool) -> tuple[Atom, ...]:
    words = load_words()
    if _ONLY_CLITICS.fullmatch(token):
        return tuple(_clitics(token, token))
    stem = next((reading for reading in clitic_readings(token) if reading in words), None)
    if stem is None:
        return (Atom("word", token, ZERO, is_glued=is_glued),)
    word = words[stem]
    number = Atom(word.kind, token, word.amount, word.form, is_glued)
    return (*_clitics(token.removesuffix(stem), token), number)


def _clitics(prefix: str, token: str) -> list[Atom]:
    atoms = []
    if prefix[:1] in tuple(CONJUNCTIONS):
        atoms.append(Atom("and" if prefix[0] == "و" else "clitic", token, ZERO))
        prefix = prefix[1:]
    if prefix[:1] in tuple(PREPOSITIONS):
        atoms.append(Atom("clitic", token, ZERO))
    return atoms


def _add_digits(atoms: list[Atom], token: str, is_glued: bool) -> None:
    digits = token.translate(_DIGITS)
    last = atoms[-1] if atoms else None
    if last and last.kind == "digits" and _continues_group(last.text, digits, is_glued):
        atoms.pop()
        digits = f"{last.text} {digits}"
    atoms.append(Atom("digits", digits, ZERO, is_glued=is_glued))


def _continues_group(before: str, digits: str, is_glued: bool) -> bool:
    """Whether a blank separates thousands, as in «12 500»."""
    return not is_glued and bool(
        re.fullmatch(r"[1-9]\d{0,2}( \d{3})*", before) and re.fullmatch(r"\d{3}", digits)
    )


def read_digits(digits: str, has_scale: bool = False) -> Fraction | None:
    """Read digits with separators.

    «٬» and a blank group thousands, «٫» marks decimals. Of two different separators the last
    marks decimals; one that occurs twice groups. A single point or comma groups when exactly
    three digits follow one to three that do not begin with zero («1,500» and «1.500» are 1500),
    else it marks decimals («2,5», «0.750»). Before a scale word a point marks decimals
    («3.229 مليون») and a comma with three digits can be either: unread.

    Args:
        digits: Western digits and separators.
        has_scale: Whether a word such as «مليون» follows.

    Returns:
        The number; ``None`` where the separators contradict each other or say too little.
    """
    separators = re.sub(r"\d", "", digits)
    if len(digits) - len(separators) > MAX_DIGITS:
        return None
    point = _decimal_separator(digits, separators, has_scale)
    if point is None:
        return None
    whole, _, decimals = digits.partition(point) if point else (digits, "", "")
    groups = re.split(r"\D", whole)
    if len(groups) > 1 and not _is_grouped(groups, whole):
        return None
    return Fraction(f"{''.join(groups)}.{decimals}" if decimals else "".join(groups))


def _is_grouped(groups: list[str], whole: str) -> bool:
    is_uniform = len(set(re.sub(r"\d", "", whole))) == 1
    return is_uniform and len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])


def _decimal_separator(digits: str, separators: str, has_scale: bool) -> str | None:
    """Give the separator of decimals, ``""`` where there is none, ``None`` where it is unclear."""
    if not separators or set(separators) <= {"٬", " "}:
        return ""
    last = separators[-1]
    if separators.count(last) > 1:
        return "" if len(set(separators)) == 1 else None
    if len(separators) > 1 or last == "٫" or not re.fullmatch(r"[1-9]\d{0,2}.\d{3}", digits):
        return last
    if not has_scale:
        return ""
    return "." if last == "." else None


def parse_number(atoms: Sequence[Atom], start: int = 0) -> Number | None:
    """Read the longest number that begins at a position.

    Terms joined by «و» must fall: each is smaller than the scale of the one before it, so that
    «ثلاثة وخمسة» is 3 and not 8.

    Returns:
        The number, or ``None`` where no number begins there.
    """
    number = _term(atoms, start)
    scale = number.scale if number else 1
    while number and number.amount.is_exact and scale > 1 and _kind(atoms, number.end) == "and":
        term = _term(atoms, number.end + 1, scale)
        if term is None or not term.amount.is_exact or term.amount.low >= scale:
            break
        scale = term.scale
        number = Number(number.amount.plus(term.amount), term.end, number.scale)
    return number


def _kind(atoms: Sequence[Atom], at: int) -> str:
    return atoms[at].kind if at < len(atoms) else ""


def _is_scale(atoms: Sequence[Atom], at: int) -> bool:
    """Whether a scale stands here that can be multiplied: a dual multiplies itself."""
    return _kind(atoms, at) == "scale" and atoms[at].form != "dual"


def _term(atoms: Sequence[Atom], at: int, outer_scale: int = 1) -> Number | None:
    """Read a number below a thousand with its scales, a fraction of a scale, or a scale alone."""
    share = _share(atoms, at)
    if share:
        return _share_of_scale(atoms, share, outer_scale)
    number = _chunk(atoms, at) or _bare_scale(atoms, at)
    if number is None:
        return None
    # «مئات الآلاف», «ألف مليون»: scales rise.
    while _is_scale(atoms, number.end) and atoms[number.end].amount.low > max(100, number.scale):
        scale = int(atoms[number.end].amount.low)
        number = Number(number.amount.times(scale), number.end + 1, number.scale * scale)
    return number


def _share(atoms: Sequence[Atom], at: int) -> Number | None:
    """Read «نصف» or «ثلاثة أرباع»."""
    if _kind(atoms, at) == "fraction":
        return Number(atoms[at].amount, at + 1, 1)
    if _kind(atoms, at) == "unit" and _kind(atoms, at + 1) == "fractions":
        value = atoms[at].amount.low * atoms[at + 1].amount.low
        return Number(Amount(value, value), at + 2, 1)
    return None


def _share_of_scale(atoms: Sequence[Atom], share: Number, outer_scale: int) -> Number | None:
    """Read «نصف مليون»; in «مليون ونصف» the scale is the one before."""
    if _is_scale(atoms, share.end):
        return Number(share.amount.times(int(atoms[share.end].amount.low)), share.end + 1, 1)
    return Number(share.amount.times(outer_scale), share.end, 1) if outer_scale > 1 else None


def _chunk(atoms: Sequence[Atom], at: int) -> Number | None:
    """Read digits or words below a thousand, with «ونصف» after them."""
    number = _digits(atoms, at) or _hundreds(atoms, at) or _below_hundred(atoms, at)
    if number and _kind(atoms, number.end) == "and":
        share = _share(atoms, number.end + 1)
        if share:
            return Number(number.amount.plus(share.amount), share.end, 1)
    return number


def _digits(atoms: Sequence[Atom], at: int) -> Number | None:
    if _kind(atoms, at) != "digits":
        return None
    value = read_digits(atoms[at].text, has_scale=_is_scale(atoms, at + 1))
    return None if value is None else Number(Amount(value, value), at + 1, 1)


def _hundreds(atoms: Sequence[Atom], at: int) -> Number | None:
    """Read hundreds in one word or two («ثلاثمئة», «ثلاث مئة»), with what «و» adds to them."""
    number = None
    if _kind(atoms, at) == "hundreds":
        number = Number(atoms[at].amount, at + 1, 1)
    elif _kind(atoms, at) in ("unit", "vague") and _is_hundred(atoms, at + 1):
        if atoms[at].amount.low > 2:
            number = Number(atoms[at].amount.times(100), at + 2, 1)
    elif _is_hundred(atoms, at):
        number = Number(_one_or_more(atoms[at]), at + 1, 1)
    if number and number.amount.is_exact and _kind(atoms, number.end) == "and":
        rest = _below_hundred(atoms, number.end + 1) or _digits(atoms, number.end + 1)
        if rest and rest.amount.is_exact and rest.amount.low < 100:
            return Number(number.amount.plus(rest.amount), rest.end, 1)
    return number


def _is_hundred(atoms: Sequence[Atom], at: int) -> bool:
    return _kind(atoms, at) == "scale" and atoms[at].amount.low == 100


def _below_hundred(atoms: Sequence[Atom], at: int) -> Number | None:
    kind, following = _kind(atoms, at), _kind(atoms, at + 1)
    if kind in ("zero", "ten", "tens"):
        return Number(atoms[at].amount, at + 1, 1)
    if kind in ("unit", "bound", "vague"):
        if following == "ten":
            return Number(atoms[at].amount.plus(atoms[at + 1].amount), at + 2, 1)
        if following == "and" and _kind(atoms, at + 2) == "tens":
            return Number(atoms[at].amount.plus(atoms[at + 2].amount), at + 3, 1)
        if kind == "vague" and following == "scale" and atoms[at + 1].amount.low == 10:
            return Number(atoms[at].amount.times(10), at + 2, 1)
        return None if kind == "bound" else Number(atoms[at].amount, at + 1, 1)
    if kind == "scale" and atoms[at].amount.low == 10:
        return Number(_one_or_more(atoms[at]), at + 1, 1)
    return None


def _bare_scale(atoms: Sequence[Atom], at: int) -> Number | None:
    if _kind(atoms, at) != "scale":
        return None
    return Number(_one_or_more(atoms[at]), at + 1, int(atoms[at].amount.low))


def _one_or_more(scale: Atom) -> Amount:
    """Give what a scale is worth by itself: one, two of a dual, several of a plural."""
    if scale.form == "plural":
        return load_words()["plural"].amount.times(int(scale.amount.low))
    return scale.amount.times(2) if scale.form == "dual" else scale.amount
