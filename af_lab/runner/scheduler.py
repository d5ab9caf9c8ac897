"""The Dask side of a runner: a scheduler that speaks TLS only and whose HTTP side asks for the cluster's secret."""

from __future__ import annotations

import asyncio
import hmac
import importlib
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import dask.config
from distributed.comm.core import Comm
from distributed.core import Status
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.scheduler import Scheduler, WorkerStatusPlugin
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, ErrorHandler

from af_lab import config
from af_lab.condor.job import JobId
from af_lab.model.counting import job_of
from af_lab.model.folder import ClusterFolder
from af_lab.model.runner_calls import PROTOCOL, SECRET_HEADER
from af_lab.runner.worker_labels import labels_of, with_labels
from af_lab.worker.protocol import HOST_BUSY

__all__ = ["GuardedScheduler"]

logger = logging.getLogger("af_lab.runner")

# This module forwards WebSockets to any port of any host.
OPEN_PROXY = "distributed.http.proxy"
FULL = 0.9  # of the cores of a machine; where more are busy, a worker may be waiting for a core
RETIRE_POLL = 0.1  # seconds between two looks at the tasks of a worker that leaves


class GuardedScheduler(Scheduler):
    """A Dask scheduler for one owner on a shared host.

    Parameters
    ----------
    folder
        The cluster's folder, with its certificates and secret.
    port
        The port to listen on; 0 for any that is free.
    pages
        Host and port on which its HTTP side listens, as in ``0.0.0.0:0``.
    on_come
        Called with the name of a worker that connects, and whether it replaces one that died.
    on_go
        Called with the name of a worker that disconnects.
    """

    def __init__(
        self,
        folder: ClusterFolder,
        port: int,
        pages: str,
        on_come: Callable[[str, bool], None],
        on_go: Callable[[str], None],
    ) -> None:
        routes = dask.config.get("distributed.scheduler.http.routes")
        dask.config.set({"distributed.scheduler.http.routes": [r for r in routes if r != OPEN_PROXY]})
        # A facility's certificate for the pages of other schedulers would take the place of the cluster's own.
        dask.config.set({f"distributed.scheduler.dashboard.tls.{part}": None for part in ("ca-file", "key", "cert")})
        self._opening = asyncio.Lock()
        self._has_dashboard = False
        # For the labels of workers in plots.
        self.site_of: Callable[[JobId], str | None] = lambda _: None
        security = folder.security()
        self._pages_tls = security.get_listen_args("scheduler")["ssl_context"]
        super().__init__(
            protocol=PROTOCOL,
            security=security,
            interface=config.get("scheduler.interface"),
            port=port,
            dashboard=False,
            dashboard_address=pages,
        )
        guard(self.http_application, folder.http_secret.read_text(encoding="utf-8"))
        self._comings = _WorkersPlugin(on_come, on_go)
        self.add_plugin(self._comings, name="af-lab-workers")

    def start_http_server(
        self, routes: Any, dashboard_address: Any, default_port: int = 0, ssl_options: Any = None
    ) -> None:
        """Start the HTTP side with TLS for members of the cluster only; requests need the secret as well."""
        super().start_http_server(  # type: ignore[no-untyped-call]
            routes, dashboard_address, default_port, self._pages_tls
        )

    @property
    def pages(self) -> tuple[str, int]:
        """Host and port on which the HTTP side listens."""
        server: Any = self.http_server
        return server.address, server.port

    async def open_dashboard(self) -> str | None:
        """Add the pages of Dask's dashboard if they are missing; return the problem if that fails.

        They take a second to import and 40 MB, so a cluster adds them only on request.
        """
        async with self._opening:
            if not self._has_dashboard:
                try:
                    dashboard: Any = await asyncio.to_thread(importlib.import_module, "distributed.dashboard.scheduler")
                except ImportError as error:
                    logger.warning("no dashboard: %s", error)
                    return str(error)
                dashboard.applications = with_labels(dashboard.applications, self._labels)
                dashboard.connect(self.http_application, self.http_server, self, prefix="")
                self._has_dashboard = True
        return None

    def _labels(self) -> dict[str, str]:
        workers = [(worker.address, worker.name) for worker in self.workers.values()]
        return labels_of(workers, self.site_of)

    def subscribe_worker_status(self, comm: Comm) -> dict[str, Any]:
        """Notify a Cluster object of every worker that connects or disconnects; several may subscribe."""
        _WorkerStatus(self, comm)
        told: dict[str, Any] = self.identity()
        for worker in told["workers"].values():
            del worker["metrics"], worker["last_seen"]
        return told

    async def register_nanny_plugin(self, comm: None, plugin: bytes, name: str, idempotent: bool) -> Any:
        """Register a plug-in of nannies; some, such as ``Environ``, restart the workers, which is no loss."""
        self._comings.expect_again(list(self.workers))
        try:
            return await super().register_nanny_plugin(comm, plugin, name, idempotent)
        finally:
            self._comings.know(list(self.workers))

    async def restart_workers(self, workers: list[str] | None = None, **keywords: Any) -> Any:
        """Restart workers because a client asks for it, which is no loss."""
        self._comings.expect_again(list(self.workers) if workers is None else workers)
        return await super().restart_workers(workers, **keywords)

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

    def memory_used(self) -> Mapping[JobId, int]:
        """Return the bytes that the connected workers of each job use, from their last heartbeats."""
        used: Counter[JobId] = Counter()
        for worker in self.workers.values():
            if (id_ := job_of(worker.name)) and (bytes_ := worker.metrics.get("memory")):
                used[id_] += int(bytes_)
        return used

    def percents(self) -> list[float]:
        """Return what each connected worker used of one core lately, in percent, from its last heartbeat."""
        return [worker.metrics.get("cpu", 0.0) for worker in self.workers.values()]

    def memory_use(self) -> tuple[int, int]:
        """Return the bytes that the connected workers use, and those that they may use; 0 if one has no limit."""
        workers = self.workers.values()
        limits = [worker.memory_limit or 0 for worker in workers]
        used = sum(int(worker.metrics.get("memory", 0)) for worker in workers)
        return used, sum(limits) if all(limits) else 0

    def tasks_running(self) -> int:
        """Count the tasks that run; those that wait at a worker do not."""
        return sum(min(len(worker.processing), worker.nthreads) for worker in self.workers.values())

    def percents_of_busy(self) -> list[float]:
        """Return what each worker with a task used of one core lately, in percent; 100 where no core was free."""
        metrics = [worker.metrics for worker in self.workers.values() if worker.processing]
        return [100.0 if told.get(HOST_BUSY, 0.0) > FULL else told.get("cpu", 0.0) for told in metrics]

    def prefixes_under_way(self) -> list[str]:
        """Return the prefix of the key of one task of each worker that has any."""
        return [next(iter(worker.processing)).prefix.name for worker in self.workers.values() if worker.processing]

    def kept(self) -> tuple[int, int]:
        """Return how many results the workers keep in memory, and their bytes."""
        workers = self.workers.values()
        return sum(len(worker.has_what) for worker in workers), sum(worker.nbytes for worker in workers)

    async def drop(self, id_: JobId) -> None:
        """Remove the workers of a job that ends, without counting it as a failure of their tasks."""
        for worker in [worker for worker in self.workers.values() if job_of(worker.name) == id_]:
            await self.remove_worker(worker.address, expected=True, stimulus_id="af-lab-outgrew")

    async def retire(self, id_: JobId) -> None:
        """Close the workers of a job after their tasks ended and their data moved to others.

        Dask itself would close a worker in the middle of a task. The worker takes no new tasks meanwhile. Does
        not return while tasks run: the caller limits the time.
        """
        workers = [worker for worker in self.workers.values() if job_of(worker.name) == id_]
        for worker in workers:
            self.handle_worker_status_change(Status.paused, worker, stimulus_id="af-lab-scale-down")
        while any(worker.processing for worker in workers if worker.address in self.workers):
            await asyncio.sleep(RETIRE_POLL)
        addresses = [worker.address for worker in workers if worker.address in self.workers]
        await self.retire_workers(workers=addresses, close_workers=True, remove=True, stimulus_id="af-lab-scale-down")


