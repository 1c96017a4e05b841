"""Words for groups of people: children, women, civilians, soldiers, journalists and others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from arevent.normalize import normalize
from arevent.segment import TOKEN
from arevent.tables import TableError, read_table
from arevent.values.clitics import ARTICLE, clitic_readings

TABLE = "demographics.tsv"
LONGEST = 4
"""Words of the longest phrase that is looked up."""
COLUMNS = ("group", "singular", "dual", "plural")
_FORMS = re.compile("[ء-ي]+(?: [ء-ي]+)*(?:, [ء-ي]+(?: [ء-ي]+)*)*")
_SPELLING = str.maketrans("أإآٱىة", "اااايه")
# No alef of the accusative after ta marbuta, alef, hamza, a sound plural or a dual.
_NO_ACCUSATIVE = re.compile(r"(?:[ةاىء]|ون|ين|ات)\Z| ")
_NUN = re.compile("[ويا]ن")


def demographic_group(words: str) -> str | None:
    """Say which group of people the words speak of.

    Args:
        words: A mention or a counted noun phrase as written, such as «رجال الشرطة».

    Returns:
        The group of the first word, or the longest phrase there, that the table has: children for
        «أطفال ونساء», police for «عناصر الشرطة»; ``None`` where it has none.
    """
    tokens = TOKEN.findall(normalize(words).text)
    groups = _groups_by_key()
    for start in range(len(tokens)):
        for end in range(min(start + LONGEST, len(tokens)), start, -1):
            for reading in clitic_readings(" ".join(tokens[start:end])):
                group = groups.get(phrase_key(reading))
                if group is not None:
                    return group
    return None


@cache
def demographic_words() -> Mapping[str, str]:
    """Give every form of the table, without article and clitics, with its group."""
    return MappingProxyType(read_groups())


@cache
def _groups_by_key() -> Mapping[str, str]:
    return {phrase_key(form): group for form, group in demographic_words().items()}


def read_groups(table: str | Path = TABLE) -> dict[str, str]:
    """Read a table of groups and add the forms that follow from it.

    Args:
        table: A file of ``arevent/resources``, or a path of your own.

    Returns:
        Each word form, the accusative («طفلا») and construct («موظفي») included, with its group.

    Raises:
        TableError: If a row is not as expected, or a form stands in two groups.
    """
    rows = read_table(table, COLUMNS, dict.fromkeys(COLUMNS[1:], _check_forms))
    groups: dict[str, str] = {}
    for row in rows:
        for form in _forms(row):
            if groups.setdefault(form, row["group"]) != row["group"]:
                raise TableError(
                    f"{table}: expected each form in one group, "
                    f"found {form!r} in {groups[form]!r} and in {row['group']!r}"
                )
    return groups


def phrase_key(phrase: str) -> str:
    """Fold what does not tell words apart: the article and spellings of alef, ya and ta marbuta.

    Example:
        >>> phrase_key("رجال الإطفاء")
        'رجال اطفاء'
    """
    return " ".join(_without_article(word) for word in fold_spelling(phrase).split())


def fold_spelling(text: str) -> str:
    """Write every alef as ا, final ى as ي and ة as ه, and Latin letters small."""
    return text.translate(_SPELLING).casefold()


def _without_article(word: str) -> str:
    rest = word.removeprefix(ARTICLE)
    return rest if len(rest) > 1 else word


def _check_forms(cell: str) -> None:
    if cell and not _FORMS.fullmatch(cell):
        raise ValueError(f"expected Arabic words between commas («طفلان, طفلين»), found {cell!r}")


def _forms(row: Mapping[str, str]) -> Iterator[str]:
    for column in COLUMNS[1:]:
        for form in filter(None, row[column].split(", ")):
            yield form
            if not _NO_ACCUSATIVE.search(form) and column != "dual":
                yield form + "ا"
            # Dual and sound plural lose their nun before a noun; a broken plural («سكان») keeps it.
            if _NUN.match(form[-2:]) and (column == "dual" or not form.endswith("ان")):
                yield form[:-1]
