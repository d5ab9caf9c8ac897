"""Settings: the section ``af-lab`` of Dask's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dask.config
import yaml

from af_lab.errors import SettingError
from af_lab.setting_kinds import duration
from af_lab.setting_problems import SECTION, Problem, Source, find_problems, lookup, read_sources

__all__ = ["duration", "get", "problems", "seconds", "sources", "usable"]

# Before the defaults are merged, in which a section of a wrong type would be lost.
_SOURCES = tuple(read_sources())

with (Path(__file__).parent / "af_lab.yaml").open(encoding="utf-8") as _file:
    _DEFAULTS: Any = yaml.safe_load(_file)
dask.config.update_defaults(_DEFAULTS)


def sources() -> tuple[Source, ...]:
    """Return the files and environment variables that Dask's configuration in this process comes from."""
    return _SOURCES


def problems() -> list[Problem]:
    """Return what is wrong with the section; `af_lab.jobs.sites` checks the sites in it more closely."""
    return find_problems(sources(), dask.config.get(SECTION))


def get(key: str) -> Any:
    """Return a setting, or a section, named below the section: ``get("condor.timeout")``.

    Raises
    ------
    SettingError
        It is wrong.
    """
    if (problem := _problem(key)) is not None:
        raise SettingError(problem.message)
    return dask.config.get(f"{SECTION}.{key}")


def usable(key: str) -> Any:
    """Return a setting; the default of af_lab if it is wrong."""
    return get(key) if _problem(key) is None else _default(key)


def seconds(key: str) -> float:
    """Return a setting that is a duration, in seconds; raises as `get` does."""
    return duration(str(get(key)))


def _problem(key: str) -> Problem | None:
    """Return the problem of a setting, of a section that it is in, or of one that is in it."""
    full = f"{SECTION}.{key}"
    effective = lookup(dask.config.config, full.split("."))
    for problem in problems():
        if problem.is_unknown or not (f"{full}.".startswith(f"{problem.key}.") or problem.key.startswith(f"{full}.")):
            continue
        # A program may have set what a file has wrong.
        if problem.source is None or effective == _default(key) or _is_in_effect(problem):
            return problem
    return None


def _is_in_effect(problem: Problem) -> bool:
    now = find_problems((), dask.config.get(SECTION))
    return any(problem.key == other.key for other in now)


def _default(key: str) -> Any:
    return lookup(_DEFAULTS, [SECTION, *key.split(".")])
