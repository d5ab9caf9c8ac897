"""Stopping clusters: what is lost with them, and the wait until their jobs have left the queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from af_lab.cli.unknown_name import no_such_cluster
from af_lab.cli.waiting import NotInTime, ProgressLine
from af_lab.errors import ClusterNotFound
from af_lab.manager.manager import ClusterManager
from af_lab.model.cluster_queue import cluster_constraint
from af_lab.model.info import ClusterInfo
from af_lab.wording import count, enumerate_words, size

__all__ = ["choose", "farewell", "loss", "stop"]

POLL_FIRST, POLL_GROWTH, POLL_LAST = 0.3, 1.5, 3.0  # seconds between two queries of the schedd
LONGEST = 60.0  # seconds to wait until the jobs have left the queue
SWEEP_AFTER = 5.0  # seconds after which jobs that are still there may be orphans


def choose(infos: Sequence[ClusterInfo], names: Sequence[str]) -> list[ClusterInfo]:
    """Return the clusters of these names, also those that have ended; without names, all that exist.

    Raises
    ------
    ClusterNotFound
        One of the names belongs to no cluster.
    """
    if not names:
        return [info for info in infos if info.exists]
    # If a name was used again, it means the cluster that exists.
    by_name = {info.name: info for info in sorted(infos, key=lambda info: (info.exists, info.id))}
    for name in names:
        if name not in by_name:
            nothing = " Nothing was stopped." if len(names) > 1 else ""
            raise ClusterNotFound(no_such_cluster(name, list(by_name)) + nothing)
    return [by_name[name] for name in dict.fromkeys(names)]


def loss(info: ClusterInfo) -> str:
    """Return what is lost with a cluster that exists: ``12 workers and 340 results (1.2 GB) in their memory``."""
    what = []
    if info.counts.connected:
        what.append(count(info.counts.connected, "worker"))
    if info.counts.waiting:
        what.append(count(info.counts.waiting, "waiting worker"))
    if info.kept_results:
        what.append(f"{count(info.kept_results, 'result')} ({size(info.kept_bytes)}) in their memory")
    if info.state == "running" and info.idle_since is None and info.counts.connected:
        what.append("its running tasks")
    return enumerate_words(what) or "no workers"


def farewell(info: ClusterInfo) -> str:
    """Return a message that a cluster is stopped, and what it had before."""
    if info.state == "ended":
        return f"The cluster {info.name!r} had already ended; it is no longer listed."
    return f"The cluster {info.name!r} is stopped; it had {loss(info)}."


async def stop(manager: ClusterManager, clusters: Sequence[ClusterInfo], *, as_json: bool) -> list[ClusterInfo]:
    """End clusters, wait until their jobs are gone, and return the clusters as they were before.

    Raises
    ------
    NotInTime
        Some jobs are still there.
    """
    for info in clusters:
        await manager.shutdown(info.name)
    with ProgressLine(as_json=as_json) as line:
        await _until_gone(manager, clusters, line)
    return list(clusters)


async def _until_gone(manager: ClusterManager, clusters: Sequence[ClusterInfo], line: ProgressLine) -> None:
    """Wait until no job of clusters is in the queue; raises as `stop` does."""
    if not clusters:
        return
    ours = " || ".join(cluster_constraint(info.id) for info in clusters)
    names = enumerate_words([repr(info.name) for info in clusters])
    begun, rest = time.monotonic(), POLL_FIRST
    while left := await manager.queue.query(ours, ["ClusterId"]):
        waited = time.monotonic() - begun
        line.show(f"Waiting until the jobs of {names} are gone: {len(left)} left")
        if waited > LONGEST:
            raise NotInTime(
                f"{names}: stopped, but {count(len(left), 'job')} did not leave the queue within {LONGEST:g} s. "
                "HTCondor removes them when it can reach the machines where they run; `condor_q` shows them."
            )
        if waited > SWEEP_AFTER:
            await manager.sweep()
        await asyncio.sleep(rest)
        rest = min(rest * POLL_GROWTH, POLL_LAST)
