"""The Dask side of a runner: a scheduler that speaks TLS only and whose HTTP side asks for the cluster's secret."""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import dask.config
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.scheduler import Scheduler
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, ErrorHandler

from af_lab import config
from af_lab.condor.jobs import JobId
from af_lab.manager.folder import ClusterFolder

__all__ = ["SECRET_HEADER", "GuardedScheduler", "job_of"]

SECRET_HEADER = "X-Af-Lab-Secret"  # noqa: S105 - the header's name
# It upgrades WebSockets to any port of any host.
OPEN_PROXY = "distributed.http.proxy"


class GuardedScheduler(Scheduler):
    """A Dask scheduler for one owner on a shared host.

    Parameters
    ----------
    folder
        The cluster's folder, with its certificates and secret.
    port
        The port to listen on; 0 for any that is free.
    on_change
        Called when a worker comes or goes.
    """

    def __init__(self, folder: ClusterFolder, port: int, on_change: Callable[[], None]) -> None:
        routes = dask.config.get("distributed.scheduler.http.routes")
        dask.config.set({"distributed.scheduler.http.routes": [r for r in routes if r != OPEN_PROXY]})
        super().__init__(
            protocol="tls",
            security=folder.security(),
            interface=config.get("scheduler.interface"),
            port=port,
            dashboard=True,
            dashboard_address="127.0.0.1:0",
        )
        guard(self.http_application, folder.http_secret.read_text(encoding="utf-8"))
        self.add_plugin(_ChangePlugin(on_change), name="af-lab-change")

    def connected(self) -> Mapping[JobId, int]:
        """Count the connected workers of each job."""
        return Counter(id_ for worker in self.workers.values() if (id_ := job_of(worker.name)))

    def busy(self) -> Mapping[JobId, int]:
        """Count the tasks under way in each job that has connected workers."""
        tasks: Counter[JobId] = Counter()
        for worker in self.workers.values():
            if id_ := job_of(worker.name):
                tasks[id_] += len(worker.processing)
        return tasks

    async def retire(self, id_: JobId) -> None:
        """Close the workers of a job after their data moved to others."""
        names = [worker.name for worker in self.workers.values() if job_of(worker.name) == id_]
        await self.retire_workers(names=names, close_workers=True, remove=True, stimulus_id="af-lab-scale-down")


class _ChangePlugin(SchedulerPlugin):
    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change

    def add_worker(self, scheduler: Scheduler, worker: str) -> None:
        """Tell that a worker came."""
        self._on_change()

    def remove_worker(self, scheduler: Scheduler, worker: str, **kwargs: Any) -> None:
        """Tell that a worker went."""
        self._on_change()


def guard(application: Application, secret: str) -> None:
    """Let a web application answer only requests that carry a secret, whatever their route.

    The check stands before any route is looked for: a prefix in the path would protect nothing, because ``/``
    redirects to it.
    """
    find = application.find_handler

    def checked(request: HTTPServerRequest, **kwargs: Any) -> Any:
        given = request.headers.get(SECRET_HEADER, "")
        if hmac.compare_digest(given.encode(), secret.encode()):
            return find(request, **kwargs)
        return application.get_handler_delegate(request, ErrorHandler, {"status_code": 403})

    application.find_handler = checked  # type: ignore[method-assign]


def job_of(worker_name: object) -> JobId | None:
    """Return the job that a worker runs in, by the name it was given; None for a worker of another origin."""
    found = re.fullmatch(r"(\d+)\.(\d+)-r\d+(-\d+)?", str(worker_name))
    return JobId(int(found[1]), int(found[2])) if found else None
