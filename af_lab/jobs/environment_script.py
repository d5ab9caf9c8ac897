"""The environment variables of a job, as a shell script that is sent with it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from af_lab.jobs.environments import Environment

__all__ = ["environment_script"]

# A worker computes in one thread; HTCondor would let each library use all cores of the job.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
# The output of a task is in the log at once, and is not lost when the job is killed.
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
# HTCondor starts jobs with an almost empty environment. A Python needs these variables to find its libraries.
INHERITED = ("CONDOR_CONFIG", "LANG", "AF_LAB_HOME")
SEARCHED = ("PYTHONPATH", "LD_LIBRARY_PATH")


def environment_script(environment: Environment, variables: Mapping[str, str], inherited: Mapping[str, str]) -> str:
    """Return the shell script that sets the environment variables of a job.

    It is sent as a file of its owner, because every user can read the environment in a job's ad.

    Parameters
    ----------
    environment
        The Python of the job.
    variables
        The variables that the user sets; they override all others.
    inherited
        The environment variables of this process, of which a few are passed on.
    """
    exported = {name: inherited[name] for name in INHERITED if name in inherited} | ONE_THREAD | UNBUFFERED
    for name in SEARCHED:
        # Absolute, because jobs run in another folder.
        if folders := [os.path.abspath(part) for part in inherited.get(name, "").split(":") if part]:
            exported[name] = ":".join(folders)
    exported["PATH"] = f"{os.path.dirname(environment.path)}:/usr/local/bin:/usr/bin:/bin"
    exported |= variables
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in exported.items())
