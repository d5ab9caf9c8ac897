"""Dask's HTML of schedulers and clusters, without the links that no browser can open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from distributed.objects import SchedulerInfo

__all__ = ["ClusterSchedulerInfo", "hide_dashboard", "without_empty_links"]

# Dask shows the row even if there is no dashboard.
EMPTY_LINK = re.compile(
    r'<td[^>]*>\s*<strong>\s*Dashboard:\s*</strong>\s*<a\s+href="(?:None)?"[^>]*>\s*(?:None)?\s*</a>\s*</td>'
)


class ClusterSchedulerInfo(SchedulerInfo):
    """The identity of a cluster's scheduler, without the ports of web pages.

    The scheduler's pages need the cluster's secret, and the workers have none.
    """

    def __init__(self, identity: Mapping[str, Any]) -> None:
        super().__init__(identity)
        for server in (self, *self["workers"].values()):
            hide_dashboard(server)

    def _repr_html_(self) -> str:
        html: str = super()._repr_html_()  # type: ignore[no-untyped-call]
        return without_empty_links(html)


def hide_dashboard(server: Any) -> None:
    """Remove the port of the web pages from the identity of a scheduler or a worker."""
    services = dict(server.get("services") or {})
    services.pop("dashboard", None)
    server["services"] = services


def without_empty_links(html: str) -> str:
    """Return HTML of Dask without the cells of dashboards that are not there."""
    return EMPTY_LINK.sub("", html)
