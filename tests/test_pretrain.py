"""Pretraining on news: packing, masking, and runs of a network of 30,000 weights."""

import gzip
import importlib
import json
import lzma
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tokenizers
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from arevent.model import EventModel, ModelSettings
from arevent.normalize import normalize
from arevent.segment import segment

TRAINING = Path(__file__).parents[1] / "training"
if not (TRAINING / "pretrain.py").is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
sys.path.append(str(TRAINING))  # as it is for a script that is run from there
pretrain = importlib.import_module("pretrain")
encoder_folder, masking, options, packing, trainer = (
    importlib.import_module(f"pretraining.{name}")
    for name in ("encoder_folder", "masking", "settings", "packing", "trainer")
)
sys.path.remove(str(TRAINING))
PretrainingFailed = encoder_folder.PretrainingFailed

STRIKE = "قتل ثلاثة جنود وأصيب أربعة في هجوم قرب المدينة. وقالت الشرطة إن منفذ الهجوم فر."
PROTEST = "خرج المئات في مظاهرة وسط العاصمة. وطالب المحتجون برحيل الحكومة!\nولم تقع إصابات."
TALKS = "التقى الوزير نظيره في العاصمة. وبحث الجانبان وقف إطلاق النار. ولم يعلن عن اتفاق."


def article(text, date="2018-05-01", title="عنوان الخبر"):
    return {"id": "x", "date": date, "source": "tests", "title": title, "text": text}


ARTICLES = [
    article(STRIKE),
    article(PROTEST, date="2018-07-31"),
    article(TALKS, title=None),
    article(f"  {STRIKE}\n", date="2018-06-01", title="عنوان آخر"),
    article("صورة من المدينة"),
    article(f"{STRIKE} {TALKS}", date="2018-08-01"),
    article(f"{TALKS} {PROTEST}", date=None),
    *(article(f"وفي يوم {day} من الشهر: {PROTEST} {TALKS}") for day in range(10, 22)),
]
FAST = options.Settings(
    epochs=2, batch_pieces=512, evaluate_steps=4, rate=3e-3, head_rate=1e-2, mask=0.3, seed=5
)
CPU = options.Machine(device="cpu")


