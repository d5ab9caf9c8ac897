"""The settings of Dask that a cluster's creator passes on to its jobs."""

from __future__ import annotations

import json
from pathlib import Path

import dask.config

__all__ = ["apply_dask_settings"]


def apply_dask_settings(path: Path) -> None:
    """Apply the settings in a file of a cluster; one that an earlier af_lab made has none.

    They override the machine's own files. Some count only if they are set before `distributed` is imported.
    """
    if path.exists():
        dask.config.update(dask.config.config, json.loads(path.read_text(encoding="utf-8")), priority="new")
