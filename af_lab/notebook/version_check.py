"""Check whether the Python of the caller and that of a cluster are compatible."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from af_lab.errors import EnvironmentMismatch
from af_lab.jobs.environments import PathEnvironment
from af_lab.jobs.versions import mismatches, own_versions, probe
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import ClusterSpec

__all__ = ["check_cluster", "check_spec"]


async def check_spec(spec: ClusterSpec) -> None:
    """Check the Python of a cluster before the cluster is created.

    Raises
    ------
    EnvironmentMismatch
        The cluster's Python is too different from this one, or lacks a package.
    """
    path = spec.environment.path
    if path != PathEnvironment(path=sys.executable).path:
        _check(spec.name, path, (await probe(path)).as_dict())


def check_cluster(info: ClusterInfo) -> None:
    """Check the Python of an existing cluster; raises as `check_spec` does."""
    found = info.environment
    _check(info.name, found.path, {"python": found.python, "dask": found.dask, "distributed": found.distributed})


def _check(name: str, path: str, theirs: Mapping[str, str]) -> None:
    if apart := mismatches(own_versions(), theirs):
        raise EnvironmentMismatch(
            f"This Python ({sys.executable}) and that of the cluster {name!r} ({path}) are not compatible: "
            f"{'; '.join(apart)}. Use the cluster from a kernel of its own environment, or create a cluster with this "
            "Python: leave out `environment`, and choose another name if this one is taken."
        )
