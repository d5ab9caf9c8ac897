"""Settings: the section ``af-lab`` of Dask's configuration, and where af_lab keeps its files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dask.config
import yaml

__all__ = ["get", "home"]

with (Path(__file__).parent / "af_lab.yaml").open(encoding="utf-8") as _file:
    dask.config.update_defaults(yaml.safe_load(_file))


def get(key: str) -> Any:
    """Return a setting, named below the section: ``get("condor.timeout")``."""
    return dask.config.get(f"af-lab.{key}")


def home() -> Path:
    """Return the folder of everything that af_lab keeps: ``$AF_LAB_HOME``, else the user's data directory."""
    if chosen := os.environ.get("AF_LAB_HOME"):
        return Path(chosen).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser().absolute() / "af-lab"
