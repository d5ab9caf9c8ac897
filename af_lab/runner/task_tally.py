"""The tasks of a computation, counted as Dask's scheduler moves them from state to state."""

from __future__ import annotations

from typing import Any

from af_lab.model.computation import Progress, Rate

__all__ = ["TaskTally"]

LEFT = frozenset({"waiting", "no-worker", "queued", "processing"})
"""Dask's states of a task that is to be computed."""

SETTLED = 0.5  # seconds without anything to do after which a computation has ended


class TaskTally:
    """Counts the tasks of the computation that is under way, without a look at any of them.

    A computation begins with the first task that is to be computed while there is none, and ends when nothing has been
    left to do for half a second: a program that takes one result and then submits the next task is one computation.
    The next one begins at 0.

    The total is what is done, what failed, and what is left. A task that its client does not want any more is not in
    it, unless it has been computed. A task that is computed again, because its result was lost or because it failed,
    is left, and neither done nor failed.
    """

    def __init__(self) -> None:
        self._left = 0
        self._looked = 0.0
        self._over_since: float | None = None
        self._present = _Computation()

    def transition(self, key: Any, start: str, finish: str) -> None:
        """Take the move of a task from one of Dask's states to another."""
        if start in LEFT:
            if finish not in LEFT:
                self._left -= 1
                if finish in ("memory", "erred"):
                    self._present.end(key, finish)
        elif finish in LEFT:
            self._left += 1
            self._over_since = None
            self._present.take_back(key)
        elif finish == "erred":
            # It depends on a task that failed.
            self._present.end(key, finish)
        elif finish == "forgotten":
            self._present.outcomes.pop(key, None)

    def look(self, now: float, running: int) -> Progress | None:
        """Return how far the computation is, and take note of its end.

        Parameters
        ----------
        now
            Monotonic time in seconds.
        running
            Tasks that run.

        Returns
        -------
        None if no computation is under way; one that has ended is returned for half a second more.
        """
        looked, self._looked = self._looked, now
        if not self._left:
            if self._over_since is None:
                self._over_since = now
            if now >= self._over_since + SETTLED:
                self._present = _Computation()
        present = self._present
        if not self._left and not present.ended:
            return None
        if present.rate is None:
            present.rate = Rate()
            # It began after the last look.
            present.rate.measure(looked, 0)
        per_second = present.rate.measure(now, present.ended)
        return Progress.of(present.done, present.erred, self._left, running, per_second)


class _Computation:
    """What has ended of a computation.

    Attributes
    ----------
    outcomes
        How its tasks ended, by their keys; without those that the scheduler has forgotten.
    """

    def __init__(self) -> None:
        self.done = 0
        self.erred = 0
        self.outcomes: dict[Any, str] = {}
        self.rate: Rate | None = None

    @property
    def ended(self) -> int:
        return self.done + self.erred

    def end(self, key: Any, outcome: str) -> None:
        self.outcomes[key] = outcome
        self._count(outcome, 1)

    def take_back(self, key: Any) -> None:
        if outcome := self.outcomes.pop(key, None):
            self._count(outcome, -1)

    def _count(self, outcome: str, number: int) -> None:
        if outcome == "erred":
            self.erred += number
        else:
            self.done += number
