"""The versions that have to agree in two Pythons that exchange tasks."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module

from af_lab._version import __version__
from af_lab.errors import EnvironmentMismatch

__all__ = ["Versions", "check_af_lab", "mismatches", "own_versions"]


@dataclass(frozen=True)
class Versions:
    """The versions that have to agree in two Pythons that exchange tasks."""

    python: str
    dask: str
    distributed: str
    af_lab: str

    def as_dict(self) -> dict[str, str]:
        """Return the versions by name."""
        return asdict(self)


@cache
def own_versions() -> Versions:
    """Return the versions of what this process imports, whatever the metadata of its packages says."""
    return Versions(platform.python_version(), _version_of("dask"), _version_of("distributed"), __version__)


def _version_of(module: str) -> str:
    """Return the version that a module of this process says of itself."""
    return str(import_module(module).__version__)


def check_af_lab(path: str, versions: Versions) -> None:
    """Check that the af_lab of an environment can run a cluster that this one describes.

    Raises
    ------
    EnvironmentMismatch
        Their minor versions differ.
    """
    own = own_versions().af_lab
    if _minor(own) != _minor(versions.af_lab):
        raise EnvironmentMismatch(
            f"The Python {path} has af_lab {versions.af_lab}, and the cluster would be made by af_lab {own}. "
            f"Install the same version with `{path} -m pip install af-lab=={own}`, or choose another environment."
        )


def mismatches(own: Versions, theirs: Mapping[str, str]) -> list[str]:
    """Say in words where two environments are too far apart to exchange tasks.

    Python's minor version determines the byte code of functions; the minor versions of dask and distributed (year
    and month) determine their messages.
    """
    lines = []
    for name in ("python", "dask", "distributed"):
        here, there = getattr(own, name), theirs.get(name)
        if there is not None and _minor(here) != _minor(there):
            lines.append(f"{name} {here} here, {there} in the cluster")
    return lines


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
