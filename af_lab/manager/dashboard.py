"""The web pages of a cluster's Dask scheduler: their address and the credentials for them, and a link for a browser."""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from af_lab.errors import AfLabError, ClusterFailed
from af_lab.manager.runner_client import RunnerClient
from af_lab.model.ads import SchedulerJob

__all__ = ["BROWSER", "LINK", "Dashboard", "find_dashboard", "link_for_browser"]

LINK = "AF_LAB_DASHBOARD_LINK"
"""Environment variable with the path of a cluster's dashboard on the Jupyter server, with ``{name}`` in it. The server
sets it for its kernels and terminals."""

BROWSER = "AF_LAB_BROWSER_ADDRESS_FILE"
"""Environment variable with the path of a file. The server writes into it what comes before the path of the dashboard
in the browser, as in ``https://hub.example.org``, once it knows that."""


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

    A browser cannot open the scheduler's own pages, because they need the cluster's secret. The link can be pasted into
    the browser that shows the Jupyter server. Until the panel is open in a browser, the server does not know its own
    address there: the link is then relative to the host that the browser shows, as is usual for Dask behind JupyterHub.

    Returns
    -------
    "" if there is no such server.
    """
    # A name has no character that would have to be escaped.
    path = os.environ.get(LINK, "").replace("{name}", name)
    return f"{_browser_address()}{path}" if path else ""


def _browser_address() -> str:
    """Return what comes before the path in the browser; "" if it is not known."""
    try:
        address = Path(os.environ[BROWSER]).read_text(encoding="utf-8")
    except (KeyError, OSError, UnicodeDecodeError):
        return ""
    return address if re.fullmatch(r"https?://[^/\s]+", address) else ""


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
