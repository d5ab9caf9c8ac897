"""A Dask ``Cluster`` with the state of a `SchedulerLink`, and the attributes that Dask and its users expect."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

from distributed.client import Client
from distributed.core import Status
from distributed.deploy.cluster import Cluster as DaskCluster
from distributed.utils import Log, Logs

from af_lab.errors import ClusterFailed
from af_lab.manager.dashboard import link_for_browser
from af_lab.manager.manager import ClusterManager
from af_lab.manager.progress import Reasons
from af_lab.model.folder import ClusterFolder
from af_lab.notebook.cluster_logs import earlier_starts, files_as_logs, troubles_as_lines
from af_lab.notebook.connection import SchedulerLink
from af_lab.notebook.dask_html import without_empty_links
from af_lab.notebook.job_script import job_script
from af_lab.notebook.waiting import Why
from af_lab.notebook.widget import cluster_rows, scaling_table

__all__ = ["LinkedCluster"]

LOGS_TIMEOUT = 15.0  # seconds that scheduler and workers may take to send their logs


class LinkedCluster(DaskCluster):
    """The part of the cluster object that does not depend on how clusters are created, scaled and ended.

    Its display is always up to date without polling: the scheduler reports every change.
    """

    def __init__(self, name: str, manager: ClusterManager, *, asynchronous: bool) -> None:
        # Before Dask's constructor: the link stores some of Dask's own attributes.
        self._link = SchedulerLink(manager)
        self._why = Why(manager)
        self._folder: ClusterFolder
        super().__init__(asynchronous=asynchronous, name=name, quiet=False)  # type: ignore[no-untyped-call]

    @property
    def status(self) -> Status:
        """Status of this object's connection to the cluster."""
        return self._link.status

    @status.setter
    def status(self, status: Status) -> None:
        self._link.set_status(status)

    @property
    def scheduler_info(self) -> dict[str, Any]:
        """Identity of the scheduler and its workers, in Dask's format."""
        return self._link.scheduler_info

    @scheduler_info.setter
    def scheduler_info(self, identity: dict[str, Any]) -> None:
        self._link.scheduler_info = identity

    @property
    def scheduler_comm(self) -> Any:
        """Calls to the scheduler (Dask's ``rpc``)."""
        return self._link.rpc

    @scheduler_comm.setter
    def scheduler_comm(self, rpc: Any) -> None:
        self._link.rpc = rpc

    async def _get_logs(
        self, cluster: bool = True, scheduler: bool = True, workers: bool | Iterable[str] = True
    ) -> Logs:
        try:
            async with asyncio.timeout(LOGS_TIMEOUT):
                logs: Logs = await super()._get_logs(cluster, scheduler, workers)  # type: ignore[no-untyped-call]
        except OSError:
            # The scheduler does not answer, but the log files of it and its workers exist.
            logs = await asyncio.to_thread(files_as_logs, self._folder, scheduler=scheduler, workers=bool(workers))
        if scheduler:
            logs |= await asyncio.to_thread(earlier_starts, self._folder)
        if cluster:
            said = [line for _, line in self._cluster_manager_logs]
            logs["Cluster"] = Log("\n".join([*said, *troubles_as_lines(self._link.info.troubles)]))
        return logs

    def get_client(self) -> Any:
        """Return this process's client of the cluster; create one if it does not exist.

        Raises
        ------
        ClusterFailed
            The cluster has ended or failed, or this object has disconnected from it.
        """
        if self._link.is_open:
            self._link.check()
        with contextlib.suppress(ValueError):
            current = Client.current()
            if current.cluster == self and current.status == "running":
                return current
        return Client(self)

    @property
    def dashboard_link(self) -> str:
        """The dashboard on the Jupyter server that this process belongs to; "" without one, and after the end."""
        return link_for_browser(self.name) if self.status in (Status.running, Status.starting) else ""

    def job_script(self) -> str:
        """Return the submit description of the worker jobs, as for ``condor_submit``.

        Raises
        ------
        ClusterFailed
            The cluster has ended, and its files are gone; or it was not awaited yet.
        """
        if not self._link.is_open:
            raise ClusterFailed(f"The cluster {self.name!r} is not known yet; await the object first.")
        return job_script(self._folder, self.name, self._link.info.id)

    @property
    def observed(self) -> set[Any]:
        """Names of the workers that are connected."""
        return {worker["name"] for worker in self.scheduler_info["workers"].values()}

    @property
    def requested(self) -> set[Any]:
        """Names of the connected workers, and a placeholder for each other worker whose job is in the queue."""
        return self._with_stand_ins(self._link.info.counts.submitted)

    @property
    def plan(self) -> set[Any]:
        """Names of the connected workers, and a placeholder for each other worker that is requested."""
        return self._with_stand_ins(self._link.info.counts.requested)

    def _with_stand_ins(self, number: int) -> set[Any]:
        observed = self.observed
        return observed | {f"not connected {index}" for index in range(number - len(observed))}

    def _scaling_status(self) -> str:
        info = self._link.info
        # The widget asks from the event loop.
        return scaling_table(info, self._why.reasons(info) if self.asynchronous else Reasons())

    def _repr_html_(self, cluster_status: str | None = None) -> str:
        rows = cluster_rows(self._link.info, self._state_in_words) if self._link.is_open else ""
        html: str = super()._repr_html_(cluster_status=rows + (cluster_status or ""))  # type: ignore[no-untyped-call]
        return without_empty_links(html)

    def __repr__(self) -> str:
        text: str = super().__repr__()  # type: ignore[no-untyped-call]
        if not self._link.is_open or self._state_in_words == "running":
            return text
        return f"{text.removesuffix(')')}, {self._state_in_words})"

    @property
    def _state_in_words(self) -> str:
        info = self._link.info
        if self.status in (Status.closing, Status.closed) and not self._link.is_over:
            return "this object has disconnected"
        return info.state if info.reason is None else f"{info.state}: {info.reason}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LinkedCluster) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def _identity(self) -> object:
        return (self.name, self._link.info.id) if self._link.is_open else id(self)
