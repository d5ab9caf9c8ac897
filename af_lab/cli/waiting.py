"""Waiting for a cluster, with a progress line on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from af_lab.errors import AfLabError, ClusterFailed, ClusterNotFound
from af_lab.manager.follow import Follower
from af_lab.manager.manager import ClusterManager
from af_lab.manager.progress import workers_line
from af_lab.model.info import ClusterInfo
from af_lab.model.standstill import standstill
from af_lab.notebook.waiting import Why
from af_lab.wording import duration

__all__ = ["NotInTime", "ProgressLine", "until_running", "until_workers"]

STEP = 1.0  # seconds between two lines
LOG_FIRST = 2.0  # seconds; shorter waits show no line where a line cannot be replaced
LOG_EVERY = 10.0  # seconds between two lines there


class NotInTime(AfLabError):
    """A wait has timed out; what was waited for may still happen."""


class ProgressLine:
    """One line on stderr. On a terminal it changes, and disappears at the end; elsewhere new lines are written.

    Parameters
    ----------
    as_json
        Whether a program reads stderr: then lines are written only on a terminal.
    """

    def __init__(self, *, as_json: bool, now: Callable[[], float] = time.monotonic) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("")
        self._quiet = as_json and not self._console.is_terminal
        self._now = now
        self._shown = ""
        self._next = now() + LOG_FIRST

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def show(self, line: str) -> None:
        """Show a line instead of the previous one."""
        if self._console.is_terminal:
            # Text, because rich would read brackets as styles.
            self._status.update(Text(line))
            self._status.start()
        elif not self._quiet and line != self._shown and self._now() >= self._next:
            self._console.print(Text(line), soft_wrap=True)
            self._shown, self._next = line, self._now() + LOG_EVERY


async def until_running(manager: ClusterManager, name: str, line: ProgressLine) -> ClusterInfo:
    """Wait until the Dask scheduler of a cluster answers; raises as `ClusterManager.wait_until_running` does."""
    line.show(f"The Dask scheduler of {name!r} is starting")
    return await manager.wait_until_running(name)


async def until_workers(
    manager: ClusterManager,
    info: ClusterInfo,
    enough: Callable[[ClusterInfo], bool],
    line: ProgressLine,
    seconds: float,
    *,
    wanted: int | None = None,
) -> ClusterInfo:
    """Wait for the workers of a cluster.

    Parameters
    ----------
    manager
        Reports the state of the cluster.
    info
        The cluster as it is.
    enough
        Returns whether the wait is over.
    line
        Shows the progress.
    seconds
        Maximum time to wait.
    wanted
        Number of workers to wait for; by default the number that is requested for the cluster.

    Raises
    ------
    ClusterFailed
        The cluster failed, ended, is on hold, or was removed.
    NotInTime
        The workers did not connect in time.
    AfLabError
        Another number of workers was requested meanwhile.
    """
    deadline = time.monotonic() + seconds
    generation = info.generation
    why = Why(manager)

    def told() -> str:
        if info.reason is not None:
            return info.reason.rstrip(".")
        goal = info.counts.requested if wanted is None else wanted
        return workers_line(info.counts.connected, goal, info.counts, why.reasons(info))

    view = await manager.view(info.name)
    async with Follower(view, manager.follow(view)) as follower:
        try:
            while not enough(info := follower.view.info):
                _check(info, generation)
                line.show(told())
                rest = deadline - time.monotonic()
                if rest <= 0:
                    raise NotInTime(
                        f"Not within {duration(seconds)}: {told()}. The cluster {info.name!r} keeps "
                        f"running; `af-lab cluster explain {info.name}` shows the reasons."
                    )
                await follower.change(min(STEP, rest))
        except ClusterNotFound:
            raise ClusterFailed(f"The cluster {info.name!r} was removed.") from None
        finally:
            why.close()
    return info


def _check(info: ClusterInfo, generation: int) -> None:
    if reason := standstill(info):
        raise ClusterFailed(reason)
    if info.generation > generation:
        raise AfLabError(f"Another number of workers was requested for the cluster {info.name!r} meanwhile.")
