"""Show the progress of the parts: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from suite.results import Failure
from suite.running import RunningPart

__all__ = ["Screen"]

INTERVAL = 30.0
"""Seconds between two lines if there is no terminal."""


class Screen:
    """Shows all parts at once, and each failure when it happens."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, TextColumn("{task.fields[troubles]}"), console=console)
        self._tasks: dict[str, TaskID] = {}
        self._told: set[tuple[str, str, bool]] = set()
        self._last = 0.0
        self._finished: set[str] = set()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def __call__(self, running: Sequence[RunningPart]) -> None:
        """Show the present state of the parts."""
        for one in running:
            for failure in one.results.second_runs:
                self._tell(failure, False)
            for failure in one.results.failures:
                self._tell(failure, True)
        if self._console.is_terminal:
            self._draw(running)
        else:
            self._print(running)

    def _tell(self, failure: Failure, final: bool) -> None:
        key = (failure.id, failure.when, final)
        if key not in self._told:
            self._told.add(key)
            kind = "[red]failed[/red]" if final else "[yellow]runs a second time[/yellow]"
            self._console.print(f"{kind}  {escape(failure.id)}", highlight=False, soft_wrap=True)
            self._console.print(f"        {escape(failure.reason)}", highlight=False, soft_wrap=True)

    def _draw(self, running: Sequence[RunningPart]) -> None:
        for one in running:
            title, results = one.part.title, one.results
            if title not in self._tasks:
                self._tasks[title] = self._bars.add_task(title, total=None, troubles="")
            troubles = [f"[red]{len(results.failures)} failed[/red]"] if results.failures else []
            troubles += [f"[yellow]{len(results.second_runs)} twice[/yellow]"] if results.second_runs else []
            self._bars.update(
                self._tasks[title],
                completed=results.done,
                total=results.total or None,
                troubles=" ".join(troubles),
            )
            if one.ended is not None:
                self._bars.stop_task(self._tasks[title])

    def _print(self, running: Sequence[RunningPart]) -> None:
        now = time.monotonic()
        ended = {one.part.title for one in running if one.ended is not None}
        if now - self._last < INTERVAL and ended <= self._finished:
            return
        self._last = now
        self._finished |= ended
        parts = [f"{one.part.title} {one.results.done}/{one.results.total or '?'}" for one in running]
        self._console.print(f"{time.strftime('%H:%M:%S')}  {', '.join(parts)}", highlight=False, soft_wrap=True)
