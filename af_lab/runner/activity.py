"""Whether workers compute, wait for files, or have nothing to do."""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection

from af_lab.model.computation import Activity

__all__ = ["ActivityWatch"]

WAITS = 0.15  # of a core; workers with tasks that use less than this wait for something
WORKS = 0.25  # of a core; those that waited and use more than this compute again
PATIENCE = 4.0  # seconds for which they use so little before they are said to wait


class ActivityWatch:
    """Finds out what workers do, from the tasks that they have and the CPU that they use."""

    def __init__(self) -> None:
        self._low_since = math.inf
        self._waits = False

    def look(self, now: float, connected: int, left: int, busy: Collection[float]) -> Activity | None:
        """Return what the workers do.

        Parameters
        ----------
        now
            Monotonic time in seconds.
        connected
            Connected workers.
        left
            Tasks that are to be computed.
        busy
            Percent of one core that each worker with a task uses.

        Returns
        -------
        None without workers, and while no worker takes any of the tasks that there are.
        """
        if not busy:
            self._low_since, self._waits = math.inf, False
            return "idle" if connected and not left else None
        cpu = statistics.fmean(busy) / 100
        if cpu < (WORKS if self._waits else WAITS):
            self._low_since = min(self._low_since, now)
        else:
            self._low_since = math.inf
        self._waits = now >= self._low_since + PATIENCE
        return "waiting" if self._waits else "working"
