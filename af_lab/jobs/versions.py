"""Checks whether the Python of a cluster has the packages it needs, and is compatible with the caller's Python."""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version

from af_lab.errors import EnvironmentMismatch

__all__ = ["Versions", "check_af_lab", "lacking", "mismatches", "own_versions", "probe"]

TIMEOUT = 60.0  # seconds; a cold network file system is slow
# As in worker/requirements.txt; a Python that makes clusters needs more.
NEEDED = ("af-lab", "dask", "distributed", "htcondor")
# Reads what is installed and imports none of it: a tenth of a second.
PROGRAM = """
import importlib.metadata as m, json, platform, sys
def version(name):
    try:
        return m.version(name)
    except m.PackageNotFoundError:
        return None
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in sys.argv[1:]}}))
"""


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
    """Return the versions of this process's Python."""
    return Versions(platform.python_version(), version("dask"), version("distributed"), version("af-lab"))


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


async def probe(path: str) -> Versions:
    """Return the versions that an interpreter has.

    Starts it once, for a moment.

    Raises
    ------
    EnvironmentMismatch
        It does not run, or lacks a package that scheduler or workers need.
    """
    if path == sys.executable:
        return own_versions()
    found = await _ask(path)
    missing = [name for name in NEEDED if found.get(name) is None]
    if missing:
        raise EnvironmentMismatch(
            f"The Python {path} lacks what a cluster needs: {', '.join(missing)}. "
            f"Install it with `{path} -m pip install af-lab`, or choose another environment."
        )
    return Versions(found["python"] or "", found["dask"] or "", found["distributed"] or "", found["af-lab"] or "")


async def lacking(path: str, distributions: Sequence[str]) -> list[str]:
    """Return the given distributions that an interpreter lacks; any version counts.

    Starts it once, for a moment.

    Raises
    ------
    EnvironmentMismatch
        It does not run.
    """
    found = await _ask(path, distributions)
    return [name for name in distributions if found.get(name) is None]


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


async def _ask(path: str, distributions: Sequence[str] = NEEDED) -> dict[str, str | None]:
    try:
        process = await asyncio.create_subprocess_exec(
            *(path, "-P", "-c", PROGRAM, *distributions),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise _does_not_run(path, str(error)) from None
    try:
        async with asyncio.timeout(TIMEOUT):
            out, err = await process.communicate()
        answer: dict[str, str | None] = dict(json.loads(out.decode().strip().splitlines()[-1]))
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise EnvironmentMismatch(f"The Python {path} did not answer within {TIMEOUT:g} s.") from None
    except (ValueError, TypeError, IndexError):
        said = err.decode(errors="replace").strip().splitlines()
        raise _does_not_run(path, said[-1] if said else "it printed nothing") from None
    return answer


def _does_not_run(path: str, why: str) -> EnvironmentMismatch:
    return EnvironmentMismatch(
        f"The Python {path} does not run: {why.rstrip('.')}. A cluster needs Python 3.11 or newer with af-lab."
    )
