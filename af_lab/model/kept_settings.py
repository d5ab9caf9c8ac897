"""The settings of a cluster's creator, passed on to its scheduler job.

A scheduler job sees the facility's files of Dask's configuration, but neither the environment variables nor the
`dask.config.set` of the process that made the cluster.
"""

from __future__ import annotations

import json

import dask.config

from af_lab import config
from af_lab.model.folder import ClusterFolder

__all__ = ["apply_settings", "keep_settings"]

SECTIONS = ("scheduler", "adaptive", "worker")


def keep_settings(folder: ClusterFolder) -> None:
    """Write the settings that a scheduler needs into its cluster's folder."""
    kept = {section: config.get(section) for section in SECTIONS}
    folder.write(folder.settings, json.dumps(kept, default=str).encode())


def apply_settings(folder: ClusterFolder) -> None:
    """Apply the settings that `keep_settings` wrote."""
    kept = json.loads(folder.settings.read_text(encoding="utf-8"))
    dask.config.update(dask.config.config, {"af-lab": kept}, priority="new")
