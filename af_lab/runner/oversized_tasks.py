"""Tasks that outgrow the memory of their worker: each waits for a worker with more, as long as one is expected.

Dask would give such a task to one worker after another. Each would die, and after four workers the task would fail,
although a worker with more memory is about to start.
"""

from __future__ import annotations

import time
from typing import Any

from distributed.protocol import pickle
from distributed.scheduler import TaskState, WorkerState

from af_lab.condor.job import JobId
from af_lab.model.ads import WorkerJob
from af_lab.model.counting import job_of
from af_lab.model.memory_growth import grown_memory
from af_lab.runner.observed import Observed
from af_lab.runner.scheduler import GuardedScheduler
from af_lab.wording import size
from af_lab.worker.protocol import MEMORY_RESOURCE

__all__ = ["OutgrownTasks"]

STIMULUS = "af-lab-outgrew"


class OutgrownTasks:
    """The tasks of one cluster that outgrew a worker.

    Parameters
    ----------
    scheduler, observed
        The cluster's Dask scheduler and worker jobs.
    asked
        Bytes that the cluster's specification asks for, for each job.
    cores
        Worker processes of each job.
    """

    def __init__(self, scheduler: GuardedScheduler, observed: Observed, asked: int, cores: int) -> None:
        self._scheduler = scheduler
        self._observed = observed
        self._asked = asked
        self._cores = cores
        # Jobs that end and will run again with more memory.
        self._growing: set[JobId] = set()
        self._taken_by: dict[JobId, str] = {}

    async def outgrew(self, worker: str, by: str = "") -> None:
        """Remove the workers of a job that ends because one of them outgrew its memory.

        Parameters
        ----------
        worker
            Address of the one that uses the most.
        by
            Which other processes use more than it, in words; "" if none do.
        """
        state = self._scheduler.workers.get(worker)
        id_ = None if state is None else job_of(state.name)
        job = None if id_ is None else self._observed.jobs.get(id_)
        if state is None or job is None:
            return
        self._taken_by[job.id] = by
        if grown_memory(job, self._asked):
            self._growing.add(job.id)
            _hold_back(state)
        else:
            text = (
                f"outgrew {size(job.memory_asked)}, the most that a job gets if it asked for {size(self._asked)}"
                f"{f'; {by}' if by else ''}. Split the work into smaller tasks, or make a cluster with more memory."
            )
            self._observed.trouble(time.time(), job.id, text)
            self._fail(state, MemoryError(f"A worker {text}"))
        await self._scheduler.drop(job.id)

    def taken_by(self, id_: JobId) -> str:
        """Return which processes beside its workers took the memory of a job that outgrew it; "" if none did."""
        return self._taken_by.get(id_, "")

    def came(self, id_: JobId) -> None:
        """Note that a worker of a job connected: the job now has its final memory."""
        self._growing.discard(id_)
        self._taken_by.pop(id_, None)

    def let_run(self) -> None:
        """Allow tasks to run anywhere if they wait for more memory than any worker has or will have."""
        self._growing &= self._observed.jobs.keys()
        self._taken_by = {id_: by for id_, by in self._taken_by.items() if id_ in self._observed.jobs}
        there = (job for job in self._observed.jobs.values() if job.id not in self._observed.dismissed)
        most = max(map(self._memory_of, there), default=0) // self._cores
        freed: dict[Any, Any] = {}
        for task in self._scheduler.unrunnable:
            restrictions = task.resource_restrictions or {}
            if restrictions.get(MEMORY_RESOURCE, 0) > most:
                del restrictions[MEMORY_RESOURCE]
                freed[task.key] = "processing"
        if freed:
            self._scheduler.transitions(freed, STIMULUS)

    def _memory_of(self, job: WorkerJob) -> int:
        """Return the bytes that a job has, or will have."""
        grown = grown_memory(job, self._asked) if job.id in self._growing else None
        return grown or job.memory_asked

    def _fail(self, worker: WorkerState, error: MemoryError) -> None:
        if task := _task_of(worker):
            self._scheduler.handle_task_erred(
                task.key,
                STIMULUS,
                worker=worker.address,
                run_id=task.run_id,
                exception=pickle.dumps(error),
                exception_text=repr(error),
                traceback=None,
                traceback_text="",
            )


def _hold_back(worker: WorkerState) -> None:
    """Restrict the task that outgrew a worker to workers with more memory."""
    if (task := _task_of(worker)) and MEMORY_RESOURCE in worker.resources:
        needed = {MEMORY_RESOURCE: worker.resources[MEMORY_RESOURCE] + 1}
        task.resource_restrictions = {**(task.resource_restrictions or {}), **needed}


def _task_of(worker: WorkerState) -> TaskState | None:
    """Return the task that a worker computes.

    A task that the last heartbeat reported, and that has not finished, is certain. Otherwise, it is the worker's next
    task by priority. If the guess is wrong, the next worker that outgrows its memory corrects it.
    """
    told = [task for task in worker.executing if task in worker.processing]
    return next(iter(told or sorted(worker.processing, key=lambda task: task.priority or ())), None)
