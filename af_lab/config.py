"""Settings: the section ``af-lab`` of Dask's configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dask.config
import yaml
from dask.utils import parse_timedelta

from af_lab.errors import SpecError

__all__ = ["duration", "get", "seconds"]

with (Path(__file__).parent / "af_lab.yaml").open(encoding="utf-8") as _file:
    dask.config.update_defaults(yaml.safe_load(_file))


def get(key: str) -> Any:
    """Return a setting, named below the section: ``get("condor.timeout")``."""
    return dask.config.get(f"af-lab.{key}")


def seconds(key: str) -> float:
    """Return a setting that is a duration, in seconds.

    Raises
    ------
    SpecError
        The setting is not a duration.
    """
    try:
        return duration(str(get(key)))
    except ValueError as error:
        raise SpecError(f"The setting af-lab.{key} is wrong: {error}.") from None


def duration(text: str) -> float:
    """Return the seconds of a duration such as ``2 h`` or ``10 min``.

    Raises
    ------
    ValueError
        The text is not a duration.
    """
    try:
        # Dask knows only "minutes" and "m".
        return float(parse_timedelta(re.sub(r"\bmins?\b", "minutes", text)))
    except (LookupError, ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a duration; write '2 h', '30 min' or a number of seconds") from None
