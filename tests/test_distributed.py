"""One run on several processes."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from accelerate.commands.config.config_args import load_config_from_file
from safetensors.torch import load_file

import arevent
from arevent.train import TrainConfig
from arevent.train import trainer as trainer_module
from arevent.train.failures import TrainingFailed
from arevent.train.objective import losses
from arevent.train.processes import on_main, together, totals

CONFIGS = Path(__file__).parent.parent / "training" / "configs"


@pytest.fixture
def config(tmp_path, encoder_dir, news_record):
    path = tmp_path / "corpus.jsonl"
    records = [{**news_record, "doc_id": f"news-{number}"} for number in range(2)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return TrainConfig(
        train=str(path),
        dev=str(path),
        output=str(tmp_path / "run"),
        encoder=str(encoder_dir),
        epochs=2,
        batch_pieces=40,  # a sentence each
        window_pieces=(1,),
        max_pieces=64,
        linker_size=16,
        averaging=0.9,
        precision="no",
    )


@pytest.fixture
def prepared(config):
    return trainer_module._Run(config, resume=False)


def of_two(run, index):
    """Let a run be one of two processes, as far as its plan goes."""
    run.accelerator = SimpleNamespace(num_processes=2, process_index=index)
    return run


def _places(plan):
    return [(doc, s.sentence) for batch in plan for doc, own in batch for s in own[0].segments]


def test_processes_share_an_epoch(prepared):
    plans = [of_two(prepared, index)._plan(3) for index in (0, 1)]
    assert len(plans[0]) == len(plans[1]) == 4
    places = Counter(_places(plans[0]) + _places(plans[1]))
    assert set(places.values()) == {1}, "no sentence is in both"
    assert len(places) == 8, "and none in neither"


def test_more_processes_than_batches(config):
    run = trainer_module._Run(replace(config, batch_pieces=4096), resume=False)
    with pytest.raises(TrainingFailed, match="batch for each of 2 processes, found 1; start fewer"):
        of_two(run, 0)._plan(0)


def test_every_weight_has_a_gradient_in_a_batch_without_events(prepared):
    """Processes wait for the gradients of all weights: a head that is not used gives zeros."""
    for plan in prepared.examples.epoch((1,), 40, 0):
        example = prepared.examples.make(plan)
        if not len(example.roles) and not len(example.modalities):
            break
    assert not len(example.roles)
    logits = prepared.model(example.batch, example.spans, example.candidates)
    parts = losses(example, logits, prepared.weights)
    parts.total(1.0, 1.0).backward()
    without = [name for name, weight in prepared.model.named_parameters() if weight.grad is None]
    assert without == []


class _TwoProcesses(SimpleNamespace):
    """The main one of two processes; what it is told of the other one is written here."""

    num_processes = 2
    device = "cpu"
    is_main_process = True

    def reduce(self, tensor, reduction):
        assert reduction == "sum"
        return tensor + self.other


def test_numbers_are_added_up():
    assert totals(_TwoProcesses(other=2.0), [1.0, True]) == [3.0, 3.0]


def test_failure_elsewhere_ends_this_process():
    done = []
    with pytest.raises(TrainingFailed, match="found one that could not"):
        together(_TwoProcesses(other=1.0), lambda: done.append(1))
    assert done == [1]


def test_failure_here_is_told_before_it_ends_this_process():
    def fail():
        raise TrainingFailed("no room")

    with pytest.raises(TrainingFailed, match="no room"):
        together(_TwoProcesses(other=0.0), fail)


@pytest.mark.parametrize("error", [TrainingFailed("no room"), KeyError("no room")])
def test_others_learn_why_the_main_process_failed(monkeypatch, error):
    told = []
    monkeypatch.setattr("arevent.train.processes.broadcast_object_list", told.append)

    def fail():
        raise error

    with pytest.raises(type(error)):
        on_main(_TwoProcesses(), fail)
    ((_, failure),) = told
    assert isinstance(failure, TrainingFailed)
    assert "no room" in str(failure)


@pytest.mark.parametrize(
    ("name", "n_machines", "n_processes"),
    [("accelerate-2gpu.yaml", 1, 2), ("accelerate-multinode.yaml", 2, 8)],
)
def test_configs_of_accelerate(name, n_machines, n_processes):
    read = load_config_from_file(str(CONFIGS / name))
    assert (read.num_machines, read.num_processes) == (n_machines, n_processes)
    assert read.distributed_type == "MULTI_GPU"


DRIVER = """
import json, os, signal, sys
import torch
from arevent.cli import main
from arevent.train import trainer

