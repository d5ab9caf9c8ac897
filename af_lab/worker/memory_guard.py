"""Guard that ends a worker job that outgrows its memory, so that it runs again with more; a preload of Dask's nannies.

Dask itself would kill the one worker and restart it with the same memory, until the task that needs more has killed
four workers. It would not see what the worker's children use at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from distributed.system import MEMORY_LIMIT
from tornado.ioloop import PeriodicCallback

from af_lab.worker.job_memory import JobMemory, JobProcess
from af_lab.worker.protocol import MEGABYTE, MEMORY_RESOURCE, OUTGREW, OUTGREW_CALL, read_ad
from af_lab.worker.worker_memory import measure_memory_of

if TYPE_CHECKING:
    from distributed import Nanny

__all__ = ["MemoryGuard", "Pace", "by_worker", "dask_setup", "others"]

EVERY = 200  # milliseconds between two checks
TOO_MUCH = 0.95  # of the job's memory; Dask's own threshold for killing a worker
SURE = 0.05  # seconds until the memory is measured a second time before the job ends
FAREWELL = 2.0  # seconds that the notification of the scheduler may take
EXACT_EVERY = 1.0  # seconds between two exact measurements
EXACT_SHARE = 0.05  # of the time at most that exact measurements take

_guards: list[MemoryGuard] = []


async def dask_setup(nanny: Nanny) -> None:
    """Watch the memory of a nanny's worker, together with the other processes of the job."""
    job = read_ad(Path(os.environ["_CONDOR_JOB_AD"]))
    share = int(job["RequestMemory"]) * MEGABYTE // int(job["RequestCpus"])
    nanny.resources = {**(nanny.resources or {}), MEMORY_RESOURCE: share}
    measure_memory_of(nanny)
    if not _guards:
        slot = int(read_ad(Path(os.environ["_CONDOR_MACHINE_AD"]))["Memory"]) * MEGABYTE
        _guards.append(MemoryGuard(min(slot, MEMORY_LIMIT)))
        PeriodicCallback(_guards[0].look, EVERY).start()
    _guards[0].nannies.append(nanny)


@dataclass(frozen=True)
class Pace:
    """When to measure exactly, which is expensive, while the cheap upper bound exceeds the limit.

    Attributes
    ----------
    after
        Time of the next measurement.
    enough
        Upper bound from which on it is too late to wait for that.
    """

    after: float = 0.0
    enough: float = 0.0

    def is_due(self, bound: int, now: float) -> bool:
        """Return whether to measure now."""
        return now >= self.after or bound > self.enough

    @classmethod
    def measured(cls, bound: int, room: float, begun: float, now: float) -> Pace:
        """Return the pace after a measurement.

        Parameters
        ----------
        bound
            The upper bound at that time.
        room
            Bytes that were missing to the limit.
        begun, now
            When the measurement began and ended.
        """
        return cls(now + max(EXACT_EVERY, (now - begun) / EXACT_SHARE), bound + room)


class MemoryGuard:
    """Ends this job when its processes outgrow its memory.

    Parameters
    ----------
    memory
        Bytes of the job's slot. All processes of the job count: workers, what their tasks start, Dask's nannies.

    Attributes
    ----------
    nannies
        Those of the job; each has one worker.
    """

    def __init__(self, memory: int) -> None:
        self.nannies: list[Nanny] = []
        self._memory = memory
        self._limit = TOO_MUCH * memory
        self._used = JobMemory(os.environ)
        self._pace = Pace()

    async def look(self) -> None:
        """End the job if it uses too much."""
        bound, begun = self._used.at_most(), time.monotonic()
        if bound <= self._limit or not self._pace.is_due(bound, begun):
            return
        used = self._used.total(self._used.processes())
        self._pace = Pace.measured(bound, self._limit - used, begun, time.monotonic())
        if used > self._limit:
            # A program that just starts may still be in the memory of the process that starts it.
            await asyncio.sleep(SURE)
            processes = self._used.processes()
            if (used := self._used.total(processes)) > self._limit:
                await self._end(used, processes)

    async def _end(self, used: int, processes: list[JobProcess]) -> None:
        """End the job; notify the scheduler first, so that it does not give the same task to the next worker."""
        workers = {nanny.process.pid: nanny for nanny in self.nannies if nanny.process and nanny.process.pid}
        by = others(processes, workers, os.getpid(), _program)
        print(
            f"The processes of this job use {used / 1e9:.3g} GB of the {self._memory / 1e9:.3g} GB they may have"
            f"{f'; {by}' if by else ''}. The job ends and runs again with more.",
            flush=True,
        )
        try:
            _suspend(processes)
            each = by_worker(processes, workers)
            if workers:
                hungriest = workers[max(workers, key=lambda pid: each[pid])]
                # Only if there is something to say: the runner may be of an older version.
                details = {"by": by} if by else {}
                async with asyncio.timeout(FAREWELL):
                    await getattr(hungriest.scheduler, OUTGREW_CALL)(worker=hungriest.worker_address, **details)
        finally:
            # At once: there may be no memory for anything else.
            os._exit(OUTGREW)


def by_worker(processes: Collection[JobProcess], workers: Collection[int]) -> Counter[int]:
    """Return the bytes of each worker together with the processes that its tasks started; 0 is for all others."""
    parents = {process.pid: process.parent for process in processes}
    tally: Counter[int] = Counter()
    for process in processes:
        tally[_first(process.pid, parents, workers)] += process.memory
    return tally


def others(processes: Collection[JobProcess], workers: Collection[int], own: int, program: Callable[[int], str]) -> str:
    """Say which program uses more than any worker itself; "" if none does.

    Parameters
    ----------
    processes
        All processes of the job.
    workers
        Ids of the workers.
    own
        Id of the process of Dask's nannies, from which the workers are forked.
    program
        Returns the name of the program that a process runs.
    """
    parents = {process.pid: process.parent for process in processes}
    tally: Counter[str] = Counter()
    pids: dict[str, list[int]] = {}
    for process in processes:
        if process.pid not in workers and _first(process.pid, parents, {own, *workers}) != own:
            name = program(process.pid)
            tally[name] += process.memory
            pids.setdefault(name, []).append(process.pid)
    name, memory = max(tally.items(), key=lambda item: item[1], default=("", 0))
    if memory <= max((process.memory for process in processes if process.pid in workers), default=0):
        return ""
    which = f"process {pids[name][0]}" if len(pids[name]) == 1 else f"{len(pids[name])} processes"
    return f'{memory / 1e9:.3g} GB were used by "{name}" ({which}), not by a Dask worker'


def _first(pid: int, parents: Mapping[int, int], among: Collection[int]) -> int:
    """Return the nearest of some processes that a process is or descends from; 0 if there is none."""
    while pid and pid not in among:
        pid = parents.get(pid, 0)
    return pid


def _program(pid: int) -> str:
    """Return the name of the program that a process runs, without its arguments: they may hold secrets."""
    with contextlib.suppress(psutil.Error):
        return "".join(filter(str.isprintable, psutil.Process(pid).name()))
    return "unknown"


def _suspend(processes: Iterable[JobProcess]) -> None:
    """Suspend all processes but this one and those that started it."""
    here = psutil.Process()
    spared = {here.pid, *(parent.pid for parent in here.parents())}
    for process in processes:
        if process.pid not in spared:
            with contextlib.suppress(psutil.Error):
                psutil.Process(process.pid).suspend()
