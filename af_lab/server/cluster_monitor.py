"""The user's clusters as this server knows them: kept up to date while somebody watches, and asleep otherwise.

The schedd is asked seldom. What happens in a cluster its runner tells, over one connection each, and clusters that
come or go leave signs in the file system. All panels share what is known.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import math
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from af_lab.errors import AfLabError
from af_lab.manager.manager import ClusterManager
from af_lab.manager.runner_client import ask_for_snapshot, follow
from af_lab.model.ads import SchedulerJob
from af_lab.model.info import ClusterInfo, describe, renew
from af_lab.model.snapshot import Snapshot
from af_lab.server.file_changes import changed, read_signs
from af_lab.server.json_models import Json, cluster_json, health_json, pool_json
from af_lab.server.single_flight import Latest
from af_lab.server.topics import Board, Topic

__all__ = ["Listing", "Watch"]

LINGER = 5.0  # seconds for which a page that is loaded again may be away
SIGNS_EVERY = 0.5  # seconds between two looks at the file system
LOOKS_APART = 1.0  # seconds at least between two looks at the queue that nobody asked for
EXPECTANT = 5.0  # seconds for which the queue is looked at again and again after a sign that it changes
POOL_LOOKS_APART = 5.0  # seconds at least between two looks at the pool that nobody asked for
POOL_RESTLESS = 15.0  # seconds that slots may take to tell the collector that jobs of ours came or went
RETRY = 5.0  # seconds between two looks while the schedd does not answer
PATIENCE = 3.0  # seconds that a list may take, where an earlier one can be given instead


@dataclass(frozen=True)
class Listing:
    """All clusters as they were at some moment.

    Attributes
    ----------
    seen
        When the queue was looked at.
    trouble
        Why it could not be looked at since; None if it was.
    """

    clusters: list[ClusterInfo]
    seen: datetime.datetime
    trouble: AfLabError | None


@dataclass
class _Known:
    """A cluster.

    Attributes
    ----------
    job
        Its ad, as the last look found it; None before the first.
    learnt
        When an action told something of it that a look may not have seen, on the monotonic clock.
    follower
        Whoever listens to its runner.
    told
        What the runner told last, while somebody listens.
    """

    info: ClusterInfo
    job: SchedulerJob | None = None
    learnt: float = -math.inf
    follower: asyncio.Task[None] | None = None
    told: Snapshot | None = None


class Watch:
    """What is known of all clusters of one user.

    Parameters
    ----------
    manager
        Whoever asks HTCondor and the runners.
    board
        What all panels see.
    queue_poll, pool_poll
        Seconds between two looks at the queue, and at the pool, while somebody watches and nothing happens.
    log
        Told once when HTCondor stops answering, and once when it does again.
    """

    def __init__(
        self, manager: ClusterManager, board: Board, *, queue_poll: float, pool_poll: float, log: logging.Logger
    ) -> None:
        self._manager = manager
        self._board = board
        self._queue_poll = queue_poll
        self._pool_poll = pool_poll
        self._log = log
        self._known: dict[int, _Known] = {}
        self._seen: datetime.datetime | None = None
        self._looked = -math.inf
        self._trouble: AfLabError | None = None
        self._look = Latest(self._look_now)
        self._wake = asyncio.Event()
        self._pool_moves = asyncio.Event()
        self._pool_restless_until = -math.inf
        self._running = 0
        self._expectant_until = -math.inf
        self._watchers = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._falling_asleep: asyncio.TimerHandle | None = None

    # For whoever asks.

    async def listing(self) -> Listing:
        """Return all clusters, those that ended within a day among them, by name.

        While the schedd does not answer, what it told before is given, with its age.

        Raises
        ------
        CondorUnavailable, CondorError
            The schedd does not answer or refuses, and there is nothing from before.
        """
        look = asyncio.create_task(self._look())
        done, _ = await asyncio.wait([look], timeout=None if self._seen is None else PATIENCE)
        if self._seen is None:
            await look
        elif not done:
            # The question goes on, for the next who asks.
            look.cancel()
        elif (error := look.exception()) and not isinstance(error, AfLabError):
            raise error
        assert self._seen is not None
        infos = sorted((known.info for known in self._known.values()), key=lambda info: (info.name, info.id))
        return Listing(infos, self._seen, self._trouble)

    def learn(self, info: ClusterInfo) -> None:
        """Take over what an action has made of a cluster: newer than any look that is under way."""
        known = self._known.setdefault(info.id, _Known(info))
        known.info, known.learnt = info, time.monotonic()
        self._tell(info)
        self.expect()

    def expect(self) -> None:
        """Look at the queue soon, because something is about to change there."""
        self._expectant_until = time.monotonic() + EXPECTANT
        self._wake.set()

    async def pool(self) -> Json:
        """Return what the pool has, what of it is in use, and by whom.

        Raises
        ------
        CondorUnavailable, CondorError
            The collector does not answer, or refuses.
        """
        overview, shares = await asyncio.gather(self._manager.pool(), self._manager.condor_pool.shares())
        return pool_json(overview, shares, datetime.datetime.now(datetime.UTC))

    # For whoever watches.

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep up to date for as long as the block lasts."""
        self._watchers += 1
        if self._falling_asleep is not None:
            self._falling_asleep.cancel()
            self._falling_asleep = None
        if not self._tasks:
            loops = (self._keep_looking(), self._keep_watching_signs(), self._keep_looking_at_the_pool())
            self._tasks = [self._task(loop) for loop in loops]
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._falling_asleep = asyncio.get_running_loop().call_later(LINGER, self._sleep)

    async def close(self) -> None:
        """End all that is under way; the clusters go on."""
        if self._falling_asleep is not None:
            self._falling_asleep.cancel()
        ending = [*self._tasks, *(known.follower for known in self._known.values() if known.follower)]
        self._sleep()
        await asyncio.gather(*ending, return_exceptions=True)
        await self._look.close()

    def _sleep(self) -> None:
        self._falling_asleep = None
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        for known in self._known.values():
            _unfollow(known)

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._log.error("af_lab: watching the clusters failed", exc_info=error)

    async def _keep_looking(self) -> None:
        while True:
            self._wake.clear()
            with suppress(AfLabError):
                await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._wake.wait()
            # Each look scans the whole queue of all users: what comes close together is looked at together.
            await asyncio.sleep(max(0.0, self._looked + LOOKS_APART - time.monotonic()))

    def _pause(self) -> float:
        if self._trouble is not None:
            return RETRY
        return LOOKS_APART if time.monotonic() < self._expectant_until else self._queue_poll

    async def _keep_watching_signs(self) -> None:
        before = await asyncio.to_thread(read_signs, [])
        while True:
            await asyncio.sleep(SIGNS_EVERY)
            silent = [known.job.folder for known in self._known.values() if known.job and not known.follower]
            now = await asyncio.to_thread(read_signs, silent)
            if changed(before, now):
                self.expect()
            before = now

    async def _keep_looking_at_the_pool(self) -> None:
        while True:
            # While the collector does not answer, what it told before stands, with its age.
            with suppress(AfLabError):
                self._board.put(Topic("pool"), await self.pool())
            apart = min(POOL_LOOKS_APART, self._pool_poll)
            await asyncio.sleep(apart)
            if time.monotonic() > self._pool_restless_until:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pool_poll - apart):
                        await self._pool_moves.wait()
            self._pool_moves.clear()

    # What is learnt.

    async def _look_now(self) -> None:
        """Look at the queue, and ask the runners to which nobody listens."""
        begun = time.monotonic()
        try:
            jobs = await self._manager.jobs()
        except AfLabError as error:
            self._note_trouble(error)
            raise
        finally:
            self._looked = time.monotonic()
        seen = datetime.datetime.now(datetime.UTC)
        snapshots = await asyncio.gather(*(self._ask(job) for job in jobs))
        for job, snapshot in zip(jobs, snapshots, strict=True):
            self._take(job, snapshot, begun)
        there = {job.id.cluster for job in jobs}
        for id_, known in list(self._known.items()):
            if id_ not in there and known.learnt < begun:
                _unfollow(known)
                del self._known[id_]
                self._board.remove(Topic("cluster", str(id_)))
        self._note_running()
        # Last: who hears for the first time that HTCondor answers has heard of all clusters.
        self._seen = seen
        self._note_trouble(None)

    async def _ask(self, job: SchedulerJob) -> Snapshot | None:
        known = self._known.get(job.id.cluster)
        return None if known and known.follower else await ask_for_snapshot(job)

    def _take(self, job: SchedulerJob, snapshot: Snapshot | None, begun: float) -> None:
        """Take over what a look has found of a cluster, unless something newer was learnt meanwhile."""
        known = self._known.get(job.id.cluster)
        if known is None:
            known = self._known[job.id.cluster] = _Known(describe(job, snapshot))
        else:
            if not job.ready:
                _unfollow(known)
            if known.learnt < begun:
                known.info = describe(job, known.told if known.follower else snapshot)
        known.job = job
        self._tell(known.info)
        if self._tasks and known.follower is None and snapshot is not None:
            known.told = snapshot
            known.follower = self._task(self._listen(known, job, snapshot.sequence))

    async def _listen(self, known: _Known, job: SchedulerJob, after: int) -> None:
        try:
            async for snapshot in follow(job, after):
                known.told = snapshot
                known.info = renew(known.info, snapshot)
                self._tell(known.info)
                if snapshot.generation > known.info.generation:
                    self.expect()
        finally:
            if known.follower is asyncio.current_task():
                # Its scheduler went away: only the queue tells what becomes of it.
                known.follower = None
                self.expect()

    def _tell(self, info: ClusterInfo) -> None:
        self._board.put(Topic("cluster", str(info.id)), cluster_json(info))
        self._note_running()

    def _note_running(self) -> None:
        """Look at the pool soon when jobs of ours came or went."""
        running = sum(known.info.counts.running for known in self._known.values())
        if running != self._running:
            self._running = running
            self._pool_restless_until = time.monotonic() + POOL_RESTLESS
            self._pool_moves.set()

    def _note_trouble(self, error: AfLabError | None) -> None:
        """Tell how HTCondor is; the log is told only when that changes."""
        if error is not None and self._trouble is None:
            self._log.warning("af_lab: %s", error)
        elif error is None and self._trouble is not None:
            self._log.warning("af_lab: HTCondor answers again.")
        self._trouble = error
        self._board.put(Topic("health"), health_json(error, self._seen))


def _unfollow(known: _Known) -> None:
    follower, known.follower = known.follower, None
    if follower is not None:
        follower.cancel()
