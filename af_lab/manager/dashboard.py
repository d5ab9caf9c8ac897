"""The web pages of a cluster's Dask scheduler: their address and the credentials for them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from af_lab.errors import AfLabError, ClusterFailed
from af_lab.manager.runner_client import RunnerClient
from af_lab.model.ads import SchedulerJob

__all__ = ["Dashboard", "find_dashboard"]


@dataclass(frozen=True)
class Dashboard:
    """The web pages of one run of a scheduler.

    Attributes
    ----------
    host, port
        Address of the HTTPS server.
    secret
        Value of the header `SECRET_HEADER`, which each request must have.
    tls
        Client credentials of the cluster; they accept only a server of the same cluster.
    """

    host: str
    port: int
    secret: str = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)

    def url(self, scheme: str, address: str) -> str:
        """Return the URL of a page; `address` is its path without the first slash, with its query."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}/{address}"


async def find_dashboard(job: SchedulerJob) -> Dashboard:
    """Ask a runner to open its dashboard; the first call takes a second or two.

    Raises
    ------
    ClusterFailed
        The scheduler does not answer.
    AfLabError
        The cluster has no dashboard.
    """
    place = await RunnerClient(job).open_dashboard()
    if place is None:
        raise ClusterFailed(
            f"The Dask scheduler of the cluster {job.name!r} does not answer at the moment, "
            "so its dashboard is not available."
        )
    if place.problem:
        raise AfLabError(
            f"The cluster {job.name!r} has no dashboard: {place.problem.rstrip('.')}. Its Python, "
            f"{job.spec.environment.path}, needs Bokeh: `{job.spec.environment.path} -m pip install bokeh`, "
            "then create the cluster again."
        )
    folder = job.files
    return Dashboard(
        host=place.host,
        port=place.port,
        secret=folder.http_secret.read_text(encoding="utf-8"),
        tls=folder.security().get_connection_args("client")["ssl_context"],
    )
