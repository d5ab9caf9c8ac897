"""The JSON objects of the REST interface and the events; `openapi.yaml` describes each."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from af_lab.condor.explain import Explanation
from af_lab.condor.pool import PoolOverview, Share
from af_lab.errors import AfLabError
from af_lab.manager.explanation import PoolMatch
from af_lab.model.info import ClusterInfo, time_json
from af_lab.model.snapshot import TimelinePoint, WorkerInfo
from af_lab.server.api_path import API

__all__ = [
    "Json",
    "cluster_json",
    "explanation_json",
    "health_json",
    "match_json",
    "path_of",
    "pool_json",
    "timeline_json",
    "workers_json",
]

Json = dict[str, Any]


def path_of(name: str, *parts: str) -> str:
    """Return the path of a cluster, or of something below it, relative to the server's base URL."""
    # A name has no character that would have to be escaped.
    return "/".join((API, "clusters", name, *parts))


def cluster_json(info: ClusterInfo) -> Json:
    """Return a cluster; it has a dashboard while its scheduler runs."""
    told = info.as_json()
    if info.state == "running":
        told["dashboard_url"] = path_of(info.name, "dashboard", "status")
    return told


def health_json(trouble: AfLabError | None, seen: datetime.datetime | None) -> Json:
    """Return whether HTCondor answers; if not, also why, and when it last did."""
    told = None if seen is None or trouble is None else time_json(seen.timestamp())
    message, code = (None, None) if trouble is None else (str(trouble), type(trouble).__name__)
    return {"ok": trouble is None, "message": message, "code": code, "seen": told}


def workers_json(workers: Iterable[WorkerInfo]) -> list[Json]:
    """Return workers' jobs."""
    return [asdict(worker) | {"since": time_json(worker.since)} for worker in workers]


def timeline_json(points: Iterable[TimelinePoint]) -> list[Json]:
    """Return the counts from each moment on."""
    return [{"when": time_json(point.when), "counts": asdict(point.counts)} for point in points]


def explanation_json(explanation: Explanation) -> Json:
    """Return why workers are missing."""
    return asdict(explanation)


def match_json(match: PoolMatch) -> Json:
    """Return how many jobs of a specification could run now and in an empty pool, in total and by site."""
    return {
        "now": sum(site.now for site in match.sites),
        "ever": sum(site.ever for site in match.sites),
        "sites": [asdict(site) for site in match.sites],
        "never": list(match.never),
        "fits": match.fits
        and {name: getattr(match.fits, name) for name in ("cores", "memory", "disk", "gpus", "arch", "sites")},
    }


def pool_json(overview: PoolOverview, shares: Iterable[Share], seen: datetime.datetime) -> Json:
    """Return the resources of the pool, how much of them is in use, and by whom."""
    return {
        "cores": overview.cores,
        "busy_cores": overview.busy_cores,
        "parts": [asdict(part) for part in overview.parts],
        "shares": [asdict(share) for share in shares],
        "seen": time_json(seen.timestamp()),
    }
