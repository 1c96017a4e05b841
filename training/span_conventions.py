r"""Count how corpora treat words that could be one mention or two, and put it right.

    python training/span_conventions.py gold-train.jsonl gold-dev.jsonl
    python training/span_conventions.py gold-dev.jsonl --output dev-by-guidelines.jsonl

Each convention of the annotation guidelines is a pattern of two neighbouring parts. They are
together if one mention has both, and apart if a mention has only one of them. Prints for every
convention what the guidelines say and, corpus by corpus, how often it is so and how often not:
corpora that differ here will seem to disagree in mentions and arguments.

``--output`` writes a corpus in which all is as the guidelines say: what belongs together becomes
one mention, an ACTOR for aircraft with their force, that has the roles of both but that of an
instrument; an epithet that ends a mention is cut off. Nothing else is changed, so scores on the
corpus and on its rewriting tell how much of a disagreement these habits are.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from arevent.corpus import read_corpus, write_corpus
from arevent.document import Argument, Document, Mention


@dataclass(frozen=True, slots=True)
class Convention:
    """Two parts side by side.

    Attributes:
        name: What it is about.
        together: Whether the guidelines want them in one mention.
        pattern: Finds them; its groups ``first`` and ``second`` are the parts.
        label: What they are together, if not what the second part is.
    """

    name: str
    together: bool
    pattern: re.Pattern[str]
    label: str | None = None


_MILITIA = r"\w?(?:ال)?مي?ليشيات?"
_EPITHET = r"الإيرانية|الانقلابية|الإرهابية|المتمردة"
_CLASS = r"حركة|تنظيم|وكالة|صحيفة|قناة|جماعة|منظمة|شبكة|حزب|موقع|قائمة"
_PLACE = r"مدينة|محافظة|بلدة|جزيرة|إقليم|ولاية|قرية"
_AIRCRAFT = r"طائرات|مقاتلات|طيران|مدفعية"
_FORCE = r"التحالف|تحالف|المقاومة|النظام|الجيش|الاحتلال|القوات"

CONVENTIONS = (
    Convention(
        "militia, epithet",
        False,
        re.compile(rf"\b(?P<first>{_MILITIA} الحوثي\w*) (?P<second>{_EPITHET})\b"),
    ),
    Convention(
        "place with its class noun, nationality",
        False,
        re.compile(rf"\b\w?(?P<first>(?:{_PLACE}) \w+) (?P<second>ال\w+ية)\b"),
    ),
    Convention(
        "class noun, quoted name",
        True,
        re.compile(rf"\b(?P<first>\w?(?:{_CLASS})) [\"«“](?P<second>[^\"»”]{{2,40}})[\"»”]"),
    ),
    Convention(
        "aircraft or artillery, its force",
        True,
        re.compile(rf"\b(?P<first>\w?(?:{_AIRCRAFT})) (?P<second>{_FORCE})\b"),
        "ACTOR",
    ),
)


def marked(
    document: Document, convention: Convention
) -> Iterable[tuple[re.Match[str], Mention | None, Mention | None]]:
    """Find the two parts with the mentions that have the end of the first, the start of the second.

    Yields:
        Where at least one is there: the match and the mentions, the same one if they are together.
    """
    covered = {
        offset: mention
        for mention in document.mentions
        for offset in range(mention.start, mention.end)
    }
    for match in convention.pattern.finditer(document.text):
        first = covered.get(match.end("first") - 1)
        second = covered.get(match.start("second"))
        if first or second:
            yield match, first, second


def count(documents: Iterable[Document], convention: Convention) -> Counter[bool]:
    """Count where the two parts are together (True) and apart (False)."""
    return Counter(
        first is second
        for document in documents
        for _, first, second in marked(document, convention)
    )


def by_guidelines(document: Document) -> Document:
    """Give a document with its mentions as the conventions want them."""
    for convention in CONVENTIONS:
        for match, first, second in marked(document, convention):
            if (first is second) == convention.together:
                continue
            old = [mention for mention in (first, second) if mention]
            if convention.together and second:
                start, end = min(match.start("first"), old[0].start), second.end
            elif not convention.together and old[0].end == match.end("second"):
                start, end = old[0].start, match.end("first")
            else:
                continue
            label = convention.label or old[-1].label
            document = _exchange(
                document, old, Mention(label, document.text[start:end], start, end)
            )
    return document


def _exchange(document: Document, old: Sequence[Mention], new: Mention) -> Document:
    """Put a mention in the place of others; it takes over their roles, but for an instrument's."""
    if not set(old) <= set(document.mentions):
        return document  # another match had one of them

    def exchanged(arguments: Iterable[Argument]) -> tuple[Argument, ...]:
        kept: list[Argument] = []
        for argument in arguments:
            if argument.mention and argument.mention in old:
                if argument.role == "Instrument" and new.label != argument.mention.label:
                    continue
                argument = replace(argument, mention=new)
            if argument not in kept:
                kept.append(argument)
        return tuple(kept)

    mentions = [mention for mention in document.mentions if mention not in old]
    return replace(
        document,
        mentions=tuple(sorted([*mentions, new], key=lambda mention: mention.start)),
        events=tuple(
            replace(event, arguments=exchanged(event.arguments)) for event in document.events
        ),
    )


def table(names: Sequence[str], corpora: Sequence[Sequence[Document]]) -> str:
    """Write the counts as Markdown, «as the guidelines say / not»."""
    lines = [
        f"| convention | guidelines | {' | '.join(names)} |",
        f"| --- | --- |{' --- |' * len(names)}",
    ]
    for convention in CONVENTIONS:
        counts = [count(documents, convention) for documents in corpora]
        cells = [f"{own[convention.together]} / {own[not convention.together]}" for own in counts]
        wanted = "together" if convention.together else "apart"
        lines.append(f"| {convention.name} | {wanted} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("corpora", type=Path, nargs="+", help="annotated corpora")
    parser.add_argument("--output", type=Path, help="where to write the one corpus, rewritten")
    args = parser.parse_args()
    if args.output and len(args.corpora) != 1:
        parser.error(f"--output: expected one corpus, found {len(args.corpora)}")
    try:
        corpora = [read_corpus(path) for path in args.corpora]
        print(table([path.name for path in args.corpora], corpora))
        if args.output:
            write_corpus(map(by_guidelines, corpora[0]), args.output)
    except (ValueError, OSError) as error:
        raise SystemExit(f"span_conventions: {error}") from error


if __name__ == "__main__":
    main()
