"""The arguments of `dask worker`, adjusted to the slot of a job.

dask-jobqueue wrote the command line when the cluster was made. Values that only the execution point knows replace
parts of it: the scheduler's address, from the contact file as it was when the job started; the worker's name, from the
job's ad; and the memory limit, from the slot's.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from af_lab.worker.protocol import MEGABYTE, PRELOAD

__all__ = ["local_directory", "worker_arguments"]

# The process that watches over the workers of a job needs memory too.
NANNY_SHARE = 128 * MEGABYTE
# Options that a configuration may not set: they follow from the slot, or keep other users out.
REPLACED = (
    *("--name", "--nworkers", "--nthreads", "--memory-limit", "--scheduler-file", "--protocol"),
    *("--dashboard-address", "--tls-ca-file", "--tls-cert", "--tls-key"),
)
REPLACED_FLAGS = ("--nanny", "--no-nanny", "--dashboard", "--no-dashboard")


def local_directory(given: Sequence[str], scratch: str) -> str:
    """Return the folder for the workers' own files: the one that a facility names, or the job's scratch folder."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    # A facility may use variables that only the execution point knows, such as $TMPDIR.
    parser.add_argument("--local-directory", default=scratch, type=os.path.expandvars)
    return str(parser.parse_known_args(given)[0].local_directory or scratch)


def worker_arguments(
    given: Sequence[str],
    scheduler: str,
    job: Mapping[str, str],
    slot: Mapping[str, str],
    here: Path,
    local: str,
) -> list[str]:
    """Return the arguments of ``dask worker`` for this job in this slot.

    Parameters
    ----------
    given
        The arguments that dask-jobqueue wrote, with additions from a facility's configuration.
    scheduler
        The scheduler's address.
    job, slot
        Attributes of the job's and the slot's ad, as text.
    here
        The folder with the cluster's files: its own where that is shared, else the job's scratch folder.
    local
        The folder for the workers' own files.
    """
    # No abbreviations, because Dask has an option --preload too.
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("scheduler")
    for replaced in REPLACED:
        parser.add_argument(replaced)
    for replaced in REPLACED_FLAGS:
        parser.add_argument(replaced, action="store_true")
    parser.add_argument("--local-directory")
    parser.add_argument(PRELOAD)
    _, kept = parser.parse_known_args(given)
    processes = int(job["RequestCpus"])
    slot_memory = int(slot["Memory"]) * MEGABYTE
    limit = (slot_memory - min(NANNY_SHARE, slot_memory // 4)) // processes
    name = f"{job['ClusterId']}.{job['ProcId']}-r{job.get('NumJobStarts', '0')}"
    return [
        *(scheduler, "--name", name, "--nworkers", str(processes), "--nthreads", "1"),
        *("--memory-limit", str(limit), "--nanny", "--preload-nanny", "af_lab.worker.memory_guard"),
        *("--no-dashboard", "--dashboard-address", "127.0.0.1:0"),
        *("--local-directory", local),
        *("--tls-ca-file", str(here / "authority.pem")),
        *("--tls-cert", str(here / "worker.pem"), "--tls-key", str(here / "worker.pem")),
        *kept,
    ]
