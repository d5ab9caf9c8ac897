"""Jobs whose workers leave: they finish their tasks, their results move to others, and the job is removed."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from af_lab.condor.job import JobId
from af_lab.condor.queue import Queue
from af_lab.errors import CondorError
from af_lab.model.cluster_queue import jobs_constraint
from af_lab.runner.scheduler import GuardedScheduler

__all__ = ["Departures"]

logger = logging.getLogger("af_lab.runner")

REPLACED_POLL = 0.5  # seconds between two looks for another worker than those that leave


class Departures:
    """The departures that are under way.

    Parameters
    ----------
    scheduler
        The Dask scheduler.
    queue
        The owner's jobs.
    """

    def __init__(self, scheduler: GuardedScheduler, queue: Queue) -> None:
        self._scheduler = scheduler
        self._queue = queue
        self._tasks: dict[JobId, asyncio.Task[None]] = {}

    @property
    def jobs(self) -> frozenset[JobId]:
        """The jobs that leave."""
        return frozenset(self._tasks)

    def begin(self, id_: JobId, patience: float, reason: str, *, others_first: bool = False) -> None:
        """Let a job leave, unless it does already.

        Parameters
        ----------
        id_
            The job.
        patience
            Seconds that its tasks and data may take.
        reason
            Why it leaves, for HTCondor's log.
        others_first
            Whether to wait until there is another worker, to which the data can be moved.
        """
        if id_ not in self._tasks:
            self._tasks[id_] = asyncio.create_task(self._leave(id_, patience, reason, others_first))
            self._tasks[id_].add_done_callback(partial(self._has_left, id_))

    def _has_left(self, id_: JobId, _: asyncio.Task[None]) -> None:
        del self._tasks[id_]

    async def _leave(self, id_: JobId, patience: float, reason: str, others_first: bool) -> None:
        try:
            async with asyncio.timeout(patience):
                while others_first and not self._scheduler.connected().keys() - self.jobs:
                    await asyncio.sleep(REPLACED_POLL)
                await self._scheduler.retire(id_)
        except TimeoutError:
            logger.warning("job %s was not free within %g s; its results are computed again", id_, patience)
        try:
            await self._queue.remove(jobs_constraint([id_]), reason)
        except CondorError as error:
            logger.warning("job %s stays for now: %s", id_, error)
