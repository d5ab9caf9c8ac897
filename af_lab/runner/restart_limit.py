"""A limit on restarts: a scheduler that ends again and again is put on hold instead of being started for ever."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from af_lab.model.folder import ClusterFolder

__all__ = ["forget_start", "record_start", "too_many"]


def record_start(folder: ClusterFolder) -> list[float]:
    """Record that the scheduler starts now; return the times of all its starts, in seconds since the epoch."""
    # More are not counted anyway, and the file stays small.
    starts = [*_recorded(folder)[-999:], time.time()]
    folder.write(folder.starts, json.dumps(starts).encode())
    return starts


def forget_start(folder: ClusterFolder) -> None:
    """Do not count the last start."""
    folder.write(folder.starts, json.dumps(_recorded(folder)[:-1]).encode())


def _recorded(folder: ClusterFolder) -> list[float]:
    try:
        return [float(moment) for moment in json.loads(folder.starts.read_text(encoding="utf-8"))]
    except (OSError, ValueError):
        return []


def too_many(starts: Sequence[float], allowed: int, within: float) -> bool:
    """Return whether more starts than allowed happened within this many seconds before the last one."""
    return sum(moment > starts[-1] - within for moment in starts) > allowed
