"""The monitors of this server; they run only while a panel is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from af_lab.manager.manager import ClusterManager
from af_lab.model.cluster_view import ClusterView
from af_lab.runs.run_manager import RunManager
from af_lab.server.cluster_monitor import ClusterMonitor
from af_lab.server.explanation_monitor import ExplanationMonitor
from af_lab.server.pool_monitor import PoolMonitor
from af_lab.server.run_monitor import RunMonitor
from af_lab.server.topics import Board

__all__ = ["Watch"]

LINGER = 5.0  # seconds that a page may take to be reloaded


class Watch:
    """The monitors, which run while a panel is open.

    Parameters
    ----------
    manager
        Queries HTCondor and the runners.
    runs
        Reads the folders of the runs.
    board
        The topics that all panels see.
    queue_poll, pool_poll
        Seconds between two looks at the queue, and at the pool, while a panel is open and nothing changes.
    log
        Gets one message when HTCondor stops answering, and one when it answers again.

    Attributes
    ----------
    clusters, pool, explanations, runs
        The monitors.
    """

    def __init__(
        self,
        manager: ClusterManager,
        runs: RunManager,
        board: Board,
        *,
        queue_poll: float,
        pool_poll: float,
        log: logging.Logger,
    ) -> None:
        self._log = log
        self.clusters = ClusterMonitor(manager, board, poll=queue_poll, log=log, on_change=self._note_change)
        self.pool = PoolMonitor(manager, board, poll=pool_poll)
        self.explanations = ExplanationMonitor(manager, board, lambda: self.clusters.views)
        self.runs = RunMonitor(runs, board, log=log)
        self._watchers = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._falling_asleep: asyncio.TimerHandle | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep the monitors running inside a ``with`` block."""
        self._watchers += 1
        if self._falling_asleep is not None:
            self._falling_asleep.cancel()
            self._falling_asleep = None
        if not self._tasks:
            others = [self.pool.keep_looking(), self.explanations.keep_explaining(), self.runs.keep_looking()]
            self._tasks = [self._task(loop) for loop in (*self.clusters.start(), *others)]
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._falling_asleep = asyncio.get_running_loop().call_later(LINGER, self._sleep)

    async def close(self) -> None:
        """Stop the monitors; the clusters keep running."""
        if self._falling_asleep is not None:
            self._falling_asleep.cancel()
        ending = [*self._tasks, *self._sleep()]
        await asyncio.gather(*ending, return_exceptions=True)
        await self.clusters.close()
        await self.runs.close()

    def _sleep(self) -> list[asyncio.Task[None]]:
        self._falling_asleep = None
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        return self.clusters.stop()

    def _note_change(self, id_: int, view: ClusterView | None) -> None:
        self.pool.note_running(id_, view.info.counts.in_slots if view else 0)
        self.explanations.note_change(id_, view)

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._log.error("af_lab: watching the clusters and runs failed", exc_info=error)
