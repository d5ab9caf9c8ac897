"""The object that a notebook holds of a cluster: a Dask ``Cluster`` that lets go without ending anything."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

from distributed.core import Status, rpc
from distributed.deploy.cluster import Cluster as DaskCluster
from distributed.security import Security
from distributed.utils import LoopRunner

from af_lab.errors import AfLabError, ClusterExists
from af_lab.manager.info import ClusterInfo
from af_lab.manager.manager import ClusterManager
from af_lab.manager.spec import ClusterSpec, check_workers, make_spec

__all__ = ["Cluster", "cluster", "clusters", "connect"]


@cache
def _manager() -> ClusterManager:
    """Return the manager of this process, so that one helper process serves all its clusters."""
    return ClusterManager()


def cluster(name: str = "default", *, workers: int | None = None, asynchronous: bool = False, **shape: Any) -> Cluster:
    """Return a cluster by its name, made if it is not there.

    Parameters
    ----------
    name
        Unique among your clusters: letters, digits and ``_.-``.
    workers
        Dask worker processes that a new cluster starts with. A cluster that exists keeps what it has.
    asynchronous
        Return a cluster to be awaited.
    **shape
        ``cores`` and ``memory`` of each worker job, and other fields of `ClusterSpec`.

    Raises
    ------
    SpecError
        A value is wrong; nothing was submitted.
    ClusterExists
        It exists with another shape than the one asked for; the message lists the differences.
    ClusterFailed
        Its scheduler could not start; the message says why.
    CondorUnavailable
        HTCondor does not answer.

    Examples
    --------
    >>> cluster = af_lab.cluster("dimuon", workers=20, cores=1, memory="2 GB")
    >>> client = cluster.get_client()
    """
    asked = {"name": name, **shape} | ({} if workers is None else {"workers": workers})
    return Cluster(make_spec(asked), create=True, asynchronous=asynchronous)


def connect(name: str = "default", *, asynchronous: bool = False) -> Cluster:
    """Return a cluster that exists; never makes one.

    Raises
    ------
    ClusterNotFound
        You have no cluster of that name.
    """
    return Cluster(make_spec({"name": name}), create=False, asynchronous=asynchronous)


def clusters() -> list[ClusterInfo]:
    """Return what is known of each of your clusters, wherever it was made."""
    runner = LoopRunner()
    runner.start()
    try:
        infos: list[ClusterInfo] = runner.run_sync(_manager().clusters)
        return infos
    finally:
        runner.stop()


class Cluster(DaskCluster):
    """A cluster of Dask workers that are HTCondor jobs; made by `cluster` and `connect`.

    The object may be closed, or its kernel may end: the cluster itself goes on until `shutdown`.
    """

    def __init__(self, spec: ClusterSpec, *, create: bool, asynchronous: bool = False) -> None:
        super().__init__(asynchronous=asynchronous, name=spec.name, quiet=False)
        self._spec = spec
        self._create = create
        self._manager = _manager()
        self._made = False
        self._starting = asyncio.Lock()
        self.security: Security | None = None
        if not self.called_from_running_loop:
            self._loop_runner.start()
            try:
                self.sync(self._start)
            except BaseException:
                self.status = Status.closed
                self._loop_runner.stop()
                raise

    def __await__(self) -> Any:
        return self._started().__await__()

    async def _started(self) -> Cluster:
        async with self._starting:
            if self.status == Status.created:
                try:
                    await self._start()
                except BaseException:
                    self.status = Status.closed
                    raise
        return self

    async def _start(self) -> None:
        name = self._spec.name
        if self._create:
            await self._make_or_find()
        info = await self._manager.wait_until_running(name)
        self.security = (await self._manager.folder(name)).security()
        self.scheduler_comm = rpc(info.scheduler_address, connection_args=self.security.get_connection_args("client"))
        await super()._start()

    async def _make_or_find(self) -> None:
        try:
            await self._manager.create(self._spec)
            self._made = True
        except ClusterExists:
            found = await self._manager.get(self._spec.name)
            if differences := self._spec.differences(found.spec):
                raise ClusterExists(
                    f"You have a cluster {found.name!r} of another shape: {'; '.join(differences)}. "
                    "Ask for what it has, end it, or choose another name."
                ) from None
            if "workers" in self._spec.model_fields_set and self._spec.workers != found.workers:
                self._log(
                    f"The cluster {found.name!r} exists and is asked for {found.workers} workers; "
                    f"cluster.scale({self._spec.workers}) changes that."
                )

    @property
    def dashboard_link(self) -> str:
        """Empty: the scheduler's own page answers to the cluster's secret alone, which no browser has."""
        return ""

    def info(self) -> ClusterInfo:
        """Return what the queue and the scheduler tell of the cluster now."""
        return self.sync(self._manager.get, self.name)  # type: ignore[no-any-return]

    def scale(self, n: int | None = None, *, cores: int | None = None) -> Any:
        """Ask for a number of workers, or of cores; the cluster comes to it on its own.

        Parameters
        ----------
        n
            Dask worker processes; each has one core.
        cores
            The same, counted in cores.
        """
        if (n is None) == (cores is None):
            raise AfLabError("cluster.scale takes one of the two: a number of workers, or cores=.")
        return self.sync(self._manager.scale, self.name, check_workers(n if cores is None else cores))

    def adapt(self, *args: Any, **kwargs: Any) -> Any:
        """Adaptive scaling is not there yet."""
        raise AfLabError("This version of af_lab has no adaptive scaling; use cluster.scale(n).")

    async def _close(self) -> None:
        going_on = self.status == Status.running
        await super()._close()
        if going_on:
            self._log(f"The cluster {self.name!r} goes on; cluster.shutdown() ends it.")

    def shutdown(self) -> Any:
        """End the cluster at once, its workers and their data with it."""
        return self.sync(self._shutdown)

    async def _shutdown(self) -> None:
        await self._manager.shutdown(self.name)
        self.status = Status.closing
        await self._close()

    def __exit__(self, exc_type: object, exc_value: object, traceback: object) -> None:
        self.sync(self.__aexit__, exc_type, exc_value, traceback)

    async def __aexit__(self, exc_type: object, exc_value: object, traceback: object) -> None:
        """End the cluster if this object made it, else let go of it."""
        await (self._shutdown() if self._made else self._close())
