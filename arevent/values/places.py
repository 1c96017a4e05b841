"""Place mentions to gazetteer entries: class nouns, adjectives, clitics and the other places near.

A mention is read from the outside in: class nouns («ريف», «مطار»), then the longest stretch that
the gazetteer knows, then adjectives («السورية», «الشمالي»). What several places are called is
decided by the kind that the noun asks for, the countries and places of the context, and fame.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from arevent.document import PlaceValue
from arevent.tables import Check, read_table
from arevent.values.clitics import clitic_readings
from arevent.values.gazetteer import KINDS, NEWS_AREA, Place, fold_name, load_gazetteer, split_words

CLASS_NOUNS = "place_class_nouns.tsv"
MAX_CONTEXT = 40
"""So many of the nearest context mentions count."""

# Ranks are in powers of ten of inhabitants: a place that is ten times as large is one higher.
_FAME = {"country": 8.0, "region": 6.8, "area": 6.8, "facility": 6.5, "city": 2.5}
_FAME_OF_LISTED = 5.0  # of a populated place that the supplement names without inhabitants
_CAPITAL_NOUN = "العاصمة"
_CAPITAL = 0.5
_COUNTRY_NEAR = 1.5
_PLACE_NEAR = 1.0
_SECOND_KIND = 3.0  # what a noun asks for first nearly decides
_CLITIC = 1.5
_SOUND = 0.5
_NEAR_KM = 150.0
_SAME_KM = 15.0
_LEAST_SHARE = 0.6
_LEAST_CONTEXT_SCORE = 0.6
# Least fame of a place of a country that nothing in the text points to: Arabic names recur from
# country to country, so a place of the news area must be larger there than one abroad.
_LEAST_ABROAD = 5.0
_LEAST_ELSEWHERE = 5.7
_LARGE = 5.0  # small towns abroad are rarely meant, even in news of their country
_LEAST_SOUND_LETTERS = 6

_NISBA = re.compile("ال.+(ي|ية|يه)")
_POSSESSIVE = re.compile("(?<=...)(ها|هما|هم|هن|ه)$")


@dataclass(frozen=True, slots=True)
class ClassNoun:
    """A noun that stands before a place name, or in its stead.

    Attributes:
        kind: What noun and name together are; empty where the noun says nothing of it.
        takes: Kinds that the name may mean, the likeliest first; empty for any.
        alone: What the noun means without a name; empty for a common noun.
    """

    kind: str = ""
    takes: tuple[str, ...] = ()
    alone: str = ""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A mention taken apart.

    Attributes:
        nouns: Class nouns, the outermost first.
        lead: Nationality adjectives between the nouns and the name.
        words: The rest: a name and adjectives after it.
        is_definite: Whether the last noun has an article or a suffix, and no adjective leads.
    """

    nouns: tuple[ClassNoun, ...] = ()
    lead: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    is_definite: bool = False

    @property
    def noun(self) -> ClassNoun:
        """The noun that rules the name: the one next to it, or one that no name locates."""
        closed = [noun for noun in self.nouns if noun.takes == ("facility",)]
        return [ClassNoun(), *self.nouns, *closed][-1]  # «سفارة جمهورية الفلبين» is elsewhere

    @property
    def takes_name(self) -> bool:
        """Whether a name may follow the noun with its article: «العاصمة القاهرة»."""
        return self.noun.alone == "capital"

    @property
    def kind(self) -> str:
        """What the phrase is: a facility if it speaks of one, else what its first noun says."""
        kinds = [noun.kind for noun in self.nouns if noun.kind]
        return "facility" if "facility" in kinds else next(iter(kinds), "")


@dataclass(frozen=True, slots=True)
class _Context:
    """What the other places of the text are, nearest first."""

    values: tuple[PlaceValue, ...] = ()
    countries: frozenset[str] = frozenset()
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """A place that a name may mean.

    Attributes:
        place: The place.
        rank: In powers of ten of inhabitants.
        score: How well the spelling fits, in [0, 1].
    """

    place: Place
    rank: float
    score: float


