"""The jobs of one cluster: looked at together, and asked for."""

from __future__ import annotations

import json

from af_lab.condor.queue import Queue
from af_lab.errors import CondorError
from af_lab.manager import ads
from af_lab.manager.ads import SchedulerJob, WorkerJob
from af_lab.manager.folder import ClusterFolder

__all__ = ["look", "submit_workers"]


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
