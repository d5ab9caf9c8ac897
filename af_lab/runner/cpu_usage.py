"""CPU and memory that a cluster's workers use, rounded so that an idle cluster publishes no changes."""

from __future__ import annotations

import statistics
from collections.abc import Collection

__all__ = ["busyness", "fullness"]

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
    return _stepped(mean, told, LEEWAY if told else WAKING)


def fullness(used: int, limit: int, told: float | None) -> float | None:
    """Return the fraction of their memory that workers use.

    Parameters
    ----------
    used, limit
        Bytes of all workers.
    told
        The value published last, which is kept while the change is small.

    Returns
    -------
    From 0 to 1; None without a limit.
    """
    return _stepped(min(used / limit, 1.0), told, LEEWAY) if limit else None


def _stepped(value: float, told: float | None, leeway: float) -> float:
    if told is not None and abs(value - told) <= leeway:
        return told
    return round(round(value / STEP) * STEP, 2)