def write_articles(path, articles=ARTICLES):
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in articles)
    path.write_text(lines, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def vocabulary(tokenizer):
    return packing.Vocabulary.from_tokenizer(tokenizer)


@pytest.fixture(scope="module")
def packed(tmp_path_factory, encoder_dir):
    """The folder that travels, and its counts."""
    folder = tmp_path_factory.mktemp("pack")
    corpus = write_articles(folder / "news.jsonl")
    return folder, packing.pack(corpus, encoder_dir, folder, "2018-08-01", 64)


@pytest.fixture(scope="module")
def corpus(packed):
    return packing.Corpus.load(packed[0] / packing.CORPUS_FILE)


def start(packed, corpus, settings=FAST, machine=CPU):
    return trainer.Trainer(corpus, packed[0] / "encoder", settings, machine)


@pytest.fixture(scope="module")
def finished(packed, corpus, tmp_path_factory):
    """An uninterrupted run and what it wrote."""
    output = tmp_path_factory.mktemp("pretrained")
    done = start(packed, corpus)
    assert pretrain.run(done, output, output / "state.pt")
    return done, output


def test_sentences_are_those_of_the_library(hard_text):
    read = segment(normalize(f"عنوان الخبر.. نص\n{hard_text}"), whole_lines=1)
    assert packing.split_sentences("عنوان الخبر.. نص", hard_text) == [one.norm for one in read]


def test_folding_is_that_of_the_library(hard_text):
    assert packing.fold(hard_text).strip() == normalize(hard_text).text.strip()


def test_articles_that_are_left_out(packed):
    folder, report = packed
    expected = {"documents": 15, "duplicates": 1, "near_empty": 1, "too_late": 1, "undated": 1}
    assert {name: report[name] for name in expected} == expected
    assert json.loads((folder / "pack.json").read_text(encoding="utf-8")) == report


def test_undated_articles_stay_without_a_date_limit(tmp_path, tokenizer):
    _, report = packing.pack_corpus(write_articles(tmp_path / "a.jsonl"), tokenizer, None, 64)
    assert report["documents"] == 17
    assert "undated" not in report


@pytest.mark.parametrize(("suffix", "opener"), [(".gz", gzip.open), (".xz", lzma.open)])
def test_compressed_corpus(tmp_path, tokenizer, suffix, opener):
    plain = write_articles(tmp_path / "news.jsonl")
    with opener(tmp_path / f"news.jsonl{suffix}", "wb") as file:
        file.write(plain.read_bytes())
    expected, _ = packing.pack_corpus(plain, tokenizer, None, 64)
    found, _ = packing.pack_corpus(tmp_path / f"news.jsonl{suffix}", tokenizer, None, 64)
    assert found.pieces.tolist() == expected.pieces.tolist()


def test_windows_hold_the_sentences(corpus, tokenizer, vocabulary):
    ends = corpus.lengths.cumsum()
    windows = [corpus.pieces[end - n : end] for end, n in zip(ends, corpus.lengths, strict=True)]
    assert max(corpus.lengths) <= 64
    assert all(window[0] == vocabulary.bos and window[-1] == vocabulary.eos for window in windows)
    text = "".join(tokenizer.id_to_token(int(piece)) for piece in corpus.pieces)
    first = "<s>▁عنوان▁الخبر</s>▁قتل▁ثلاثة▁جنود▁وأصيب▁أربعة▁في▁هجوم▁قرب▁المدينة.</s>"
    assert text.startswith(first)
    assert corpus.pieces.dtype == np.uint16


def test_half_a_percent_is_held_out(tmp_path, tokenizer):
    articles = [article(f"{TALKS} {number} {STRIKE}") for number in range(401)]
    path = write_articles(tmp_path / "news.jsonl", articles)
    packed, report = packing.pack_corpus(path, tokenizer, None, 512)
    assert report["documents"] == report["windows"] == 401
    assert np.flatnonzero(packed.is_held_out).tolist() == [0, 200, 400]


def test_windows_of_a_document_are_about_equally_long(vocabulary):
    sentences = [[5] * 9 for _ in range(12)]  # 120 pieces with their ends, 50 at most
    windows = packing.pack_windows(sentences, vocabulary, 51)
    assert [len(window) for window in windows] == [41, 41, 41]


def test_long_sentence_is_cut_before_a_word(vocabulary, tokenizer):
    ids = tokenizer.encode("قتل ثلاثة جنود", add_special_tokens=False).ids
    parts = list(packing.cut(ids, 12, vocabulary))
    texts = ["".join(map(tokenizer.id_to_token, part)) for part in parts]
    assert texts == ["▁قتل▁ثلاثة", "▁جنود"]


def test_word_that_is_longer_than_a_window(vocabulary):
    assert list(packing.cut([5] * 25, 10, vocabulary)) == [[5] * 10, [5] * 10, [5] * 5]


WEIGHTS = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=1, max_dims=1, max_side=4).map(lambda s: (*s, 32)),
    elements=st.floats(-100, 100, width=32),
)


@settings(max_examples=30, deadline=None)
@given(WEIGHTS)
def test_blocks_round_by_less_than_a_250th_of_their_largest_weight(weights):
    found = encoder_folder.dequantize(*encoder_folder.quantize(weights))
    bound = np.abs(weights).max(axis=1, keepdims=True) / 250 + 1e-5
    assert (np.abs(found - weights) <= bound).all()


def test_encoder_in_blocks(packed, encoder_dir):
    config, found = encoder_folder.load_weights(packed[0] / "encoder")
    expected_config, expected = encoder_folder.load_weights(encoder_dir)
    assert config.to_dict() == expected_config.to_dict()
    assert found.keys() == expected.keys()
    for name, weights in expected.items():
        torch.testing.assert_close(found[name], weights, atol=1e-3, rtol=0)


