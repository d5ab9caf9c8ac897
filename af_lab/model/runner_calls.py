"""The calls that a cluster's runner answers: handlers of its Dask scheduler, by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CLUSTER_NAME", "PROTOCOL", "SECRET_HEADER", "DashboardPlace", "RunnerCall"]


SECRET_HEADER = "X-Af-Lab-Secret"  # noqa: S105 - the header's name
"""The header with the cluster's secret in requests to the scheduler's HTTP side."""


CLUSTER_NAME = "af_lab_cluster"
"""The cluster's name in the identity of its Dask scheduler."""


PROTOCOL = "tls"
"""The protocol of schedulers, workers and clients (a backend of `distributed.comm`)."""


class RunnerCall(StrEnum):
    """A handler of a runner."""

    SNAPSHOT = "af_lab_snapshot"
    """Returns the snapshot."""
    CHANGE = "af_lab_change"
    """Returns the snapshot as soon as its sequence number differs from ``after``, at most ``timeout`` s later."""
    WORKERS = "af_lab_workers"
    """Returns every worker's job."""
    TIMELINE = "af_lab_timeline"
    """Returns the counts over time."""
    NUDGE = "af_lab_nudge"
    """Queries the queue at once, because the wanted workers changed; returns the snapshot."""
    DASHBOARD = "af_lab_dashboard"
    """Opens the pages of the dashboard; returns a `DashboardPlace`."""


@dataclass(frozen=True)
class DashboardPlace:
    """Where the pages of a Dask scheduler are.

    Attributes
    ----------
    problem
        Why there is no dashboard; None if there is.
    """

    problem: str | None
    host: str
    port: int
