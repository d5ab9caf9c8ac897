"""What the tasks of a batch used: what each says of itself, and the sum."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["BatchStatistics", "Summary", "read_summary", "statistics_of"]


class Summary(NamedTuple):
    """What a task says of itself.

    Attributes
    ----------
    failed, words
        How many of its calls failed, and the words of the first.
    began, ended
        When its Python began with the first call and had ended the last, in seconds since the epoch.
    cpu
        CPU seconds of its processes.
    memory
        The most that one of its processes had, in bytes.
    """

    failed: int
    words: str
    began: float
    ended: float
    cpu: float
    memory: int


def read_summary(results: Path) -> Summary:
    """Return what a task says of itself; raises as `read_answers` does."""
    with results.open("rb") as file:
        return Summary(*pickle.load(file))


class BatchStatistics(NamedTuple):
    """What the tasks of a batch used that have results.

    Attributes
    ----------
    tasks
        How many they are.
    starts
        How often HTCondor started a job of the batch; more than there are tasks if jobs ran again.
    wall, cpu
        Seconds of all of them together, on the clock and of the CPU. The start of Python is part of the second alone.
    memory
        The most that one process had, in bytes.
    elapsed
        Seconds from the making of the batch to the end of the last task.
    """

    tasks: int
    starts: int
    wall: float
    cpu: float
    memory: int
    elapsed: float


def statistics_of(summaries: Sequence[Summary], starts: int, created: float) -> BatchStatistics:
    """Add up what tasks say of themselves; `created` is when the batch was made, in seconds since the epoch."""
    return BatchStatistics(
        tasks=len(summaries),
        starts=starts,
        wall=sum(summary.ended - summary.began for summary in summaries),
        cpu=sum(summary.cpu for summary in summaries),
        memory=max((summary.memory for summary in summaries), default=0),
        elapsed=max((summary.ended for summary in summaries), default=created) - created,
    )
