"""Questions to an interpreter: which modules it finds, and which versions it imports."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from af_lab.errors import EnvironmentMismatch
from af_lab.jobs.versions import Versions

__all__ = ["Imports", "Modules", "ask_imports", "ask_metadata", "ask_modules"]

TIMEOUT = 60.0  # seconds; a cold network file system is slow
# As in worker/requirements.txt, by the names of modules; a Python that makes clusters needs more.
NEEDED = {"af_lab": "af-lab", "dask": "dask", "distributed": "distributed", "htcondor2": "htcondor"}
# The answer stands behind this mark: a sitecustomize or an activation may print something before or after it.
MARK = "af_lab answers: "
# Imports none of the modules: a twentieth of a second.
FIND = f"""
import importlib.util as u, json, os, sys
def origin(name):
    try:
        return u.find_spec(name).origin
    except (ImportError, ValueError, AttributeError):
        return None
print({MARK!r} + json.dumps({{
    "executable": sys.executable,
    "flags": "s" * sys.flags.no_user_site,
    "environment": dict(os.environ),
    "modules": {{n: origin(n) for n in sys.argv[1:]}},
}}))
"""
IMPORT = f"""
import importlib, json, platform, sys
def version(name):
    try:
        return getattr(importlib.import_module(name), "__version__", ""), None
    except BaseException as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == name
        return None, None if absent else f"{{type(error).__name__}}: {{error}}"
print({MARK!r} + json.dumps({{
    "executable": sys.executable,
    "python": platform.python_version(),
    "modules": {{n: version(n) for n in sys.argv[1:]}},
}}))
"""
METADATA = f"""
import importlib.metadata as m, json, sys
def installed(name):
    try:
        return m.version(name)
    except m.PackageNotFoundError:
        return None
print({MARK!r} + json.dumps({{n: installed(n) for n in sys.argv[1:]}}))
"""


@dataclass(frozen=True)
class Modules:
    """Where an interpreter finds modules.

    Attributes
    ----------
    executable
        The interpreter, as it calls itself.
    flags
        The one-letter options of Python that decide what it imports.
    environment
        Its environment variables.
    origins
        The file of each module; None if it is not found.
    """

    executable: str
    flags: str
    environment: Mapping[str, str]
    origins: Mapping[str, str | None]

    def differences(self) -> list[str]:
        """Say in words which modules this process finds elsewhere."""
        lines = []
        for name, there in self.origins.items():
            spec = importlib.util.find_spec(name)
            here = None if spec is None else spec.origin
            if here and (there is None or os.path.realpath(here) != os.path.realpath(there)):
                lines.append(f"{name} is {here} here, {there or 'absent'} in a job")
        return lines


@dataclass(frozen=True)
class Imports:
    """What an interpreter imports.

    Attributes
    ----------
    executable
        The interpreter, as it calls itself.
    python
        Its version.
    modules
        Of each module the version, and the error if its import failed.
    """

    executable: str
    python: str
    modules: Mapping[str, tuple[str | None, str | None]]

    def versions(self, path: str) -> Versions:
        """Return the versions of what a cluster needs.

        Raises
        ------
        EnvironmentMismatch
            Something is missing, or cannot be imported.
        """
        missing = [NEEDED[name] for name, (version, error) in self.modules.items() if version is None and not error]
        if missing:
            raise EnvironmentMismatch(
                f"The Python {path} lacks what a cluster needs: {', '.join(missing)}. "
                f"Install it with `{path} -m pip install af-lab`, or choose another environment."
            )
        for name, (_, error) in self.modules.items():
            if error:
                raise EnvironmentMismatch(
                    f"The Python {path} cannot import {name}: {error.rstrip('.')}. Mend that environment (PYTHONPATH "
                    "and a user's own packages count), or choose another one."
                )
        dask, distributed, af_lab = (self.modules[name][0] or "" for name in ("dask", "distributed", "af_lab"))
        return Versions(self.python, dask, distributed, af_lab)


async def ask_modules(path: str, environment: Mapping[str, str], directory: str) -> Modules:
    """Ask an interpreter where it finds what a cluster needs; raises `EnvironmentMismatch` if it does not run."""
    answer = await _ask(path, FIND, list(NEEDED), environment, directory)
    return Modules(answer["executable"], answer["flags"], answer["environment"], answer["modules"])


async def ask_imports(path: str, environment: Mapping[str, str], directory: str) -> Imports:
    """Let an interpreter import what a cluster needs; raises `EnvironmentMismatch` if it does not run."""
    answer = await _ask(path, IMPORT, list(NEEDED), environment, directory)
    modules = {name: (version, error) for name, (version, error) in answer["modules"].items()}
    return Imports(answer["executable"], answer["python"], modules)


async def ask_metadata(
    path: str, distributions: Sequence[str], environment: Mapping[str, str]
) -> dict[str, str | None]:
    """Ask an interpreter which distributions are installed; raises `EnvironmentMismatch` if it does not run."""
    return await _ask(path, METADATA, distributions, environment, "/")


async def _ask(
    path: str, program: str, words: Sequence[str], environment: Mapping[str, str], directory: str
) -> dict[str, Any]:
    try:
        process = await asyncio.create_subprocess_exec(
            *(path, "-P", "-c", program, *words),
            env=environment,
            cwd=directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise _does_not_run(path, str(error)) from None
    try:
        async with asyncio.timeout(TIMEOUT):
            out, err = await process.communicate()
    except TimeoutError:
        raise EnvironmentMismatch(f"The Python {path} did not answer within {TIMEOUT:g} s.") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        line = next(line for line in out.decode(errors="replace").splitlines() if MARK in line)
        answer: dict[str, Any] = dict(json.loads(line.partition(MARK)[2]))
    except (StopIteration, ValueError, TypeError):
        said = [line for line in err.decode(errors="replace").splitlines() if line.strip()]
        raise _does_not_run(path, said[-1].strip() if said else "it printed nothing") from None
    return answer


def _does_not_run(path: str, why: str) -> EnvironmentMismatch:
    return EnvironmentMismatch(
        f"The Python {path} does not run: {why.rstrip('.')}. A cluster needs Python 3.11 or newer with af-lab."
    )
