"""Sentences to windows of tokenizer pieces, and which pieces each token has.

The one place where words and pieces are aligned; training and extraction both use it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tokenizers import Tokenizer

from arevent.document import Sentence

MAX_PIECES_PER_TOKEN = 32
"""Pieces of a token after this many are not read: a long link says no more."""


@dataclass(frozen=True, slots=True)
class PieceSentence:
    """The pieces of one sentence.

    Attributes:
        ids: Vocabulary ids, no special pieces.
        bounds: For each token, the first of its pieces and the position after the last; equal
            where the tokenizer sees nothing. A piece over two tokens belongs to one of them.
    """

    ids: list[int]
    bounds: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a sentence inside a window.

    Attributes:
        sentence: Position of the sentence in the list that was packed.
        token_start: First token that is read from this window.
        token_end: Position after the last.
        shift: What to add to a piece's position in the sentence to get it in the window.
    """

    sentence: int
    token_start: int
    token_end: int
    shift: int


@dataclass(frozen=True, slots=True)
class Window:
    """What the encoder reads at once: ``<s> sentence </s> sentence </s> …``.

    Attributes:
        ids: Vocabulary ids with the special pieces.
        segments: The sentences in it; every token of the input is in exactly one segment.
    """

    ids: list[int]
    segments: list[Segment]

    def renumbered(self, first: int) -> Window:
        """Give the same window with its sentences counted from ``first``."""
        moved = [replace(entry, sentence=entry.sentence + first) for entry in self.segments]
        return Window(self.ids, moved)


class PieceEncoder:
    """Cuts sentences into pieces and packs them into windows.

    Args:
        tokenizer: A fast tokenizer that adds a piece before and a piece after a text.
        max_pieces: Length of a window, special pieces included.
    """

    def __init__(self, tokenizer: Tokenizer, max_pieces: int) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        empty = tokenizer.encode("").ids
        if len(empty) != 2:
            raise ValueError(
                f"expected a tokenizer that adds one piece before a text and one after it, "
                f"found {len(empty)} pieces for an empty text"
            )
        self._bos, self._eos = empty
        self.max_pieces = max_pieces

    def encode(self, sentences: Sequence[Sentence]) -> list[PieceSentence]:
        """Cut sentences into pieces."""
        encodings = self._tokenizer.encode_batch(
            [sentence.norm for sentence in sentences], add_special_tokens=False
        )
        return [
            _align(sentence, encoding.ids, encoding.offsets)
            for sentence, encoding in zip(sentences, encodings, strict=True)
        ]

    def pack(
        self, sentences: Sequence[PieceSentence], pack_pieces: int | None = None
    ) -> list[Window]:
        """Put consecutive sentences together as long as they fit; cut those that do not.

        A sentence longer than a window is spread over several that overlap by a quarter, and each
        of its tokens is read where it has most context.

        Args:
            sentences: In reading order.
            pack_pieces: Length up to which sentences share a window; by default the length of a
                window. 1 gives every sentence its own.
        """
        pack_pieces = pack_pieces or self.max_pieces
        windows: list[Window] = []
        for number, sentence in enumerate(sentences):
            length = len(sentence.ids) + 1
            if length + 1 > self.max_pieces:
                windows += self._spread(number, sentence)
                continue
            if not windows or len(windows[-1].ids) + length > pack_pieces:
                windows.append(Window([self._bos], []))
            self._append(windows[-1], number, sentence, (0, len(sentence.bounds)))
        return windows

    def _spread(self, number: int, sentence: PieceSentence) -> Iterator[Window]:
        room = self.max_pieces - 2
        chunks = list(_chunks(sentence.bounds, room, overlap=room // 4))
        read_from = 0
        for position, (start, end) in enumerate(chunks):
            is_last = position + 1 == len(chunks)
            read_to = end if is_last else (chunks[position + 1][0] + end + 1) // 2
            window = Window([self._bos], [])
            self._append(window, number, sentence, (start, end), (read_from, read_to))
            yield window
            read_from = read_to

    def _append(
        self,
        window: Window,
        number: int,
        sentence: PieceSentence,
        tokens: tuple[int, int],
        read: tuple[int, int] | None = None,
    ) -> None:
        start, end = tokens
        first = sentence.bounds[start][0] if start else 0
        last = sentence.bounds[end - 1][1] if end < len(sentence.bounds) else len(sentence.ids)
        token_start, token_end = read or tokens
        shift = len(window.ids) - first
        window.ids.extend((*sentence.ids[first:last], self._eos))
        window.segments.append(Segment(number, token_start, token_end, shift))


def _align(sentence: Sentence, ids: list[int], offsets: list[tuple[int, int]]) -> PieceSentence:
    """Find the pieces of each token, and leave out those of very long ones."""
    owners = _owners(sentence, offsets)
    counts: Counter[int | None] = Counter()
    kept: list[int] = []
    for owner in owners:
        counts[owner] += 1
        kept.append(owner is None or counts[owner] <= MAX_PIECES_PER_TOKEN)
    read = [(piece, owner) for piece, owner, keep in zip(ids, owners, kept, strict=True) if keep]
    bounds: list[tuple[int, int]] = []
    position = 0
    for token in range(len(sentence.tokens)):
        while position < len(read) and read[position][1] is None:
            position += 1
        first = position
        while position < len(read) and read[position][1] == token:
            position += 1
        bounds.append((first, position))
    return PieceSentence([piece for piece, _ in read], bounds)


def _owners(sentence: Sentence, offsets: list[tuple[int, int]]) -> list[int | None]:
    """Give the token of each piece; both are in reading order.

    A piece over several tokens («2016.») belongs to the one that has most of it: read by both,
    they could not be told apart.
    """
    spans = [(token.norm_start, token.norm_start + len(token.norm)) for token in sentence.tokens]
    owners: list[int | None] = []
    first = 0
    for start, end in offsets:
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        owner, most = None, 0
        for number in range(first, len(spans)):
            if spans[number][0] >= end:
                break
            shared = min(end, spans[number][1]) - max(start, spans[number][0])
            if shared > most:
                owner, most = number, shared
        owners.append(owner)
    return owners


def _chunks(
    bounds: Sequence[tuple[int, int]], room: int, overlap: int
) -> Iterator[tuple[int, int]]:
    """Give token ranges of at most ``room`` pieces that overlap by about ``overlap`` pieces."""
    start = 0
    while True:
        end = start + 1
        while end < len(bounds) and bounds[end][1] - bounds[start][0] <= room:
            end += 1
        yield start, end
        if end == len(bounds):
            return
        next_start = end
        while next_start > start + 1 and bounds[end][0] - bounds[next_start - 1][0] <= overlap:
            next_start -= 1
        start = next_start