class _WorkerStatus(WorkerStatusPlugin):
    """A plugin with a unique name; with Dask's common name, a new Cluster object would replace the one before."""

    def __init__(self, scheduler: Scheduler, comm: Comm) -> None:
        self.name = f"worker-status-{uuid.uuid4().hex}"  # type: ignore[misc]
        super().__init__(scheduler, comm)


class _WorkersPlugin(SchedulerPlugin):
    def __init__(self, on_come: Callable[[str, bool], None], on_go: Callable[[str], None]) -> None:
        self._on_come = on_come
        self._on_go = on_go
        # The scheduler no longer knows the name of a worker that disconnected.
        self._names: dict[str, str] = {}
        self._known: set[str] = set()

    def add_worker(self, scheduler: Scheduler, worker: str) -> None:
        """Report that a worker connected."""
        name = self._names[worker] = str(scheduler.workers[worker].name)
        self._on_come(name, name in self._known)
        self._known.add(name)

    def restart(self, scheduler: Scheduler) -> None:
        """Forget the known workers: a client restarts them all."""
        self._known.clear()

    def expect_again(self, workers: list[str]) -> None:
        """Take workers with these addresses for new ones when they connect again."""
        self._known -= {self._names[worker] for worker in workers if worker in self._names}

    def know(self, workers: list[str]) -> None:
        """Take workers with these addresses for lost ones when they connect again."""
        self._known |= {self._names[worker] for worker in workers if worker in self._names}

    def remove_worker(self, scheduler: Scheduler, worker: str, **kwargs: Any) -> None:
        """Report that a worker disconnected."""
        self._on_go(self._names.pop(worker, worker))


def guard(application: Application, secret: str) -> None:
    """Make a web application answer only requests that carry a secret, on every route.

    The check happens before the routing: a secret prefix in the path would not protect anything, because ``/``
    redirects to it.
    """
    find = application.find_handler

    def checked(request: HTTPServerRequest, **kwargs: Any) -> Any:
        # Removed, because Bokeh writes all headers of a request into the page that it returns.
        given = request.headers.pop(SECRET_HEADER, "")
        # An empty secret never grants access.
        if secret and hmac.compare_digest(given.encode(), secret.encode()):
            return find(request, **kwargs)
        return application.get_handler_delegate(request, ErrorHandler, {"status_code": 403})

    application.find_handler = checked  # type: ignore[method-assign]
