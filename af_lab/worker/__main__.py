"""The entry point of a worker job: Dask workers adjusted to the slot of the job."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

from af_lab.worker.arguments import local_directory, worker_arguments
from af_lab.worker.dask_settings import apply_dask_settings
from af_lab.worker.fork_server import start_fork_server
from af_lab.worker.own_folders import leave_files, private_folder, short_folder_for_sockets
from af_lab.worker.own_keys import find_keys_by_address
from af_lab.worker.protocol import read_ad
from af_lab.worker.semaphores import name_semaphores

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
    scratch = os.environ["_CONDOR_SCRATCH_DIR"]
    files = leave_files(scratch)
    short_folder_for_sockets(scratch)
    name_semaphores()
    import dask.config

    apply_dask_settings(files / "dask.json")
    find_keys_by_address(files)
    import distributed.utils
    from distributed.cli.dask_worker import main as dask_worker

    # Behind the imports above: a module of the user must not stand in for one of theirs.
    sys.path.insert(0, os.getcwd())
    # Now, while this process has one thread and no event loop.
    start_fork_server(sys.argv[1:])
    # Otherwise Dask would import more packages here, for a server that has been started already.
    distributed.utils._forkserver_preload_set = True
    # A worker's HTTP server listens on every interface for its metrics, so it gets no routes.
    dask.config.set({"distributed.worker.http.routes": [], "distributed.worker.multiprocessing-method": "forkserver"})
    dask.config.set({"distributed.comm.require-encryption": True})
    # The job ends instead, see af_lab.worker.memory_guard.
    dask.config.set({"distributed.worker.memory.terminate": False})
    arguments = worker_arguments(
        sys.argv[1:],
        # Transferred files are in the job's scratch folder.
        wait_for_address(files / "contact.json", shared=not files.samefile(scratch)),
        read_ad(Path(os.environ["_CONDOR_JOB_AD"])),
        read_ad(Path(os.environ["_CONDOR_MACHINE_AD"])),
        files,
        private_folder(local_directory(sys.argv[1:], scratch)),
    )
    dask_worker(arguments)
    sys.exit(0)


if __name__ == "__main__":
    main()
