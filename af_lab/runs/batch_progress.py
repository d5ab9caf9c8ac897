"""The progress of a batch, from the futures of its calls."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from af_lab.model.computation import Progress, Rate

__all__ = ["progress_of"]


def progress_of(futures: Iterable[Future[Any]], rate: Rate, now: float) -> Progress:
    """Return how far the calls of some futures are."""
    done = left = running = erred = 0
    for future in futures:
        if not future.done():
            left += 1
            running += future.running()
        elif future.cancelled() or future.exception() is not None:
            erred += 1
        else:
            done += 1
    return Progress.of(done, erred, left, running, rate.measure(now, done + erred))
