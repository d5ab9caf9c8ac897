"""What a scheduler job does before there is a Dask scheduler: it takes its name and asks for its workers.

Matching takes HTCondor about as long as importing Dask takes Python; side by side they cost that time once. So only the
standard library is imported here, and what needs no more.
"""

from __future__ import annotations

import json

from af_lab.condor.description import string
from af_lab.condor.jobs import JobId, JobStatus
from af_lab.condor.queue import Queue
from af_lab.errors import CondorError
from af_lab.manager import ads
from af_lab.manager.ads import SchedulerJob, WorkerJob
from af_lab.manager.folder import ClusterFolder
from af_lab.manager.scaling import jobs_for

__all__ = ["head_start", "look", "submit_workers"]


async def head_start(queue: Queue, folder: ClusterFolder, id_: int) -> str | None:
    """Submit the first workers of the scheduler job with this ``ClusterId``.

    Returns
    -------
    Why the job has to leave, or None: of two clusters that were made with one name at the same moment the older wins.
    """
    job, workers = await look(queue, id_)
    if elder := await _elder(queue, job):
        return f"The name {job.name!r} was taken by job {elder} a moment earlier."
    if not workers and job.workers:
        await submit_workers(queue, folder, id_, jobs_for(job.workers, job.cores))
    return None


async def look(queue: Queue, id_: int) -> tuple[SchedulerJob, list[WorkerJob]]:
    """Return a scheduler job and its worker jobs, by one query."""
    found = await queue.query(f"(ClusterId == {id_}) || ({ads.SCHEDULER} =?= {id_})", ads.PROJECTION)
    own = next((ad for ad in found if ad["ClusterId"] == id_), None)
    if own is None:
        raise CondorError(f"The queue of {queue.owner} does not hold the scheduler job {id_} itself.")
    return SchedulerJob.from_ad(own), [WorkerJob.from_ad(ad) for ad in found if ad["ClusterId"] != id_]


async def submit_workers(queue: Queue, folder: ClusterFolder, id_: int, count: int) -> None:
    """Submit worker jobs of the scheduler job with this ``ClusterId``."""
    description = json.loads(folder.worker_description.read_text(encoding="utf-8"))
    await queue.submit({**description, f"My.{ads.SCHEDULER}": str(id_)}, count)


async def _elder(queue: Queue, job: SchedulerJob) -> JobId | None:
    constraint = (
        f"({ads.NAME} =?= {string(job.name)}) && ClusterId < {job.id.cluster} "
        f"&& JobStatus =!= {JobStatus.REMOVED:d} && JobStatus =!= {JobStatus.COMPLETED:d}"
    )
    found = await queue.query(constraint, ["ClusterId", "ProcId"])
    return min((JobId(ad["ClusterId"], ad["ProcId"]) for ad in found), default=None)
