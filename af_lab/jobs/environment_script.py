"""The environment variables of jobs, and the shell scripts that set them."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping

from af_lab.jobs.submit_commands import VARIABLE_NAME

__all__ = ["changed_variables", "job_variables", "script"]

# A worker computes in one thread; HTCondor would let each library use all cores of the job.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
# The output of a task is in the log at once, and is not lost when the job is killed.
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
# HTCondor starts jobs with an almost empty environment. A Python needs these variables to find its libraries.
INHERITED = ("CONDOR_CONFIG", "LANG", "AF_LAB_HOME")
# Those decide which modules, libraries and headers a Python finds.
SEARCHED = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "LD_LIBRARY_PATH"),
    *("CONDA_PREFIX", "VIRTUAL_ENV", "ROOTSYS", "ROOT_INCLUDE_PATH", "CLING_STANDARD_PCH", "CPPYY_BACKEND_LIBRARY"),
    *("CPLUS_INCLUDE_PATH", "C_INCLUDE_PATH"),
)
# Folders in these are made absolute, because jobs run in another folder.
PATHS = ("PYTHONPATH", "LD_LIBRARY_PATH", "ROOT_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "C_INCLUDE_PATH")
# What Jupyter and the shell set for one process, and what only this machine's session knows.
OF_ONE_PROCESS = re.compile(r"(JPY|JUPYTERHUB|JUPYTER)_.*|SHLVL|PWD|OLDPWD|_")
SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


def job_variables(
    python: str, kernel: Mapping[str, str], inherited: Mapping[str, str], spawn: Mapping[str, object]
) -> dict[str, str]:
    """Return the environment variables of scheduler and workers, without those that the user sets.

    Parameters
    ----------
    python
        The interpreter of the jobs.
    kernel
        The variables that a Jupyter kernel sets.
    inherited
        The environment variables of the process that makes the cluster, of which a few are passed on.
    spawn
        The variables that Dask sets before it starts a worker (``distributed.nanny.pre-spawn-environ``). Some have an
        effect only before the first allocation of memory of the process that the workers are forked from.
    """
    variables = {name: inherited[name] for name in (*INHERITED, *SEARCHED) if name in inherited}
    variables |= dict(kernel) | ONE_THREAD | UNBUFFERED | {name: str(value) for name, value in spawn.items()}
    variables = {name: value for name, value in variables.items() if VARIABLE_NAME.fullmatch(name)}
    for name in PATHS:
        if name in variables and not (folders := _absolute(variables[name])):
            del variables[name]
        elif name in variables:
            variables[name] = ":".join(folders)
    searched = [os.path.dirname(python), *_absolute(kernel.get("PATH") or inherited.get("PATH", "")), *SYSTEM_PATH]
    return variables | {"PATH": ":".join(dict.fromkeys(searched))}


def changed_variables(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a launcher or a wrapper set or changed, without those that mean nothing elsewhere."""
    return {
        name: value for name, value in after.items() if before.get(name) != value and not OF_ONE_PROCESS.fullmatch(name)
    }


def script(variables: Mapping[str, str]) -> str:
    """Return the shell script that sets environment variables.

    It is sent as a file of its owner, because every user can read the environment in a job's ad.
    """
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _absolute(folders: str) -> list[str]:
    return [os.path.abspath(folder) for folder in folders.split(":") if folder]