torch.set_num_threads(1)
rank, at, what = sys.argv.pop(1).split()
folder = sys.argv.pop(1)
learn, calls = trainer._Run._learn, iter(range(1, 10**6))

def watched(run, example, is_step):
    number = next(calls)
    with open(f"{folder}/batches-{os.environ['RANK']}", "a") as file:
        file.write(json.dumps(example.tags.tolist()) + "\\n")
    if (os.environ["RANK"], number) == (rank, int(at)) and what == "SIGTERM":
        os.kill(os.getpid(), signal.SIGTERM)
    figures = learn(run, example, is_step)
    if (os.environ["RANK"], number) == (rank, int(at)) and what == "nan":
        figures[0] = float("nan")
    return figures

trainer._Run._learn = watched
main()
"""


@pytest.fixture
def start(tmp_path):
    """Run `arevent train` on two processes; one of them may do something in one of its batches."""
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER, encoding="utf-8")

    def start(config, moment=None):
        path = tmp_path / "run.yaml"
        path.write_text(yaml.safe_dump(config.to_dict()), encoding="utf-8")
        program = [str(driver), moment, str(tmp_path)] if moment else ["-m", "arevent"]
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
        return subprocess.run(
            [sys.executable, *launcher, *program, "train", str(path)],
            capture_output=True,
            text=True,
            timeout=1800,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    return start


def outcome(config):
    lines = Path(config.output, "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    weights = load_file(Path(config.output, "best", "linker.safetensors"))
    return (
        [(entry["epoch"], entry["loss"], entry["dev"]) for entry in map(json.loads, lines)],
        {name: weight.tolist() for name, weight in weights.items()},
    )


@pytest.mark.slow
def test_two_processes_train_one_model_and_go_on_after_sigterm(start, config, tmp_path):
    whole = replace(config, output=str(tmp_path / "whole"))
    first = start(whole)
    assert first.returncode == 0, first.stderr
    (line,) = first.stdout.splitlines()
    assert json.loads(line)["epoch"] in (1, 2)
    assert [epoch for epoch, *_ in outcome(whole)[0]] == [1, 2]
    document = arevent.load(f"{whole.output}/best", device="cpu")("قتل جندي في هجوم.")
    assert document.text == "قتل جندي في هجوم."

    stopped = start(config, "1 6 SIGTERM")  # the other process than the main one, second epoch
    assert stopped.returncode != 0
    assert stopped.stderr.count("arevent: asked to stop (SIGTERM) in epoch 2, after batch 2") == 2
    batches = [
        (tmp_path / f"batches-{rank}").read_text(encoding="utf-8").splitlines() for rank in (0, 1)
    ]
    assert len(batches[0]) == len(batches[1]) == 6
    assert batches[0] != batches[1]
    states = sorted(path.name for path in Path(config.output, "checkpoint").glob("random_*"))
    assert states == ["random_states_0.pkl", "random_states_1.pkl"]

    again = start(config)
    assert again.returncode == 0, again.stderr
    assert outcome(config) == outcome(whole)


@pytest.mark.slow
def test_no_process_waits_for_one_that_failed(start, config):
    """A loss that is no number in one process ends both, with epochs, steps and patience uneven."""
    uneven = replace(config, accumulation=3, patience=1, encoder_rate=0.0, head_rate=0.0, epochs=4)
    failed = start(replace(uneven, checkpoint_minutes=0.0), "1 3 nan")
    assert failed.returncode != 0
    assert failed.stderr.count("arevent: expected a finite loss, found nan in epoch 1") == 2
    again = start(replace(uneven, checkpoint_minutes=0.0))
    assert again.returncode == 0, again.stderr
    assert [epoch for epoch, *_ in outcome(uneven)[0]] == [1, 2], "patience ends it in both"
