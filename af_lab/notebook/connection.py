"""The line from a process to the scheduler of a cluster, made anew whenever the scheduler is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, NoReturn

from distributed.comm.core import Comm, connect
from distributed.core import Status, rpc
from distributed.objects import SchedulerInfo
from distributed.security import Security

from af_lab.errors import ClusterFailed, ClusterNotFound, CondorError
from af_lab.manager.manager import ClusterManager
from af_lab.manager.runner_client import next_change, plainly_closed
from af_lab.model.info import ClusterInfo, renew

__all__ = ["SchedulerLink"]

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT = 10.0  # seconds that a scheduler may take to answer
RETURN_TIMEOUT = 2.0  # seconds that one that went away may take, before the queue is asked again whether it comes back
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0  # seconds between two looks at a cluster whose scheduler is away
# What the runner alone knows of a cluster.
TOLD = ("sequence", "observed_generation", "idle_since", "ends_at", "kept_results", "kept_bytes", "troubles")


class SchedulerLink:
    """What is known of one cluster, kept up to date over a connection to its scheduler.

    Scheduler and runner tell every change. Only when they are silent or something else is wanted of the cluster is
    the schedd asked, seldom. All methods but `let_go` belong to one event loop.

    Attributes
    ----------
    status
        ``running`` while the scheduler is connected, ``starting`` while HTCondor starts it again, ``closed`` once the
        cluster has ended or the link was closed, ``failed`` once the cluster has failed.
    info
        The newest that is known of the cluster.
    scheduler_info
        Identity of the scheduler and its workers, as Dask has it.
    rpc
        Calls to the scheduler.
    is_open
        Whether it was ever opened.
    """

    def __init__(self, manager: ClusterManager) -> None:
        self._manager = manager
        self.status = Status.created
        self.scheduler_info: dict[str, Any] = {"workers": {}}
        self.rpc: Any = None
        self.is_open = False
        self.info: ClusterInfo
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._security: Security
        self._on_end: Callable[[], Awaitable[None]]

    async def open(self, info: ClusterInfo, security: Security, on_end: Callable[[], Awaitable[None]]) -> None:
        """Connect to the scheduler of a running cluster, and stay connected.

        Parameters
        ----------
        info
            The cluster.
        security
            Its credentials.
        on_end
            Awaited when the cluster ends or fails without this link having been closed.

        Raises
        ------
        OSError
            The scheduler does not answer.
        """
        self.info = info
        self._security, self._on_end = security, on_end
        self._call(info.scheduler_address)
        comm = await self._subscribe(ANSWER_TIMEOUT)
        self.is_open = True
        self._task = asyncio.create_task(self._stay(comm), name=f"af-lab-link-{info.name}")

    def learn(self, info: ClusterInfo) -> None:
        """Take over something newer that is known of the cluster."""
        if info.state == "running" and not info.sequence:
            # Its runner was silent: what it told before is the newest.
            told = {name: getattr(self.info, name) for name in TOLD}
            told["counts"] = replace(self.info.counts, requested=info.counts.requested)
            info = info.model_copy(update=told)
        self.info = info
        self._tell()

    def set_status(self, status: Status) -> None:
        """Note how the line to the cluster is."""
        self.status = status
        self._tell()

    def check(self) -> None:
        """Check that there is a cluster to wait for.

        Raises
        ------
        ClusterFailed
            It has ended or failed, or the link was closed.
        """
        if self.status in (Status.running, Status.starting):
            return
        name, state = self.info.name, self.info.state
        if state not in ("ended", "failed", "stopping"):
            raise ClusterFailed(
                f"This object has let go of the cluster {name!r}; af_lab.connect({name!r}) connects to it again."
            )
        what = "failed" if state == "failed" else "ended"
        raise ClusterFailed(f"The cluster {name!r} has {what}: {self.info.reason or 'it gave no reason.'}")

    async def news(self, timeout: float) -> None:
        """Wait until something has changed, but not longer than so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._news.wait()

    async def wait_until_back(self, timeout: float) -> None:
        """Wait until the scheduler is connected again or the cluster is over, but not longer than so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self.status == Status.starting:
                    await self._news.wait()

    async def renew(self) -> None:
        """Ask for the identity of the scheduler and its workers, if it answers."""
        with contextlib.suppress(OSError):
            async with asyncio.timeout(ANSWER_TIMEOUT):
                with plainly_closed():
                    identity = await self.rpc.identity()
                self._identify(identity)

    def end(self, reason: str) -> None:
        """Note that the cluster has ended."""
        self.learn(self.info.model_copy(update={"state": "ended", "reason": reason}))

    async def close(self) -> None:
        """Let go of the scheduler."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self.set_status(Status.closed)

    def let_go(self) -> None:
        """Do as `close`, from any thread and without waiting."""
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _call(self, address: str | None) -> None:
        self.rpc = rpc(address, timeout=ANSWER_TIMEOUT, connection_args=self._security.get_connection_args("client"))

    async def _stay(self, comm: Comm) -> None:
        try:
            while True:
                with contextlib.suppress(OSError):
                    await self._follow(comm)
                self.scheduler_info["workers"] = {}
                self.set_status(Status.starting)
                comm = await self._come_back()
        except _Over as over:
            self.set_status(over.status)
            await self._on_end()
        finally:
            await self.rpc.close_rpc()

    async def _subscribe(self, timeout: float) -> Comm:
        """Connect to the scheduler and ask to be told of its workers."""
        arguments = self._security.get_connection_args("client")
        async with asyncio.timeout(timeout):
            with plainly_closed():
                comm: Comm = await connect(self.info.scheduler_address, timeout=timeout, **arguments)
            try:
                comm.name = "af_lab cluster object"
                await comm.write({"op": "subscribe_worker_status"})
                identity = await comm.read()
            except BaseException:
                comm.abort()
                raise
        self._identify(identity)
        self.set_status(Status.running)
        return comm

    def _identify(self, identity: dict[str, Any]) -> None:
        for server in (identity, *identity["workers"].values()):
            _hide_dashboard(server)
        self.scheduler_info = SchedulerInfo(identity)

    async def _follow(self, comm: Comm) -> None:
        """Take over whatever the scheduler tells until its connection breaks."""
        streams = [asyncio.create_task(self._read_workers(comm)), asyncio.create_task(self._read_changes())]
        try:
            await asyncio.wait(streams, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for stream in streams:
                stream.cancel()
            results = await asyncio.gather(*streams, return_exceptions=True)
            comm.abort()
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _read_workers(self, comm: Comm) -> NoReturn:
        while True:
            changes = await comm.read()
            workers = self.scheduler_info["workers"]
            for change, told in changes:
                if change == "add":
                    for worker in told["workers"].values():
                        _hide_dashboard(worker)
                    workers |= told["workers"]
                else:
                    workers.pop(told, None)
            self.scheduler_info |= {
                "n_workers": len(workers),
                "total_threads": sum(worker["nthreads"] for worker in workers.values()),
                "total_memory": sum(worker["memory_limit"] for worker in workers.values()),
            }
            self._tell()

    async def _read_changes(self) -> NoReturn:
        while True:
            snapshot = await next_change(self.rpc, self.info.sequence, ANSWER_TIMEOUT)
            if snapshot is None:
                # A runner of the first schema does not tell changes.
                await asyncio.sleep(LONGEST_PAUSE)
                await self._look()
                continue
            self.learn(renew(self.info, snapshot))
            if snapshot.generation > self.info.generation:
                await self._look()

    async def _look(self) -> None:
        """Ask the queue what is wanted of the cluster, and how it is."""
        try:
            info = await self._manager.get(self.info.name)
        except ClusterNotFound:
            self.end("It was removed.")
            raise _Over(Status.closed) from None
        except CondorError as error:
            # The scheduler may work on without HTCondor; whether it does shows in its connection.
            logger.debug("%s", error)
            return
        if info.id != self.info.id:
            self.end("It was removed, and another cluster has its name now.")
            raise _Over(Status.closed)
        if info.state == "stopping":
            self.end("It was removed.")
            raise _Over(Status.closed)
        self.learn(info)
        if info.state in ("ended", "failed"):
            raise _Over(Status.closed if info.state == "ended" else Status.failed)

    async def _come_back(self) -> Comm:
        """Connect again to a scheduler that went away, as often as HTCondor starts it."""
        pause = FIRST_PAUSE
        while True:
            await self._look()
            if self.info.state == "running":
                if self.info.scheduler_address != self.rpc.address:
                    await self.rpc.close_rpc()
                    self._call(self.info.scheduler_address)
                with contextlib.suppress(OSError):
                    return await self._subscribe(RETURN_TIMEOUT)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


class _Over(Exception):
    """The cluster has ended or failed."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


def _hide_dashboard(identity: dict[str, Any]) -> None:
    """Take out links that no browser can follow: the pages answer to the cluster's secret alone, or to nobody."""
    (identity["services"] or {}).pop("dashboard", None)