def read_place(mention: str, context: Sequence[str] = ()) -> PlaceValue:
    """Find the place that a mention names.

    The words of the mention decide, then the context, then fame. For a facility, and for a region
    that is named after its seat («ريف حلب»), ``kind`` says what the words name, and the other
    fields describe the place of the gazetteer that locates it. A facility without a place in its
    name, and a noun that points back («المدينة»), take the nearest fitting place of the context,
    with a score of 0.4 at most. A border of two countries is unread.

    Args:
        mention: The words as written.
        context: Other place mentions of the sentence and the document, nearest first.

    Returns:
        The place; with ``name`` ``None`` and a reason where none fits well enough. What is read
        has a country, or is an area or a region across countries.

    Example:
        >>> place = read_place("بريف دير الزور")
        >>> place.name, place.kind, place.country
        ('Deir ez-Zor', 'region', 'SY')
    """
    words = tuple(split_words(mention))
    place = load_gazetteer().spelled(mention)
    if place:
        return _value(_Match(place, 0.0, 0.95), _Phrase(), 1.0)
    if not words:
        return _unread("no Arabic word")
    if len(words) == 2 and words[1] == _CAPITAL_NOUN and not _class_noun(words[0])[0]:
        words = (_CAPITAL_NOUN, words[0])  # «الجزائر العاصمة»
    return _read(words, _context_of(words, context))


def _unread(reason: str) -> PlaceValue:
    return PlaceValue(reason=reason)


