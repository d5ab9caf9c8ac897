"""The routes of the interface, below ``<base_url>af-lab/api``."""

from __future__ import annotations

from jupyter_server.base.handlers import JupyterHandler

from af_lab.model.spec import NAME_PATTERN
from af_lab.server import api_documents, clusters, dashboards, events, examples, facility_handlers, runs, workers
from af_lab.server.base import NotFound

__all__ = ["ROUTES"]

CLUSTER = rf"/clusters/({NAME_PATTERN})"
RUN = rf"/runs/({NAME_PATTERN})"
WORKER = rf"{CLUSTER}/workers/([1-9][0-9]{{0,8}}\.(?:0|[1-9][0-9]{{0,8}}))"

ROUTES: list[tuple[str, type[JupyterHandler]]] = [
    (r"/?", facility_handlers.RootHandler),
    (r"/clusters", clusters.ClustersHandler),
    (CLUSTER, clusters.ClusterHandler),
    (rf"{CLUSTER}/release", clusters.ClusterReleaseHandler),
    (rf"{CLUSTER}/workers", workers.WorkersHandler),
    (WORKER, workers.WorkerHandler),
    (rf"{WORKER}/release", workers.ReleaseHandler),
    (rf"{CLUSTER}/timeline", workers.TimelineHandler),
    (rf"{CLUSTER}/logs", workers.LogsHandler),
    (rf"{CLUSTER}/explain", workers.ExplainHandler),
    (rf"{CLUSTER}/plots", dashboards.PlotsHandler),
    (rf"{CLUSTER}/dashboard/(.*)", dashboards.DashboardHandler),
    (r"/runs", runs.RunsHandler),
    (RUN, runs.RunHandler),
    (rf"{RUN}/cancel", runs.CancelHandler),
    (rf"{RUN}/again", runs.AgainHandler),
    (rf"{RUN}/tasks", runs.FailedTasksHandler),
    (rf"{RUN}/logs", runs.TaskLogHandler),
    (r"/pool", facility_handlers.PoolHandler),
    (r"/match", facility_handlers.MatchHandler),
    *examples.ROUTES,
    (r"/events", events.EventsHandler),
    (r"/openapi\.yaml", api_documents.OpenApiHandler),
    (r"/events\.schema\.json", api_documents.EventsSchemaHandler),
    (r"/.*", NotFound),
]
