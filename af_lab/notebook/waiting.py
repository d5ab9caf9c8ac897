"""Waiting for a cluster: each step yields a line that shows the progress."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from distributed.core import Status

from af_lab.errors import AfLabError
from af_lab.manager.manager import ClusterManager
from af_lab.manager.progress import Reasons, workers_line
from af_lab.model.info import ClusterInfo
from af_lab.notebook.connection import SchedulerLink
from af_lab.notebook.late_workers import WorkerStartTimeoutError

__all__ = ["Why", "until_settled", "until_workers", "while_under_way"]

STEP = 0.5  # seconds between two lines at most
WHY_FIRST, WHY_GROWTH, WHY_LAST = 5.0, 1.5, 60.0  # seconds between two requests for the reasons
SETTLING = 600.0  # seconds for which the progress to a new number of workers is shown


class Why:
    """Why workers of a cluster wait. Rarely requested, because an answer needs queries of the schedd and collector."""

    def __init__(self, manager: ClusterManager) -> None:
        self._manager = manager
        self._every = WHY_FIRST
        self._next = 0.0
        self._task: asyncio.Task[None] | None = None
        self._known = Reasons()
        self._generation = -1

    def reasons(self, info: ClusterInfo) -> Reasons:
        """Return the latest known reasons; newer ones are requested in the background."""
        if info.generation != self._generation:
            self._generation, self._every, self._next = info.generation, WHY_FIRST, 0.0
            self._known = Reasons()
        failing = (info.failing.words or "their logs say nothing") if info.failing else ""
        if not info.counts.waiting and not info.counts.held:
            return Reasons(failing=failing)
        under_way = self._task is not None and not self._task.done()
        if not under_way and time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            self._every = min(self._every * WHY_GROWTH, WHY_LAST)
            self._task = asyncio.create_task(self._ask(info.name))
        return self._known._replace(failing=failing)

    def close(self) -> None:
        """Cancel the request that is under way."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, name: str) -> None:
        try:
            explanation = await self._manager.explain(name)
            self._known = Reasons(explanation.why_waiting, explanation.why_held)
        except AfLabError:
            self._known = Reasons("HTCondor gives no reason at the moment")


async def while_under_way(work: asyncio.Task[None], line: str) -> AsyncIterator[str]:
    """Yield a line repeatedly until a task is done; raise the error of the task."""
    try:
        while not work.done():
            yield line
            await asyncio.wait([work], timeout=STEP)
        work.result()
    finally:
        work.cancel()


async def until_workers(link: SchedulerLink, why: Why, wanted: int, timeout: float | None) -> AsyncIterator[str]:
    """Yield lines until `wanted` workers are connected.

    Raises
    ------
    ClusterFailed
        The cluster has ended or failed.
    WorkerStartTimeoutError
        The workers did not connect in time.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        info = link.info
        link.check()
        connected = await _connected(link, wanted)
        line = _line(link, connected, wanted, why)
        yield line
        if connected >= wanted:
            return
        rest = STEP if deadline is None else min(STEP, deadline - time.monotonic())
        if rest <= 0:
            assert timeout is not None
            late = WorkerStartTimeoutError(connected, wanted, timeout)
            late.add_note(f"The cluster {info.name!r}: {line}.")
            raise late
        await link.news(rest)


async def until_settled(link: SchedulerLink, why: Why, generation: int) -> AsyncIterator[str]:
    """Yield lines until the cluster has the workers that `generation` requests, or there is a newer generation."""
    deadline = time.monotonic() + SETTLING
    while True:
        info = link.info
        if link.status not in (Status.running, Status.starting) or info.generation > generation:
            return
        counts = info.counts
        yield _line(link, counts.connected, counts.requested, why)
        if info.observed_generation >= generation and counts.connected == counts.requested:
            return
        if time.monotonic() > deadline:
            return
        await link.news(STEP)


def _line(link: SchedulerLink, connected: int, wanted: int, why: Why) -> str:
    if link.status == Status.starting:
        return f"{connected} of {wanted} workers connected: the Dask scheduler is restarting"
    return workers_line(min(connected, wanted), wanted, link.info.counts, why.reasons(link.info))


async def _connected(link: SchedulerLink, wanted: int) -> int:
    """Count the workers that take tasks."""
    if link.status != Status.running:
        return 0
    known = max(len(link.scheduler_info["workers"]), link.info.counts.connected)
    if known < wanted:
        return known
    # The scheduler reports only on request which of them are paused.
    await link.renew()
    return sum(worker["status"] == Status.running.name for worker in link.scheduler_info["workers"].values())
