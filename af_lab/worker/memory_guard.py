"""Guard that ends a worker job that outgrows its memory, so that it runs again with more; a preload of Dask's nannies.

Dask itself would kill the one worker and restart it with the same memory, until the task that needs more has killed
four workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from tornado.ioloop import PeriodicCallback

from af_lab.worker.protocol import MEGABYTE, MEMORY_RESOURCE, OUTGREW, OUTGREW_CALL, read_ad

if TYPE_CHECKING:
    from distributed import Nanny

__all__ = ["dask_setup"]

EVERY = 200  # milliseconds between two checks
TOO_MUCH = 0.95  # of the workers' memory; Dask's own threshold for killing a worker
FAREWELL = 2.0  # seconds that the notification of the scheduler may take

_nannies: list[Nanny] = []


async def dask_setup(nanny: Nanny) -> None:
    """Watch the memory of a nanny's worker, together with the other workers of the job."""
    job = read_ad(Path(os.environ["_CONDOR_JOB_AD"]))
    share = int(job["RequestMemory"]) * MEGABYTE // int(job["RequestCpus"])
    nanny.resources = {**(nanny.resources or {}), MEMORY_RESOURCE: share}
    _nannies.append(nanny)
    if len(_nannies) == 1:
        PeriodicCallback(_look, EVERY).start()


async def _look() -> None:
    limit = sum(nanny.memory_manager.memory_limit or 0 for nanny in _nannies)
    used = sum(map(_memory_of, _nannies))
    if limit and used > TOO_MUCH * limit:
        print(
            f"The workers of this job use {used / 1e9:.3g} GB of the {limit / 1e9:.3g} GB they may have: "
            "the job ends and runs again with more.",
            flush=True,
        )
        await _end(max(_nannies, key=_memory_of))


async def _end(hungriest: Nanny) -> None:
    """End the job; notify the scheduler first, so that it does not give the same task to the next worker."""
    try:
        for nanny in _nannies:
            if process := _process_of(nanny):
                process.suspend()
        async with asyncio.timeout(FAREWELL):
            await getattr(hungriest.scheduler, OUTGREW_CALL)(worker=hungriest.worker_address)
    finally:
        # At once: there may be no memory for anything else.
        os._exit(OUTGREW)


def _process_of(nanny: Nanny) -> psutil.Process | None:
    """Return a nanny's worker; None while it has none."""
    pid = None if nanny.process is None else nanny.process.pid
    with contextlib.suppress(psutil.NoSuchProcess):
        return None if pid is None else psutil.Process(pid)
    return None


def _memory_of(nanny: Nanny) -> int:
    """Return the bytes that a nanny's worker has in memory."""
    with contextlib.suppress(psutil.NoSuchProcess):
        if process := _process_of(nanny):
            return int(process.memory_info().rss)
    return 0
