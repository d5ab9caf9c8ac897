"""CPU usage of a cluster's workers, rounded so that an idle cluster publishes no changes."""

from __future__ import annotations

import statistics
from collections.abc import Collection

__all__ = ["busyness"]

STEP = 0.05
LEEWAY = 0.04  # difference to the last published value that is ignored
REST = 0.05  # what idle workers use for housekeeping
WAKING = 0.08  # idle workers seldom use more than this


def busyness(percents: Collection[float], told: float | None) -> float | None:
    """Return the fraction of their cores that workers use.

    Parameters
    ----------
    percents
        Of one core, for each connected worker process. Each has one Dask thread, but the code it calls may use more.
    told
        The value published last, which is kept while the change is small.

    Returns
    -------
    From 0 to 1, and 0 for idle workers; None without any worker.
    """
    if not percents:
        return None
    mean = statistics.fmean(min(max(percent / 100, 0.0), 1.0) for percent in percents)
    if mean <= REST:
        return 0.0
    if told is not None and abs(mean - told) <= (LEEWAY if told else WAKING):
        return told
    return round(round(mean / STEP) * STEP, 2)
