"""Runs that are killed, stopped, out of room or given bad corpora."""

import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file
from typer.testing import CliRunner

import arevent
from arevent.cli import app
from arevent.corpus import document_from_record, write_corpus
from arevent.model import EventModel
from arevent.train import TrainConfig
from arevent.train import trainer as trainer_module
from arevent.train.failures import TrainingFailed, TrainingInterrupted
from arevent.train.objective import losses
from arevent.train.trainer import train


class Killed(BaseException):
    """Like SIGKILL: no handler of errors sees it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("interruptions")


@pytest.fixture
def write_news(folder, news_record):
    """Write a corpus of two documents, whose sentences a function may change."""

    def write(name, change=lambda sentence: sentence, n=2):
        sentences = [change(dict(sentence)) for sentence in news_record["sentences"]]
        records = [
            {**news_record, "doc_id": f"{name}-{number}", "sentences": sentences}
            for number in range(n)
        ]
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def config(tmp_path, encoder_dir, write_news):
    return TrainConfig(
        train=write_news("news"),
        dev=write_news("news"),
        output=str(tmp_path / "run"),
        encoder=str(encoder_dir),
        epochs=2,
        batch_pieces=64,
        window_pieces=(1, 64),
        max_pieces=64,
        linker_size=16,
        encoder_rate=3e-3,
        head_rate=3e-3,
        precision="no",
        checkpoint_minutes=0.0,
    )


def outcome(config):
    """Give what two runs that learned the same have in common."""
    lines = Path(config.output, "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    metrics = [json.loads(line) for line in lines]
    return (
        [(entry["epoch"], entry["loss"], entry["dev"]) for entry in metrics],
        json.loads(Path(config.output, "best", "config.json").read_text("utf-8"))["arevent"],
        {name: weight.tolist() for name, weight in weights(config).items()},
    )


def weights(config):
    return load_file(Path(config.output, "best", "linker.safetensors"))


@pytest.fixture
def whole(config, folder):
    """What the run gives that nobody interrupts; trained once."""
    uninterrupted = replace(config, output=str(folder / "whole"))
    if not Path(uninterrupted.output, "best", "training.json").exists():
        train(uninterrupted)
    return outcome(uninterrupted)


@pytest.fixture
def finished(config, whole, folder):
    """Give the config of a run that is over."""
    shutil.copytree(folder / "whole", config.output)
    return config


def arm(monkeypatch, owner, name, at, what, half=None):
    """Let the call of a function with this number end in an error, in some after half its work."""
    original = getattr(owner, name)
    numbers = iter(range(1, 10**6))

    def armed(*args, **kwargs):
        if next(numbers) == at:
            if half is not None:
                half(*args)
            raise what
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, armed)


def half_a_file(data, path, *_):
    Path(path).write_bytes(b"PK")


MOMENTS = [
    pytest.param(trainer_module, "losses", 2, id="step"),
    pytest.param(torch, "save", 6, id="checkpoint, half written"),
    pytest.param(Path, "rename", 3, id="old checkpoint aside, new one not in place"),
    pytest.param(trainer_module, "score", 1, id="evaluation"),
    pytest.param(trainer_module, "score", 2, id="second evaluation"),
    pytest.param(EventModel, "save_pretrained", 1, id="best model"),
    pytest.param(trainer_module.RunFolder, "write_text", 2, id="metrics"),
    pytest.param(trainer_module, "calibrate", 1, id="calibration"),
]


@pytest.mark.parametrize(("owner", "name", "at"), MOMENTS)
def test_killed_run_ends_where_an_uninterrupted_one_does(
    config, whole, monkeypatch, owner, name, at
):
    with monkeypatch.context() as patch:
        arm(patch, owner, name, at, Killed(), half_a_file if name == "save" else None)
        with pytest.raises(Killed):
            train(config)
    train(config)
    assert outcome(config) == whole
    assert sorted(path.name for path in Path(config.output).iterdir()) == [
        "best",
        "checkpoint",
        "config.json",
        "corpora.json",
        "metrics.jsonl",
    ]


def test_checkpoints_hold_no_half_added_gradients(config, tmp_path, monkeypatch):
    added = replace(config, accumulation=2)
    uninterrupted = replace(added, output=str(tmp_path / "whole"))
    train(uninterrupted)
    with monkeypatch.context() as patch:
        arm(patch, trainer_module, "losses", 4, Killed())
        with pytest.raises(Killed):
            train(added)
    train(added)
    assert outcome(added) == outcome(uninterrupted)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        pytest.param("losses", 2, id="step"),
        pytest.param("score", 1, id="evaluation"),
    ],
)
def test_sigterm_ends_with_a_checkpoint(config, whole, monkeypatch, name, at):
    original = getattr(trainer_module, name)
    calls = iter(range(1, 10**6))

    def with_signal(*args, **kwargs):
        if next(calls) == at:
            os.kill(os.getpid(), signal.SIGTERM)
        return original(*args, **kwargs)

    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(trainer_module, name, with_signal)
        with pytest.raises(TrainingInterrupted, match=r"SIGTERM.* the same command goes on"):
            train(replace(config, checkpoint_minutes=60))
    assert signal.getsignal(signal.SIGTERM) == before
    assert Path(config.output, "checkpoint").exists()
    train(config)
    assert outcome(config) == whole


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("owner", "name", "at", "error"),
    [
        pytest.param(torch, "save", 7, FULL, id="checkpoint"),
        pytest.param(torch, "save", 7, RuntimeError("[enforce fail at x.cc]"), id="torch's own"),
        pytest.param(EventModel, "save_pretrained", 1, FULL, id="best model"),
        pytest.param(Path, "write_text", 3, FULL, id="metrics"),
    ],
)
def test_full_disk_keeps_what_was_there(config, whole, monkeypatch, owner, name, at, error):
    with monkeypatch.context() as patch:
        arm(patch, owner, name, at, error, half_a_file if name == "save" else None)
        with pytest.raises(TrainingFailed, match=r"expected to write it.*make room") as failure:
            train(config)
    assert "\n" not in str(failure.value)
    assert not list(Path(config.output).glob("*.new/*"))
    train(config)
    assert outcome(config) == whole


@pytest.fixture
def run(tmp_path):
    """Run `arevent train` on a config."""

    def run(config, *options):
        path = tmp_path / "run.yaml"
        path.write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
        return CliRunner().invoke(app, ["train", str(path), *options])

    return run


def assert_one_clear_line(result, *parts):
    assert result.exit_code == 2, result.output
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("arevent: ")]
    assert "Traceback" not in result.output
    for part in parts:
        assert part in line


def test_output_that_cannot_be_written(run, config):
    output = f"{config.dev}/run"  # below a file
    result = run(replace(config, output=output))
    assert_one_clear_line(result, output, "expected to write it", "choose another output folder")


def _broken_loss(*args):
    good = losses(*args)
    return replace(good, tags=good.tags * math.nan)


def _broken_gradient(*args):
    good = losses(*args)
    good.tags.register_hook(lambda gradient: gradient * math.nan)
    return good


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        pytest.param(_broken_loss, "expected a finite loss, found nan", id="loss"),
        pytest.param(_broken_gradient, "expected a finite gradient, found nan", id="gradient"),
    ],
)
def test_what_is_no_number_gets_into_no_checkpoint(
    run, config, whole, monkeypatch, broken, message
):
    n_calls = iter(range(10**6))

    def once(*args):
        return (broken if next(n_calls) == 2 else losses)(*args)

    with monkeypatch.context() as patch:
        patch.setattr(trainer_module, "losses", once)
        assert_one_clear_line(run(config), message, "batch 3", "try lower learning rates")
    assert run(config).exit_code == 0
    assert outcome(config) == whole


def test_moved_folder_goes_on(config, tmp_path, monkeypatch, whole):
    """As one does when a disk is full."""
    with monkeypatch.context() as patch:
        arm(patch, trainer_module, "losses", 3, Killed())
        with pytest.raises(Killed):
            train(config)
    moved = replace(config, output=str(tmp_path / "elsewhere"), checkpoint_minutes=5.0)
    Path(config.output).rename(moved.output)
    train(moved)
    assert outcome(moved) == whole


def test_other_settings_are_named(run, finished):
    result = run(replace(finished, seed=99))
    assert_one_clear_line(result, "run with other settings (seed: 13, now 99)", "--no-resume")


def test_a_corpus_that_was_changed_is_named(run, config, write_news):
    config = replace(config, train=write_news("growing"), epochs=1)
    assert run(config).exit_code == 0
    write_news("growing", n=3)
    assert_one_clear_line(run(config), "other contents of", "growing.jsonl", "--no-resume")
    assert run(config, "--no-resume").exit_code == 0


def test_settings_that_came_since_have_their_defaults(finished, whole):
    path = Path(finished.output, "config.json")
    settings = json.loads(path.read_text(encoding="utf-8"))
    del settings["layer_decay"]
    path.write_text(json.dumps(settings), encoding="utf-8")
    train(finished)
    assert outcome(finished) == whole


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.bin", "custom_checkpoint_1.pkl"])
def test_damaged_checkpoint(run, finished, name):
    os.truncate(Path(finished.output, "checkpoint", name), 10)
    assert_one_clear_line(run(finished), "expected a whole checkpoint", "--no-resume")


def test_settings_that_are_lost(run, finished):
    Path(finished.output, "config.json").unlink()
    assert_one_clear_line(run(finished), "expected the settings of the checkpoint", "--no-resume")


def test_checkpoint_of_more_processes(run, finished):
    Path(finished.output, "checkpoint", "random_states_1.pkl").touch()
    result = run(finished)
    assert_one_clear_line(result, "the checkpoint of 1 processes, found that of 2", "start 2")


def test_bad_corpus_leaves_the_checkpoint_alone(run, finished, write_news):
    empty = write_news("empty", n=0)
    assert run(replace(finished, train=empty), "--no-resume").exit_code == 2
    assert Path(finished.output, "checkpoint").exists()


def _without_events(sentence):
    return {**sentence, "events": []}


def _deaths_only(sentence):
    return {**sentence, "events": [e for e in sentence["events"] if e["type"] == "Death"]}


def _without_arguments(sentence):
    return {**sentence, "events": [{**event, "arguments": []} for event in sentence["events"]]}


def _without_mentions(sentence):
    return {**_without_arguments(sentence), "mentions": []}


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        pytest.param(_without_events, "no events and no arguments", id="no events"),
        pytest.param(_without_mentions, "no mentions and no arguments", id="no mentions"),
        pytest.param(_without_arguments, "no arguments", id="no arguments"),
        pytest.param(_deaths_only, None, id="one type"),
    ],
)
def test_corpus_that_lacks_something_trains(run, config, write_news, caplog, change, warning):
    path = write_news("poor", change)
    result = run(replace(config, train=path, dev=path))
    assert result.exit_code == 0, result.output
    assert (warning is None) == ("the model will find none" not in caplog.text)
    assert (warning or "") in caplog.text
    document = arevent.load(f"{config.output}/best", device="cpu")("قتل جندي في هجوم.")
    assert document.text == "قتل جندي في هجوم."


def _without_annotations(sentence):
    return {**sentence, "mentions": [], "events": []}


def _with_other_labels(sentence):
    return {**sentence, "mentions": [{**m, "label": "PERSON"} for m in sentence["mentions"]]}


def _with_overlap(sentence):
    whole = {"id": "m9", "label": "LOC", "start": 0, "end": len(sentence["text"])}
    return {**sentence, "mentions": [*sentence["mentions"], whole]}


BAD_CORPORA = [
    pytest.param(
        lambda sentence: sentence, 0, "expected documents with events or mentions", id="empty"
    ),
    pytest.param(_without_annotations, 2, "found none among 2 in", id="no annotations"),
    pytest.param(_with_other_labels, 2, "mention label PERSON (18); rename them", id="labels"),
    pytest.param(_with_overlap, 2, "expected spans that do not overlap", id="overlap"),
]


@pytest.mark.parametrize("part", ["train", "dev"])
@pytest.mark.parametrize(("change", "n", "message"), BAD_CORPORA)
def test_corpus_that_cannot_be_used(run, config, write_news, part, change, n, message):
    path = write_news("bad", change, n)
    result = run(replace(config, **{part: path}))
    assert_one_clear_line(result, path, message)
    assert not Path(config.output).exists()


def test_missing_corpus(run, config):
    assert_one_clear_line(run(replace(config, dev="nowhere.jsonl")), "nowhere.jsonl")


@pytest.mark.parametrize("text", ["train: [a", "- a\n- b\n"])
def test_config_that_is_no_mapping(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    assert_one_clear_line(CliRunner().invoke(app, ["train", str(path)]), "bad.yaml")


def test_near_duplicates_of_train_and_dev_are_named(run, config, write_news, caplog):
    more = write_news("more", n=4)
    assert run(replace(config, dev=more, epochs=1)).exit_code == 0
    assert (
        "8 pairs of near-duplicate documents (news-0 ~ more-0, news-0 ~ more-1, news-0 ~ more-2, …)"
    ) in caplog.text


def test_corpora_of_different_news_give_no_warning(run, config, folder, sentence_record, caplog):
    record = sentence_record(
        "نفت الحكومة وقوع هجوم أمس",
        [("m1", "ACTOR", "الحكومة")],
        [("Attack", "هجوم", "actual", [])],
    )
    other = folder / "other.jsonl"
    write_corpus([document_from_record({"doc_id": "o", "sentences": [record]})], other)
    assert run(replace(config, dev=str(other), epochs=1)).exit_code == 0
    assert "near-duplicate" not in caplog.text


DRIVER = """
import os, resource, signal, sys
from pathlib import Path
import torch
from arevent.cli import main
from arevent.model import EventModel
from arevent.train import trainer

