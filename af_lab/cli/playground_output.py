"""What the commands of the playground show on a terminal."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from af_lab.playground.doctor import Check
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.status import PoolState, PoolStatus
from af_lab.wording import size

__all__ = ["Steps", "checks_table", "describe_pool"]


class Steps:
    """Shows the steps of a long operation: a bar on a terminal, else one line for each step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task: TaskID | None = None
        self._begun = 0.0

    def __enter__(self) -> Steps:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        self._bar.stop()

    def step(self, number: int, total: int, title: str) -> None:
        """Show that a step begins, and how long the previous one took."""
        self._finish()
        self._begun = time.monotonic()
        self._task = self._bar.add_task(f"{number}/{total} {title}", total=1.0)
        if not self._console.is_terminal:
            self._console.print(f"{number}/{total} {title} ... ", end="")

    def fraction(self, done: float) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bar.update(self._task, completed=done)

    def _finish(self) -> None:
        if self._task is None:
            return
        self._bar.update(self._task, completed=1.0)
        self._bar.stop_task(self._task)
        if not self._console.is_terminal:
            self._console.print(f"{time.monotonic() - self._begun:.0f} s")


def describe_pool(pool: PersonalPool, status: PoolStatus) -> str:
    """Return the status of a pool in words, and what to do about it."""
    if status.state is PoolState.STOPPED:
        return f"The pool '{pool.name}' is not running. Start it with: af-lab pool start --name {pool.name}"
    if status.state is PoolState.DIED:
        return (
            f"The pool '{pool.name}' died: its condor_master ended, but was not stopped. "
            f"Its logs: {pool.log}. Start it again with: af-lab pool start --name {pool.name}"
        )
    if status.state is PoolState.OUT_OF_REACH:
        return pool.out_of_reach
    if status.state is PoolState.STARTING:
        missing = ", ".join(status.missing)
        return f"The pool '{pool.name}' is only partly running, without {missing}. Its logs: {pool.log}"
    installation = pool.installation
    return (
        f"The pool '{pool.name}' is running. Use it with: af-lab pool run --name {pool.name} COMMAND\n"
        f"  cores   {status.free_cpus} of {status.cpus} free\n"
        f"  memory  {size(status.free_memory)} of {size(status.memory)} free\n"
        f"  jobs    {status.running_jobs} running, {status.idle_jobs} idle, {status.held_jobs} held\n"
        f"  daemons {installation.version} in {installation.release_dir} ({installation.origin})\n"
        f"  logs    {pool.log}"
    )


def checks_table(checks: list[Check]) -> Table:
    """Lay out the checks, each failure with its remedy."""
    table = Table(box=None, pad_edge=False)
    for title in ("", "Check", "Found", "Remedy"):
        table.add_column(title, overflow="fold")
    for check in checks:
        mark = Text("ok", "green") if check.passed else Text("failed", "red")
        # Text, because rich would read brackets in a string as styles.
        table.add_row(mark, Text(check.subject), Text(check.found), Text("" if check.passed else check.remedy))
    return table
