"""Actor mentions to a canonical name and a kind; abbreviations that a document defines.

What an actor is follows from its first words («وزارة …», «ميليشيات …») or, for a force and its
members, from whose they are («قوات المعارضة», «عناصر من طالبان»). The words are in two tables,
``actor_names.tsv`` and ``actor_kinds.tsv``; this module only knows how their rows combine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TypeVar

from arevent.document import ActorValue
from arevent.normalize import normalize
from arevent.segment import TOKEN
from arevent.tables import TableError, read_table
from arevent.values.clitics import ARTICLE, strip_clitics
from arevent.values.demographics import demographic_words, fold_spelling, phrase_key

KINDS_TABLE = "actor_kinds.tsv"
NAMES_TABLE = "actor_names.tsv"
COMPLEMENTS = {"forces of": "forces", "members of": "members"}
MATCHES = {
    *("kind", "starts", "class", "forces", "members", "parts", "given", "inside", "group"),
    *COMPLEMENTS,
}
PARTICLES = frozenset(["في", "من", "على", "عن"])

LONGEST = 9
"""Words of the longest name or phrase that is looked up."""
_ENDINGS = ("", "ا", "ان", "ين", "ون", "ي", "و", "ة", "تان", "تين", "ات")
_POSSESSIVE = re.compile(r"(?<=\w{3})(?:هما|هم|هن|ها|نا|ه)\Z")
_QUOTES = re.compile("[\"'`´“”„‟‘’‚‛«»‹›#*()\\[\\]{}<>]")
_GAPS = re.compile(r"[\s_]+")
_EDGE = " .,،؛;:!؟?…|/\\-–—"
# Clitics that tatweel or a space keeps apart: «لـCNN», «لـ "قسد"».
_LOOSE_CLITICS = re.compile(r"\A(?:[وف]?[بكل]|[وف])(?: |(?=[A-Za-z0-9]))")

_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class Rule:
    """What words say about the actor that they begin.

    Attributes:
        match: How the rule applies, one of those explained in the table.
        kind: The kind, or ``None`` where the words alone do not say.
    """

    match: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class KindTable:
    """The table of kinds, ready to look up.

    Attributes:
        kinds: Every kind with its description.
        rules: Rules by folded words.
        complements: Kind of forces or members, by match and by the kind of whose they are.
    """

    kinds: Mapping[str, str]
    rules: Mapping[str, Rule]
    complements: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class NameTable:
    """The table of names, ready to look up.

    Attributes:
        kinds: Kind of every canonical name.
        canonical: Canonical names by folded name or alias.
    """

    kinds: Mapping[str, str]
    canonical: Mapping[str, str]


def read_actor(mention: str, definitions: Mapping[str, str] | None = None) -> ActorValue:
    """Give the canonical name of an actor and its kind.

    Args:
        mention: The mention as written.
        definitions: Long names by the short ones that the document uses, from
            `find_definitions` and `find_short_names`.

    Returns:
        The name without proclitics, quotation marks, diacritics and tatweel, an alias replaced by
        the name it stands for; the kind, or ``None`` with the reason. A name that is unknown to
        the tables stays as it is, its first letter included («بوتين»).

    Example:
        >>> read_actor("للحوثيين")
        ActorValue(name='الحوثيين', kind='armed group', reason=None)
    """
    name = _canonical_name(mention, _aliases(tuple((definitions or {}).items())))
    if not name:
        return ActorValue("", None, "no letters or digits")
    words = name.split()
    kind = _kind(words)
    if kind is not None:
        return ActorValue(name, kind)
    if _head(words) is not None:
        return ActorValue(name, None, "the words do not say whose it is")
    return ActorValue(name, None, "the words are in no table, and no given name begins them")


def actor_kinds() -> Mapping[str, str]:
    """Give every kind that `read_actor` may return, with its description."""
    return _kind_table().kinds


def actor_names() -> Mapping[str, str]:
    """Give the canonical names of the table with their kinds."""
    return _name_table().kinds


@cache
def _kind_table() -> KindTable:
    return read_kinds()


@cache
def _name_table() -> NameTable:
    return read_names()


# Reading a mention.


@lru_cache(maxsize=8)  # the mentions of a document come one after the other
def _aliases(definitions: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return {fold_spelling(_clean(short)): _canonical_name(long, {}) for short, long in definitions}


def _canonical_name(mention: str, aliases: Mapping[str, str]) -> str:
    def is_known(phrase: str) -> bool:
        return fold_spelling(phrase) in aliases or _is_known(phrase)

    name = strip_clitics(_clean(mention), is_known, keep_article=True)
    return _named(name, aliases) or name


def _named(phrase: str, aliases: Mapping[str, str]) -> str | None:
    """Give the canonical name of a name or alias, with or without a class noun before it."""
    names = _name_table().canonical
    key = fold_spelling(phrase)
    canonical = aliases.get(key) or names.get(key)
    if canonical:
        return canonical
    words = phrase.split()
    rules = _kind_table().rules
    for length in (1, 2):  # «وكالة رويترز», «وكالة أنباء رويترز»
        rule = rules.get(phrase_key(" ".join(words[:length])))
        if rule is None or rule.match != "class":
            continue
        key = fold_spelling(" ".join(words[length:]))
        canonical = aliases.get(key) or names.get(key)
        if canonical and _is_class_of(rule, canonical):
            return canonical
    return None


def _is_class_of(rule: Rule, name: str) -> bool:
    """Say whether such an actor may be called so: «حركة» is right for «حماس», not for «إيران»."""
    kind = _kind(name.split())
    complements = _kind_table().complements
    return rule.kind == kind or (rule.kind is None and ("members", kind or "") in complements)


def _clean(mention: str) -> str:
    words = normalize(mention).text
    previous = None
    while words != previous:  # what is taken off may uncover more: «"لـ «قسد»»
        previous = words
        words = _GAPS.sub(" ", _QUOTES.sub("", words)).strip(_EDGE)
        words = _LOOSE_CLITICS.sub("", words)
    return words


def _kind(words: Sequence[str]) -> str | None:
    table = _kind_table()
    head = _head(words)
    if head is None:
        rules = (table.rules.get(phrase_key(word)) for word in words[1:LONGEST])
        return next((rule.kind for rule in rules if rule and rule.match == "inside"), None)
    rule, length = head
    if rule.match not in ("forces", "members", "parts"):
        return rule.kind
    whose = _kind_of_complement(words[length:])
    if rule.match == "parts":
        return whose or rule.kind
    return table.complements.get((rule.match, whose or ""), rule.kind)


def _kind_of_complement(words: Sequence[str]) -> str | None:
    """Give the kind of the first actor in the words after a head: «عناصر [سابقين في] الجيش»."""
    for start in range(min(len(words), LONGEST)):
        phrase = " ".join(words[start : start + LONGEST])
        complement = strip_clitics(phrase, _is_known, keep_article=True).split()
        if complement and _head(complement):
            return _kind(complement)
    return None


def _is_known(phrase: str) -> bool:
    return _head(phrase.split()) is not None


def _head(words: Sequence[str]) -> tuple[Rule, int] | None:
    """Find the longest name or rule that begins the words, and how many words it has."""
    if not words or words[0] in PARTICLES:
        return None
    rules = _kind_table().rules
    for length in range(min(len(words), LONGEST), 0, -1):
        phrase = " ".join(words[:length])
        name = _named(phrase, {})
        if name:
            return Rule("starts", _name_table().kinds[name]), length
        rule = rules.get(phrase_key(phrase))
        if rule and rule.match != "inside":
            return rule, length
    # «قواته», «زوجته»: ta marbuta is written open before a possessive.
    stem = _POSSESSIVE.sub("", words[0])
    for form in (stem, stem.removesuffix("ت") + "ة"):
        rule = rules.get(phrase_key(form)) if stem != words[0] else None
        if rule and rule.match not in ("given", "inside"):
            return rule, 1
    return None


# Abbreviations.

_BRACKETS = {"(": ")", "[": "]", '"': '"', "«": "»", "“": "”"}
_KNOWN_AS = re.compile("(?:ال)?معروف(?:ة|ين|ون)?|[يت]عرف(?:ون)?")
_ADVERB = re.compile("اختصارا|إعلاميا|أيضا|محليا|سابقا")
_ABBREVIATION = re.compile("[ء-ي]{3,8}|[A-Z][A-Za-z]{1,8}")
_LATIN = re.compile("[A-Z]{2,8}")
_NAMED_KINDS = {
    "armed group",
    "political party",
    "international organisation",
    "organisation",
    "company",
    "media",
}
"""Kinds of actors with an abbreviation; a Latin one after others is more often a credit."""


def find_definitions(text: str) -> dict[str, str]:
    """Find the abbreviations and other names that a document defines.

    Read are «long (short)», «long "short"», «short (long)» and «long المعروف باسم short». Brackets
    say many other things («الحزب (يسار)», «الحكومة (رويترز)»), so the short name must be spelled
    by the words of the long one, be a known alias of it, or be said to be its name; a Latin
    abbreviation may also follow a class noun («اتحاد … (NWA)»).

    Args:
        text: The text of a document.

    Returns:
        Long names, without proclitics, by short ones; of several definitions the first.
    """
    found: dict[str, str] = {}
    tokens = TOKEN.findall(normalize(text).text)
    for position, token in enumerate(tokens):
        if token in _BRACKETS:
            definition = _bracketed(tokens, position)
        elif _KNOWN_AS.fullmatch(token):
            definition = _known_as(tokens, position)
        else:
            continue
        if definition and fold_spelling(definition[0]) != fold_spelling(definition[1]):
            found.setdefault(*definition)
    return found


def _bracketed(tokens: Sequence[str], position: int) -> tuple[str, str] | None:
    inside = _until_close(tokens, position)
    before = _words_before(tokens, position)
    if not inside or not before:
        return None
    if len(inside) == 1:
        long = _long_name(before, inside[0])
        return (inside[0], long) if long else None
    short = strip_clitics(before[-1], _is_known, keep_article=True)
    is_long = tokens[position] == "(" and _long_name(inside, short) == " ".join(inside)
    return (short, " ".join(inside)) if is_long else None


def _known_as(tokens: Sequence[str], position: int) -> tuple[str, str] | None:
    rest = list(tokens[position + 1 : position + 12])
    if rest and _ADVERB.fullmatch(rest[0]):
        rest.pop(0)
    if len(rest) < 2 or rest[0] not in ("باسم", "ب"):
        return None
    quoted = _until_close(rest, 1) if rest[1] in _BRACKETS else rest[1:2]
    short = " ".join(quoted)
    # An unquoted «أبو …» goes on, and nothing says how far.
    if not short or phrase_key(short) in _kind_table().rules:
        return None
    long = _class_name(_words_before(tokens, position), {"person", *_NAMED_KINDS})
    return (short, long) if long else None


def _until_close(tokens: Sequence[str], opening: int) -> list[str]:
    close = _BRACKETS[tokens[opening]]
    inside: list[str] = []
    for token in tokens[opening + 1 : opening + 2 + LONGEST]:
        if token == close:
            return inside
        if not token[0].isalpha():
            break
        inside.append(token)
    return []


def _words_before(tokens: Sequence[str], position: int) -> list[str]:
    start = position
    while start > 0 and position - start < LONGEST and tokens[start - 1][0].isalpha():
        start -= 1
    return list(tokens[start:position])


def _long_name(words: Sequence[str], short: str) -> str | None:
    """Find the words at the end of ``words`` that ``short`` abbreviates."""
    if not _ABBREVIATION.fullmatch(short):
        return None
    names = _name_table().canonical
    canonical = names.get(fold_spelling(short))
    phrases = list(_last_phrases(words))
    for long in reversed(phrases):
        if canonical is not None and names.get(fold_spelling(long)) == canonical:
            return long
    for long in phrases:
        if _spells(fold_spelling(short), fold_spelling(long).split()):
            return long
    if canonical is None and _LATIN.fullmatch(short):
        return _class_name(words, _NAMED_KINDS)
    return None


def _last_phrases(words: Sequence[str]) -> Iterator[str]:
    """Give the last words, two and more, without proclitics of the first."""
    for length in range(2, len(words) + 1):
        yield strip_clitics(" ".join(words[-length:]), _is_known, keep_article=True)


def _class_name(words: Sequence[str], kinds: Set[str]) -> str | None:
    """Find the last words that a class noun or a given name begins: «اتحاد …», «محمد …».

    The noun nearest to the end does, with such nouns right before it («حركة المقاومة …»).
    """
    found: str | None = None
    for phrase in _last_phrases(words):
        head = _head(phrase.split())
        if head and head[0].kind in kinds and not phrase.startswith(ARTICLE):
            found = phrase
        elif found:
            break
    return found


def _spells(short: str, words: Sequence[str]) -> bool:
    """Say whether every word but particles gives its first letter, and maybe more, in order."""
    if not words:
        return not short
    if words[0] in PARTICLES and _spells(short, words[1:]):
        return True
    stems = {words[0], re.sub(r"\A(?:و?ال|لل)", "", words[0])}
    return any(
        _spells(short[length:], words[1:])
        for length in range(1, len(short) + 1)
        if any(stem[:1] == short[0] and _is_subsequence(short[:length], stem) for stem in stems)
    )


def _is_subsequence(letters: str, word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)


# Surnames.

_CONNECTORS = frozenset(["عبد", "أبو", "أبي", "أبا", "ابن", "بن", "بنت", "آل"])
# Second halves of given names: «نصر الله», «بدر الدين».
_SECOND_HALVES = frozenset(["الله", "الدين", "الإسلام", "الاسلام"])


def find_short_names(mentions: Iterable[str]) -> dict[str, str]:
    """Find the surnames by which a document may call the persons it names in full.

    Args:
        mentions: The actor mentions of a document as written, in reading order.

    Returns:
        Full names by surnames, to be handed to `read_actor` with the definitions. Left out are
        surnames of two persons, and those that the tables know as something else.
    """
    full_names: dict[str, str] = {}
    shared: set[str] = set()
    for mention in mentions:
        value = read_actor(mention)
        words = value.name.split()
        if value.kind != "person" or len(words) < 2 or words[-2] in _CONNECTORS:
            continue
        surname = words[-1]
        if len(surname) < 3 or surname in _SECOND_HALVES or _is_known(surname):
            continue
        full_name = full_names.setdefault(surname, value.name)
        if not full_name.startswith(words[0] + " "):
            shared.add(surname)
    return {short: full for short, full in full_names.items() if short not in shared}


# Tables.


def read_kinds(table: str | Path = KINDS_TABLE) -> KindTable:
    """Read a table of kinds.

    Args:
        table: A file of ``arevent/resources``, or a path of your own.

    Raises:
        TableError: If a row is not as expected, or two rows have the same words.
    """
    columns = ("words", "match", "kind")
    check_match = partial(_check_one_of, MATCHES)
    declared = read_table(table, columns, {"match": check_match})
    kinds = {row["kind"]: row["words"] for row in declared if row["match"] == "kind"}
    rows = read_table(table, columns, {"kind": partial(_check_one_of, {"", *kinds})})
    rules: dict[str, Rule] = {}
    complements: dict[tuple[str, str], str] = {}
    groups: dict[str, str] = {}
    for row in rows:
        phrases = row["words"].split(", ")
        if row["match"] == "group":
            groups.update(dict.fromkeys(phrases, row["kind"]))
        elif row["match"] in COMPLEMENTS:
            match = COMPLEMENTS[row["match"]]
            complements.update({(match, kind): row["kind"] for kind in phrases})
        elif row["match"] != "kind":
            rule = Rule(row["match"], row["kind"] or None)
            for phrase in phrases:
                for key in sorted({phrase_key(form) for form in _inflect(phrase)}):
                    _add(table, rules, key, rule)
    for words, group in demographic_words().items():
        if group in groups:
            rules.setdefault(phrase_key(words), Rule("starts", groups[group]))
    return KindTable(kinds, rules, complements)


def read_names(table: str | Path = NAMES_TABLE) -> NameTable:
    """Read a table of names.

    Args:
        table: A file of ``arevent/resources``, or a path of your own.

    Raises:
        TableError: If a row is not as expected, or a name stands for two actors.
    """
    check = partial(_check_one_of, set(actor_kinds()))
    rows = read_table(table, ("name", "kind", "aliases"), {"kind": check})
    canonical: dict[str, str] = {}
    for row in rows:
        for name in (row["name"], *filter(None, row["aliases"].split(", "))):
            _add(table, canonical, fold_spelling(name), row["name"])
    return NameTable({row["name"]: row["kind"] for row in rows}, canonical)


def _inflect(phrase: str) -> Iterator[str]:
    """Give the forms of a phrase; ``+`` at its end asks for the regular endings."""
    stem = phrase.removesuffix("+")
    yield from (stem + ending for ending in _ENDINGS) if stem != phrase else [stem]


def _add(table: str | Path, entries: dict[str, _Entry], key: str, entry: _Entry) -> None:
    if entries.setdefault(key, entry) != entry:
        raise TableError(f"{table}: expected {key!r} once, found it as {entries[key]} and {entry}")


def _check_one_of(choices: set[str], cell: str) -> None:
    if cell not in choices:
        raise ValueError(f"expected one of {', '.join(sorted(choices))}, found {cell!r}")
