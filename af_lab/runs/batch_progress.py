"""The progress of a batch: its record, and the line that says it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, NamedTuple

from af_lab.wording import count, duration

__all__ = ["Progress", "Rate", "progress_line", "progress_of"]

WINDOW = 60.0  # seconds over which the rate is measured


class Progress(NamedTuple):
    """How far a computation is.

    Attributes
    ----------
    done, total, running, erred
        Calls; those that failed or were cancelled count as erred, and not as done.
    rate
        Calls that end in a second; None as long as it is not known.
    remaining
        Seconds until all have ended, at this rate; None if that is not known.
    """

    done: int
    total: int
    running: int
    erred: int
    rate: float | None = None
    remaining: float | None = None


class Rate:
    """Measures how many calls end in a second, over the last minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def measure(self, now: float, ended: int) -> float | None:
        """Take how many had ended at a moment (in seconds), and return the rate."""
        self._seen.append((now, ended))
        while len(self._seen) > 2 and self._seen[1][0] < now - WINDOW:
            self._seen.popleft()
        first, before = self._seen[0]
        return (ended - before) / (now - first) if ended > before and now > first else None


def progress_of(futures: Iterable[Future[Any]], rate: Rate, now: float) -> Progress:
    """Return how far the calls of some futures are."""
    done = total = running = erred = 0
    for future in futures:
        total += 1
        if not future.done():
            running += future.running()
        elif future.cancelled() or future.exception() is not None:
            erred += 1
        else:
            done += 1
    per_second = rate.measure(now, done + erred)
    left = total - done - erred
    return Progress(done, total, running, erred, per_second, left / per_second if per_second and left else None)


def progress_line(progress: Progress, why: str = "") -> str:
    """Return the progress in words; `why` says why jobs wait."""
    waiting = progress.total - progress.done - progress.erred - progress.running
    parts = [f"{progress.done} of {count(progress.total, 'call', 'calls')} done"]
    if progress.running:
        parts.append(count(progress.running, "runs", "run"))
    if waiting:
        parts.append(count(waiting, "waits", "wait") + (f" ({why})" if why else ""))
    if progress.erred:
        parts.append(f"{progress.erred} failed")
    if progress.remaining:
        parts.append(f"about {duration(progress.remaining)} left")
    return ", ".join(parts)
