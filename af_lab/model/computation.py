"""How far a computation is, of Dask tasks or calls of a batch: its record, its rate, and the line that says it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from af_lab.wording import duration, figure

__all__ = ["Activity", "Progress", "Rate", "activity_in_words", "progress_line", "rate_in_words"]

Activity = Literal["idle", "working", "waiting"]

WINDOW = 60.0  # seconds over which the rate is measured


@dataclass(frozen=True)
class Progress:
    """How far a computation is.

    Attributes
    ----------
    done, total, running, erred
        Tasks or calls; those that failed or were cancelled count as erred, and not as done.
    rate
        How many end in a second; None as long as it is not known.
    remaining
        Seconds until all have ended, at this rate; None if that is not known.
    """

    done: int
    total: int
    running: int
    erred: int
    rate: float | None = None
    remaining: float | None = None

    @classmethod
    def of(cls, done: int, erred: int, left: int, running: int, rate: float | None) -> Progress:
        """Return the progress of a computation of which so many are left, those that run among them."""
        remaining = left / rate if rate and left else None
        return cls(done, done + erred + left, min(running, left), erred, rate, remaining)


class Rate:
    """Measures how many tasks end in a second, over the last minute; over the last two ends if they are longer ago."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def measure(self, now: float, ended: int) -> float | None:
        """Take how many had ended at a moment (in seconds), and return the rate."""
        if not self._seen or self._seen[-1][1] != ended:
            self._seen.append((now, ended))
        while len(self._seen) > 2 and self._seen[1][0] < now - WINDOW:
            self._seen.popleft()
        first, before = self._seen[0]
        return (ended - before) / (now - first) if ended > before and now > first else None


def progress_line(progress: Progress, of: Literal["task", "call"], why: str = "") -> str:
    """Return the progress in words; `why` says why some wait."""
    waiting = progress.total - progress.done - progress.erred - progress.running
    parts = [f"{figure(progress.done)} of {_several(progress.total, of, f'{of}s')} done"]
    if progress.running:
        parts.append(_several(progress.running, "runs", "run"))
    if waiting:
        parts.append(_several(waiting, "waits", "wait") + (f" ({why})" if why else ""))
    if progress.erred:
        parts.append(f"{figure(progress.erred)} failed")
    if progress.rate and waiting + progress.running:
        parts.append(rate_in_words(progress.rate))
    if progress.remaining:
        parts.append(f"about {duration(progress.remaining)} left")
    return ", ".join(parts)


def activity_in_words(activity: Activity | None, doing: str | None) -> str:
    """Return what the workers do: ``idle``, ``processing, waiting for files``; "" if nothing is known."""
    match activity:
        case "idle":
            return "idle"
        case "working":
            return doing or "working"
        case "waiting":
            return ", ".join(filter(None, [doing, "waiting for files"]))
    return ""


def rate_in_words(rate: float) -> str:
    """Return how many end in a second, a minute or an hour: ``310/s``, ``2.5/s``, ``12/min``."""
    for unit, length in (("s", 1), ("min", 60), ("h", 3600)):
        number = rate * length
        if number >= 0.95 or unit == "h":
            return f"{figure(round(number))}/{unit}" if number >= 9.95 else f"{number:.2g}/{unit}"
    raise AssertionError


def _several(number: int, one: str, many: str) -> str:
    return f"{figure(number)} {one if number == 1 else many}"