torch.set_num_threads(1)
owner, name, at, signal_name = sys.argv.pop(1).split()
if owner == "room":  # a disk that takes files of so many bytes and no more
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(at), resource.RLIM_INFINITY))
else:
    owner = {"torch": torch, "trainer": trainer, "Path": Path, "EventModel": EventModel}[owner]
    original, calls = getattr(owner, name), iter(range(1, 10**6))

    def armed(*args, **kwargs):
        if next(calls) == int(at):
            os.kill(os.getpid(), getattr(signal, signal_name))
        return original(*args, **kwargs)

    setattr(owner, name, armed)
main()
"""


@pytest.fixture
def start(tmp_path, config):
    """Start `arevent train` in a process of its own, which does something to itself."""
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")

    def start(moment=None):
        program = ["-c", DRIVER, moment] if moment else ["-m", "arevent"]
        return subprocess.run(
            [sys.executable, *program, "train", str(path)],
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    return start


@pytest.mark.slow
def test_killed_processes_end_where_an_uninterrupted_one_does(start, config, whole):
    """Equal, not only alike: on a CPU every number of the run is the same."""
    for moment in (
        "trainer losses 2 SIGKILL",
        "torch save 2 SIGKILL",
        "Path rename 2 SIGKILL",
        "trainer score 1 SIGKILL",
        "EventModel save_pretrained 1 SIGKILL",
        "trainer calibrate 1 SIGKILL",
    ):
        assert start(moment).returncode == -signal.SIGKILL
    last = start()
    assert last.returncode == 0, last.stderr
    assert outcome(config) == whole
    assert json.loads(last.stdout)["epoch"] in (1, 2)


@pytest.mark.slow
def test_stopped_process_says_so_and_goes_on(start, config, whole):
    stopped = start("trainer losses 3 SIGTERM")
    assert stopped.returncode == 143
    assert "arevent: asked to stop (SIGTERM) in epoch 1, after batch 3" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert start().returncode == 0
    assert outcome(config) == whole


@pytest.mark.slow
def test_process_without_room_says_so_and_goes_on(start, config, whole):
    full = start("room for 100000 bytes")
    assert full.returncode == 2
    assert "expected to write it, found" in full.stderr.splitlines()[-1]
    assert "Traceback" not in full.stderr
    assert start().returncode == 0
    assert outcome(config) == whole
