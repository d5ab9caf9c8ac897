"""The connection from a process to the scheduler of a cluster, renewed whenever the scheduler restarts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from distributed.comm.core import Comm, connect
from distributed.core import Status, rpc
from distributed.security import Security

from af_lab.errors import ClusterFailed, ClusterNotFound
from af_lab.manager.manager import ClusterManager
from af_lab.manager.runner_client import closed_before_tls
from af_lab.model.ads import SchedulerJob
from af_lab.model.cluster_view import ClusterView
from af_lab.model.info import ClusterInfo
from af_lab.model.snapshot import Counts
from af_lab.model.standstill import standstill
from af_lab.notebook.dask_html import ClusterSchedulerInfo, hide_dashboard

__all__ = ["SchedulerLink"]

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT = 10.0  # seconds that a scheduler may take to answer
RETURN_TIMEOUT = 2.0  # seconds that an attempt to reconnect may take, before the view is checked again
RETRY_PAUSE = 0.25  # seconds between two attempts to reconnect


class SchedulerLink:
    """The state of one cluster, kept up to date over a connection to its scheduler.

    The scheduler reports its workers; `af_lab.manager.follow` provides the rest. All methods except `let_go` must be
    called in one event loop.

    Attributes
    ----------
    status
        ``running`` while the scheduler is connected, ``starting`` while HTCondor restarts or holds it, ``closed`` once
        the cluster has ended or the link was closed, ``failed`` once the cluster has failed.
    view
        The latest view of the cluster.
    scheduler_info
        Identity of the scheduler and its workers, in Dask's format.
    rpc
        Calls to the scheduler.
    is_open
        Whether the link was ever opened.
    """

    def __init__(self, manager: ClusterManager) -> None:
        self._manager = manager
        self.status = Status.created
        self.scheduler_info: dict[str, Any] = {"workers": {}}
        self.rpc: Any = None
        self.is_open = False
        self.view: ClusterView
        self._end_reason: str | None = None
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._security: Security
        self._on_end: Callable[[], Awaitable[None]]
        self._on_restart: Callable[[], None]

    @property
    def info(self) -> ClusterInfo:
        """The latest information about the cluster, as users see it; one that is over has no workers."""
        if not self.is_over:
            return self.view.info
        nothing: dict[str, Any] = {"counts": Counts(), "cpu": None, "kept_results": 0, "kept_bytes": 0, "failing": None}
        if self._end_reason is not None:
            nothing |= {"state": "ended", "reason": self._end_reason}
        return self.view.info.model_copy(update=nothing)

    @property
    def is_over(self) -> bool:
        """Whether the cluster has ended or failed."""
        return self._end_reason is not None or self.view.is_over

    async def open(
        self,
        view: ClusterView,
        security: Security,
        on_end: Callable[[], Awaitable[None]],
        on_restart: Callable[[], None],
    ) -> None:
        """Connect to the scheduler of a running cluster, and stay connected.

        Parameters
        ----------
        view
            The cluster.
        security
            Its credentials.
        on_end
            Awaited when the cluster ends or fails while this link is open.
        on_restart
            Called when another scheduler has taken the place of the one that this link was connected to.

        Raises
        ------
        ClusterFailed
            The scheduler cannot be reached from here.
        """
        self.view = view
        self._security, self._on_end, self._on_restart = security, on_end, on_restart
        self._call(view.job.address)
        try:
            comm = await self._subscribe(ANSWER_TIMEOUT)
        except OSError as error:
            await self.rpc.close_rpc()
            raise ClusterFailed(_no_route(view.job, str(error))) from error
        self.is_open = True
        self._task = asyncio.create_task(self._stay(comm), name=f"af-lab-link-{view.job.name}")

    def learn(self, newer: ClusterView) -> None:
        """Merge a view of the cluster that was obtained elsewhere."""
        self.view = self.view.merged(newer)
        self._tell()

    def set_status(self, status: Status) -> None:
        """Set the status of the connection to the cluster."""
        self.status = status
        self._tell()

    def check(self) -> None:
        """Check that the cluster exists and this link is open.

        Raises
        ------
        ClusterFailed
            The cluster has ended, failed or is on hold, or the link was closed.
        """
        if reason := standstill(self.info):
            raise ClusterFailed(reason)
        name = self.info.name
        if self.status not in (Status.running, Status.starting):
            raise ClusterFailed(
                f"This object has disconnected from the cluster {name!r}; af_lab.connect({name!r}) connects again."
            )

    async def news(self, timeout: float) -> None:
        """Wait until something has changed, for at most `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._news.wait()

    async def wait_until_back(self, timeout: float) -> None:
        """Wait until the scheduler is connected again or the cluster is over, for at most `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self.status == Status.starting:
                    await self._news.wait()

    async def renew(self) -> None:
        """Update the identity of the scheduler and its workers, if the scheduler answers."""
        with contextlib.suppress(OSError):
            async with asyncio.timeout(ANSWER_TIMEOUT):
                with closed_before_tls():
                    identity = await self.rpc.identity()
                self._identify(identity)

    def end(self, reason: str) -> None:
        """Note that the cluster has ended; a reason that is known already stays."""
        if self.is_open and self.info.state == "ended":
            reason = self.info.reason or reason
        self._end_reason = reason
        self._tell()

    async def close(self) -> None:
        """Disconnect from the scheduler."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self._forget_workers()
        self.set_status(Status.closed)

    def let_go(self) -> None:
        """Disconnect as `close` does, but from any thread and without waiting."""
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _call(self, address: str | None) -> None:
        self.rpc = rpc(address, timeout=ANSWER_TIMEOUT, connection_args=self._security.get_connection_args("client"))

    async def _stay(self, comm: Comm) -> None:
        tasks = [asyncio.create_task(self._keep_following()), asyncio.create_task(self._keep_connected(comm))]
        try:
            # The second never ends by itself.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            try:
                results = await asyncio.gather(*tasks, return_exceptions=True)
            finally:
                await self.rpc.close_rpc()
        for result in results:
            if isinstance(result, Exception):
                raise result
        self._forget_workers()
        self.set_status(Status.failed if self.info.state == "failed" else Status.closed)
        await self._on_end()

    async def _keep_following(self) -> None:
        """Update the view of the cluster until the cluster is over."""
        try:
            async for view in self._manager.follow(self.view):
                self.view = self.view.merged(view)
                self._tell()
        except ClusterNotFound:
            self.end("It was removed.")
        if self.info.state == "stopping":
            self.end("It was removed.")

    async def _keep_connected(self, comm: Comm) -> NoReturn:
        """Update the workers from the scheduler's messages, and reconnect whenever HTCondor restarts the scheduler."""
        while True:
            try:
                with contextlib.suppress(OSError):
                    await self._read_workers(comm)
            finally:
                comm.abort()
            self._forget_workers()
            self.set_status(Status.starting)
            before = self.scheduler_info["id"]
            comm = await self._come_back()
            if self.scheduler_info["id"] != before:
                self._on_restart()

    async def _subscribe(self, timeout: float) -> Comm:
        """Connect to the scheduler and subscribe to changes of its workers."""
        arguments = self._security.get_connection_args("client")
        async with asyncio.timeout(timeout):
            with closed_before_tls():
                comm: Comm = await connect(self.view.job.address, timeout=timeout, **arguments)
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
        self.scheduler_info = ClusterSchedulerInfo(identity)

    def _forget_workers(self) -> None:
        self._set_workers({})

    def _set_workers(self, workers: dict[str, Any]) -> None:
        self.scheduler_info |= {
            "workers": workers,
            "n_workers": len(workers),
            "total_threads": sum(worker["nthreads"] for worker in workers.values()),
            "total_memory": sum(worker["memory_limit"] for worker in workers.values()),
        }

    async def _read_workers(self, comm: Comm) -> NoReturn:
        while True:
            changes = await comm.read()
            workers = self.scheduler_info["workers"]
            for change, told in changes:
                if change == "add":
                    for worker in told["workers"].values():
                        hide_dashboard(worker)
                    workers |= told["workers"]
                else:
                    workers.pop(told, None)
            self._set_workers(workers)
            self._tell()

    async def _come_back(self) -> Comm:
        """Reconnect to a scheduler that has disconnected."""
        while True:
            if self.view.is_running:
                if self.view.job.address != self.rpc.address:
                    await self.rpc.close_rpc()
                    self._call(self.view.job.address)
                with contextlib.suppress(OSError):
                    return await self._subscribe(RETURN_TIMEOUT)
            await self.news(RETRY_PAUSE)


def _no_route(job: SchedulerJob, error: str) -> str:
    detail = error.rstrip(".") or f"there was no answer within {ANSWER_TIMEOUT:g} s"
    return (
        f"The cluster {job.name!r} runs, but its Dask scheduler at {job.address} cannot be reached from here "
        f"({socket.gethostname()}): {detail}. A firewall may be in the way, or the address is one of another network. "
        "The settings af-lab.scheduler.interface, contact-host and ports choose address and port of new clusters. "
        f"This one goes on; `af-lab cluster stop {job.name}` ends it."
    )
