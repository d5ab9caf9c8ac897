"""The progress line of a cluster: its text, and how a terminal, a notebook and a log show it."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from rich.console import Console
from rich.text import Text

from af_lab.model.snapshot import Counts
from af_lab.wording import count

__all__ = ["Display", "Reasons", "display", "workers_line"]

PATIENCE = 0.5  # seconds; shorter operations show no line
LOG_PATIENCE = 2.0  # seconds; the same in a log, where a line cannot be replaced
LOG_EVERY = 10.0  # seconds between two lines in a log


class Reasons(NamedTuple):
    """Why workers wait, why jobs are on hold, and why jobs end before a worker connects; "" if that is not known."""

    waiting: str = ""
    held: str = ""
    failing: str = ""


NO_REASONS = Reasons()


def workers_line(connected: int, wanted: int, counts: Counts, why: Reasons = NO_REASONS) -> str:
    """Return how many workers are connected, and the states of the others, in words.

    Parameters
    ----------
    connected
        Workers that are connected.
    wanted
        Workers to wait for.
    counts
        The workers of the cluster.
    why
        Why some wait or are on hold, as far as that is known.
    """
    if connected > wanted:
        return f"{connected} workers connected, {wanted} requested"
    line = f"{connected} of {wanted} workers connected"
    if connected == wanted:
        return line
    others = [
        _several(counts.waiting, "waits in the queue", "wait in the queue", why.waiting),
        _several(counts.held, "is on hold", "are on hold", why.held),
        _several(counts.starting, "is starting", "are starting"),
        _several(counts.lost, "is lost", "are lost"),
    ]
    if why.failing:
        others.append(f"jobs end before a worker connects: {why.failing}")
    if counts.requested < wanted:
        others.append(f"only {counts.requested} requested")
    separator = "; " if any(why) else ", "
    return ", ".join(filter(None, [line, separator.join(filter(None, others))]))


def _several(number: int, one: str, many: str, why: str = "") -> str:
    if number < 1:
        return ""
    return f"{count(number, one, many)}{f': {why}' if why else ''}"


class Display(Protocol):
    """A place to show one line that changes; its last text stays visible.

    Attributes
    ----------
    keeps_place
        Whether the line can be changed while other things are printed.
    """

    keeps_place: bool

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, line: str) -> None:
        """Show a line instead of the previous one."""


def display(*, quiet: bool) -> Display:
    """Return the display that fits the output of this process."""
    console = Console()
    if quiet:
        return _Line()
    if console.is_jupyter:
        return _Notebook()
    return _Terminal(console) if console.is_terminal else _Log()


class _Line:
    """A line that is shown after `patience` seconds; subclasses draw it."""

    keeps_place = False
    patience = PATIENCE

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._begun = now()
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def show(self, line: str) -> None:
        """Show a line, unless it is too early or the line is already shown."""
        if line != self.shown and self.due():
            self.draw(line)
            self.shown = line

    def due(self) -> bool:
        """Return whether a line may be shown now."""
        return bool(self.shown) or self._now() - self._begun >= self.patience

    def draw(self, line: str) -> None:
        """Draw a line over `shown`."""

    def end(self) -> None:
        """Leave the line as it is."""


class _Terminal(_Line):
    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now)
        self._status = console.status("")

    def draw(self, line: str) -> None:
        # Text, because rich would read brackets as styles.
        self._status.update(Text(line))
        self._status.start()

    def end(self) -> None:
        if self.shown:
            self._status.stop()
            self._status.console.print(Text(self.shown))


class _Notebook(_Line):
    """Overwrites its own line, as programs on a terminal do: it needs no widget, and a saved notebook shows it."""

    keeps_place = True

    def draw(self, line: str) -> None:
        print(f"\r{line.ljust(len(self.shown))}", end="", flush=True)

    def end(self) -> None:
        if self.shown:
            print(flush=True)


class _Log(_Line):
    patience = LOG_PATIENCE

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(now)
        self._next = self._begun + self.patience

    def due(self) -> bool:
        return self._now() >= self._next

    def draw(self, line: str) -> None:
        print(line, flush=True)
        self._next = self._now() + LOG_EVERY
