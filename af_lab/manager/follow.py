"""The one way to follow a cluster: its runner reports each change, and the queue shows the state of its job."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Self

from af_lab.errors import CondorError
from af_lab.manager.runner_client import RunnerClient
from af_lab.model.cluster_view import ClusterView
from af_lab.model.folder import ClusterFolder

__all__ = ["Follower", "Look", "PatientLook", "follow"]

logger = logging.getLogger(__name__)

Look = Callable[[ClusterView], Awaitable[ClusterView]]
"""Looks at a cluster in the queue; raises `ClusterNotFound` if it is no longer there."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two looks at a cluster whose scheduler does not answer
CONTACT_POLL = 0.05  # seconds between two looks at its contact file during such a pause


async def follow(view: ClusterView, look: Look) -> AsyncGenerator[ClusterView, None]:
    """Yield the view of a cluster whenever it changes, until the cluster is over.

    Parameters
    ----------
    view
        What is already known; it is not yielded again.
    look
        Looks at the queue. It is called when the runner reports a newer generation than the view has, and repeatedly
        while the runner does not answer. It decides how often the schedd is asked.

    Raises
    ------
    ClusterNotFound
        The cluster was removed.
    """
    while not view.is_over:
        async with aclosing(RunnerClient(view.job).changes(view.sequence)) as snapshots:
            async for snapshot in snapshots:
                view = view.heard(snapshot)
                yield view
                if snapshot.generation > view.job.generation:
                    view = view.merged(await look(view))
                    yield view
                if view.is_over:
                    return
        if view.job.ready:
            view = view.heard(None)
        view = view.merged(await look(view))
        yield view


class Follower:
    """The latest view of a cluster, kept up to date in an event loop inside an ``async with`` block.

    Parameters
    ----------
    view
        The first view.
    changes
        The generator that `follow` returns.

    Attributes
    ----------
    view
        The latest view.
    """

    def __init__(self, view: ClusterView, changes: AsyncGenerator[ClusterView, None]) -> None:
        self.view = view
        self._changes = changes
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._changes.aclose()

    async def change(self, seconds: float) -> None:
        """Wait until the view changes or the cluster is over, for at most `seconds`.

        Raises
        ------
        ClusterNotFound
            The cluster was removed.
        """
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait([self._task, changed], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        self._changed.clear()
        if self._task.done():
            self._task.result()

    async def _run(self) -> None:
        async for view in self._changes:
            self.view = view
            self._changed.set()


class PatientLook:
    """Looks at one cluster at growing intervals, and at once when its scheduler has started.

    Parameters
    ----------
    look
        Queries the schedd.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._pause = FIRST_PAUSE
        self._written: int | None = None

    async def __call__(self, view: ClusterView) -> ClusterView:
        """Look at a cluster, after a pause if its runner does not answer; keep the view if HTCondor does not answer."""
        if view.job.ready and not view.is_silent:
            self._pause = FIRST_PAUSE
        elif await self._starts(view.job.files):
            # The ad says so a moment after the file.
            self._pause = CONTACT_POLL
        else:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        try:
            return await self._look(view)
        except CondorError as error:
            # The scheduler may keep working without HTCondor.
            logger.debug("%s", error)
            return view

    async def _starts(self, folder: ClusterFolder) -> bool:
        """Wait for at most a pause; return whether a scheduler has written its address since the last look."""
        deadline = time.monotonic() + self._pause
        while True:
            written = _written(folder)
            if written and written != self._written:
                # Before the first look it may be that of an earlier start, which costs one look.
                self._written = written
                return True
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(min(CONTACT_POLL, self._pause))


def _written(folder: ClusterFolder) -> int:
    """Return when a scheduler wrote its address last, in ns; 0 if none ever did."""
    try:
        return folder.contact.stat().st_mtime_ns if folder.read_address() else 0
    except (OSError, ValueError):
        return 0