def test_batches_have_every_window_once():
    lengths = np.array([10, 60, 33, 12, 64, 64, 31, 40], dtype=np.uint16)
    windows = np.array([0, 1, 2, 3, 5, 6, 7])
    plans = [masking.plan_batches(lengths, windows, 130, (seed, 0)) for seed in range(4)]
    for plan in plans:
        assert sorted(np.concatenate(plan).tolist()) == windows.tolist()
        assert all(len(batch) * -(-int(max(lengths[batch])) // 32) * 32 <= 130 for batch in plan)
    assert [len(plan) for plan in plans] == [3, 3, 3, 3]
    assert len({str(plan) for plan in plans}) > 1


def test_reading_fills_up_with_padding(corpus, vocabulary):
    reader = masking.WindowReader(corpus, vocabulary.pad)
    ids = reader.read(np.arange(3))
    longest = int(corpus.lengths[:3].max())
    assert longest <= ids.shape[1] < longest + 32
    for row, length in zip(ids, corpus.lengths[:3], strict=True):
        assert (row[: int(length)] != vocabulary.pad).all()
        assert (row[int(length) :] == vocabulary.pad).all()


def all_windows(corpus, vocabulary):
    return masking.WindowReader(corpus, vocabulary.pad).read(np.arange(len(corpus.lengths)))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), share=st.floats(0.05, 0.95))
def test_whole_words_are_chosen(corpus, vocabulary, seed, share):
    ids = all_windows(corpus, vocabulary)
    torch.manual_seed(seed)
    batch = masking.hide_words(ids, vocabulary, share)
    is_chosen = torch.zeros(ids.numel(), dtype=bool)
    is_chosen[batch.positions] = True
    is_chosen = is_chosen.view(ids.shape)
    assert batch.labels.tolist() == ids[is_chosen].tolist()
    assert (batch.inputs == ids)[~is_chosen].all()
    assert not is_chosen[torch.from_numpy(vocabulary.is_special)[ids]].any()
    assert not vocabulary.is_special[batch.inputs[is_chosen & (batch.inputs != 4)]].any()
    goes_on = ~torch.from_numpy(vocabulary.begins_word)[ids[:, 1:]] & (ids[:, 1:] != 3)
    goes_on &= ids[:, :-1] != 3  # the unknown piece is never chosen
    assert (is_chosen[:, 1:] == is_chosen[:, :-1])[goes_on].all()


def test_unknown_pieces_do_not_part_a_word(vocabulary, tokenizer):
    ids = torch.tensor([tokenizer.encode("في قت中ل").ids])
    assert ids.tolist()[0][-5:-1] == [tokenizer.token_to_id(piece) for piece in ("ق", "ت")] + [
        3,
        tokenizer.token_to_id("ل"),
    ]
    for seed in range(20):
        torch.manual_seed(seed)
        chosen = masking.hide_words(ids, vocabulary, 0.5).positions.tolist()
        last_word = [position for position in chosen if position > 2]
        assert last_word in ([], [3, 4, 6], [2, 3, 4, 6])


def test_shares_of_chosen_hidden_and_random_pieces(corpus, vocabulary):
    ids = all_windows(corpus, vocabulary).repeat(100, 1)
    torch.manual_seed(0)
    batch = masking.hide_words(ids, vocabulary, 0.2)
    ordinary = int((~vocabulary.is_special)[ids].sum())
    assert len(batch.labels) / ordinary == pytest.approx(0.2, abs=0.01)
    seen = batch.inputs.flatten()[batch.positions]
    assert (seen == vocabulary.mask).float().mean() == pytest.approx(0.8, abs=0.01)
    assert (seen == batch.labels).float().mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("schedule", "step", "factor"),
    [
        pytest.param("linear", 0, 1 / 11, id="first"),
        pytest.param("linear", 9, 10 / 11, id="rising"),
        pytest.param("linear", 10, 1.0, id="highest"),
        pytest.param("linear", 55, 0.5, id="half way down"),
        pytest.param("linear", 99, 1 / 90, id="last"),
        pytest.param("cosine", 10, 1.0, id="highest, cosine"),
        pytest.param("cosine", 55, 0.5, id="half way down, cosine"),
        pytest.param("cosine", 40, 0.75, id="a third down, cosine"),
    ],
)
def test_rates(schedule, step, factor):
    settings = options.Settings(warmup=0.1, schedule=schedule)
    assert settings.rate_factor(step, 100) == pytest.approx(factor)