def _context_of(words: tuple[str, ...], context: Sequence[str]) -> _Context:
    """Read the context by itself; other occurrences of the name are no evidence for it.

    Nor is a town («بلدة المنصورة») that was read by its fame in a country of which nothing else
    in the context speaks.
    """
    own = fold_name(words)
    readings = [
        reading
        for reading in map(_read_alone, context[:MAX_CONTEXT])
        if reading.value.score >= _LEAST_CONTEXT_SCORE and not own.endswith(reading.name)
    ]
    sure = {reading.value.country for reading in readings if not reading.is_local}
    values = [
        reading.value
        for reading in readings
        if not reading.is_local or not sure or reading.value.country in sure
    ]
    return _Context(
        values=tuple(values),
        countries=frozenset(value.country for value in values if value.country),
        points=tuple(
            (value.latitude, value.longitude)
            for value in values
            if value.kind != "country"
            and value.latitude is not None
            and value.longitude is not None
        ),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a mention of the context names when nothing else is known.

    Attributes:
        name: Its folded words.
        value: The place.
        is_local: Whether its class noun says that the place is small.
    """

    name: str
    value: PlaceValue
    is_local: bool


@lru_cache(maxsize=4096)
def _read_alone(mention: str) -> _Reading:
    words = tuple(split_words(mention))
    is_local = bool(words) and _is_local(_parse(words).noun)
    return _Reading(fold_name(words), read_place(mention), is_local)


def _read(words: tuple[str, ...], context: _Context) -> PlaceValue:
    phrase = _parse(words)
    if not all(map(_adjective, phrase.words)):
        value = _by_name(phrase, context)
        if value:
            return value
    return _by_adjective(phrase) or _from_context(phrase, context)


# Taking the mention apart


def _parse(words: tuple[str, ...]) -> _Phrase:
    """Take class nouns off the front until a name begins («جبل طارق» begins with a noun)."""
    nouns: list[ClassNoun] = []
    is_definite = False
    rest = words
    while rest and not _begins_name(rest, nouns):
        noun, is_definite_noun = _class_noun(rest[0])
        if noun is None:
            break
        nouns.append(noun)
        is_definite = is_definite_noun
        rest = rest[1:]
    lead = 0
    while nouns and lead < len(rest) - 1 and _adjective(rest[lead]):
        lead += 1  # «العاصمة السورية دمشق»
    return _Phrase(tuple(nouns), rest[:lead], rest[lead:], is_definite and not lead)


def _begins_name(words: tuple[str, ...], nouns: list[ClassNoun]) -> bool:
    """Whether a name of several words begins here, though its first word is a class noun."""
    noun, definite = _class_noun(words[0])
    if nouns and nouns[0].kind == "facility" and noun and "city" in noun.takes and not definite:
        return False  # «مبنى محافظة كربلاء» is in the city
    named = load_gazetteer().named
    return len(words) > 1 and any(named(key) for key, _ in _keys(words))


def _keys(words: tuple[str, ...]) -> list[tuple[str, float]]:
    """Give the folded names that the words may be, with what the clitics taken off cost."""
    keys: dict[str, float] = {}
    for reading in clitic_readings(words[0]):
        key = fold_name((reading, *words[1:]))
        if len(key) > 1:
            keys.setdefault(key, _CLITIC if keys else 0.0)
    return list(keys.items())


@lru_cache(maxsize=4096)
def _class_noun(word: str) -> tuple[ClassNoun | None, bool]:
    """Give the class noun that a word is, if any, and whether it is definite."""
    nouns = load_class_nouns()
    for reading in clitic_readings(word):
        noun = nouns.get(fold_name((reading,)))
        if noun:
            return noun, reading.startswith("ال")
        suffix = _POSSESSIVE.search(reading)
        noun = nouns.get(fold_name((reading[: suffix.start()],))) if suffix else None
        if noun:
            return noun, True
    return None, False


@lru_cache(maxsize=4096)
def _adjective(word: str) -> Place | None:
    """Give the country (or city) that a word is the adjective of: «السورية»."""
    found = map(load_gazetteer().of_adjective, (fold_name((w,)) for w in clitic_readings(word)))
    return next(filter(None, found), None)


def _is_modifier(word: str) -> bool:
    """Whether a word can follow a name without changing it: «السورية», «الدولي», «الشمالي»."""
    return bool(_NISBA.fullmatch(word))


def _countries_of(phrase: _Phrase, words: Iterable[str]) -> frozenset[str]:
    """Give the countries of the adjectives; those of a facility tell whose it is, not where."""
    if phrase.kind == "facility":
        return frozenset()
    return frozenset(place.country for place in map(_adjective, words) if place)


# Choosing a place


def _by_name(phrase: _Phrase, context: _Context) -> PlaceValue | None:
    """Read the longest stretch of the words that names a place, with adjectives after it."""
    words = phrase.words
    if phrase.is_definite and words and words[0].startswith("ال") and not phrase.takes_name:
        return None  # «المدينة القديمة»: a noun with the article takes adjectives, not a name
    for end in range(len(words), 0, -1):
        if not all(map(_is_modifier, words[end:])):
            return None
        if end == 1 and _class_noun(words[0])[0]:
            return None
        countries = _countries_of(phrase, (*phrase.lead, *words[end:]))
        matches = _matches(words[:end], phrase.noun, countries, context)
        if matches:
            return _choose(matches, phrase)
    return None


def _by_adjective(phrase: _Phrase) -> PlaceValue | None:
    """Read a noun with nothing but adjectives: «الأراضي السورية», «أقصى الشمال السوري»."""
    adjectives = (*phrase.lead, *phrase.words)
    countries = _countries_of(phrase, adjectives)
    if not countries or not all(_adjective(word) or _class_noun(word)[0] for word in adjectives):
        return None
    if len(countries) > 1:
        return _unread("names several countries")
    place = next(filter(None, map(_adjective, adjectives)))
    if phrase.noun.alone == "capital" or not phrase.noun.takes or place.kind in phrase.noun.takes:
        return _value(_Match(place, 0.0, 0.9), phrase, 1.0)
    return None


def _from_context(phrase: _Phrase, context: _Context) -> PlaceValue:
    """Read a noun without a name: the nearest place of the context that it can point back to."""
    noun = phrase.noun
    if not phrase.nouns:
        return _unread("no entry of the gazetteer has this name")
    if not noun.alone:
        return _unread("a common noun, or a name that the gazetteer does not have")
    points_back = noun.kind == "facility" or (
        phrase.is_definite and all(word.startswith("ال") for word in phrase.words)
    )
    if not points_back:
        return _unread("no entry of the gazetteer has this name")
    # A city of another country than the nearest place is rarely where something stands.
    nearest = next((value.country for value in context.values if value.country), None)
    countries = _countries_of(phrase, phrase.words) or {nearest}
    wanted = "city" if noun.alone == "capital" else noun.alone
    for value in context.values:
        found = _capital_of(value) if noun.alone == "capital" else value
        if found.kind == wanted and found.country in countries:
            return replace(found, kind=phrase.kind or wanted, score=round(value.score * 0.4, 3))
    return _unread(f"no {noun.alone} in the context that it could point back to")


def _capital_of(value: PlaceValue) -> PlaceValue:
    place = load_gazetteer().capital(value.country or "")
    return _value_of(place) if place else PlaceValue()


def _matches(
    words: tuple[str, ...], noun: ClassNoun, countries: frozenset[str], context: _Context
) -> list[_Match]:
    """Give the places that the words may mean, the best first, each place once."""
    gazetteer = load_gazetteer()
    for look_up, score, cost in ((gazetteer.named, 0.95, 0.0), (gazetteer.sounding, 0.8, _SOUND)):
        best: dict[tuple[str, float, float], _Match] = {}
        for key, clitic_cost in _keys(words):
            if cost and len(key) < _LEAST_SOUND_LETTERS:
                continue
            for place in look_up(key):
                rank = _rank(place, noun, countries, context)
                if rank is None:
                    continue
                match = _Match(place, rank - clitic_cost - cost, score)
                identity = (place.kind, place.latitude, place.longitude)
                if identity not in best or best[identity].rank < match.rank:
                    best[identity] = match
        if best:
            return sorted(best.values(), key=lambda match: (-match.rank, match.place.name))
    return []


def _rank(
    place: Place, noun: ClassNoun, countries: frozenset[str], context: _Context
) -> float | None:
    """Say how likely a place is meant, in powers of ten of inhabitants; ``None`` for never."""
    is_near = place.country in context.countries
    if countries and place.country not in countries:
        return None
    if place.needs_context and not is_near:
        return None
    if noun.takes and place.kind not in noun.takes:
        return None
    if _is_local(noun) and context.countries and not is_near:
        return None
    rank = _fame(place)
    is_home = place.country in NEWS_AREA
    if not (place.is_listed or is_near) and rank < _least_fame(is_home, context):
        return None
    if noun.takes:
        rank -= _SECOND_KIND * noun.takes.index(place.kind)
    if is_near:
        rank += _COUNTRY_NEAR if is_home or rank >= _LARGE else _COUNTRY_NEAR / 3
    rank += _PLACE_NEAR * any(_distance(place, point) < _NEAR_KM for point in context.points)
    return rank


def _is_local(noun: ClassNoun) -> bool:
    """Whether the noun says that the place is small, so that fame elsewhere is no evidence.

    «بلدة المنصورة» in a Syrian story is not the Egyptian city, though no other is in the table.
    """
    return noun.kind == "city" and bool(noun.takes) and not noun.alone


def _least_fame(is_home: bool, context: _Context) -> float:
    if is_home:
        return _LEAST_ELSEWHERE if context.countries else 0.0
    return _LEAST_ABROAD


def _fame(place: Place) -> float:
    if place.kind != "city":
        return _FAME[place.kind]
    fame = math.log10(place.population) if place.population else 0.0
    least = _FAME_OF_LISTED if place.is_listed else _FAME["city"]
    return max(fame, least) + _CAPITAL * place.is_capital


def _distance(place: Place, point: tuple[float, float]) -> float:
    """Give the distance in kilometres, well enough below a thousand of them."""
    north = place.latitude - point[0]
    east = (place.longitude - point[1]) * math.cos(math.radians(place.latitude))
    return 111.2 * math.hypot(north, east)


def _choose(matches: list[_Match], phrase: _Phrase) -> PlaceValue:
    """Take the best match if it stands out among those elsewhere."""
    best = matches[0]
    point = (best.place.latitude, best.place.longitude)
    rivals = [m.rank for m in matches[1:] if _distance(m.place, point) > _SAME_KM]
    share = 1 / (1 + sum(10 ** (rank - best.rank) for rank in rivals))
    if share < _LEAST_SHARE:
        return _unread(f"{len(rivals) + 1} places have this name")
    return _value(best, phrase, share)


# Values


def _value(match: _Match, phrase: _Phrase, share: float) -> PlaceValue:
    place = match.place
    if phrase.noun.alone == "capital" and place.kind == "country":
        place = load_gazetteer().capital(place.country) or place
    value = _value_of(place)
    kind = phrase.kind or place.kind
    if kind in ("city", "country") and place.kind in ("country", "region") and kind != place.kind:
        kind = "region"  # «مدن الغوطة»: cities of a region, in the region
    elif place.kind in ("area", "facility") or not place.country:
        kind = place.kind
    quality = 0.85 if kind == "facility" != place.kind else 1.0
    return replace(value, kind=kind, score=round(match.score * share * quality, 3))


def _value_of(place: Place) -> PlaceValue:
    return PlaceValue(
        name=place.name,
        kind=place.kind,
        country=place.country or None,
        admin=load_gazetteer().admin_name(place),
        latitude=place.latitude,
        longitude=place.longitude,
        geonames_id=place.geonames_id,
    )


# The table of class nouns


def read_class_nouns(name: str | Path = CLASS_NOUNS) -> dict[str, ClassNoun]:
    """Read the table of class nouns, by folded form.

    Raises:
        TableError: If a row cannot be read; the message gives file and line.
    """
    checks: dict[str, Check] = {
        "kind": _words_of("", *KINDS),
        "takes": _words_of("", *KINDS),
        "alone": _words_of("", "city", "region", "country", "capital"),
    }
    nouns: dict[str, ClassNoun] = {}
    for row in read_table(name, ("forms", "kind", "takes", "alone"), checks):
        noun = ClassNoun(row["kind"], tuple(row["takes"].split()), row["alone"])
        nouns.update((fold_name(form), noun) for form in row["forms"].split("|"))
    return nouns


def _words_of(*allowed: str) -> Check:
    def check(cell: str) -> None:
        for word in cell.split() or [""]:
            if word not in allowed:
                raise ValueError(f"expected words among {allowed}, found {word!r}")

    return check


@lru_cache(maxsize=1)
def load_class_nouns() -> dict[str, ClassNoun]:
    """Give the class nouns that are shipped; they are read once."""
    return read_class_nouns()
