"""What the workers of a cluster do: how far the computation is, and how busy and full they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from distributed.diagnostics.plugin import SchedulerPlugin

from af_lab.model.computation import Activity, Progress
from af_lab.runner.activity import ActivityWatch
from af_lab.runner.cpu_usage import busyness, fullness
from af_lab.runner.scheduler import GuardedScheduler
from af_lab.runner.task_names import what_tasks_do
from af_lab.runner.task_tally import TaskTally

__all__ = ["Work", "WorkWatch"]

USAGE_EVERY = 2.0  # seconds between two looks at how busy and full the workers are
REST_EVERY = 5.0  # seconds between two changes of the rate while no task ends


@dataclass(frozen=True)
class Work:
    """What the workers do at one moment; the fields are those of a `Snapshot`."""

    cpu: float | None = None
    memory_use: float | None = None
    progress: Progress | None = None
    activity: Activity | None = None
    doing: str | None = None
    kept_results: int = 0
    kept_bytes: int = 0


class WorkWatch:
    """Looks at what workers do. Tasks are counted as they change, so that a look costs one pass over the workers.

    Parameters
    ----------
    scheduler
        The Dask scheduler.
    """

    def __init__(self, scheduler: GuardedScheduler) -> None:
        self._scheduler = scheduler
        self._tally = TaskTally()
        self._activity = ActivityWatch()
        self._progress_seen = self._usage_seen = -math.inf
        self.now = Work()
        scheduler.add_plugin(_TasksPlugin(self._tally), name="af-lab-tasks")

    def look(self, now: float) -> bool:
        """Look at the tasks and workers, and return whether anything has changed.

        Parameters
        ----------
        now
            Monotonic time in seconds.
        """
        before, scheduler = self.now, self._scheduler
        progress = self._progress(now)
        left = progress.total - progress.done - progress.erred if progress else 0
        cpu, memory_use = self._usage(now)
        kept_results, kept_bytes = scheduler.kept()
        self.now = Work(
            cpu=cpu,
            memory_use=memory_use,
            progress=progress,
            activity=self._activity.look(now, len(scheduler.workers), left, scheduler.percents_of_busy()),
            doing=what_tasks_do(scheduler.prefixes_under_way()) if left else None,
            kept_results=kept_results,
            kept_bytes=kept_bytes,
        )
        return self.now != before

    def _progress(self, now: float) -> Progress | None:
        before = self.now.progress
        progress = self._tally.look(now, self._scheduler.tasks_running())
        is_same = (
            before is not None
            and progress is not None
            and (before.done, before.total, before.running, before.erred)
            == (progress.done, progress.total, progress.running, progress.erred)
        )
        if is_same and now < self._progress_seen + REST_EVERY:
            return before
        self._progress_seen = now
        return progress

    def _usage(self, now: float) -> tuple[float | None, float | None]:
        """Return how busy and full the workers are; a change from or to no workers shows at once."""
        percents, before = self._scheduler.percents(), self.now
        if percents and before.cpu is not None and now < self._usage_seen + USAGE_EVERY:
            return before.cpu, before.memory_use
        self._usage_seen = now
        return busyness(percents, before.cpu), fullness(*self._scheduler.memory_use(), before.memory_use)


class _TasksPlugin(SchedulerPlugin):
    def __init__(self, tally: TaskTally) -> None:
        self._tally = tally

    def transition(self, key: Any, start: str, finish: str, *args: Any, stimulus_id: str, **kwargs: Any) -> None:
        """Count a task that changes its state."""
        self._tally.transition(key, start, finish)
