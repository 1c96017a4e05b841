"""Why a run ends before its time; the message is what its user reads."""

from __future__ import annotations


class TrainingFailed(RuntimeError):
    """The run cannot go on; the message says why and what is kept."""


class TrainingInterrupted(TrainingFailed):
    """The run was asked to stop, wrote a checkpoint and can go on from there."""
