"""What Dask takes for the memory of a worker, counted as for its job; a preload of Dask's workers.

Dask itself counts the pages of mapped files as well. A worker that keeps a large file mapped would pause for ever.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import dask.config

from af_lab.worker.host_cpu import HostCpu
from af_lab.worker.job_memory import resident
from af_lab.worker.protocol import HOST_BUSY

if TYPE_CHECKING:
    from distributed import Nanny, Worker

__all__ = ["dask_setup", "measure_memory_of"]


async def dask_setup(worker: Worker) -> None:
    """Have a worker spill data and pause by the memory that only it can free, and say how busy its machine is."""
    worker.monitor.get_process_memory = partial(resident, os.getpid())  # type: ignore[method-assign]
    host = HostCpu()
    worker.metrics[HOST_BUSY] = lambda _: host.look()


def measure_memory_of(nanny: Nanny) -> None:
    """Add this module to what the worker of a nanny loads at its start."""
    # What Dask would use if a nanny has none of its own.
    given = nanny.preload or dask.config.get("distributed.worker.preload")
    nanny.preload = [*([given] if isinstance(given, str) else given), __name__]
    arguments = nanny.preload_argv or dask.config.get("distributed.worker.preload-argv")
    # Either the arguments of all modules, or a list of arguments for each.
    if arguments and not isinstance(arguments[0], str):
        arguments = [*arguments, []]
    nanny.preload_argv = arguments
