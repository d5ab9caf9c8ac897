"""Settings: the section ``af-lab`` of Dask's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.config
import yaml

__all__ = ["get"]

with (Path(__file__).parent / "af_lab.yaml").open(encoding="utf-8") as _file:
    dask.config.update_defaults(yaml.safe_load(_file))


def get(key: str) -> Any:
    """Return a setting, named below the section: ``get("condor.timeout")``."""
    return dask.config.get(f"af-lab.{key}")