def losses(curve):
    return [{name: line[name] for name in line if name != "seconds"} for line in curve]


def test_loss_falls(finished):
    curve = finished[0].progress.curve
    assert [line["step"] for line in curve] == [4, 8, 12]
    assert curve[-1]["held_out_loss"] < curve[0]["held_out_loss"]
    assert curve[-1]["loss"] < curve[0]["loss"]


def test_interrupted_run_is_the_uninterrupted_one(finished, packed, corpus, tmp_path, monkeypatch):
    state_file = tmp_path / "state.pt"
    for first_step in (0, 5, 10):
        clock = SimpleNamespace(monotonic=map(float, count()).__next__)  # a second a step
        monkeypatch.setattr(pretrain, "time", clock)
        again = start(packed, corpus, machine=replace(CPU, minutes=5 / 60))
        if first_step:
            again.resume(state_file)
        assert again.progress.step == first_step
        assert pretrain.run(again, tmp_path, state_file) is (first_step == 10)
    done, output = finished
    assert again.progress.seconds == 12
    assert losses(again.progress.curve) == losses(done.progress.curve)
    for name, weights in done.network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], weights), name
    files = ["encoder/model.safetensors", "encoder/config.json"]
    assert [(tmp_path / name).read_bytes() for name in files] == [
        (output / name).read_bytes() for name in files
    ]


