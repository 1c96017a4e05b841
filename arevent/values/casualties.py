"""How many people an event touched, and the parts of that number that its sentence names.

It reads numbers, nouns of people and the words that open a list of parts («بينهم», «منهم»); it
knows nothing about other sentences, nor which of two contradicting figures holds.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from arevent.document import Argument, EventFrame, Mention, Part, Quantity, Sentence, Span
from arevent.tables import read_table
from arevent.values.clitics import CONJUNCTIONS, clitic_readings
from arevent.values.counting import COUNTED_TYPES, count_in_words, grammar_count, load_lexicon
from arevent.values.demographics import demographic_group, demographic_words, phrase_key
from arevent.values.number_grammar import fold_letters, lex
from arevent.values.numbers import ends_range, load_modifiers

PEOPLE_TYPES = COUNTED_TYPES | {"Displacement"}
"""Event types whose `Count` is a number of people."""

SIGHT = 200
"""Tokens to either side of a trigger that are read: what fills its roles is within 150 of it, and
text without full stops would take for ever."""

REACH = 8
"""Words between two parts of a list: «57 قتلوا بنيران القوات أمس، وطفل»."""

TABLE = "breakdown_words.tsv"
KINDS = (
    "people", "things", "partitive", "partitive_things", "among", "most", "half", "one", "another",
    "two_others", "others", "link", "there", "join", "stop", "toll", "circumstance",
)  # fmt: skip
_OPENERS = ("people", "things", "partitive", "partitive_things", "most", "half")
_SHARES = ("most", "half")
_COMMAS = frozenset("،,")
_FORMS = re.compile("[ء-ي ]+(?:, [ء-ي ]+)*")
# Without a mention «طالبتهم» is as well a verb as a noun of people.
_PRONOUN = re.compile("(?:ه|ها|هم|هن|هما|نا)$")
_UNREAD = Quantity(reason="a number that cannot be read")


@cache
def read_breakdown_words(table: str | Path = TABLE) -> Mapping[str, Set[tuple[str, ...]]]:
    """Read the table of words around parts.

    Returns:
        For each kind its phrases, in folded words.

    Raises:
        TableError: If a row is not as the table's own head describes.
    """
    rows = read_table(table, ("words", "kind"), {"words": _check_words, "kind": _check_kind})
    phrases: dict[str, set[tuple[str, ...]]] = {kind: set() for kind in KINDS}
    for row in rows:
        words = row["words"].split(", ")
        phrases[row["kind"]].update(tuple(fold_letters(word).split()) for word in words)
    return phrases


@cache
def _first_words() -> frozenset[str]:
    return frozenset(phrase[0] for kind in read_breakdown_words().values() for phrase in kind)


def _check_words(cell: str) -> None:
    if not _FORMS.fullmatch(cell):
        raise ValueError(f"expected Arabic words between commas, found {cell!r}")


def _check_kind(cell: str) -> None:
    if cell not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)}, found {cell!r}")


def count_casualties(
    frame: EventFrame, sentence: Sentence, mentions: Sequence[Mention]
) -> EventFrame:
    """Fill in how many people an event touched, and who they were.

    A count that grammar alone states («قتيلان», «أحد المحتجين», «أصيب آخر») becomes an argument
    of an `actual` event. Several numbers that fill `Count` are added up and are parts of the sum;
    the two ends of a range are one number. A number in a list («بينهم 4 أطفال») is a part of the
    count that stands before the list and is never added to it. Where such numbers are all that
    fills `Count` of a word before the list («من بين المصابين 6 ضباط»), the count is at least their
    sum.

    Parts without a number («بينهم نساء») are left out. «معظمهم» is more than half of the whole,
    «نصفهم» about half of it; both are left out where the whole has no bounds. The description is
    the actor mention, or else the noun and what is joined to it in one plural («الأطفال والنساء»,
    whose group is ``None`` where the two differ); whole tokens, clitics included.

    Args:
        frame: The event.
        sentence: The sentence of its trigger.
        mentions: The mentions of that sentence; numbers with their value.

    Returns:
        The frame with `count`, `breakdown` and `problems`; the same frame where its type counts
        no people.
    """
    if frame.type not in PEOPLE_TYPES:
        return frame
    reader = _Reader(frame, _near(sentence, frame.trigger), mentions)
    lists = list(reader.lists())
    stated = reader.stated_count(lists)
    if stated:
        frame = replace(frame, arguments=(*frame.arguments, Argument("Count", None, stated)))
        reader.literals.append(stated)
    addends = list(reader.addends(lists))
    own = [found for found in lists if reader.owns(found, lists)]
    count = _count(reader, addends, lists, own)
    parts = addends if len(addends) > 1 else []
    problems: list[str] = []
    for found in own:
        listed = [part for item in found.items for part in _share(item, found, count)]
        parts += listed
        problems += _exceeds(listed, count)
    return replace(frame, count=count, breakdown=tuple(parts), problems=tuple(problems))


def _near(sentence: Sentence, trigger: Span) -> Sentence:
    """Give the sentence with the tokens around a trigger alone."""
    at = bisect_left(sentence.tokens, trigger.start, key=lambda token: token.start)
    return replace(sentence, tokens=sentence.tokens[max(at - SIGHT, 0) : at + SIGHT])


@dataclass(frozen=True, slots=True)
class _List:
    """Parts that one opener introduces.

    Attributes:
        kind: Kind of the opener; ``among`` where the trigger itself follows it.
        start: Position of its first token.
        end: Position after the last part.
        items: The parts; the quantity of a share is still unread.
    """

    kind: str
    start: int
    end: int
    items: tuple[Part, ...]

    def holds(self, mention: Mention) -> bool:
        """Whether a mention is the number of a part."""
        return any(item.number == mention for item in self.items)


class _Reader:
    """The tokens of a sentence, seen from one event."""

    def __init__(self, frame: EventFrame, sentence: Sentence, mentions: Sequence[Mention]) -> None:
        self.frame = frame
        self.sentence = sentence
        self.words = [_fold(token.norm) for token in sentence.tokens]
        self.phrase_starts = {
            at for at, word in enumerate(self.words) if not _first_words().isdisjoint(_forms(word))
        }
        at = {token.start: position for position, token in enumerate(sentence.tokens)}
        after = {token.end: position + 1 for position, token in enumerate(sentence.tokens)}
        self.positions = at
        inside = [m for m in mentions if m.start in at and m.end in after]
        self.mentions = {at[m.start]: m for m in inside}
        self.ends = {at[m.start]: after[m.end] for m in inside}
        self.closing = {after[m.end]: at[m.start] for m in inside}
        self.trigger = (at.get(frame.trigger.start, -1), after.get(frame.trigger.end, -1))
        self.counts = frame.fillers("Count")
        self.targets = frame.fillers("Target")
        self.literals = [
            arg.value
            for arg in frame.arguments
            if arg.role == "Count" and arg.mention is None and isinstance(arg.value, int)
        ]

    # -- words ---------------------------------------------------------------------------------

    def phrase(self, kind: str, at: int) -> int:
        """Give the length of the phrase of a kind that stands at a position, or 0."""
        if at not in self.phrase_starts:
            return 0
        phrases = read_breakdown_words()[kind]
        forms = _forms(self.words[at])
        for length in (3, 2, 1):
            rest = self.words[at + 1 : at + length]
            if len(rest) == length - 1 and any((form, *rest) in phrases for form in forms):
                return length
        return 0

    def number(self, at: int) -> Mention | None:
        """Give the number mention that begins at a position."""
        mention = self.mentions.get(at)
        return mention if mention and mention.label == "NUM" else None

    def actor(self, at: int) -> Mention | None:
        """Give the actor mention that begins at a position."""
        mention = self.mentions.get(at)
        return mention if mention and mention.label == "ACTOR" else None

    def noun(self, at: int) -> int:
        """Give the position after the words for people that begin at one, or 0."""
        if self.actor(at):
            return self.ends[at]
        if self.mentions.get(at) or at >= len(self.words):
            return 0
        for length in (3, 2, 1):
            phrase = " ".join(self.words[at : at + length])
            if _is_people(phrase) and not _PRONOUN.search(phrase):
                return min(at + length, len(self.words))
        return at + 1 if self.is_toll(at) else 0

    def is_toll(self, at: int) -> bool:
        """Whether people or cases as an event counts them stand at a position («جريحا»)."""
        toll = read_breakdown_words()["toll"]
        return any((reading,) in toll for reading in clitic_readings(self.words[at]))

    def is_joined(self, at: int) -> bool:
        """Whether «و» joins what begins at a position to what stands before it."""
        word = self.words[at]
        if word == "و" or (at and self.words[at - 1] == "و"):
            return True
        if self.number(at):
            return any(atom.kind == "and" for atom in lex(word)[:1])
        return word.startswith("و") and not _is_people(word, keep_conjunction=True)

    def span(self, start: int, end: int) -> Span:
        """Give the words between two positions."""
        first, last = self.sentence.tokens[start].start, self.sentence.tokens[end - 1].end
        offset = self.sentence.start
        return Span("", self.sentence.text[first - offset : last - offset], first, last)

    def text_before(self, mention: Mention) -> str:
        """Give the sentence up to a mention."""
        return self.sentence.text[: mention.start - self.sentence.start]

    # -- parts ---------------------------------------------------------------------------------

    def describe(self, at: int) -> tuple[Span | None, int]:
        """Read the people that a number counts; ``None`` where no words for people follow."""
        link = self.phrase("link", at)
        for start in (at, at + link) if link else (at,):
            end = self.noun(start)
            if end and not (start > at and self.is_toll(start)):  # «7 في حالة حرجة»
                while self._is_joint_plural(start, end):
                    end = self.noun(end)
                return self.span(start, end), end
        return None, at

    def _is_joint_plural(self, start: int, end: int) -> bool:
        """Whether a second noun shares the number of the first: «مئات الأطفال والنساء»."""
        return (
            end < len(self.words)
            and self.words[start].startswith("ال")
            and self.words[end].startswith("وال")
            and not self.number(end)
            and bool(self.noun(end))
        )

    def item(self, at: int) -> tuple[Part | None, int]:
        """Read one part: the position does not move where there is none.

        A part without a number gives ``None`` and the position after it.
        """
        start = at
        while at < len(self.words) and not self.mentions.get(at) and self._is_filler(at):
            at += 1
        if self.number(at):
            return self._numbered(at)
        one = self.phrase("one", at)
        end = self.noun(at + one)
        if not end:
            return None, start
        description = self.span(at + one, end)
        numeral = self.number(end)
        if numeral and not one and self._is_postposed(end):
            return _part(_quantity(numeral), numeral, description), self.ends[end]
        count = 1 if one else count_in_words(description.text)
        quantity = Quantity(count, count, count)
        return _part(quantity, None, description) if count else None, end

    def _is_postposed(self, at: int) -> bool:
        """Whether a number may stand behind its noun: «طفل واحد», «أطفالها الثلاثة»."""
        value = _quantity(self.mentions[at]).value
        return self.words[at].startswith("ال") or value in (1, 2)

    def _is_filler(self, at: int) -> bool:
        forms = clitic_readings(self.words[at])
        is_modifier = not load_modifiers().words.isdisjoint(forms)
        return self.words[at] == "و" or is_modifier or bool(self.phrase("there", at))

    def _numbered(self, at: int) -> tuple[Part | None, int]:
        number = self.mentions[at]
        end = self.ends[at]
        for other in range(end, min(end + 2, len(self.words))):
            second = self.number(other)
            if second and ends_range(second.text, self.text_before(second)):
                end = self.ends[other]
        description, end = self.describe(end)
        return _part(_quantity(number), number, description), end

    def items(self, at: int) -> tuple[list[Part], int]:
        """Read a list of parts from a position on."""
        items: list[Part] = []
        part, end = self.item(at)
        if end == at:
            return [], at
        first_is_toll = self._is_toll(part)
        while end > at:
            if part:
                items.append(part)
            at, following = end, self._next(end)
            if following is None:
                break
            part, end = self.item(following)
            if end == following or (self._is_toll(part) and not first_is_toll):
                break
        return items, at

    def _is_toll(self, part: Part | None) -> bool:
        span = part.description if part else None
        return span is not None and self.is_toll(self.positions[span.start])

    def _next(self, at: int) -> int | None:
        """Find where the next part of a list begins, ``None`` where the list ends."""
        here = at
        while here < min(at + REACH, len(self.words)):
            if self.phrase("join", here):
                return here + self.phrase("join", here)
            if self.phrase("stop", here) or self._opens(here):
                return None
            if self.is_joined(here):
                return here if self.item(here)[1] > here else None
            if self.number(here):
                follows_comma = here == at + 1 and self.words[at] in _COMMAS
                is_new = follows_comma and not self.phrase("partitive", self.ends[here])
                return here if is_new else None
            here = self.ends.get(here, here + 1)
        return None

    # -- lists ---------------------------------------------------------------------------------

    def _opens(self, at: int) -> str | None:
        return next((kind for kind in _OPENERS if self.phrase(kind, at)), None)

    def lists(self) -> Iterator[_List]:
        """Find the lists of parts of a sentence, in reading order."""
        at = 0
        while at < len(self.words):
            found = self._list(at)
            if found and found.items:
                yield found
            at = found.end if found else at + 1

    def _list(self, at: int) -> _List | None:
        kind = self._opens(at)
        among = self.phrase("among", at)
        if among and at + among == self.trigger[0]:
            return self._list_among(at)
        if kind is None or self.mentions.get(at):
            return None
        after = at + self.phrase(kind, at)
        if kind in _SHARES:
            return self._list_of_share(kind, at, after)
        if kind.startswith("partitive"):
            if at == self.trigger[1]:
                return None  # «قتل منهم 54»: the people of the verb, no part of its count
            if self.number(self.closing.get(at, -1)) and not self.number(after):
                return self._list_behind_number(kind, self.closing[at], after)
        items, end = self.items(after)
        if kind.endswith("things"):
            items = [item for item in items if item.description]
        return _List(kind, at, max(end, after), tuple(items))

    def _list_behind_number(self, kind: str, start: int, after: int) -> _List | None:
        """Read «، 7 منهم أطفال»; behind a verb («أصيب 7 منهم») the number counts its event."""
        is_apart = start and (self.words[start - 1] in _COMMAS or self.is_joined(start))
        if not is_apart:
            return None
        description, end = self.describe(after)
        number = self.mentions[start]
        return _List(kind, start, end, (_part(_quantity(number), number, description),))

    def _list_of_share(self, kind: str, at: int, after: int) -> _List | None:
        if at and (self.words[at - 1],) in load_modifiers().before:
            return None  # «أكثر من نصفهم»
        description, end = self.describe(after)
        items = (_part(_UNREAD, None, description),) if description else ()
        return _List(kind, at, max(end, after), items)

    def _list_among(self, at: int) -> _List | None:
        after = self.trigger[1]
        if self.number(after) and not self.describe(self.ends[after])[0]:
            after = self.ends[after]  # «من بين الضحايا 130 هناك 16 طفلا»: the whole stands first
        is_one = count_in_words(self.frame.trigger.text) == 1  # «بين قتيل وجريح»
        if is_one or after >= len(self.words) or self.is_joined(after):
            return None
        items, end = self.items(after)
        return _List("among", at, max(end, after), tuple(items))

    def owns(self, found: _List, lists: Sequence[_List]) -> bool:
        """Whether the count that a list divides is that of the frame.

        It is the nearest number of people before the list; where the frame has none, its trigger
        or a target stands nearer than any number.
        """
        if found.kind == "among":
            return True
        has_whole = any(not _is_listed(count, lists) for count in self.counts)
        own = {count.start for count in self.counts}
        if not has_whole:
            if not self.literals and self.trigger[0] > found.start:
                return False  # «70 عاملا بينهم 20 موقوفا»: the event touches the part
            own |= {target.start for target in self.targets} | {self.frame.trigger.start}
        for at in range(found.start - 1, -1, -1):
            if self.sentence.tokens[at].start in own:
                return True
            if self._counts_others(at, lists):
                return False
        return False

    def _counts_others(self, at: int, lists: Sequence[_List]) -> bool:
        """Whether people are counted here that are not the frame's."""
        number = self.number(at)
        if number:
            return not _is_listed(number, lists) and not self.phrase("circumstance", at - 1)
        if self.phrase("others", at) or self.phrase("two_others", at):
            return not self.closing.get(at) and at != self.trigger[1]
        return False

    # -- the count -----------------------------------------------------------------------------

    def addends(self, lists: Sequence[_List]) -> Iterator[Part]:
        """Give what the count is the sum of: numbers in reading order, and what grammar states."""
        parts = []
        for count in self.counts:
            if _is_listed(count, lists) or ends_range(count.text, self.text_before(count)):
                continue
            at = self.positions.get(count.start)
            description = self._counted(at) if at in self.ends else None
            parts.append(_part(_quantity(count), count, description))
        yield from sorted((*parts, *self._stated_parts()), key=_position)

    def _counted(self, at: int) -> Span | None:
        """Give the people that a number counts, which may stand before it («جنديان اثنان»)."""
        description = self.describe(self.ends[at])[0]
        before = self.closing.get(at)
        if description is None and before is not None and self.actor(before):
            return self.span(before, at)
        return description

    def _stated_parts(self) -> Iterator[Part]:
        nouns = [self.span_of(target) for target in self.targets]
        counts = [self.count_of(target) for target in self.targets]
        for literal in self.literals:
            fitting = [noun for noun, count in zip(nouns, counts, strict=True) if count == literal]
            if fitting or sum(count or 0 for count in counts) != literal:
                yield _part(Quantity(literal, literal, literal), None, next(iter(fitting), None))
            else:
                for noun, count in zip(nouns, counts, strict=True):
                    if count:
                        yield _part(Quantity(count, count, count), None, noun)

    def span_of(self, mention: Mention) -> Span:
        """Give the words of a mention as a description."""
        return Span("", mention.text, mention.start, mention.end)

    def count_of(self, target: Mention) -> int | None:
        """Give how many people a target is by grammar, «أحد» before it included."""
        return count_in_words(self._words_of(target))

    def stated_count(self, lists: Sequence[_List]) -> int | None:
        """Give the count that grammar states, unless the frame has one; listed targets add none."""
        is_open = self.frame.modality == "actual" and not self.literals
        if not is_open or self.frame.type not in COUNTED_TYPES:
            return None
        if any(found.kind == "among" for found in lists):
            return None  # «من بين القتلى فتى»: there are others
        targets = [
            target
            for target in self.targets
            if not any(self._is_inside(target, found) for found in lists)
        ]
        words = [self._words_of(target) for target in targets]
        stated = grammar_count(self.frame.trigger.text, words, bool(self.counts))
        if stated is None and not self.targets and not self.counts:
            stated = 2 if self.phrase("two_others", self.trigger[1]) else None
            stated = 1 if self.phrase("another", self.trigger[1]) else stated
        return stated

    def _words_of(self, target: Mention) -> str:
        """Give the words that state a count; those of a number have theirs from it."""
        at = self.positions.get(target.start, 0)
        number = self.number(self.closing.get(at, -1))
        if number:
            return number.text
        return f"أحد {target.text}" if self.phrase("one", at - 1) else target.text

    def _is_inside(self, mention: Mention, found: _List) -> bool:
        """Whether a target is a part of others; «وطفل لقي حتفه» in a list has its own event."""
        if self.trigger[0] >= found.end and len(self.targets) == 1:
            return False
        tokens = self.sentence.tokens
        return tokens[found.start].start <= mention.start < tokens[found.end - 1].end


