"""Proclitics: the one-letter words that Arabic writes together with the next word.

A conjunction (و ف), a preposition (ب ك ل) and the article (ال) stand before a noun in this order,
each at most once. The same letters begin ordinary words («بوتين», «لبنان», «فلسطين», «وزارة»), so
they come off only where the remainder is a word that the caller knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

CONJUNCTIONS = "وف"
PREPOSITIONS = "بكل"
ARTICLE = "ال"


def strip_clitics(word: str, is_known: Callable[[str], bool], *, keep_article: bool = False) -> str:
    """Take off as few proclitics as make the word known.

    Args:
        word: A folded word, or a phrase, of which the first word may carry proclitics.
        is_known: Says whether a remainder is a word, or a phrase, of the caller's table.
        keep_article: Whether the article stays, as it does in names («للحوثيين» → «الحوثيين»).

    Returns:
        The first reading that is known, the word itself before all others; the word unchanged
        where none is.

    Example:
        >>> strip_clitics("ولقسد", {"قسد"}.__contains__)
        'قسد'
        >>> strip_clitics("بوتين", {"قسد"}.__contains__)
        'بوتين'
    """
    readings = clitic_readings(word, keep_article=keep_article)
    return next((reading for reading in readings if is_known(reading)), word)


def clitic_readings(word: str, *, keep_article: bool = False) -> Iterator[str]:
    """Give what the word may be without proclitics, the word itself first, the barest last.

    Args:
        word: A folded word, or a phrase.
        keep_article: Whether to leave out the readings that lack the article of the word.

    Example:
        >>> list(clitic_readings("وبالرقة"))
        ['وبالرقة', 'بالرقة', 'الرقة', 'رقة']
    """
    stems = [word]
    if word[:1] and word[0] in CONJUNCTIONS:
        stems.append(word[1:])
    readings = [form for stem in stems for form in (stem, *_without_preposition(stem))]
    if not keep_article:
        readings += [form.removeprefix(ARTICLE) for form in readings]
    seen: dict[str, None] = {word: None}
    seen.update(dict.fromkeys(reading for reading in readings if reading.strip()))
    yield from seen


def _without_preposition(word: str) -> Iterator[str]:
    if not word or word[0] not in PREPOSITIONS:
        return
    rest = word[1:]
    if not word.startswith("لل"):
        yield rest
        return
    # The article loses its alef after ل («للحوثيين»), and three lams are written as two («للجنة»
    # may be ل + اللجنة); an indefinite noun or a name in lam looks the same («للبنان»). A sound
    # plural keeps its nun only outside a construct, there the article is the likelier reading.
    readings = (rest, "ا" + rest, ARTICLE + rest)
    is_plural = word.partition(" ")[0].endswith(("ين", "ون"))
    yield from reversed(readings) if is_plural else readings