def test_losses_and_summary(finished):
    done, output = finished
    lines = (output / "losses.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == done.progress.curve
    assert list(json.loads(lines[0])) == [
        *("step", "pieces", "loss", "held_out_loss", "held_out_accuracy", "seconds")
    ]
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    assert summary["is_finished"]
    assert summary["steps"] == summary["of_steps"] == 12
    assert summary["last"] == done.progress.curve[-1]
    train_pieces = int(done.corpus.lengths[~done.corpus.is_held_out].sum())
    assert summary["pieces"] == 2 * train_pieces


def test_output_is_an_encoder(finished, encoder_dir, ontology):
    done, output = finished
    folder = output / "encoder"
    model, report = transformers.AutoModel.from_pretrained(
        folder, add_pooling_layer=False, output_loading_info=True
    )
    assert type(model) is transformers.BertModel
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    embedding = model.embeddings.word_embeddings.weight.float()
    trained = done.network.bert.embeddings.word_embeddings.weight.detach()
    torch.testing.assert_close(embedding, trained, atol=1e-3, rtol=1e-3)
    assert transformers.AutoTokenizer.from_pretrained(folder)("في هجوم")["input_ids"][0] == 0
    event_model = EventModel.from_encoder(folder, ontology, ModelSettings())
    torch.testing.assert_close(event_model.tagger.get_input_embeddings().weight, embedding)


@pytest.mark.parametrize(("dtype", "n_bytes"), [("float16", 2), ("float32", 4)])
def test_encoder_in_shards(finished, packed, tmp_path, dtype, n_bytes):
    network = finished[0].network.bert
    folder = tmp_path / "encoder"
    encoder_folder.save_encoder(
        network, packed[0] / "encoder", folder, getattr(torch, dtype), shard_mb=0.02
    )
    shards = sorted(folder.glob("*.safetensors"))
    assert len(shards) > 1
    assert max(shard.stat().st_size for shard in shards) < 22_000
    n_weights = sum(weights.numel() for weights in network.parameters())
    index = json.loads((folder / "model.safetensors.index.json").read_text(encoding="utf-8"))
    assert index["metadata"]["total_size"] == n_weights * n_bytes
    assert network.dtype == torch.float32
    again = transformers.BertModel.from_pretrained(folder, add_pooling_layer=False)
    assert sum(weights.numel() for weights in again.parameters()) == n_weights


def test_encoder_on_disk_stays_whole(finished, packed, tmp_path, monkeypatch):
    network, source = finished[0].network.bert, packed[0] / "encoder"
    folder = tmp_path / "encoder"
    encoder_folder.save_encoder(network, source, folder, torch.float16, 15)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(encoder_folder, "copy_tokenizer", fail)
    with pytest.raises(OSError, match="no space"):
        encoder_folder.save_encoder(network, source, folder, torch.float32, 15)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_encoder_rests_while_the_head_is_trained(packed, corpus):
    run = start(packed, corpus, replace(FAST, head_steps=1))
    encoder = {name: weights.clone() for name, weights in run.network.bert.state_dict().items()}
    head = run.network.cls.predictions.transform.dense.weight.clone()
    run.take_step()
    assert all(
        torch.equal(weights, encoder[name])
        for name, weights in run.network.bert.state_dict().items()
    )
    assert not torch.equal(run.network.cls.predictions.transform.dense.weight, head)
    run.take_step()
    word_embeddings = run.network.bert.embeddings.word_embeddings.weight
    assert not torch.equal(word_embeddings, encoder["embeddings.word_embeddings.weight"])
    assert run.network.cls.predictions.decoder.weight is word_embeddings


def test_logits_of_chosen_pieces_are_those_of_the_whole_network(finished, corpus, vocabulary):
    done = finished[0]
    torch.manual_seed(0)
    batch = masking.hide_words(all_windows(corpus, vocabulary), vocabulary, 0.3)
    done.network.eval()
    with torch.no_grad():
        found = done.predict(batch, done.network.bert)
        whole = done.network(batch.inputs, attention_mask=batch.attention_mask.long()).logits
    torch.testing.assert_close(found, whole.flatten(0, 1)[batch.positions])


def test_batches_that_are_accumulated_are_one_step(packed, corpus):
    settings = replace(FAST, dropout=0.0, accumulate=3)
    run = start(packed, corpus, settings)
    assert run.n_steps == 4
    run.take_step()
    assert run.progress.n_chosen == pytest.approx(0.3 * run.progress.pieces, rel=0.3)


def test_bfloat16(packed, corpus, finished):
    run = start(packed, corpus, machine=replace(CPU, bf16=True))
    for _ in range(4):
        run.take_step()
    run.evaluate()
    expected = finished[0].progress.curve[0]["loss"]
    assert run.progress.curve[0]["loss"] == pytest.approx(expected, rel=0.02)
    assert run.progress.curve[0]["loss"] != expected


def test_run_with_other_settings_does_not_resume(finished, packed, corpus):
    state_file = finished[1] / "state.pt"
    with pytest.raises(PretrainingFailed) as error:
        start(packed, corpus, replace(FAST, epochs=3)).resume(state_file)
    assert str(error.value) == (
        f"{state_file}: expected the settings that the run began with, {{'epochs': 2}}, found "
        "{'epochs': 3}; use those, write to another --output, or begin again with --no-resume"
    )


def test_encoder_that_is_too_small(corpus, packed):
    big = replace(corpus, pieces=corpus.pieces.copy())
    big.pieces[3] = 5000
    with pytest.raises(PretrainingFailed, match="expected at least 5001 pieces and"):
        start(packed, big)


@pytest.mark.parametrize("line", ["[]", '{"title": "خبر"}', '{"text": 3}', "خبر"])
def test_line_that_is_no_article(tmp_path, tokenizer, line):
    path = tmp_path / "news.jsonl"
    path.write_text(f"{json.dumps(article(STRIKE))}\n{line}\n", encoding="utf-8")
    with pytest.raises(PretrainingFailed) as error:
        packing.pack_corpus(path, tokenizer, None, 64)
    assert str(error.value).startswith(f"{path}:2: expected an object with a string text, found")


def test_corpus_without_a_document_to_train_on(tmp_path, tokenizer):
    path = write_articles(tmp_path / "news.jsonl", ARTICLES[:1])
    with pytest.raises(PretrainingFailed, match=r"expected at least two articles, found \{'docu"):
        packing.pack_corpus(path, tokenizer, None, 64)


def test_tokenizer_without_word_starts():
    pieces = {"<s>": 0, "<pad>": 1, "[UNK]": 2}
    other = tokenizers.Tokenizer(tokenizers.models.WordLevel(pieces, unk_token="[UNK]"))
    with pytest.raises(PretrainingFailed, match="found one without \\['<mask>', '▁'\\] that adds"):
        packing.Vocabulary.from_tokenizer(other)


def test_windows_longer_than_the_encoder_reads(tmp_path, encoder_dir):
    corpus = write_articles(tmp_path / "news.jsonl")
    with pytest.raises(PretrainingFailed, match="windows of at most 128 pieces"):
        packing.pack(corpus, encoder_dir, tmp_path, None, 256)


def test_folder_without_an_encoder(tmp_path):
    with pytest.raises(PretrainingFailed, match="expected an encoder folder with"):
        encoder_folder.load_weights(tmp_path)


def test_network_that_is_no_bert(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}', encoding="utf-8")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(PretrainingFailed, match="expected a network of type bert, found gpt2"):
        encoder_folder.load_weights(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [{"schedule": "constant"}, {"mask": 0.0}, {"mask": 1.0}],
    ids=lambda changes: str(changes),
)
def test_settings_that_make_no_sense(changes):
    with pytest.raises(PretrainingFailed, match=f"--{next(iter(changes))}: expected"):
        replace(FAST, **changes)


def command_line(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["pretrain.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        pretrain.main()
    return end.value.code


def test_command_line(tmp_path, encoder_dir, monkeypatch, capsys):
    news = write_articles(tmp_path / "news.jsonl")
    packed, output = tmp_path / "pack", tmp_path / "out"
    options = ("--encoder", encoder_dir, "--output", packed, "--window-pieces", 64)
    limit = ("--before", "2018-08-01")
    assert command_line(monkeypatch, "pack", "--corpus", news, *options, *limit) == 0
    assert json.loads(capsys.readouterr().out)["documents"] == 15
    run = ("run", "--pack", packed, "--output", output, "--epochs", 1, "--device", "cpu")
    assert command_line(monkeypatch, *run, "--minutes", 1e-9, "--batch-pieces", 512) == 3
    expected = "unfinished: 1 of 6 steps; the same command goes on\n"
    assert capsys.readouterr().out == expected
    assert command_line(monkeypatch, *run, "--batch-pieces", 512) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"finished: 6 of 6 steps; the encoder is {output / 'encoder'}"
    assert "expected the settings" in command_line(monkeypatch, *run)
    assert command_line(monkeypatch, *run, "--no-resume") == 0


def test_command_line_ends_with_the_reason(tmp_path, monkeypatch):
    reason = command_line(monkeypatch, "run", "--pack", tmp_path)
    assert reason == (
        f"pretrain: expected a packed corpus {tmp_path / 'corpus.npz.xz'}, found none; "
        "run pack first"
    )
    reason = command_line(monkeypatch, "pack", "--corpus", tmp_path / "none.jsonl")
    assert reason.startswith("pretrain: ")


ALONE = """
import sys
sys.modules.update(arevent=None, datasets=None, accelerate=None)
sys.path.insert(0, {training!r})
sys.argv = ["pretrain.py", "run", "--pack", {packed!r}, "--output", {output!r}, "--epochs", "1"]
import pretrain
pretrain.main()
"""


@pytest.mark.slow
def test_needs_neither_the_library_nor_its_training_extra(packed, tmp_path):
    code = ALONE.format(training=str(TRAINING), packed=str(packed[0]), output=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("finished: ")
