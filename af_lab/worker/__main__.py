"""What a worker job runs: Dask workers fitted to the slot that the job got.

dask-jobqueue wrote the command line when the cluster was made. What only the execution point knows replaces parts
of it: the scheduler's address, from the contact file as it was when the job started; the worker's name, from the
job's ad; and the memory limit, from the slot's.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import multiprocessing.util
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

__all__ = ["main", "worker_arguments"]

MEGABYTE = 2**20
# The process that watches over the workers of a job needs memory too.
NANNY_SHARE = 128 * MEGABYTE
# Further modules, separated by commas, that the workers of a job find imported.
PRELOAD = "--preload-modules"
# What a configuration may not set: it follows from the slot, or keeps others out.
REPLACED = (
    *("--name", "--nworkers", "--nthreads", "--memory-limit", "--scheduler-file", "--protocol"),
    *("--dashboard-address", "--tls-ca-file", "--tls-cert", "--tls-key"),
)
REPLACED_FLAGS = ("--nanny", "--no-nanny", "--dashboard", "--no-dashboard")
ADDRESS_PATIENCE = 60.0  # seconds that a scheduler may take for its first start


def worker_arguments(
    given: Sequence[str],
    scheduler: str,
    job: Mapping[str, str],
    slot: Mapping[str, str],
    here: Path,
    scratch: str,
) -> list[str]:
    """Return the arguments of ``dask worker`` for this job in this slot.

    Parameters
    ----------
    given
        What dask-jobqueue wrote, with whatever a facility's configuration adds.
    scheduler
        The scheduler's address.
    job, slot
        Attributes of the job's and the slot's ad, as text.
    here
        The folder with the cluster's files: its own where that is shared, else the job's scratch folder.
    scratch
        The job's scratch folder.
    """
    # In full only: Dask has a --preload too.
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("scheduler")
    for replaced in REPLACED:
        parser.add_argument(replaced)
    for replaced in REPLACED_FLAGS:
        parser.add_argument(replaced, action="store_true")
    # A facility writes it with variables that only the execution point knows, such as $TMPDIR.
    parser.add_argument("--local-directory", default=scratch, type=os.path.expandvars)
    parser.add_argument(PRELOAD)
    parsed, kept = parser.parse_known_args(given)
    processes = int(job["RequestCpus"])
    slot_memory = int(slot["Memory"]) * MEGABYTE
    limit = (slot_memory - min(NANNY_SHARE, slot_memory // 4)) // processes
    name = f"{job['ClusterId']}.{job['ProcId']}-r{job.get('NumJobStarts', '0')}"
    return [
        *(scheduler, "--name", name, "--nworkers", str(processes), "--nthreads", "1"),
        *("--memory-limit", str(limit), "--nanny", "--preload-nanny", "af_lab.worker.memory_guard"),
        *("--no-dashboard", "--dashboard-address", "127.0.0.1:0"),
        *("--local-directory", parsed.local_directory or scratch),
        *("--tls-ca-file", str(here / "authority.pem")),
        *("--tls-cert", str(here / "worker.pem"), "--tls-key", str(here / "worker.pem")),
        *kept,
    ]


def read_ad(path: Path) -> dict[str, str]:
    """Return the attributes of an ad file that HTCondor wrote, as text (``Name = expression`` lines)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: value for name, separator, value in (line.partition(" = ") for line in lines) if separator}


def wait_for_address(contact: Path, *, shared: bool) -> str:
    """Return the scheduler's address.

    Parameters
    ----------
    contact
        The scheduler's contact file; it has no address before the scheduler has started for the first time.
    shared
        Whether it is the scheduler's own file, and not a copy made when the job started.
    """
    deadline = time.monotonic() + (ADDRESS_PATIENCE if shared else 0)
    while True:
        address = json.loads(contact.read_text(encoding="utf-8")).get("address")
        if address:
            return str(address)
        if time.monotonic() > deadline:
            sys.exit("This job started before its Dask scheduler had an address; another one will take its place.")
        time.sleep(0.05)


def _start_fork_server(given: Sequence[str]) -> None:
    """Start the process from which the workers are forked, as a fork of this one.

    What this process has imported need not be imported again, and is in memory once. Modules that the configuration
    names are imported by the new process alone.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(PRELOAD, default="")
    named = [name for name in parser.parse_known_args(given)[0].preload_modules.split(",") if name]
    multiprocessing.get_context("forkserver").set_forkserver_preload(named)
    # An interpreter of its own; it would be forked with the next one otherwise.
    multiprocessing.resource_tracker.ensure_running()
    spawn, multiprocessing.util.spawnv_passfds = multiprocessing.util.spawnv_passfds, _fork  # type: ignore[assignment]
    try:
        multiprocessing.forkserver.ensure_running()
    finally:
        # Should the process be lost, the next one begins as an interpreter of its own.
        multiprocessing.util.spawnv_passfds = spawn


def _fork(_python: object, arguments: Sequence[str], kept: Sequence[int]) -> int:
    """Run the program that follows ``-c`` in a fork of this process, with these file descriptors; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for descriptor in map(int, os.listdir("/proc/self/fd")):
            # The end of a pipe that stays open here would let it wait for ever for the end of its parent.
            if descriptor > 2 and descriptor not in kept:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
        exec(arguments[-1], {})  # noqa: S102 - what multiprocessing would hand to the interpreter
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def main() -> NoReturn:
    """Run the workers of this job until their scheduler goes."""
    # What does not fit into memory goes to files.
    os.umask(0o077)
    import dask.config
    import distributed.utils
    from distributed.cli.dask_worker import main as dask_worker

    # While this process has one thread and no event loop.
    _start_fork_server(sys.argv[1:])
    # Dask would now import more packages here, for a server that has been started already.
    distributed.utils._forkserver_preload_set = True
    # A worker's HTTP server listens on every interface for its metrics: it gets no routes at all.
    dask.config.set({"distributed.worker.http.routes": [], "distributed.worker.multiprocessing-method": "forkserver"})
    dask.config.set({"distributed.comm.require-encryption": True})
    # The job ends instead, see af_lab.worker.memory_guard.
    dask.config.set({"distributed.worker.memory.terminate": False})
    here, scratch = Path.cwd(), os.environ["_CONDOR_SCRATCH_DIR"]
    arguments = worker_arguments(
        sys.argv[1:],
        # Files that were transferred lie in the job's scratch folder, and the ad calls that its Iwd.
        wait_for_address(here / "contact.json", shared=not here.samefile(scratch)),
        read_ad(Path(os.environ["_CONDOR_JOB_AD"])),
        read_ad(Path(os.environ["_CONDOR_MACHINE_AD"])),
        here,
        scratch,
    )
    dask_worker(arguments)
    sys.exit(0)


if __name__ == "__main__":
    main()
