"""What a worker job runs: Dask workers fitted to the slot that the job got.

dask-jobqueue wrote the command line when the cluster was made. What only the execution point knows replaces parts
of it: the scheduler's address, from the contact file as it was when the job started; the worker's name, from the
job's ad; and the memory limit, from the slot's.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import multiprocessing.forkserver
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

__all__ = ["main", "worker_arguments"]

MEGABYTE = 2**20
# The process that watches over the workers of a job needs memory too.
NANNY_SHARE = 128 * MEGABYTE
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
    parser = argparse.ArgumentParser()
    parser.add_argument("scheduler")
    for replaced in ("--name", "--nthreads", "--memory-limit"):
        parser.add_argument(replaced)
    _, kept = parser.parse_known_args(given)
    processes = int(job["RequestCpus"])
    slot_memory = int(slot["Memory"]) * MEGABYTE
    limit = (slot_memory - min(NANNY_SHARE, slot_memory // 4)) // processes
    name = f"{job['ClusterId']}.{job['ProcId']}-r{job.get('NumJobStarts', '0')}"
    local = [] if "--local-directory" in kept else ["--local-directory", scratch]
    return [
        *(scheduler, "--name", name, "--nworkers", str(processes), "--nthreads", "1"),
        *("--memory-limit", str(limit), "--nanny", "--dashboard-address", "127.0.0.1:0"),
        *("--tls-ca-file", str(here / "authority.pem")),
        *("--tls-cert", str(here / "worker.pem"), "--tls-key", str(here / "worker.pem")),
        *local,
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


def is_same(folder: Path, here: Path) -> bool:
    """Tell whether a folder of the access point is the one that this job runs in."""
    return folder.exists() and folder.samefile(here)


def _start_fork_server() -> None:
    """Start the process from which the workers are forked.

    It imports Dask once for all workers of the job, and while this process imports it too.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(["distributed.worker", "distributed.nanny"])
    multiprocessing.forkserver.ensure_running()


def main() -> NoReturn:
    """Run the workers of this job until their scheduler goes."""
    _start_fork_server()
    import dask.config

    # A worker's HTTP server listens on every interface for its metrics: it gets no routes at all.
    dask.config.set({"distributed.worker.http.routes": [], "distributed.worker.multiprocessing-method": "forkserver"})
    import distributed.utils
    from distributed.cli.dask_worker import main as dask_worker

    # Dask would now import more packages here, for a server that has been started already.
    distributed.utils._forkserver_preload_set = True
    here = Path.cwd()
    job = read_ad(Path(os.environ["_CONDOR_JOB_AD"]))
    arguments = worker_arguments(
        sys.argv[1:],
        wait_for_address(here / "contact.json", shared=is_same(Path(job["Iwd"].strip('"')), here)),
        job,
        read_ad(Path(os.environ["_CONDOR_MACHINE_AD"])),
        here,
        os.environ["_CONDOR_SCRATCH_DIR"],
    )
    dask_worker(arguments)
    sys.exit(0)


if __name__ == "__main__":
    main()
