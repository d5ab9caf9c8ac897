"""Check whether the Python of the caller and that of a cluster are compatible."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from af_lab.errors import EnvironmentMismatch
from af_lab.jobs.interpreters import is_own
from af_lab.jobs.runtimes import Runtime, examine
from af_lab.jobs.versions import mismatches, own_versions
from af_lab.model.info import ClusterInfo
from af_lab.model.spec import ClusterSpec

__all__ = ["check_cluster", "check_spec", "other_python"]


async def check_spec(spec: ClusterSpec) -> Runtime | None:
    """Check the Python of a cluster before the cluster is created.

    Returns
    -------
    Runtime or None
        What its jobs will run in; None if that is this Python, which needs no check.

    Raises
    ------
    EnvironmentMismatch
        The cluster's Python is too different from this one, or lacks a package.
    """
    if is_own(spec.environment.path):
        return None
    runtime = await examine(spec.environment, spec.directory)
    _check(spec.name, runtime.python, runtime.versions.as_dict())
    return runtime


def other_python(info: ClusterInfo) -> str | None:
    """Say in words that a cluster runs in another Python than this one; None if it is the same."""
    path = info.environment.path
    if is_own(path):
        return None
    return (
        f"The cluster {info.name!r} runs in {path}, this notebook or script in {sys.executable}: its workers import "
        "the packages that are installed there."
    )


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
