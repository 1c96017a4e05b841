import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import arevent
from arevent.batching import make_candidates
from arevent.corpus import check_labels, document_from_record, read_corpus, write_corpus
from arevent.heads import Pairs
from arevent.lexicon import LEXICON_FILE, Lexicon
from arevent.model import SPANS_FILE, EventModel
from arevent.ontology import Ontology
from arevent.pieces import PieceEncoder
from arevent.scoring import sentence_spans
from arevent.train import TrainConfig
from arevent.train import trainer as trainer_module
from arevent.train.examples import ExampleMaker, sentence_targets
from arevent.train.objective import label_weights, losses
from arevent.train.trainer import TrainingFailed, train


@pytest.fixture
def corpus_file(tmp_path, news_record):
    path = tmp_path / "corpus.jsonl"
    records = [{**news_record, "doc_id": f"news-{number}"} for number in range(4)]
    write_corpus(map(document_from_record, records), path)
    return path


@pytest.fixture
def config(tmp_path, encoder_dir, corpus_file):
    return TrainConfig(
        train=str(corpus_file),
        dev=str(corpus_file),
        output=str(tmp_path / "run"),
        encoder=str(encoder_dir),
        epochs=2,
        batch_pieces=64,
        window_pieces=(1, 64),
        max_pieces=64,
        linker_size=16,
        precision="no",
    )


def _weights(config):
    return load_file(next(Path(config.output, "best").glob("model*.safetensors")))


