"""The runtime of a cluster: the interpreter, the environment and the packages that its jobs really have.

The command of an environment is not always the interpreter: a shim chooses one by the current folder, a launcher sets
the environment of another. And what is installed is not always what is imported: a checkout on PYTHONPATH or a user's
own packages come first. So a Python is asked in the environment in which the jobs will run.
"""

from __future__ import annotations

import asyncio
import os
import site
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dask.config

from af_lab.errors import EnvironmentMismatch
from af_lab.jobs.environment_script import changed_variables, job_variables
from af_lab.jobs.environments import Environment, KernelEnvironment, PathEnvironment
from af_lab.jobs.interpreters import interpreter_at, is_own
from af_lab.jobs.kernels import KernelCommand, kernel_variables, kernels_of, plain_python
from af_lab.jobs.questions import ask_imports, ask_modules
from af_lab.jobs.started_kernels import start_once
from af_lab.jobs.versions import Versions, own_versions

__all__ = ["Runtime", "examine", "kernel_python"]

ROOT = "/"


@dataclass(frozen=True)
class Runtime:
    """What the jobs of a cluster run in.

    Attributes
    ----------
    python
        The interpreter.
    versions
        The versions of the packages that it imports.
    variables
        The environment variables of the jobs; values may be secret.
    """

    python: str
    versions: Versions
    variables: Mapping[str, str]


async def examine(environment: Environment, directory: str) -> Runtime:
    """Find out what the jobs of an environment will run in.

    Parameters
    ----------
    environment
        The environment of a specification.
    directory
        The folder of the cluster's tasks, in which a shim or a launcher chooses its Python.

    Raises
    ------
    EnvironmentMismatch
        The environment does not run, or lacks a package that scheduler or workers need; or a job would import
        other packages than this process, which is of the same environment.
    """
    python, kernel = environment.path, dict[str, str]()
    own = isinstance(environment, PathEnvironment) and is_own(python)
    if own:
        kernel = await asyncio.to_thread(_own_variables)
    elif isinstance(environment, KernelEnvironment):
        python, kernel = await kernel_python(_command(environment), directory)
    if not await asyncio.to_thread(_is_binary, python):
        python, kernel = await _behind_wrapper(python, kernel, directory)
    found = await _examine(python, kernel, own=own)
    if not _same_program(found.python, python):
        # Some shims are no scripts.
        python, kernel = await _behind_wrapper(python, kernel, directory)
        found = await _examine(python, kernel, own=own)
    if not _same_program(found.python, python):
        raise EnvironmentMismatch(
            f"The Python {environment.path} starts {python} here, but {found.python} in a job. "
            "Name the Python that you mean: environment={'path': ...}."
        )
    return found


def _command(environment: KernelEnvironment) -> KernelCommand:
    try:
        return environment.command
    except ValueError as error:
        raise EnvironmentMismatch(f"The kernel {environment.kernel!r} cannot be used: {error}.") from None


async def _behind_wrapper(python: str, kernel: dict[str, str], directory: str) -> tuple[str, dict[str, str]]:
    """Return what a wrapper starts in the user's folder and environment, and the variables that it sets as well."""
    here = dict(os.environ) | kernel
    answer = await ask_modules(python, here, directory)
    changed = changed_variables(here, answer.environment) | _of_flags(frozenset(answer.flags))
    return answer.executable, kernel | changed


async def kernel_python(command: KernelCommand, directory: str) -> tuple[str, dict[str, str]]:
    """Return the interpreter of a kernel, and the environment variables that it sets.

    Parameters
    ----------
    command
        How Jupyter starts the kernel. If that is a launcher, it is started once.
    directory
        The folder in which it is started.

    Raises
    ------
    EnvironmentMismatch
        There is no such interpreter, or the kernel does not start.
    """
    try:
        python = plain_python(command)
    except ValueError as error:
        raise EnvironmentMismatch(f"The kernel {command.name!r} does not run: {error}.") from None
    if python is not None:
        return python, kernel_variables(command, os.environ) | _of_flags(command.flags)
    started = await start_once(command, directory)
    return started.executable, dict(started.variables) | _of_flags(frozenset(started.flags))


def _of_flags(flags: frozenset[str]) -> dict[str, str]:
    """Return the variables that do what the options of an interpreter do; jobs are started without the options."""
    return {"PYTHONNOUSERSITE": "1"} if flags & {"s", "I"} else {}


def _own_variables() -> dict[str, str]:
    """Return the variables that make a job's Python find what this process finds."""
    variables = kernels_of(interpreter_at(sys.executable), os.environ)
    if sys.flags.no_user_site:
        return variables | {"PYTHONNOUSERSITE": "1"}
    # A job may have another home folder.
    return variables | ({"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {})


async def _examine(python: str, kernel: Mapping[str, str], *, own: bool) -> Runtime:
    """Ask an interpreter in the environment of a job; `own` if it has to be as in this process."""
    spawn = dask.config.get("distributed.nanny.pre-spawn-environ", {})
    variables = job_variables(python, kernel, os.environ, spawn)
    asked = _at_home(variables)
    if is_own(python):
        # Without importing them a second time, if they are the same files.
        modules = await ask_modules(python, asked, ROOT)
        others = modules.differences()
        if not others:
            return Runtime(modules.executable, own_versions(), variables)
        if own:
            raise EnvironmentMismatch(
                f"A job would not import what this Python ({python}) has imported: {'; '.join(others)}. "
                "Set PYTHONPATH before Python starts, rather than sys.path in it; or remove what hides the other."
            )
    answer = await ask_imports(python, asked, ROOT)
    return Runtime(answer.executable, answer.versions(python), variables)


def _at_home(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables with the home folder, which jobs have as well."""
    return dict(variables) | {"HOME": os.path.expanduser("~")}


def _is_binary(path: str) -> bool:
    """Return whether a program is not a script; a script is a wrapper or a shim."""
    try:
        with open(path, "rb") as program:
            return program.read(4) == b"\x7fELF"
    except OSError:
        # What is wrong with it is said when it is started.
        return True


def _same_program(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:
        return one == other
