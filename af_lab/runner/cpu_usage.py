"""How busy a cluster's workers keep their cores, coarse enough for a cluster at rest to say nothing."""

from __future__ import annotations

import statistics
from collections.abc import Collection

__all__ = ["busyness"]

STEP = 0.05
LEEWAY = 0.04  # how far it may be from what was told last
REST = 0.05  # what the housekeeping of idle workers takes
WAKING = 0.08  # more than that it seldom takes


def busyness(percents: Collection[float], told: float | None) -> float | None:
    """Return what part of their cores workers keep busy.

    Parameters
    ----------
    percents
        Of one core, for each connected worker process; each has one thread of Dask's, but what it calls may have more.
    told
        What was told last, which stands while there is little change.

    Returns
    -------
    From 0 to 1, and 0 for workers at rest; None without any worker.
    """
    if not percents:
        return None
    mean = statistics.fmean(min(max(percent / 100, 0.0), 1.0) for percent in percents)
    if mean <= REST:
        return 0.0
    if told is not None and abs(mean - told) <= (LEEWAY if told else WAKING):
        return told
    return round(round(mean / STEP) * STEP, 2)
