"""What the processes of a run share: numbers they add up, and work that one does for all.

Processes wait for each other whenever they exchange something, so all of them must come to every
exchange: each decision that a clock, a signal or an error makes in one is made in all.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import FrameType, TracebackType
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import (
    GradientAccumulationPlugin,
    InitProcessGroupKwargs,
    broadcast_object_list,
)

from arevent.train.failures import TrainingFailed

PATIENCE = timedelta(hours=6)
"""How long processes wait for the one that reads the dev corpus."""

Result = TypeVar("Result")


def make_accelerator(precision: str) -> Accelerator:
    """Join the other processes of the run, if it has some.

    Args:
        precision: ``bf16`` or ``no``.
    """
    backends = (torch.cuda, torch.xpu, torch.backends.mps)
    return Accelerator(
        # Without it processes on CPUs would not find each other, and each train a model.
        cpu=not any(backend.is_available() for backend in backends),
        mixed_precision=precision,
        # The trainer adds gradients up itself, whatever a config of accelerate says.
        gradient_accumulation_plugin=GradientAccumulationPlugin(num_steps=1),
        kwargs_handlers=[InitProcessGroupKwargs(timeout=PATIENCE)],
    )


def totals(accelerator: Accelerator, values: Sequence[float]) -> list[float]:
    """Add up each number over all processes; all get the same sums."""
    if accelerator.num_processes == 1:
        return list(values)
    own = torch.tensor(values, dtype=torch.float, device=accelerator.device)
    return [float(value) for value in accelerator.reduce(own, "sum")]


def together(accelerator: Accelerator, work: Callable[[], Any]) -> None:
    """Work in all processes, and go on only if none failed.

    Raises:
        TrainingFailed: If the work failed here or in another process.
    """
    failure: TrainingFailed | None = None
    try:
        work()
    except TrainingFailed as error:
        failure = error
    (n_failed,) = totals(accelerator, [failure is not None])
    if failure is not None:
        raise failure
    if n_failed:
        raise TrainingFailed("expected all processes to go on, found one that could not: see there")


def on_main(accelerator: Accelerator, work: Callable[[], Result]) -> Result:
    """Work in the main process while the others wait; all get the result, or the error.

    Raises:
        TrainingFailed: If the work failed in the main process.
    """
    if accelerator.num_processes == 1:
        return work()
    outcome: list[Any] = [None, None]  # result and error
    failure: Exception | None = None
    if accelerator.is_main_process:
        try:
            outcome[0] = work()
        except Exception as error:  # whatever it is, the others must not wait for ever
            failure = error
            known = isinstance(error, TrainingFailed)
            outcome[1] = error if known else TrainingFailed(f"the main process failed: {error}")
    broadcast_object_list(outcome)
    if failure is not None:
        raise failure
    if outcome[1] is not None:
        raise outcome[1]
    result: Result = outcome[0]
    return result


class StopRequest:
    """Hears SIGTERM, by which schedulers announce that they will end a process.

    Attributes:
        is_made: Whether it came since the ``with`` block began.
    """

    def __init__(self) -> None:
        self.is_made = False
        self._before: Any = None

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():  # others may set no handlers
            self._before = signal.signal(signal.SIGTERM, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.is_made = True
