"""Mentions to values: numbers, dates, places and actors; each reader works without a model."""

from arevent.values.actors import find_definitions, find_short_names, read_actor
from arevent.values.counting import count_in_words, grammar_count
from arevent.values.dates import read_date
from arevent.values.demographics import demographic_group
from arevent.values.numbers import read_number
from arevent.values.places import read_place

__all__ = [
    "count_in_words",
    "demographic_group",
    "find_definitions",
    "find_short_names",
    "grammar_count",
    "read_actor",
    "read_date",
    "read_number",
    "read_place",
]
