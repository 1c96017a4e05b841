"""An encoder folder: read it, pack it in 8-bit blocks for a journey, write it in shards.

Knows the files of `BertModel` and its tokenizer, and nothing of what the encoder is trained on.
"""

from __future__ import annotations

import json
import lzma
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load, save
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel
from transformers.utils import logging as hf_logging

WEIGHTS_FILE = "model.int8.safetensors.xz"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")
BLOCK_SIZE = 32


class PretrainingFailed(Exception):
    """The corpus, the encoder or the options are not what can be worked with."""


def load_weights(encoder: Path) -> tuple[BertConfig, dict[str, torch.Tensor]]:
    """Read an encoder folder, be it 8-bit blocks or what transformers writes.

    Returns:
        The shape of the network, and float32 tensors by their names in `BertModel`.

    Raises:
        PretrainingFailed: If there is none, or its network is not a BERT.
    """
    if not all((encoder / name).is_file() for name in ("config.json", TOKENIZER_FILES[0])):
        raise PretrainingFailed(
            f"expected an encoder folder with config.json and tokenizer.json, found none in "
            f"{encoder}; training/import_encoder.py makes one"
        )
    settings = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    if settings.get("model_type") != "bert":
        raise PretrainingFailed(
            f"{encoder}: expected a network of type bert, found {settings.get('model_type')}"
        )
    config = BertConfig.from_dict(settings)
    if (encoder / WEIGHTS_FILE).is_file():
        return config, load_blocks(encoder / WEIGHTS_FILE)
    hf_logging.disable_progress_bar()
    model = BertModel.from_pretrained(encoder, add_pooling_layer=False, dtype=torch.float32)
    return config, model.state_dict()


def quantize(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round weights to 255 steps between minus and plus the largest of each 32."""
    blocks = weights.astype(np.float32).reshape(-1, BLOCK_SIZE)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 127).astype(np.float16)
    steps = np.where(scales == 0, 1, scales).astype(np.float32)
    return np.rint(blocks / steps).clip(-127, 127).astype(np.int8).reshape(weights.shape), scales


def dequantize(rounded: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Give the weights that `quantize` rounded."""
    blocks = rounded.reshape(-1, BLOCK_SIZE).astype(np.float32)
    return (blocks * scales.astype(np.float32)).reshape(rounded.shape)


def save_blocks(weights: dict[str, torch.Tensor], path: Path) -> None:
    """Write matrices as 8-bit blocks and everything else as it is."""
    arrays: dict[str, np.ndarray] = {}
    for name, tensor in weights.items():
        values = tensor.float().numpy()
        if values.ndim > 1 and values.size % BLOCK_SIZE == 0:
            arrays[name], arrays[f"{name}.scales"] = quantize(values)
        else:
            arrays[name] = values
    path.write_bytes(lzma.compress(save(arrays)))


def load_blocks(path: Path) -> dict[str, torch.Tensor]:
    """Read what `save_blocks` wrote."""
    arrays = load(lzma.decompress(path.read_bytes()))
    return {
        name: torch.from_numpy(
            dequantize(array, arrays[f"{name}.scales"]) if array.dtype == np.int8 else array
        )
        for name, array in arrays.items()
        if not name.endswith(".scales")
    }


def load_tokenizer(encoder: Path) -> Tokenizer:
    """Read the tokenizer of an encoder folder, without padding and truncation."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(encoder / TOKENIZER_FILES[0]))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def copy_tokenizer(source: Path, target: Path) -> None:
    """Copy what `AutoTokenizer` reads."""
    for name in TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def save_encoder(
    model: BertModel, tokenizer_from: Path, folder: Path, dtype: torch.dtype, shard_mb: float
) -> None:
    """Write a folder that ``from_pretrained`` loads; it is whole or not there.

    Args:
        model: The network, which stays as it is.
        tokenizer_from: The encoder folder whose tokenizer is the network's.
        folder: What to write; a folder of that name is replaced.
        dtype: Precision of the weights on disk.
        shard_mb: Largest size of a file of weights, in millions of bytes.
    """
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    state = {name: w.detach().to("cpu", dtype) for name, w in model.state_dict().items()}
    hf_logging.disable_progress_bar()
    model.save_pretrained(partial, state_dict=state, max_shard_size=int(shard_mb * 1e6))
    copy_tokenizer(tokenizer_from, partial)
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
