"""Arabic place names to gazetteer entries: the compact table, the supplement and their look-up.

The table is built once from GeoNames and CLDR by ``training/build_gazetteer.py``. Here names are
looked up; nothing is known of class nouns, clitics or context.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from arevent.normalize import normalize
from arevent.tables import RESOURCES, Check, TableError, read_table

TABLE = "gazetteer.tsv.gz"
SUPPLEMENT = "place_supplement.tsv"
SUPPLEMENT_COLUMNS = (
    "name",
    "aliases",
    "kind",
    "country",
    "admin",
    "latitude",
    "longitude",
    "geonames_id",
    "adjectives",
    "needs_context",
)
CAPITAL_MARK = "@"  # before the country code, in the section of names
KINDS = ("country", "region", "city", "area", "facility")

NEWS_AREA = frozenset(
    ("AE", "AF", "BH", "DJ", "DZ", "EG", "EH", "IL", "IQ", "IR", "JO", "KM", "KW", "LB", "LY", "MA",
     "MR", "OM", "PS", "QA", "SA", "SD", "SO", "SS", "SY", "TN", "TR", "YE")
)  # fmt: skip
"""Countries of which Arabic news names small places without further ado."""

_NOT_LETTERS = re.compile(r"[^\u0620-\u063f\u0641-\u064a\u066e-\u06d3]+")
_FOLDED_LETTERS = str.maketrans(
    {
        **dict.fromkeys("أإآٱئ", "ا"),
        "ة": "ه",
        **dict.fromkeys("ىیې", "ي"),
        "ؤ": "و",
        "ء": None,
        # Persian letters as Arabic papers write them
        "ک": "ك",
        "پ": "ب",
        "گ": "غ",
        "چ": "ج",
        "ڤ": "ف",
        "ژ": "ج",
    }
)
# Papers differ in how they write foreign sounds: g is غ, ج or ك, t is ت or ط, s is س or ص, th is
# ث, س or ت; a short vowel may be written long, or not at all.
_SOUNDS = str.maketrans({"ج": "غ", "ك": "غ", "ق": "غ", "ط": "ت", "ص": "س", "ض": "د", "ظ": "ز"})
_VOWELS = re.compile("[\u064b-\u0652]")
_NOT_SPELLING = re.compile("[^\u0621-\u063f\u0641-\u0652]+")
_DOUBLE = re.compile(r"(.)\1")
_ARTICLE = re.compile(r"^ال(?=..)")


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the gazetteer.

    Attributes:
        name: In Latin letters.
        kind: One of `KINDS`.
        country: ISO 3166 two-letter code; empty for what lies in several countries.
        admin: GeoNames code of the first-level area, or empty.
        latitude: Degrees north; of a country or region the middle of its populated places.
        longitude: Degrees east.
        geonames_id: ``None`` for entries of the supplement without one.
        population: Inhabitants; 0 where unknown.
        is_capital: Whether it is the capital of its country.
        needs_context: Whether the name says nothing unless the text speaks of the country.
        is_listed: Whether the supplement names it.
    """

    name: str
    kind: str
    country: str
    admin: str
    latitude: float
    longitude: float
    geonames_id: int | None = None
    population: int = 0
    is_capital: bool = False
    needs_context: bool = False
    is_listed: bool = False


def split_words(text: str) -> list[str]:
    """Give the runs of Arabic letters of a text, without marks, digits and signs.

    Example:
        >>> split_words("محافظة #تعز")
        ['محافظة', 'تعز']
    """
    return [word for word in _NOT_LETTERS.split(normalize(text).text) if word]


def fold_name(words: str | Iterable[str]) -> str:
    """Fold what writers spell differently: hamza, ة, ى, the article, spaces.

    Example:
        >>> fold_name("أبو ظبي") == fold_name("ابوظبى")
        True
    """
    parts = split_words(words) if isinstance(words, str) else words
    return "".join(_ARTICLE.sub("", part.translate(_FOLDED_LETTERS)) for part in parts)


def fold_sounds(key: str) -> str:
    """Fold the spellings of foreign sounds in a folded name: «نيكاراجوا» as «نيكاراغوا»."""
    return _DOUBLE.sub(r"\1", key.translate(_SOUNDS))