@lru_cache(maxsize=4096)
def _forms(word: str) -> tuple[str, ...]:
    """Give a word as it is, and without a conjunction."""
    return (word, word[1:]) if word[:1] in tuple(CONJUNCTIONS) else (word,)


@lru_cache(maxsize=4096)
def _fold(word: str) -> str:
    return fold_letters(word)


@lru_cache(maxsize=4096)
def _is_people(words: str, *, keep_conjunction: bool = False) -> bool:
    readings = [words] if keep_conjunction else list(clitic_readings(words))
    people, groups = load_lexicon().people, _group_keys()
    return any(reading in people or phrase_key(reading) in groups for reading in readings)


@cache
def _group_keys() -> frozenset[str]:
    return frozenset(phrase_key(fold_letters(words)) for words in demographic_words())


def _part(quantity: Quantity, number: Mention | None, description: Span | None) -> Part:
    group = None
    if description:
        groups = {demographic_group(words) for words in re.split(r"\s(?=وال)", description.text)}
        group = groups.pop() if len(groups) == 1 else None
    return Part(quantity, number, description, group)


def _quantity(number: Mention) -> Quantity:
    return number.value if isinstance(number.value, Quantity) else _UNREAD


def _position(part: Part) -> int:
    span = part.number or part.description
    return span.start if span else -1


