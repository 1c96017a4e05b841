"""News articles to windows of tokenizer pieces.

Folding and sentences are those of `arevent.normalize` and `arevent.segment`, less the way back to
the original text: the encoder will be fine-tuned on what they give. They are written out here
because pretraining runs on machines that do not have the library.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from tokenizers import Tokenizer

from pretraining.encoder_folder import (
    WEIGHTS_FILE,
    PretrainingFailed,
    copy_tokenizer,
    load_tokenizer,
    load_weights,
    save_blocks,
)

CORPUS_FILE = "corpus.npz.xz"
MIN_WORDS = 10  # of an article's text: what is shorter is a caption or a link
HELD_OUT_EVERY = 200  # documents: 0.5 % of them are never trained on
WORD_START = "\u2581"

UNREAD = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0640"
    "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
HAMZA_OR_MADDA = "\u0653-\u0655"
DECOMPOSED = re.compile(f"(.)([\u064b-\u065f\u0670]*[{HAMZA_OR_MADDA}][\u064b-\u065f\u0670]*)")
LINE_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
PRESENTATION_FORM = re.compile("[\ufb50-\ufdff\ufe70-\ufefe]")
SURROGATE = re.compile("[\ud800-\udfff]")
SENTENCE_END = re.compile(r"(?:(?<=[!؟?])|(?<=\.)(?<!\b\w\.))\s|\n")


def fold(text: str) -> str:
    """Give the text without marks and invisible signs, white space folded."""
    text = DECOMPOSED.sub(_compose, text)
    text = SURROGATE.sub("\ufffd", UNREAD.sub("", text))
    text = PRESENTATION_FORM.sub(lambda match: _unfold_presentation_form(match[0]), text)
    text = re.sub(r"[^\S\n]+", " ", LINE_BREAK.sub("\n", text))
    return re.sub(r" ?\n[ \n]*", "\n", text)


def _compose(match: re.Match[str]) -> str:
    letter = match[1]
    for mark in re.findall(f"[{HAMZA_OR_MADDA}]", match[2]):
        both = unicodedata.normalize("NFC", letter + mark)
        letter = both if len(both) == 1 else letter
    return letter


def _unfold_presentation_form(char: str) -> str:
    letters = unicodedata.normalize("NFKC", char)
    if letters[0] == " " or UNREAD.match(letters):  # a spacing mark such as U+FE76
        return ""
    return char if " " in letters else UNREAD.sub("", letters)


def split_sentences(title: str, text: str) -> list[str]:
    """Cut an article into sentences; the title is the first."""
    parts = [fold(title).replace("\n", " "), *SENTENCE_END.split(fold(text))]
    return [part.strip() for part in parts if part.strip()]


@dataclass(frozen=True)
class Vocabulary:
    """What packing and masking know of the pieces.

    Attributes:
        begins_word: For each piece, whether a word begins with it. Special pieces are words of
            their own, but for the unknown piece, which is part of the word that it stands in.
        is_special: For each piece, whether it stands for no text that could be predicted.
        bos: The piece before a window.
        eos: The piece after each sentence.
        pad: The piece that fills a batch.
        mask: The piece that hides another.
    """

    begins_word: np.ndarray
    is_special: np.ndarray
    bos: int
    eos: int
    pad: int
    mask: int

    @classmethod
    def from_tokenizer(cls, tokenizer: Tokenizer) -> Vocabulary:
        """Read the pieces of a tokenizer.

        Raises:
            PretrainingFailed: If it is not a unigram tokenizer like that of XLM-R.
        """
        pieces = [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]
        around = tokenizer.encode("").ids
        missing = sorted({"<pad>", "<mask>", WORD_START} - set(pieces))
        if len(around) != 2 or missing:
            raise PretrainingFailed(
                "expected a tokenizer with the pieces <pad>, <mask> and ▁ that adds one piece "
                f"before a text and one after it, found one without {missing} that adds {around}; "
                "use an encoder of the XLM-R family, as training/import_encoder.py writes it"
            )
        added = tokenizer.get_added_tokens_decoder()
        special = [number in added and added[number].special for number in range(len(pieces))]
        begins = [
            piece.startswith(WORD_START) or (is_special and piece != "<unk>")
            for piece, is_special in zip(pieces, special, strict=True)
        ]
        pad, mask = pieces.index("<pad>"), pieces.index("<mask>")
        return cls(np.array(begins), np.array(special), *around, pad, mask)


@dataclass(frozen=True)
class Corpus:
    """Windows of pieces, one after the other.

    Attributes:
        pieces: Vocabulary ids of all windows, special pieces included.
        lengths: Number of pieces of each window.
        is_held_out: For each window, whether its document is kept for evaluation.
    """

    pieces: np.ndarray
    lengths: np.ndarray
    is_held_out: np.ndarray

    def save(self, path: Path) -> None:
        """Write a compressed file of arrays."""
        with lzma.open(path, "wb") as file:
            np.savez(file, **asdict(self))

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """Read what `save` wrote."""
        if not path.is_file():
            raise PretrainingFailed(f"expected a packed corpus {path}, found none; run pack first")
        with np.load(io.BytesIO(lzma.decompress(path.read_bytes()))) as arrays:
            return cls(**arrays)


def open_text(path: Path) -> TextIO:
    """Open a plain, gzip or xz file."""
    opener: Any = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    file: TextIO = opener(path, "rt", encoding="utf-8")
    return file


def parse_article(line: str, where: str) -> dict[str, Any]:
    """Read one line of a corpus.

    Raises:
        PretrainingFailed: If it has no text; the message says where.
    """
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise PretrainingFailed(
            f"{where}: expected an object with a string text, found {line[:80]!r}"
        )
    return record


def read_articles(path: Path, before: str | None, counts: Counter[str]) -> Iterator[list[str]]:
    """Give the sentences of the articles that are worth reading, and count what becomes of all.

    Args:
        path: JSON lines with ``text`` and, where known, ``title`` and ``date``.
        before: The first day (ISO 8601) that is too late; undated articles may be later, too.
        counts: Filled with the number of articles by what became of them.
    """
    seen = set()
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            record = parse_article(line, f"{path}:{number}")
            words = fold(record["text"]).split()
            digest = hashlib.sha256(" ".join(words).encode()).digest()
            date = str(record.get("date") or "")
            if before and not "" < date[:10] < before:
                fate = "too_late" if date else "undated"
            elif len(words) < MIN_WORDS:
                fate = "near_empty"
            else:
                fate = "duplicates" if digest in seen else "documents"
            counts[fate] += 1
            if fate == "documents":
                seen.add(digest)
                yield split_sentences(record.get("title") or "", record["text"])


def cut(sentence: list[int], room: int, vocabulary: Vocabulary) -> Iterator[list[int]]:
    """Cut a sentence that is longer than a window before the last word that does not fit."""
    while len(sentence) > room:
        starts = (at for at in range(room, 0, -1) if vocabulary.begins_word[sentence[at]])
        end = next(starts, room)
        yield sentence[:end]
        sentence = sentence[end:]
    yield sentence


def pack_windows(
    sentences: list[list[int]], vocabulary: Vocabulary, window_pieces: int
) -> list[list[int]]:
    """Put the sentences of a document into windows: ``<s> sentence </s> sentence </s> …``.

    The windows of a document are about equally long: a last one of few pieces teaches little.
    """
    parts = [part for one in sentences for part in cut(one, window_pieces - 2, vocabulary)]
    total = sum(len(part) + 1 for part in parts)
    share = total / -(-total // (window_pieces - 1))
    windows: list[list[int]] = []
    for part in parts:
        if (
            not windows
            or len(windows[-1]) >= share
            or len(windows[-1]) + len(part) + 1 > window_pieces
        ):
            windows.append([vocabulary.bos])
        windows[-1] += [*part, vocabulary.eos]
    return windows


def pack_corpus(
    path: Path, tokenizer: Tokenizer, before: str | None, window_pieces: int
) -> tuple[Corpus, dict[str, int]]:
    """Tokenise and pack a file of articles.

    Returns:
        The windows, and how many articles, pieces, words and windows there are.
    """
    vocabulary = Vocabulary.from_tokenizer(tokenizer)
    if len(vocabulary.is_special) > 2**16:
        raise PretrainingFailed(
            f"expected a vocabulary of at most 65,536 pieces, found {len(vocabulary.is_special)}; "
            "trim it to the language as training/import_encoder.py does"
        )
    pieces, lengths, held_out = array("H"), array("H"), array("B")
    counts: Counter[str] = Counter()
    for sentences in read_articles(path, before, counts):
        encodings = tokenizer.encode_batch(sentences, add_special_tokens=False)
        windows = pack_windows([one.ids for one in encodings], vocabulary, window_pieces)
        for window in windows:
            pieces.extend(window)
            lengths.append(len(window))
            held_out.append(counts["documents"] % HELD_OUT_EVERY == 1)
    corpus = Corpus(*map(np.asarray, (pieces, lengths)), np.asarray(held_out, dtype=bool))
    if corpus.is_held_out.all():
        raise PretrainingFailed(
            f"{path}: expected at least two articles, found {dict(counts)}; "
            "a date at or after --before, a text seen before and fewer than "
            f"{MIN_WORDS} words exclude an article"
        )
    words = int((vocabulary.begins_word & ~vocabulary.is_special)[corpus.pieces].sum())
    sizes = {"windows": len(lengths), "pieces": len(pieces), "words": words}
    return corpus, {**counts, **sizes, "held_out_windows": int(corpus.is_held_out.sum())}


def pack(
    corpus: Path, encoder: Path, output: Path, before: str | None, window_pieces: int
) -> dict[str, int]:
    """Write a folder with the packed corpus and the encoder in 8-bit blocks.

    Returns:
        Counts of the corpus and bytes of the folder.
    """
    config, weights = load_weights(encoder)
    if window_pieces > config.max_position_embeddings:
        raise PretrainingFailed(
            f"expected windows of at most {config.max_position_embeddings} pieces, which is what "
            f"{encoder} reads at once, found --window-pieces {window_pieces}"
        )
    packed, report = pack_corpus(corpus, load_tokenizer(encoder), before, window_pieces)
    (output / "encoder").mkdir(parents=True, exist_ok=True)
    packed.save(output / CORPUS_FILE)
    save_blocks(weights, output / "encoder" / WEIGHTS_FILE)
    config.save_pretrained(output / "encoder")
    copy_tokenizer(encoder, output / "encoder")
    files = (CORPUS_FILE, f"encoder/{WEIGHTS_FILE}")
    report |= {f"bytes of {name}": (output / name).stat().st_size for name in files}
    (output / "pack.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report
