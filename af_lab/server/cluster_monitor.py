"""The user's clusters as this server knows them: kept up to date while a panel is open, else queried on request.

The schedd is queried rarely. The runner of each cluster reports its changes over one connection, and new or removed
clusters leave signs in the file system. All panels share the result.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import math
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from af_lab.errors import AfLabError, ClusterNotFound
from af_lab.manager.follow import follow
from af_lab.manager.manager import ClusterManager
from af_lab.manager.reader import ask_runner
from af_lab.model.ads import SchedulerJob
from af_lab.model.cluster_view import ClusterView
from af_lab.model.info import ClusterInfo
from af_lab.server.file_changes import changed, read_file_times
from af_lab.server.json_models import Json, cluster_json, health_json
from af_lab.server.single_flight import SingleFlight
from af_lab.server.topics import Board, Topic

__all__ = ["ClusterMonitor", "Listing"]

FILES_EVERY = 0.5  # seconds between two looks at the file system
LOOKS_APART = 1.0  # seconds at least between two automatic looks at the queue
EXPECTANT = 5.0  # seconds for which the queue is looked at repeatedly after a sign of a change
RETRY = 5.0  # seconds between two looks while the schedd does not answer
PATIENCE = 3.0  # seconds that a list may take if an earlier one can be returned instead


@dataclass(frozen=True)
class Listing:
    """All clusters as they were at some moment.

    Attributes
    ----------
    seen
        When the queue was looked at.
    trouble
        Why the queue could not be looked at since then; None if it could.
    """

    clusters: list[ClusterInfo]
    seen: datetime.datetime
    trouble: AfLabError | None


@dataclass
class _Known:
    """A cluster.

    Attributes
    ----------
    learnt
        Monotonic time of the last action; a look that began earlier may not include its result.
    follower
        Follows the cluster while a panel is open.
    """

    view: ClusterView
    learnt: float = -math.inf
    follower: asyncio.Task[None] | None = None


class ClusterMonitor:
    """The state of all clusters of one user.

    Parameters
    ----------
    manager
        Asks HTCondor and the runners.
    board
        The topics that all panels see.
    poll
        Seconds between two looks at the queue while a panel is open and nothing changes.
    log
        Gets one message when HTCondor stops answering, and one when it answers again.
    on_change
        Called with the id of a cluster and its new view; None for one that is gone.
    """

    def __init__(
        self,
        manager: ClusterManager,
        board: Board,
        *,
        poll: float,
        log: logging.Logger,
        on_change: Callable[[int, ClusterView | None], None],
    ) -> None:
        self._manager = manager
        self._board = board
        self._poll = poll
        self._log = log
        self._on_change = on_change
        self._known: dict[int, _Known] = {}
        self._seen: datetime.datetime | None = None
        self._looked = -math.inf
        self._trouble: AfLabError | None = None
        self._look = SingleFlight(self._look_now)
        self._after_look = asyncio.Event()
        self._wake = asyncio.Event()
        self._expectant_until = -math.inf
        self._is_watching = False

    @property
    def views(self) -> list[ClusterView]:
        """All clusters that are known."""
        return [known.view for known in self._known.values()]

    @property
    def known_health(self) -> Json:
        """Whether HTCondor answered at the last look at the queue; no look is made."""
        return health_json(self._trouble, self._seen)

    async def listing(self) -> Listing:
        """Return all clusters by name, including those that ended within a day.

        While the schedd does not answer, return the last known clusters, with the time of the query.

        Raises
        ------
        CondorUnavailable, CondorError
            The schedd does not answer or refuses, and there is no earlier result.
        """
        look = asyncio.create_task(self._look())
        done, _ = await asyncio.wait([look], timeout=None if self._seen is None else PATIENCE)
        if self._seen is None:
            await look
        elif not done:
            # Cancels only this wait; the query continues for the next caller.
            look.cancel()
        elif (error := look.exception()) and not isinstance(error, AfLabError):
            raise error
        assert self._seen is not None
        infos = sorted((view.info for view in self.views), key=lambda info: (info.name, info.id))
        return Listing(infos, self._seen, self._trouble)

    async def health(self) -> Json:
        """Return whether HTCondor answers, from the last look at the queue; look again only if that is too old."""
        if time.monotonic() > self._looked + self._poll:
            with suppress(AfLabError):
                await self.listing()
        return health_json(self._trouble, self._seen)

    def learn(self, view: ClusterView) -> None:
        """Merge the result of an action on a cluster; it is newer than any look that is under way."""
        known = self._known.setdefault(view.job.id.cluster, _Known(view))
        known.view, known.learnt = known.view.merged(view), time.monotonic()
        self._publish(known.view)
        self.expect()

    def expect(self) -> None:
        """Look at the queue soon, because a change is expected."""
        self._expectant_until = time.monotonic() + EXPECTANT
        self._wake.set()

    def start(self) -> list[Coroutine[Any, Any, None]]:
        """Start to keep up to date; return the coroutines that must run meanwhile."""
        self._is_watching = True
        return [self._keep_looking(), self._keep_watching_files()]

    def stop(self) -> list[asyncio.Task[None]]:
        """Stop following the clusters; return the tasks that are ending."""
        self._is_watching = False
        ending = [known.follower for known in self._known.values() if known.follower]
        for known in self._known.values():
            _unfollow(known)
        return ending

    async def close(self) -> None:
        """Cancel the look that is under way."""
        await self._look.close()

    async def _keep_looking(self) -> None:
        while True:
            self._wake.clear()
            with suppress(AfLabError):
                await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._wake.wait()
            # Each look scans the jobs of all users, so that changes within a short time share one look.
            await asyncio.sleep(max(0.0, self._looked + LOOKS_APART - time.monotonic()))

    def _pause(self) -> float:
        if self._trouble is not None:
            return RETRY
        return LOOKS_APART if time.monotonic() < self._expectant_until else self._poll

    async def _keep_watching_files(self) -> None:
        before = await asyncio.to_thread(read_file_times, [])
        while True:
            await asyncio.sleep(FILES_EVERY)
            silent = [view.job.folder for view in self.views if not view.is_running or view.is_silent]
            now = await asyncio.to_thread(read_file_times, silent)
            if changed(before, now):
                self.expect()
            before = now

    async def _look_now(self) -> None:
        """Look at the queue, and query the runners that are not followed."""
        begun = time.monotonic()
        try:
            jobs = await self._manager.jobs()
        except AfLabError as error:
            self._note_trouble(error)
            raise
        finally:
            self._looked = time.monotonic()
        seen = datetime.datetime.now(datetime.UTC)
        for view in await asyncio.gather(*map(self._view, jobs)):
            self._take(view)
        there = {job.id.cluster for job in jobs}
        for id_, known in list(self._known.items()):
            if id_ not in there and known.learnt < begun:
                _unfollow(known)
                del self._known[id_]
                self._board.remove_cluster(str(id_))
                self._on_change(id_, None)
        # Last: a reader gets all clusters before the first message that HTCondor answers.
        self._seen = seen
        self._note_trouble(None)
        self._after_look.set()
        self._after_look = asyncio.Event()

    async def _view(self, job: SchedulerJob) -> ClusterView:
        known = self._known.get(job.id.cluster)
        # If the cluster is followed, the reports of its runner are already known.
        return ClusterView.of(job) if known and known.follower else await ask_runner(job)

    def _take(self, view: ClusterView) -> None:
        known = self._known.setdefault(view.job.id.cluster, _Known(view))
        known.view = known.view.merged(view)
        self._publish(known.view)
        if self._is_watching and known.follower is None and not known.view.is_over:
            known.follower = asyncio.create_task(self._keep_following(known))
            known.follower.add_done_callback(self._followed)

    async def _keep_following(self, known: _Known) -> None:
        with suppress(ClusterNotFound):
            async for view in follow(known.view, self._next_look):
                known.view = known.view.merged(view)
                self._publish(known.view)
        if known.follower is asyncio.current_task():
            known.follower = None

    async def _next_look(self, view: ClusterView) -> ClusterView:
        """Return a cluster as the next look finds it; that look is soon if a change is expected."""
        id_, after = view.job.id.cluster, self._after_look
        known = self._known.get(id_)
        went_silent = view.is_silent and known is not None and not known.view.is_silent
        if went_silent and known is not None:
            known.view = known.view.merged(view)
            self._publish(known.view)
        if went_silent or (view.snapshot and view.snapshot.generation > view.job.generation):
            self.expect()
        await after.wait()
        if id_ not in self._known:
            raise ClusterNotFound("The cluster was removed.")
        return self._known[id_].view

    def _followed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._log.error("af_lab: following a cluster failed", exc_info=error)

    def _publish(self, view: ClusterView) -> None:
        id_ = view.job.id.cluster
        self._board.put(Topic("cluster", str(id_)), cluster_json(view.info))
        self._on_change(id_, view)

    def _note_trouble(self, error: AfLabError | None) -> None:
        """Publish whether HTCondor answers; log it only when that changes."""
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
