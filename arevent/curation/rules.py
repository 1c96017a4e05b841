"""The mechanical rules of the annotation guidelines, each a small function over one sentence.

A rule names the span that breaks it and says what was expected and what was found. Rules about
numbers and dates look for the labels ``NUM`` and ``DATE``; an ontology without them has no such
findings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from arevent.curation.sentences import AnnotatedSentence
from arevent.document import Argument, EventFrame, Span
from arevent.normalize import normalize
from arevent.ontology import Ontology
from arevent.segment import segment

NUMBER, DATE = "NUM", "DATE"
PREPOSITIONS = frozenset(["في", "من", "إلى", "الى", "منذ", "حتى", "على", "عن"])
# «ما لا يقل عن» and «لا يقل عن» begin with «ما» and «لا».
NUMBER_QUALIFIERS = frozenset(["نحو", "حوالي", "قرابة", "زهاء", "أكثر", "أقل", "ما", "لا"])
PRONOUNS = ("هو", "هي", "هم", "هن", "هما", "أنت", "أنا", "نحن")
NO_MENTIONS = frozenset([*PRONOUNS, "آخر", "أخرى", "آخرون", "آخرين", "وآخرون", "وآخرين"])
PERCENT_SIGNS = ("%", "٪")
PERCENT_WORDS = (*PERCENT_SIGNS, "بالمئة", "بالمائة", "في المئة", "في المائة")
_MARK = re.compile(r"\W")

Hit = tuple[Span, str]


class Level(StrEnum):
    """How sure and how serious a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the guidelines.

    Attributes:
        name: What findings are called.
        level: ``error`` where the guidelines forbid it or training would fail; ``warning`` where
            it can be right.
        meaning: What the rule asks for.
    """

    name: str
    level: Level
    meaning: str


@dataclass(frozen=True, slots=True)
class SentenceRule(Rule):
    """A rule about the annotations of one sentence.

    Attributes:
        find: Gives the spans that break the rule, each with a message.
    """

    find: Callable[[AnnotatedSentence, Ontology], Iterator[Hit]]


def _mention_overlap(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for first, second in combinations(entry.mentions, 2):
        if _overlap(first, second):
            found = f"«{second.text}» {second.label} on «{first.text}» {first.label}"
            yield second, f"expected mentions that do not overlap, found {found}"


def _trigger_in_mention(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for trigger in _triggers(entry):
        for mention in entry.mentions:
            if _overlap(trigger, mention):
                found = f"«{trigger.text}» on «{mention.text}» {mention.label}"
                yield trigger, f"expected a trigger outside mentions, found {found}"


def _trigger_overlap(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for first, second in combinations(_triggers(entry), 2):
        if _overlap(first, second):
            found = f"«{second.text}» on «{first.text}»"
            yield second, f"expected triggers that are equal or apart, found {found}"


def _repeated_event(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    seen = Counter((e.trigger.start, e.trigger.end, e.type) for e in entry.events)
    spans = {(e.trigger.start, e.trigger.end, e.type): e.trigger for e in entry.events}
    for key, n in seen.items():
        if n > 1:
            yield spans[key], f"expected one event of a type on a trigger, found {n} {key[-1]}"


def _double_event(entry: AnnotatedSentence, ontology: Ontology) -> Iterator[Hit]:
    for trigger in _triggers(entry):
        bounds = (trigger.start, trigger.end)
        types = {e.type for e in entry.events if (e.trigger.start, e.trigger.end) == bounds}
        words = " ".join(entry.words(trigger))
        pairs = combinations(sorted(types), 2)
        if any(other not in ontology.twins(name, words) for name, other in pairs):
            found = " and ".join(sorted(types))
            yield trigger, f"expected types that double_events allows on one word, found {found}"


def _unknown_label(entry: AnnotatedSentence, ontology: Ontology) -> Iterator[Hit]:
    used: list[tuple[Span, str, str]] = [(m, "mention label", m.label) for m in entry.mentions]
    for event in entry.events:
        used.append((event.trigger, "event type", event.type))
        used.append((event.trigger, "modality", event.modality))
        used += [(event.trigger, "role", argument.role) for argument in event.arguments]
    known = {
        "mention label": ontology.mention_labels,
        "event type": tuple(ontology.event_types),
        "modality": ontology.modalities,
        "role": tuple(ontology.roles),
    }
    for span, kind, name in used:
        if name not in known[kind]:
            yield span, f"expected a {kind} of the ontology, found {name!r}"


def _role_of_type(entry: AnnotatedSentence, ontology: Ontology) -> Iterator[Hit]:
    for event, argument in _arguments(entry, ontology):
        known = ontology.event_types.get(event.type)
        if known and argument.role not in known.roles:
            yield event.trigger, f"expected a role that {event.type} takes, found {argument.role}"


def _filler_label(entry: AnnotatedSentence, ontology: Ontology) -> Iterator[Hit]:
    for _, argument in _arguments(entry, ontology):
        mention, labels = argument.mention, ontology.roles[argument.role]
        if mention and mention.label not in labels:
            wanted = " or ".join(labels)
            yield mention, f"expected {wanted} as {argument.role}, found {mention.label}"


def _repeated_argument(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    # Equal literals can be right: «رجل وامرأة» are one and one.
    for event in entry.events:
        seen = Counter((a.role, a.mention) for a in event.arguments if a.mention)
        for (role, mention), n in seen.items():
            if n > 1:
                yield mention, f"expected a mention once as {role}, found it {n} times"


def _literal_role(entry: AnnotatedSentence, ontology: Ontology) -> Iterator[Hit]:
    for event, argument in _arguments(entry, ontology):
        if argument.mention is None and NUMBER not in ontology.roles[argument.role]:
            message = f"expected a mention as {argument.role}, found the number {argument.value}"
            yield event.trigger, message


def _literal_value(entry: AnnotatedSentence, ontology: Ontology) -> Iterator[Hit]:
    for event, argument in _arguments(entry, ontology):
        value: object = argument.value
        if argument.mention is None and (type(value) is not int or value < 1):
            message = f"expected a whole number above 0 as {argument.role}, found {value!r}"
            yield event.trigger, message


def _date_preposition(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for date in (mention for mention in entry.mentions if mention.label == DATE):
        first = entry.words(date)[0]
        if first in PREPOSITIONS:
            yield date, f"expected a date without its preposition, found «{first}» before it"


def _number_percent(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    tokens = entry.sentence.tokens
    for number in (mention for mention in entry.mentions if mention.label == NUMBER):
        after = " ".join(token.norm for token in tokens if token.start >= number.end)
        # «%50» is as usual as «50%»: the sign is drawn on the same side.
        touching = {token.norm for token in tokens if token.end == number.start}
        if after.startswith(PERCENT_WORDS) or touching & set(PERCENT_SIGNS):
            yield number, f"expected no percentages among numbers, found «{number.text}» per cent"


def _number_qualifier(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for number in (mention for mention in entry.mentions if mention.label == NUMBER):
        first = entry.words(number)[0]
        if first in NUMBER_QUALIFIERS:
            yield number, f"expected the number words alone, found «{first}» before them"


def _no_mention(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for mention in entry.mentions:
        if set(entry.words(mention)) <= NO_MENTIONS:
            yield mention, f"expected no pronouns and no «آخرون», found «{mention.text}»"


def _span_punctuation(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for span in (*entry.mentions, *_triggers(entry)):
        words = entry.words(span)
        marks = [word for word in (words[0], words[-1]) if _MARK.match(word)]
        if marks:
            yield span, f"expected words at the ends of a span, found «{marks[0]}»"


def _sentence_end(entry: AnnotatedSentence, _: Ontology) -> Iterator[Hit]:
    for span in (*entry.mentions, *_triggers(entry)):
        if len(segment(normalize(span.text))) > 1:
            yield span, "expected a span within a sentence, found the end of one inside it"


def _triggers(entry: AnnotatedSentence) -> list[Span]:
    """Give each trigger once, also where it carries several types."""
    return list({(e.trigger.start, e.trigger.end): e.trigger for e in entry.events}.values())


def _arguments(
    entry: AnnotatedSentence, ontology: Ontology
) -> Iterator[tuple[EventFrame, Argument]]:
    """Give the arguments whose role the ontology knows; `unknown-label` finds the others."""
    for event in entry.events:
        yield from ((event, arg) for arg in event.arguments if arg.role in ontology.roles)


def _overlap(first: Span, second: Span) -> bool:
    return first.start < second.end and second.start < first.end


_E, _W = Level.ERROR, Level.WARNING
SENTENCE_RULES = (
    SentenceRule("mention-overlap", _E, "mentions share no characters", _mention_overlap),
    SentenceRule("trigger-in-mention", _E, "triggers stand outside mentions", _trigger_in_mention),
    SentenceRule("trigger-overlap", _E, "two triggers are equal or apart", _trigger_overlap),
    SentenceRule("repeated-event", _E, "one event of a type on a trigger", _repeated_event),
    SentenceRule(
        "double-event", _E, "several types on a trigger only by double_events", _double_event
    ),
    SentenceRule("unknown-label", _E, "labels, types, roles are the ontology's", _unknown_label),
    SentenceRule("filler-label", _E, "fillers have a label that the role takes", _filler_label),
    SentenceRule("literal-role", _E, "literals fill roles of numbers only", _literal_role),
    SentenceRule("literal-value", _E, "literals are whole numbers above 0", _literal_value),
    SentenceRule("repeated-argument", _E, "a mention fills a role once", _repeated_argument),
    SentenceRule("role-of-type", _W, "the ontology gives the type the role", _role_of_type),
    SentenceRule("date-preposition", _E, "dates have no preposition", _date_preposition),
    SentenceRule("number-percent", _E, "percentages are no numbers", _number_percent),
    SentenceRule("number-qualifier", _E, "numbers have no «about»", _number_qualifier),
    SentenceRule("no-mention", _E, "pronouns and «others» are no mentions", _no_mention),
    SentenceRule("span-punctuation", _W, "words at both ends of a span", _span_punctuation),
    SentenceRule("sentence-end", _E, "a span ends with its sentence", _sentence_end),
)