class Gazetteer:
    """Looks names up in the table and the supplement.

    The table stays text: its lines are sorted, so a name is found by bisection and only the
    places asked for are ever read. That loads in some 50 ms.

    Args:
        table: The compact table, or ``None`` for the one that is shipped.
        supplement: Name or path of the supplement.

    Raises:
        TableError: If a row of the supplement cannot be read.
    """

    def __init__(self, table: Path | None = None, supplement: str | Path = SUPPLEMENT) -> None:
        data = (table or RESOURCES / TABLE).read_bytes()
        sections = gzip.decompress(data).decode("utf-8").split("\n\n")
        self._places, self._keys, self._sounds = (part.splitlines() for part in sections)
        self._own: dict[str, list[Place]] = defaultdict(list)
        self._own_sounds: dict[str, list[Place]] = defaultdict(list)
        self._vowelled: dict[str, Place] = {}
        self._adjectives: dict[str, Place] = {}
        self._admin_names: dict[tuple[str, str], str] = {}
        for row in read_supplement(supplement):
            self._add(row)

    def _add(self, row: dict[str, str]) -> None:
        known = self._by_id(int(row["geonames_id"])) if row["geonames_id"] else None
        if not known and not (row["latitude"] and row["longitude"]):
            raise TableError(
                f"{row['name']}: expected coordinates, or a geonames_id of the table, found "
                f"{row['geonames_id']!r}; give them, or run training/build_gazetteer.py"
            )
        needs_context = row["needs_context"] == "yes"
        place = replace(known or _place_of_row(row), needs_context=needs_context, is_listed=True)
        for alias in row["aliases"].split("|"):
            if _VOWELS.search(alias):
                self._vowelled[alias] = place
                continue
            key = fold_name(alias)
            self._own[key].append(place)
            self._own_sounds[fold_sounds(key)].append(place)
        for adjective in filter(None, row["adjectives"].split("|")):
            for ending in ("", "ه", "ين", "تين", "ون"):
                self._adjectives[fold_name(adjective) + ending] = place
        if row["admin"] and place.kind == "region":
            self._admin_names[place.country, row["admin"]] = place.name

    def _by_id(self, geonames_id: int) -> Place | None:
        at = bisect_left(self._places, geonames_id, key=lambda line: int(line.partition("\t")[0]))
        if at < len(self._places) and self._places[at].startswith(f"{geonames_id}\t"):
            return _place_of_line(self._places[at])
        return None

    def spelled(self, mention: str) -> Place | None:
        """Give the place that only its vowel marks tell apart: «عُمان» (Oman), «عمّان» (Amman)."""
        return self._vowelled.get(_NOT_SPELLING.sub("", mention))

    def named(self, key: str) -> list[Place]:
        """Give the places that have the folded name, those of the supplement first."""
        return [*self._own.get(key, ()), *self._in(self._keys, key)] if key else []

    def sounding(self, key: str) -> list[Place]:
        """Give well-known places whose name sounds like the folded name."""
        sound = fold_sounds(key)
        return [*self._own_sounds.get(sound, ()), *self._in(self._sounds, sound)] if sound else []

    def of_adjective(self, word: str) -> Place | None:
        """Give the country (or city) of a folded adjective: «سوريه» is of Syria."""
        return self._adjectives.get(word)

    def capital(self, country: str) -> Place | None:
        """Give the capital of a country by its two-letter code."""
        return next(self._in(self._keys, CAPITAL_MARK + country), None)

    def admin_name(self, place: Place) -> str | None:
        """Give the name of the first-level area that a place lies in, where it is known."""
        return self._admin_names.get((place.country, place.admin))

    def _in(self, lines: list[str], key: str) -> Iterator[Place]:
        head = key + "\t"
        at = bisect_left(lines, head)
        if at < len(lines) and lines[at].startswith(head):
            for geonames_id in lines[at][len(head) :].split(","):
                place = self._by_id(int(geonames_id))
                if place:
                    yield place


def read_supplement(name: str | Path = SUPPLEMENT) -> list[dict[str, str]]:
    """Read the editable supplement of the gazetteer.

    Raises:
        TableError: If a row cannot be read; the message gives file and line.
    """
    checks: dict[str, Check] = {
        "aliases": _check_aliases,
        "kind": _one_of(*KINDS),
        "country": _check_country,
        "latitude": _degrees(90),
        "longitude": _degrees(180),
        "geonames_id": _check_id,
        "needs_context": _one_of("", "yes"),
    }
    return read_table(name, SUPPLEMENT_COLUMNS, checks)


def _place_of_line(line: str) -> Place:
    number, name, kind, country, admin, latitude, longitude, population = line.split("\t")
    return Place(
        name=name,
        kind="city" if kind == "capital" else kind,
        country=country,
        admin=admin,
        latitude=float(latitude),
        longitude=float(longitude),
        geonames_id=int(number),
        population=int(population),
        is_capital=kind == "capital",
    )


def _place_of_row(row: dict[str, str]) -> Place:
    return Place(
        name=row["name"],
        kind=row["kind"],
        country=row["country"],
        admin=row["admin"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        geonames_id=int(row["geonames_id"]) if row["geonames_id"] else None,
    )


def _one_of(*allowed: str) -> Check:
    def check(cell: str) -> None:
        if cell not in allowed:
            raise ValueError(f"expected one of {allowed}, found {cell!r}")

    return check


def _degrees(limit: int) -> Check:
    def check(cell: str) -> None:
        if cell and not -limit <= float(cell) <= limit:
            raise ValueError(f"expected degrees from -{limit} to {limit}, found {cell!r}")

    return check


def _check_aliases(cell: str) -> None:
    if not all(map(fold_name, cell.split("|"))):
        raise ValueError(f"expected Arabic names separated by |, found {cell!r}")


def _check_country(cell: str) -> None:
    if not re.fullmatch("([A-Z]{2})?", cell):
        raise ValueError(f"expected a two-letter code or nothing, found {cell!r}")


def _check_id(cell: str) -> None:
    if not re.fullmatch("[0-9]*", cell):
        raise ValueError(f"expected a GeoNames number or nothing, found {cell!r}")


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """Give the gazetteer that is shipped; it is read once."""
    return Gazetteer()
