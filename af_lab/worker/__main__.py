"""The entry point of a worker job: Dask workers adjusted to the slot of the job."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

from af_lab.worker.arguments import worker_arguments
from af_lab.worker.fork_server import start_fork_server
from af_lab.worker.protocol import read_ad

__all__ = ["main"]

ADDRESS_PATIENCE = 60.0  # seconds that a scheduler may take for its first start


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


def main() -> NoReturn:
    """Run the workers of this job until their scheduler ends."""
    # Dask spills data from memory to files, which other users must not read.
    os.umask(0o077)
    import dask.config
    import distributed.utils
    from distributed.cli.dask_worker import main as dask_worker

    # Now, while this process has one thread and no event loop.
    start_fork_server(sys.argv[1:])
    # Otherwise Dask would import more packages here, for a server that has been started already.
    distributed.utils._forkserver_preload_set = True
    # A worker's HTTP server listens on every interface for its metrics, so it gets no routes.
    dask.config.set({"distributed.worker.http.routes": [], "distributed.worker.multiprocessing-method": "forkserver"})
    dask.config.set({"distributed.comm.require-encryption": True})
    # The job ends instead, see af_lab.worker.memory_guard.
    dask.config.set({"distributed.worker.memory.terminate": False})
    here, scratch = Path.cwd(), os.environ["_CONDOR_SCRATCH_DIR"]
    arguments = worker_arguments(
        sys.argv[1:],
        # Transferred files are in the job's scratch folder, which the ad calls its Iwd.
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
