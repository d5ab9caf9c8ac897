"""The web pages of a cluster's Dask scheduler: their address and the credentials for them, and a link for a browser."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field

from af_lab.errors import AfLabError, ClusterFailed
from af_lab.manager.runner_client import RunnerClient
from af_lab.model.ads import SchedulerJob

__all__ = ["LINK", "Dashboard", "find_dashboard", "link_for_browser"]

LINK = "AF_LAB_DASHBOARD_LINK"
"""Environment variable with the path of a cluster's dashboard on the Jupyter server, with ``{name}`` in it. The server
sets it for its kernels and terminals."""


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


def link_for_browser(name: str) -> str:
    """Return the link to a cluster's dashboard through the Jupyter server that this process belongs to.

    A browser cannot open the scheduler's own pages, because they need the cluster's secret. The link is relative to
    the host that the browser shows, as is usual for Dask behind JupyterHub.

    Returns
    -------
    "" if there is no such server.
    """
    # A name has no character that would have to be escaped.
    return os.environ.get(LINK, "").replace("{name}", name)


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