def metrics_of(config):
    text = Path(config.output, "metrics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_training_writes_a_model_that_extracts(config):
    metrics = train(config)
    assert metrics["epoch"] in (1, 2)
    assert [entry["epoch"] for entry in metrics_of(config)] == [1, 2]
    document = arevent.load(f"{config.output}/best", device="cpu")("قتل جندي في هجوم.")
    assert document.text == "قتل جندي في هجوم."


def test_enough_steps_learn_the_corpus(config):
    """The real loop on four documents: everything it is told, it learns."""
    metrics = train(
        replace(config, epochs=40, patience=40, encoder_rate=3e-3, head_rate=3e-3, warmup=0.05)
    )
    assert metrics["dev"]["Tri-C"] > 0.95
    assert metrics["dev"]["mentions"] > 0.95
    assert metrics["dev"]["Arg-C"] > 0.9
    assert metrics["dev"]["modality"] == 1.0


def test_a_lexicon_is_learned_when_the_last_epoch_is_over(config, ontology):
    """After one epoch the network finds nothing; the lexicon knows the corpus by heart."""
    train(replace(config, epochs=1, lexicon_weight=0.9))
    folder = Path(config.output, "best")
    lexicon = Lexicon.from_file(folder / LEXICON_FILE, ontology)
    assert len(lexicon.weights)
    extractor = arevent.load(folder, device="cpu")
    assert extractor.tagger.model.settings.lexicon_weight == 0.9
    (document,) = read_corpus(config.dev)[:1]
    read = extractor(document)
    assert {(e.type, e.trigger.text) for e in read.events} == {
        (e.type, e.trigger.text) for e in document.events
    }


def test_a_share_that_is_none_is_refused(config):
    with pytest.raises(ValueError, match="lexicon_weight: expected a share from 0 up to 1"):
        replace(config, lexicon_weight=1.0)


def test_averaged_weights_are_saved_and_survive_an_interruption(config, tmp_path, monkeypatch):
    averaged = replace(config, averaging=0.9, encoder_rate=1e-3, output=str(tmp_path / "whole"))
    train(averaged)
    again = replace(averaged, output=str(tmp_path / "again"), checkpoint_minutes=0.0)
    _interrupt(monkeypatch, after=_count_batches(config) + 1)
    with pytest.raises(KeyboardInterrupt):
        train(again)
    monkeypatch.undo()
    train(again)
    assert [e["dev"] for e in metrics_of(again)] == [e["dev"] for e in metrics_of(averaged)]
    plain = replace(averaged, averaging=0.0, output=str(tmp_path / "plain"))
    train(plain)
    weights = [_weights(run)["classifier.weight"] for run in (averaged, again, plain)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_keep_heads_goes_on_with_a_trained_model(config, tmp_path):
    train(config)
    more = replace(
        config,
        encoder=f"{config.output}/best",
        keep_heads=True,
        epochs=1,
        output=str(tmp_path / "more"),
        encoder_rate=0.0,
        head_rate=0.0,
    )
    train(more)
    assert metrics_of(more)[0]["dev"] == train(config)["dev"]
    new_heads = replace(more, keep_heads=False, output=str(tmp_path / "new"))
    train(new_heads)
    weights = [_weights(run)["classifier.weight"] for run in (config, more, new_heads)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_kept_heads_keep_their_sizes_and_missing_ones_are_new(config, tmp_path):
    train(replace(config, epochs=1, span_size=24))
    best = Path(config.output, "best")
    more = replace(
        config, encoder=str(best), keep_heads=True, epochs=1, output=str(tmp_path / "more")
    )
    train(replace(more, span_size=48, linker_size=8))
    settings = EventModel.from_pretrained(tmp_path / "more" / "best").settings
    assert (settings.span_size, settings.linker_size) == (24, 16)
    (best / SPANS_FILE).unlink()
    train(replace(more, span_size=48, output=str(tmp_path / "new")))
    assert EventModel.from_pretrained(tmp_path / "new" / "best").settings.span_size == 48


def test_keep_heads_of_another_ontology_is_refused(config, tmp_path):
    train(replace(config, epochs=1))
    data = Ontology.from_file().to_dict()
    del data["event_types"]["Aid"]
    other = tmp_path / "other.yaml"
    Ontology.from_dict(data).save(other)
    with pytest.raises(TrainingFailed, match=r"keep_heads: expected .* other labels in it"):
        train(
            replace(
                config,
                encoder=f"{config.output}/best",
                keep_heads=True,
                ontology=str(other),
                output=str(tmp_path / "run-2"),
            )
        )


def test_several_corpora_are_read_one_after_the_other(config, corpus_file):
    twice = replace(config, train=(str(corpus_file), str(corpus_file)))
    assert _count_batches(twice) > _count_batches(config)


def test_deeper_layers_learn_more_slowly(config, encoder_dir):
    model = trainer_module._build_model(str(encoder_dir), Ontology.from_file(), config)
    settings = replace(config, layer_decay=0.5, encoder_rate=0.8, head_rate=3.0)
    rates = {
        name: group["lr"]
        for group in trainer_module._parameter_groups(model, settings)
        for name, parameter in model.named_parameters()
        if any(parameter is member for member in group["params"])
    }
    assert len(rates) == len(list(model.named_parameters()))
    assert rates["tagger.bert.encoder.layer.1.output.dense.weight"] == 0.8
    assert rates["tagger.bert.encoder.layer.0.output.dense.weight"] == 0.4
    assert rates["tagger.bert.embeddings.word_embeddings.weight"] == 0.2
    assert rates["tagger.classifier.bias"] == rates["linker.roles.weight"] == 3.0


def test_interrupted_run_ends_where_an_uninterrupted_one_does(config, tmp_path, monkeypatch):
    whole = replace(config, output=str(tmp_path / "whole"))
    train(whole)
    n_batches = _count_batches(config)
    _interrupt(monkeypatch, after=n_batches + 1)  # inside the second epoch
    with pytest.raises(KeyboardInterrupt):
        train(replace(config, checkpoint_minutes=0.0))
    monkeypatch.undo()
    train(replace(config, checkpoint_minutes=0.0))
    assert [e["loss"] for e in metrics_of(config)] == [e["loss"] for e in metrics_of(whole)]
    assert [e["dev"] for e in metrics_of(config)] == [e["dev"] for e in metrics_of(whole)]


def _count_batches(config):
    run = trainer_module._Run(replace(config, output=config.output + "-probe"), resume=False)
    return run.n_batches


def _interrupt(monkeypatch, after):
    calls = iter(range(10**6))

    def counted(*args):
        if next(calls) == after:
            raise KeyboardInterrupt
        return losses(*args)

    monkeypatch.setattr(trainer_module, "losses", counted)


def test_loss_that_is_no_number_ends_the_run(config, monkeypatch):
    def broken(*args):
        good = losses(*args)
        return replace(good, tags=good.tags * math.nan)

    monkeypatch.setattr(trainer_module, "losses", broken)
    with pytest.raises(TrainingFailed, match="expected a finite loss, found nan in epoch 1"):
        train(config)


def test_checkpoint_of_another_run_is_not_overwritten(config):
    train(replace(config, epochs=1))
    with pytest.raises(TrainingFailed, match="run with other settings"):
        train(replace(config, epochs=1, seed=99))
    train(replace(config, epochs=1, seed=99), resume=False)


def test_old_checkpoint_comes_back_where_its_replacement_was_interrupted(config):
    """Killed between moving the old folder aside and putting the new one in its place."""
    train(replace(config, epochs=1))
    output = Path(config.output)
    (output / "checkpoint").rename(output / "checkpoint.old")
    (output / "checkpoint.new").mkdir()
    run = trainer_module._Run(replace(config, epochs=1), resume=True)
    assert run.progress.epoch == 1
    assert not (output / "checkpoint.new").exists()


def test_no_better_score_ends_the_run(config):
    train(replace(config, epochs=6, patience=1, encoder_rate=0.0, head_rate=0.0))
    assert len(metrics_of(config)) == 2


def test_accumulated_gradients_make_fewer_steps(config, monkeypatch):
    steps = []
    step = torch.optim.AdamW.step
    monkeypatch.setattr(torch.optim.AdamW, "step", lambda *args: steps.append(1) or step(*args))
    n_batches = _count_batches(config)
    train(replace(config, accumulation=2, epochs=1))
    assert n_batches > 1
    assert len(steps) == -(-n_batches // 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"lerning_rate": 1}, r"unknown: \['lerning_rate'\]", id="typo"),
        pytest.param({"epochs": "many"}, "epochs: expected int, found 'many'", id="type"),
        pytest.param({"precision": "fp8"}, "expected bf16 or no, found 'fp8'", id="precision"),
        pytest.param({"window_pieces": [9999]}, "up to max_pieces = 256", id="window"),
        pytest.param({"epochs": 0}, "expected at least 1", id="zero"),
        pytest.param({"epochs": 2.9}, "epochs: expected int, found 2.9", id="part of an epoch"),
        pytest.param({"output": None}, "output: expected str, found None", id="nothing"),
        pytest.param({"window_pieces": [0]}, "expected lengths from 1 up", id="empty window"),
        pytest.param({"max_pieces": 20}, "max_pieces: expected at least 34", id="short window"),
        pytest.param({"averaging": 1.5}, "averaging: expected a share", id="share"),
        pytest.param({"warmup": -1}, "warmup: expected a share", id="negative"),
        pytest.param({"linker_size": 0}, "linker_size: expected at least 1", id="width"),
    ],
)
def test_bad_settings(settings, message):
    paths = {name: "x" for name in ("train", "dev", "output", "encoder")}
    with pytest.raises(ValueError, match=message):
        TrainConfig.from_dict({**paths, **settings})


def test_unquoted_no_is_a_word():
    """YAML reads it as false."""
    paths = {name: "x" for name in ("train", "dev", "output")}
    assert TrainConfig.from_dict({**paths, "precision": False}).precision == "no"


def test_windows_longer_than_the_encoder_reads(config):
    with pytest.raises(TrainingFailed, match="max_pieces: expected at most 128, which is what"):
        train(replace(config, max_pieces=129))


def test_going_on_takes_the_dropout_of_the_run(config, tiny_model_dir):
    run = replace(config, encoder=str(tiny_model_dir), keep_heads=True)
    run = replace(run, dropout=0.37, attention_dropout=0.21)
    model = trainer_module._build_model(str(tiny_model_dir), Ontology.from_file(), run)
    rates = {part.p for part in model.modules() if isinstance(part, torch.nn.Dropout)}
    assert rates == {0.37, 0.21}


def test_missing_settings():
    with pytest.raises(ValueError, match=r"missing: \['dev', 'output', 'train'\]"):
        TrainConfig.from_dict({})


def test_config_file_with_overrides(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("train: a\ndev: b\noutput: c\nencoder: d\nhead_rate: 1e-4\n", encoding="utf-8")
    config = TrainConfig.from_file(path, {"epochs": 3})
    assert (config.head_rate, config.epochs, config.train) == (1e-4, 3, ("a",))
    assert TrainConfig.from_dict(config.to_dict()) == config


def test_targets_of_a_sentence(news_document, ontology):
    first, second, third, fourth = sentence_targets(news_document, ontology)
    names = [ontology.tags[tag] for tag in first.tags]
    assert names == ["B-Death", "B-NUM", "B-ACTOR", "O", "B-Strike", "O", "B-LOC", "I-LOC"]
    roles = list(ontology.roles)
    assert sorted((t, m, roles[r]) for t, m, r in first.roles) == [
        (0, 0, "Count"),
        (0, 1, "Target"),
        (0, 2, "Place"),
        (1, 1, "Target"),
        (1, 2, "Target"),
    ]
    assert len(second.roles) == 5, "the literal count has no mention to point to"
    assert [ontology.modalities[m] for m in third.modalities] == ["negated"]
    assert (fourth.triggers, fourth.mentions) == ([], [])


def test_double_event_trains_the_tag_of_the_first_type(ontology, sentence_record):
    record = sentence_record(
        "اغتيال الوزير",
        [("m1", "ACTOR", "الوزير")],
        [
            ("Attack", "اغتيال", "actual", [("Target", "m1")]),
            ("Death", "اغتيال", "actual", [("Target", "m1")]),
        ],
    )
    document = document_from_record({"doc_id": "x", "sentences": [record]})
    (target,) = sentence_targets(document, ontology)
    assert ontology.tags[target.tags[0]] == "B-Death"
    assert [span.label for span in target.triggers] == ["Death"]


def test_labels_that_the_ontology_lacks_are_counted(news_document):
    data = Ontology.from_file().to_dict()
    del data["event_types"]["Death"]
    data["double_events"] = []
    with pytest.raises(ValueError, match=r"event type Death \(2\)"):
        check_labels([news_document], Ontology.from_dict(data))


@pytest.fixture
def examples(news_document, tokenizer, ontology):
    documents = [news_document] * 3
    return ExampleMaker(documents, PieceEncoder(tokenizer, 64), ontology, "mean", 1)


def test_every_epoch_has_every_token_once(examples, news_document):
    n_tokens = sum(len(sentence.tokens) for sentence in news_document.sentences)
    for seed in range(3):
        batches = [examples.make(plan) for plan in examples.epoch((1, 64), 128, seed)]
        assert sum(example.batch.n_tokens for example in batches) == 3 * n_tokens
        assert sum(len(example.modalities) for example in batches) == 3 * 4
        assert all(len(example.tags) == example.batch.n_tokens for example in batches)


def test_same_seed_same_plan(examples):
    assert list(examples.epoch((1, 64), 128, 5)) == list(examples.epoch((1, 64), 128, 5))
    assert list(examples.epoch((1, 64), 128, 5)) != list(examples.epoch((1, 64), 128, 6))


def test_batches_stay_under_their_size(examples):
    for plan in examples.epoch((1, 64), 128, 0):
        example = examples.make(plan)
        assert example.batch.input_ids.numel() <= 128


def test_batch_without_events_has_losses_of_zero(ontology):
    from arevent.model import Batch
    from arevent.train.examples import Example

    none = torch.zeros((0, 2), dtype=torch.long)
    one = torch.zeros(1, dtype=torch.long)
    batch = Batch(one[None], one[None], one, one, 1)
    candidates = make_candidates([1])
    example = Example(
        batch, Pairs(none, none[:, 0], none, none[:, 0], none), candidates, one,
        torch.tensor([33]), torch.zeros(0, 8), torch.zeros(0, 8), none[:, 0],
    )  # fmt: skip
    logits = (torch.zeros(1, 67), torch.zeros(1, 34), torch.zeros(0, 8), torch.zeros(0, 3))
    parts = losses(example, logits, label_weights([], ontology, 0.0))
    assert parts.roles.item() == 0.0
    assert parts.modalities.item() == 0.0
    assert parts.tags.item() == pytest.approx(math.log(67))
    assert parts.spans.item() == pytest.approx(math.log(34))


def _flat_logits(example):
    return (
        torch.zeros(example.batch.n_tokens, 67),
        torch.zeros(len(example.candidates), 34),
        torch.zeros_like(example.roles),
        torch.zeros(len(example.modalities), 3),
    )


def test_roles_that_the_ontology_forbids_cost_nothing(examples, ontology):
    example = examples.make(next(iter(examples.epoch((64,), 4096, 0))))
    weights = label_weights([], ontology, 0.0)
    tags, spans, roles, modalities = _flat_logits(example)
    before = losses(example, (tags, spans, roles, modalities), weights).roles
    wild = roles + 50 * (1 - example.allowed)
    after = losses(example, (tags, spans, wild, modalities), weights).roles
    assert after.item() == pytest.approx(before.item())


def test_labels_of_rare_types_weigh_more(ontology, news_document):
    """Four times as many deaths as the average type has events, no arrest."""
    n_types = len(ontology.event_types)
    death = next(event for event in news_document.events if event.type == "Death")
    document = replace(news_document, events=(death,) * (4 * n_types))
    weights = label_weights([document], ontology, 0.5)
    of_tags = dict(zip(ontology.tags, weights.tags.tolist(), strict=True))
    assert of_tags["B-Death"] == of_tags["O"] == of_tags["I-ACTOR"] == 1.0
    assert of_tags["B-Arrest"] == of_tags["I-Arrest"] == pytest.approx(5**0.5)
    *of_spans, none = weights.spans.tolist()
    of_spans = dict(zip(ontology.span_labels, of_spans, strict=True))
    assert of_spans["Death"] == of_spans["ACTOR"] == none == 1.0
    assert of_spans["Arrest"] == pytest.approx(5**0.5)
    assert label_weights([document], ontology, 1.0).tags.max() == 4.0
    assert label_weights([document], ontology, 0.0).spans.unique().tolist() == [1.0]


def test_weight_of_a_label_is_its_share_of_the_loss(examples, ontology):
    example = examples.make(next(iter(examples.epoch((64,), 4096, 0))))
    generator = torch.Generator().manual_seed(0)
    logits = tuple(torch.randn(own.shape, generator=generator) for own in _flat_logits(example))
    weights = label_weights([], ontology, 0.0)
    cross_entropy = torch.nn.functional.cross_entropy
    whole = losses(example, logits, weights)
    assert whole.tags.item() == pytest.approx(cross_entropy(logits[0], example.tags).item())
    weights.tags[0] = 0.0  # words outside of spans do not count
    weights.spans[-1] = 0.0
    parts = losses(example, logits, weights)
    inside = example.tags != 0
    own = cross_entropy(logits[0][inside], example.tags[inside])
    assert parts.tags.item() == pytest.approx(own.item())
    named = example.labels != 33
    own = cross_entropy(logits[1][named], example.labels[named], reduction="sum")
    assert parts.spans.item() == pytest.approx(own.item() / example.batch.n_tokens)


def test_spans_that_are_too_long_are_told_of_and_have_no_label(
    config, sentence_record, tokenizer, ontology, tmp_path, caplog
):
    name = "لجنة " * 9
    record = sentence_record(f"قالت {name}إن", [("m1", "ACTOR", name.strip())])
    corpus = tmp_path / "long.jsonl"
    write_corpus([document_from_record({"doc_id": "long", "sentences": [record]})] * 3, corpus)
    trainer_module._Run(replace(config, train=str(corpus)), resume=False)
    assert "train: 3 triggers and mentions have more than 8 tokens" in caplog.text
    pieces = PieceEncoder(tokenizer, 16)  # the sentence is spread over windows
    examples = ExampleMaker(read_corpus(corpus), pieces, ontology, "mean", 1)
    example = examples.make(next(iter(examples.epoch((16,), 4096, 0))))
    assert example.batch.n_tokens == 3 * 11
    assert torch.equal(example.candidates, make_candidates([11] * 3))
    assert (example.labels == len(ontology.span_labels)).all()


def test_candidates_have_the_labels_of_the_annotated_spans(examples, news_document, ontology):
    example = examples.make(next(iter(examples.epoch((1,), 4096, 0))))
    read = sentence_spans(news_document, ontology)
    wanted, offset = set(), 0
    for sentence, spans in 3 * list(read):
        wanted |= {(offset + s.token_start, offset + s.token_end - 1, s.label) for s in spans}
        offset += len(sentence.tokens)
    rows = zip(example.candidates.tolist(), example.labels.tolist(), strict=True)
    found = [(*bounds, ontology.span_labels[label]) for bounds, label in rows if label < 33]
    lengths = sorted((last - first, label) for first, last, label in found)
    assert lengths == sorted((last - first, label) for first, last, label in wanted)
    own = {tuple(bounds) for bounds in example.spans.triggers.tolist()}
    own |= {tuple(bounds) for bounds in example.spans.mentions.tolist()}
    assert own == {(first, last) for first, last, _ in found}
