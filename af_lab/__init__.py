"""Dask clusters on HTCondor, for the analysis facilities of high-energy physics.

>>> import af_lab
>>> cluster = af_lab.cluster("dimuon", workers=20)
>>> client = cluster.get_client()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from af_lab._version import __version__
    from af_lab.notebook.api import cluster, clusters, connect, pool
    from af_lab.notebook.cluster import Cluster
    from af_lab.runs.checkpoint import Checkpoint
    from af_lab.runs.executor import BatchExecutor, batch, batches

__all__ = [
    "BatchExecutor",
    "Checkpoint",
    "Cluster",
    "__version__",
    "batch",
    "batches",
    "cluster",
    "clusters",
    "connect",
    "pool",
]

# Imported at first use: workers and helpers import af_lab too, and must start quickly and stay small.
_WHERE = {
    "BatchExecutor": "af_lab.runs.executor",
    "Checkpoint": "af_lab.runs.checkpoint",
    "Cluster": "af_lab.notebook.cluster",
    "__version__": "af_lab._version",
    "batch": "af_lab.runs.executor",
    "batches": "af_lab.runs.executor",
    "cluster": "af_lab.notebook.api",
    "clusters": "af_lab.notebook.api",
    "connect": "af_lab.notebook.api",
    "pool": "af_lab.notebook.api",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'af_lab' has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
