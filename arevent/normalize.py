"""Text to folded text with the way back to the original characters.

Marks that carry no letter are dropped, presentation forms become letters, white space is folded.
Letters stay as they are (أ is not folded to ا): the model's vocabulary knows both. Where hamza or
madda is a sign of its own after its letter, as in decomposed text (NFD), the two become one letter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Harakat, Quranic marks, superscript alef and tatweel belong to the letter before them.
_MARKS = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0640]"
)
_HAMZA_OR_MADDA = frozenset("\u0653\u0654\u0655")
# Direction marks, zero-width signs and the soft hyphen belong to nothing.
INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
LINE_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_PRESENTATION_FORM = re.compile("[\ufb50-\ufdff\ufe70-\ufefe]")
SURROGATE = re.compile("[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """Folded text and the stretch of the original that each of its characters stands for.

    Attributes:
        text: The folded text: single spaces, line feeds for line breaks.
        original: The text as given.
        starts: For each folded character, the offset of its first original character.
        ends: For each folded character, the offset after its last original character,
            dropped marks included.
    """

    text: str
    original: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Translate a stretch of folded text, ``start < end``, into original offsets."""
        return self.starts[start], self.ends[end - 1]


def normalize(text: str) -> NormalizedText:
    """Fold a text and remember where each character came from.

    Lone surrogates, which no encoder can read, become U+FFFD. The letters of a ligature share
    its offsets; a ligature of several words («ﷺ») stays one character.

    Args:
        text: Any string.

    Returns:
        The folded text with its map; ``starts`` and ``ends`` never decrease.

    Example:
        >>> folded = normalize("قُتِلَ  ثلاثة")
        >>> folded.text
        'قتل ثلاثة'
        >>> folded.to_original(0, 3)
        (0, 6)
    """
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for offset, char in enumerate(text):
        folded = _fold(char)
        if folded is None:
            if chars and not chars[-1].isspace() and ends[-1] == offset:
                ends[-1] = offset + 1
                if char in _HAMZA_OR_MADDA:
                    chars[-1] = _composed(chars[-1], char)
        elif folded in (" ", "\n") and chars and chars[-1].isspace():
            ends[-1] = offset + 1
            if folded == "\n":
                chars[-1] = folded
        else:
            for letter in folded:
                chars.append(letter)
                starts.append(offset)
                ends.append(offset + 1)
    return NormalizedText("".join(chars), text, tuple(starts), tuple(ends))


def _fold(char: str) -> str | None:
    """Give what stands for a character: letters, nothing (``""``), or ``None`` for a mark."""
    if "\u0020" < char < "\u007f" or "\u0621" <= char <= "\u063a" or "\u0641" <= char <= "\u064a":
        return char
    if _MARKS.match(char):
        return None
    if INVISIBLE.match(char):
        return ""
    if LINE_BREAK.match(char):
        return "\n"
    if char.isspace():
        return " "
    if SURROGATE.match(char):
        return REPLACEMENT
    if _PRESENTATION_FORM.match(char):
        return _unfold_presentation_form(char)
    return char


def _composed(letter: str, mark: str) -> str:
    """Give the letter with its mark, or without it where there is no such letter."""
    both = unicodedata.normalize("NFC", letter + mark)
    return both if len(both) == 1 else letter


def _unfold_presentation_form(char: str) -> str | None:
    letters = unicodedata.normalize("NFKC", char)
    if letters[0] == " " or _MARKS.match(letters):  # a spacing mark such as U+FE76
        return None
    return char if " " in letters else _MARKS.sub("", letters)
