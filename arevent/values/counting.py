"""Counts that grammar alone states: two in a dual («قتيلان»), one in the singular of a person.

Without vowel signs «ـين» is a dual or a plural and «ـان» may be neither («سكان»), so a lexicon
decides; what it does not hold is not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from arevent.tables import read_table
from arevent.values.clitics import clitic_readings
from arevent.values.number_grammar import fold_letters, lex, read_digits

KINDS = ("person", "thing", "verb")
COUNTED_TYPES = frozenset({"Death", "Injury", "Disappearance", "Arrest", "Abduction", "Release"})
"""Event types whose `Target` is people, so that a singular among them is a count of one."""

_PRONOUNS = ("ه", "ها", "هم", "هن", "هما", "نا")
_ONE_OF = frozenset({"احد", "احدي"})
_TWO = frozenset({"اثنان", "اثنين", "اثنتان", "اثنتين"})
# Fatha before the last yeh, or sukun on it: «مسؤولَين», «فلسطينييْن».
_MARKED_DUAL = re.compile("(?:\u064e\u0651?ي|ي\u0652)\u0652?ن[\u064b-\u0652]*$")
_DUAL_PRONOUN = "هما"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The table of counted words, with all the forms that its rows stand for.

    Attributes:
        people: Forms of nouns of people and their count; ``None`` where a form may be a plural.
        things: Duals of other nouns.
        verbs: Verbs in the dual.
    """

    people: dict[str, int | None]
    things: frozenset[str]
    verbs: frozenset[str]


@cache
def load_lexicon(table: str | Path = "grammar_counts.tsv") -> Lexicon:
    """Read the table of counted words.

    Raises:
        TableError: If a row is not as the table's own head describes.
    """
    checks = {"dual": _check_dual, "sound_plural": _check_answer, "kind": _check_kind}
    people: dict[str, int | None] = {}
    things: dict[str, int | None] = {}
    verbs = set()
    for row in read_table(table, ("word", "dual", "sound_plural", "kind"), checks):
        word, dual = fold_letters(row["word"]), fold_letters(row["dual"])
        if row["kind"] == "verb":
            verbs.add(dual)
            continue
        forms = people if row["kind"] == "person" else things
        if dual != "-":
            forms.update(_dual_forms(dual, row["sound_plural"] == "yes"))
        if row["kind"] == "person":
            forms.update((form, 1) for form in _singular_forms(word))
    return Lexicon(people, frozenset(things), frozenset(verbs))


def _check_dual(cell: str) -> None:
    if cell != "-" and not cell.endswith(("ان", "ا")):
        raise ValueError(f"expected a nominative dual or -, found {cell!r}")


def _check_answer(cell: str) -> None:
    if cell not in ("yes", "no"):
        raise ValueError(f"expected yes or no, found {cell!r}")


def _check_kind(cell: str) -> None:
    if cell not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)}, found {cell!r}")


def _singular_forms(word: str) -> Iterator[str]:
    """Give a singular, its accusative, and what it is with a pronoun («زوجها», «شقيقته»)."""
    stem = word[:-1] + "ت" if word.endswith("ة") else word
    yield from (word, word + "ا")
    yield from (stem + pronoun for pronoun in _PRONOUNS)


def _dual_forms(dual: str, is_sound_plural: bool) -> Iterator[tuple[str, int | None]]:
    """Give the cases of a dual, before a noun and with pronouns («شرطيي», «طفليها»)."""
    stem = dual.removesuffix("ان")
    oblique = None if is_sound_plural else 2
    yield dual, 2
    yield from ((stem + ending, oblique) for ending in ("ين", "ي"))
    yield from ((f"{stem}ي{pronoun}", oblique) for pronoun in _PRONOUNS)
    if stem.endswith("ت"):
        yield stem + "ا", 2  # of a masculine it looks like the accusative: «طفلا»


def count_in_words(words: str) -> int | None:
    """Give the count that a noun phrase states by its grammar alone.

    Its first word decides, without proclitics. Vowel signs decide where letters do not
    («مسؤولَين»), and so does a numeral beside the noun («مدنيين اثنين»).

    Args:
        words: A noun or noun phrase as written.

    Returns:
        2 for a dual, 1 for the singular of a person; ``None`` for plurals, collectives, names,
        the singular of a thing, forms that may be a plural, and all that the lexicon lacks.

    Example:
        >>> count_in_words("جنديين سعوديين"), count_in_words("فتى"), count_in_words("مدنيين")
        (2, 1, None)
    """
    lexicon = load_lexicon()
    head, *others = fold_letters(words).split() or [""]
    if others and head in _ONE_OF:
        return 1
    noun = next((form for form in clitic_readings(head) if form in lexicon.people), None)
    if noun is None:
        return 2 if any(form in lexicon.things for form in clitic_readings(head)) else None
    if others and others[0] in _TWO:
        return 2
    if lexicon.people[noun] is None and _MARKED_DUAL.search(words.split()[0]):
        return 2
    return lexicon.people[noun]


def grammar_count(trigger: str, targets: Sequence[str], has_number: bool) -> int | None:
    """Give how many people an event touches where no number mention says so.

    A number written together with the trigger («مقتل25») and a dual trigger («قتيلان», «قتلا»,
    «مصرعهما») win. Else the first target counts, and with it each that «و» joins («جنديا
    وضابطا» are two); targets without «و» name the same people again or a part of them («شخصين،
    بينهم طفلة»). A toll noun without a target counts itself («سقوط قتيل»).

    Beside a linked number a singular is what is counted («20 قتيلا») and a dual verb or pronoun
    refers to it («اثنان أصيبا»); only a dual noun in a list still counts («15 طفلا وامرأتان»).

    Args:
        trigger: The trigger as written.
        targets: The `Target` mentions as written, in reading order.
        has_number: Whether a number is linked as the event's `Count`.

    Returns:
        The count, or ``None``. Meant for `actual` events of the types in `COUNTED_TYPES`: where
        nobody was hurt («لم يقتل أي جندي») there is nothing to count.
    """
    stated = _stated_by_trigger(trigger, has_number)
    if stated:
        return stated
    if not targets:
        return None if has_number else _people_count(trigger)
    first, *others = targets
    counts = [count_in_words(first)]
    counts += [count_in_words(other) for other in others if other.startswith("و")]
    if has_number:
        return 2 * counts.count(2) if others and 2 in counts else None
    if counts[0] is None or (counts[0] == 1 and None in counts):
        return None
    return sum(count for count in counts if count)


def _stated_by_trigger(trigger: str, has_number: bool) -> int | None:
    digits = [atom for atom in lex(trigger) if atom.kind == "digits" and atom.is_glued]
    if digits:
        value = read_digits(digits[0].text)
        return int(value) if value else None
    if _people_count(trigger) == 2:
        return 2
    forms = list(clitic_readings(fold_letters(trigger)))
    is_dual = forms[0].endswith(_DUAL_PRONOUN) or not load_lexicon().verbs.isdisjoint(forms)
    return 2 if is_dual and not has_number else None


def _people_count(trigger: str) -> int | None:
    people = load_lexicon().people
    forms = clitic_readings(fold_letters(trigger))
    return next((people[form] for form in forms if form in people), None)
