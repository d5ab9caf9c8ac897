"""Dask's client of a cluster of af_lab, in whatever way it was made.

Dask makes clients itself (``Client(cluster)``, ``Client(address)``), so each new client that has the keys of a cluster
gets this class.
"""

from __future__ import annotations

import contextlib
import json
import logging
from pathlib import Path
from typing import Any

import distributed.client
from distributed.client import Client
from distributed.core import Status
from distributed.diagnostics.plugin import NannyPlugin, SchedulerPlugin, WorkerPlugin
from distributed.security import Security

from af_lab.home import af_lab_home
from af_lab.manager.dashboard import link_for_browser
from af_lab.manager.runner_client import closed_before_tls
from af_lab.model.runner_calls import CLUSTER_NAME
from af_lab.notebook.clients import after_restart
from af_lab.notebook.dask_html import ClusterSchedulerInfo
from af_lab.notebook.kept_plugins import KeptPlugins
from af_lab.notebook.security_loader import security_in_file

__all__ = ["ClusterClient", "adopt_clients"]

logger = logging.getLogger("af_lab")


class ClusterClient(Client):
    """A client that brings back what it gave to a scheduler that was restarted, and whose links work.

    Attributes
    ----------
    plugins
        The plug-ins and uploaded files that this client has registered.
    """

    plugins: KeptPlugins

    def __repr__(self) -> str:
        is_over = self.cluster is not None and self.cluster.status in (Status.closed, Status.failed)
        if is_over or self.status == "closed":
            return f"<{type(self).__name__}: closed>"
        text: str = super().__repr__()  # type: ignore[no-untyped-call]
        return text

    @property
    def dashboard_link(self) -> str:
        """The dashboard on the Jupyter server that this process belongs to; "" without one."""
        if self.cluster is not None:
            return str(self.cluster.dashboard_link)
        return link_for_browser(name) if (name := self._scheduler_identity.get(CLUSTER_NAME)) else ""

    def _get_scheduler_info(self, n_workers: int) -> tuple[Any, ClusterSchedulerInfo]:
        nobody = {"workers": {}, "n_workers": 0, "total_threads": 0, "total_memory": 0}
        if self.status in ("running", "connecting"):
            # While it restarts, the scheduler does not answer; while this client closes, it has no connections.
            with contextlib.suppress(OSError, RuntimeError):
                scheduler, identity = super()._get_scheduler_info(n_workers)  # type: ignore[no-untyped-call]
                return scheduler, ClusterSchedulerInfo({**nobody, **identity})
        return self.scheduler, ClusterSchedulerInfo({**self._scheduler_identity, **nobody})

    def write_scheduler_file(self, scheduler_file: str) -> None:
        """Write a file for ``Client(scheduler_file=...)``.

        It does not list the workers: Dask's own method cannot write what it knows of them once they have run a task.

        Raises
        ------
        ValueError
            This client itself comes from a file, or has written one.
        """
        if self.scheduler_file:
            raise ValueError("Scheduler file already set")
        identity = self.scheduler_info(n_workers=0)
        self.scheduler_file = scheduler_file
        Path(scheduler_file).write_text(json.dumps(identity, indent=2), encoding="utf-8")

    async def _ensure_connected(self, timeout: float | None = None) -> None:
        # Before tasks can be submitted again.
        before, is_other = self._scheduler_identity.get("id"), False
        if before is not None and self.status == "connecting":
            is_other = await self.plugins.bring_back(self.scheduler, before, timeout)
        with closed_before_tls():
            await super()._ensure_connected(timeout=timeout)  # type: ignore[no-untyped-call]
        if is_other:
            for topic in self._event_handlers:
                message = {"op": "subscribe-topic", "topic": topic, "client": self.id}
                self._send_to_scheduler(message)  # type: ignore[no-untyped-call]
            if self.cluster is None:
                logger.warning("%s", after_restart(self._scheduler_identity.get(CLUSTER_NAME)))

    async def _register_scheduler_plugin(self, plugin: SchedulerPlugin, name: str, idempotent: bool) -> Any:
        answer = await super()._register_scheduler_plugin(plugin, name, idempotent)
        self.plugins.keep("scheduler", name, plugin)
        return answer

    async def _register_worker_plugin(self, plugin: WorkerPlugin, name: str, idempotent: bool) -> Any:
        answer = await super()._register_worker_plugin(plugin, name, idempotent)
        self.plugins.keep("worker", name, plugin)
        return answer

    async def _register_nanny_plugin(self, plugin: NannyPlugin, name: str, idempotent: bool) -> Any:
        answer = await super()._register_nanny_plugin(plugin, name, idempotent)
        self.plugins.keep("nanny", name, plugin)
        return answer

    def unregister_scheduler_plugin(self, name: str) -> Any:
        """Remove a plug-in of the scheduler."""
        self.plugins.drop("scheduler", name)
        return super().unregister_scheduler_plugin(name)

    async def _unregister_worker_plugin(self, name: str, nanny: bool | None = None) -> Any:
        self.plugins.drop("nanny" if nanny else "worker", name)
        return await super()._unregister_worker_plugin(name, nanny)  # type: ignore[no-untyped-call]


def adopt_clients() -> None:
    """Have each client of a cluster that Dask makes from now on be a `ClusterClient`."""
    distributed.client.DEFAULT_EXTENSIONS["af-lab"] = _Adoption


class _Adoption:
    """An extension of a client; Dask makes it before the client connects."""

    def __init__(self, client: Client) -> None:
        if type(client) is not Client:
            return
        if client.scheduler_file is not None and not _has_keys(client.security):
            _find_keys(client)
        if _belongs_to_cluster(client.security):
            client.__class__ = ClusterClient
            assert isinstance(client, ClusterClient)
            client.plugins = KeptPlugins()


def _find_keys(client: Client) -> None:
    """Give a client that finds its scheduler in a file the keys of the cluster that the file names."""
    if security := security_in_file(Path(client.scheduler_file)):
        client.security = security
        client.connection_args = client.rpc.connection_args = security.get_connection_args("client")


def _has_keys(security: Security) -> bool:
    return bool(security.get_tls_config_for_role("client")["cert"])


def _belongs_to_cluster(security: Security) -> bool:
    authority = security.get_tls_config_for_role("client")["ca_file"]
    return authority is not None and Path(authority).parent.parent == af_lab_home() / "clusters"