def _is_listed(mention: Mention, lists: Sequence[_List]) -> bool:
    return any(found.holds(mention) for found in lists)


def _count(
    reader: _Reader, addends: Sequence[Part], lists: Sequence[_List], own: Sequence[_List]
) -> Quantity | None:
    if addends:
        return _sum([part.quantity for part in addends])
    linked = [count for count in reader.counts if _is_listed(count, lists)]
    if not linked:
        return None
    total = _sum([_quantity(count) for count in linked])
    if not all(_is_listed(count, own) for count in linked):
        return total
    low = total.low if total.value is None else total.value
    return Quantity(low, low, None, is_approximate=True)


def _sum(quantities: Sequence[Quantity]) -> Quantity:
    if len(quantities) == 1:
        return quantities[0]
    value = _add([quantity.value for quantity in quantities])
    low = _add([quantity.low for quantity in quantities])
    high = _add([quantity.high for quantity in quantities])
    is_approximate = any(quantity.is_approximate for quantity in quantities)
    reason = next((quantity.reason for quantity in quantities if quantity.reason), None)
    return Quantity(value, low, high, is_approximate, reason)


def _add(numbers: Sequence[int | float | None]) -> int | float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _share(item: Part, found: _List, count: Quantity | None) -> Iterator[Part]:
    """Give a part with its quantity; shares need the whole."""
    if found.kind not in _SHARES:
        yield item
        return
    quantity = _most(count) if found.kind == "most" else _half(count)
    if quantity:
        yield replace(item, quantity=quantity)


def _most(whole: Quantity | None) -> Quantity | None:
    """Give the bounds of more than half."""
    if whole is None or whole.low is None:
        return None
    return Quantity(None, int(whole.low // 2 + 1), whole.high, is_approximate=True)


def _half(whole: Quantity | None) -> Quantity | None:
    """Give half of a whole; of an odd number the two numbers beside it."""
    if whole is None or whole.low is None or whole.high is None:
        return None
    if whole.low == whole.high and whole.low % 2 == 0:
        return Quantity(int(whole.low // 2), None, None, is_approximate=True)
    return Quantity(None, int(whole.low // 2), int(-(-whole.high // 2)), is_approximate=True)


def _exceeds(parts: Sequence[Part], whole: Quantity | None) -> Iterator[str]:
    least = sum(part.quantity.low or 0 for part in parts)
    if whole and whole.high is not None and least > whole.high:
        yield f"parts add up to {least}, more than the whole {whole.high}"
