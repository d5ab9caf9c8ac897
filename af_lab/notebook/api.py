"""The functions of `af_lab` for notebooks and scripts: clusters by their names, and the pool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import dask.config
from distributed.utils import LoopRunner

from af_lab.jobs.dask_jobqueue import warn_of_unused_settings
from af_lab.manager.manager import ClusterManager
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import make_spec
from af_lab.notebook.cluster import Cluster
from af_lab.notebook.cluster_client import adopt_clients

if TYPE_CHECKING:
    from af_lab.condor.pool import PoolOverview

__all__ = ["cluster", "clusters", "connect", "pool"]

T = TypeVar("T")

# `Client(address)` finds the keys of the user's own clusters by itself; a loader that is already configured stays.
dask.config.update_defaults(
    {"distributed": {"client": {"security-loader": "af_lab.notebook.security_loader.security_for"}}}
)
adopt_clients()


@cache
def _manager() -> ClusterManager:
    """Return the manager of this process, so that its helper processes serve all its clusters."""
    return ClusterManager()


def cluster(
    name: str = "default",
    *,
    workers: int | None = None,
    adapt: tuple[int, int] | None = None,
    asynchronous: bool = False,
    **shape: Any,
) -> Cluster:
    """Return a cluster by its name; create it if it does not exist.

    Waits for the Dask scheduler, which takes about a second, but not for the workers.

    Parameters
    ----------
    name
        Unique among your clusters: letters, digits and ``_.-``.
    workers
        Number of Dask worker processes that a new cluster starts with. An existing cluster keeps its number.
    adapt
        Instead of `workers`: minimum and maximum number of workers of a new cluster, which scales with its tasks.
    asynchronous
        Return a cluster object that must be awaited.
    **shape
        ``cores`` and ``memory`` of each worker job, and other fields of `ClusterSpec`.

    Raises
    ------
    SpecError, LimitExceeded
        A value is not valid, or exceeds a limit; nothing was submitted.
    EnvironmentMismatch
        The cluster's Python lacks a package or is too different from this one; nothing was submitted.
    ClusterExists
        The cluster exists with a different shape; the message lists the differences.
    ClusterFailed
        Its scheduler could not start; the message says why.
    CondorUnavailable
        HTCondor does not answer.

    Examples
    --------
    >>> cluster = af_lab.cluster("dimuon", workers=20, cores=1, memory="2 GB")
    >>> client = cluster.get_client()
    """
    warn_of_unused_settings()
    asked = {"name": name, "workers": workers, "adapt": adapt}
    given = {field: value for field, value in asked.items() if value is not None} | shape
    return Cluster(make_spec(given), _manager(), create=True, asynchronous=asynchronous)


def connect(name: str = "default", *, asynchronous: bool = False) -> Cluster:
    """Return an existing cluster; never create one.

    Raises
    ------
    ClusterNotFound
        You have no cluster of that name, or it has ended.
    ClusterFailed
        The cluster has failed; the message says why.
    EnvironmentMismatch
        Its Python is too different from this one.
    CondorUnavailable
        HTCondor does not answer.
    """
    return Cluster(make_spec({"name": name}), _manager(), create=False, asynchronous=asynchronous)


def clusters() -> list[ClusterInfo]:
    """Return information about all your clusters, created anywhere, including those that ended within a day."""
    return _answer(_manager().clusters)


def pool() -> PoolOverview:
    """Return the resources of the pool, how much of them is busy, and how much you and others have used.

    Sends queries to the collector.
    """
    return _answer(_manager().pool)


def _answer(question: Callable[[], Awaitable[T]]) -> T:
    answer: T = LoopRunner().run_sync(question)
    return answer
