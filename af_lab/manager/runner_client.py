"""Calls to the runner of a cluster, over a Dask connection with the cluster's own keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from typing import Any

from distributed.comm.core import CommClosedError
from distributed.core import rpc

from af_lab.model.ads import SchedulerJob
from af_lab.model.runner_calls import DashboardPlace, RunnerCall
from af_lab.model.snapshot import Counts, Snapshot, TimelinePoint, WorkerInfo, from_message

__all__ = ["RunnerClient", "closed_before_tls"]

TIMEOUT = 5.0  # seconds that a runner may take to answer
CONNECT_TIMEOUT = 2.0  # seconds to try to connect; the runner may just have ended
LONG_POLL = 30.0  # seconds that a runner may wait for a change before it answers
BUSY_CONNECT_TIMEOUT = 10.0  # seconds to try to connect to a runner that makes pages: it accepts nobody meanwhile
DASHBOARD_TIMEOUT = 30.0  # additional seconds that a scheduler may take to import the dashboard


@contextlib.contextmanager
def closed_before_tls() -> Iterator[None]:
    """Raise CommClosedError if the peer closes the connection before TLS starts.

    In this case tornado (6.6) raises a ValueError, which distributed passes on.

    Raises
    ------
    CommClosedError
        The connection was closed; it is an OSError.
    """
    try:
        yield
    except ValueError as error:
        if "IOStream is not idle" not in str(error):
            raise
        raise CommClosedError("The connection was closed before TLS started.") from error


class RunnerClient:
    """Calls to the runner of one scheduler job. Each returns None if the runner does not answer in time.

    Parameters
    ----------
    job
        The scheduler job. The runner is called only if the job's ad says that it is ready.
    """

    def __init__(self, job: SchedulerJob) -> None:
        self._job = job

    async def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot."""
        return _snapshot(await self._call(RunnerCall.SNAPSHOT))

    async def nudge(self) -> Snapshot | None:
        """Make the runner look at the queue at once, after a change of the request; return the snapshot after that."""
        return _snapshot(await self._call(RunnerCall.NUDGE))

    async def workers(self) -> list[WorkerInfo] | None:
        """Return every worker's job, in the order of the ids."""
        answer = await self._call(RunnerCall.WORKERS)
        return None if answer is None else [from_message(WorkerInfo, worker) for worker in answer]

    async def timeline(self) -> list[TimelinePoint] | None:
        """Return the counts over time."""
        answer = await self._call(RunnerCall.TIMELINE)
        if answer is None:
            return None
        return [TimelinePoint(point["when"], from_message(Counts, point["counts"])) for point in answer]

    async def open_dashboard(self) -> DashboardPlace | None:
        """Open the pages of the scheduler; takes a second or two the first time."""
        answer = await self._call(RunnerCall.DASHBOARD, BUSY_CONNECT_TIMEOUT, patience=DASHBOARD_TIMEOUT)
        return None if answer is None else from_message(DashboardPlace, answer)

    async def changes(self, after: int) -> AsyncGenerator[Snapshot, None]:
        """Yield each new snapshot, over one connection, until the runner stops answering.

        Parameters
        ----------
        after
            Sequence number of the snapshot that is known already.
        """
        if not self._can_answer:
            return
        # If nothing changes, the runner answers after this time, with the same snapshot.
        details = {"timeout": LONG_POLL}
        with contextlib.suppress(OSError, TimeoutError):
            async with self._connected() as runner:
                while True:
                    async with asyncio.timeout(LONG_POLL + TIMEOUT):
                        with closed_before_tls():
                            answer = await getattr(runner, RunnerCall.CHANGE)(after=after, **details)
                    snapshot = Snapshot.from_message(answer)
                    if snapshot.sequence != after:
                        after = snapshot.sequence
                        yield snapshot

    @property
    def _can_answer(self) -> bool:
        return self._job.ready and self._job.address is not None

    def _connected(self, timeout: float = CONNECT_TIMEOUT) -> Any:
        arguments = self._job.files.security().get_connection_args("client")
        return rpc(self._job.address, timeout=timeout, connection_args=arguments)

    async def _call(self, call: RunnerCall, connect: float = CONNECT_TIMEOUT, patience: float = 0.0) -> Any:
        if not self._can_answer:
            return None
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(TIMEOUT + patience), self._connected(connect) as runner:
                with closed_before_tls():
                    return await getattr(runner, call)()
        return None


def _snapshot(answer: Any) -> Snapshot | None:
    return None if answer is None else Snapshot.from_message(answer)
