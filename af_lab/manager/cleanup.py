"""Removal of worker jobs and folders that clusters have left behind."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from af_lab.condor.job import JobStatus
from af_lab.condor.queue import Ad, Queue
from af_lab.disk_errors import storage_errors
from af_lab.home import af_lab_home
from af_lab.model import ads
from af_lab.model.folder import clusters_of

__all__ = ["remove_old_folders", "sweep"]

logger = logging.getLogger(__name__)

ORPHAN_AGE = 30  # seconds that a worker job may be in the queue without a scheduler job
WITHOUT_WORKERS = (JobStatus.REMOVED, JobStatus.COMPLETED, JobStatus.HELD)
FOLDER_AGE = 2 * 86_400.0  # seconds; a cluster that ended stays listed for a day


async def sweep(queue: Queue, schedulers: Iterable[Ad]) -> int:
    """Remove worker jobs whose scheduler job is gone, failed or on hold, and return their number.

    Parameters
    ----------
    queue
        The user's jobs.
    schedulers
        The ads of all scheduler jobs in the queue, made by any version of af_lab.
    """
    living = ", ".join(str(ad["ClusterId"]) for ad in schedulers if ad["JobStatus"] not in WITHOUT_WORKERS)
    # Young jobs may belong to a cluster that was created after the query of `schedulers`.
    orphans = (
        f"{ads.SCHEDULER} =!= undefined && !member({ads.SCHEDULER}, {{{living}}}) "
        f"&& JobStatus =!= {JobStatus.REMOVED:d} && QDate < time() - {ORPHAN_AGE}"
    )
    if not await queue.query(orphans, ["ClusterId"], limit=1):
        return 0
    removed = await queue.remove(orphans, "their Dask scheduler is gone")
    logger.info("%d worker jobs were removed: their Dask scheduler is gone", removed)
    return removed


async def remove_old_folders(schedulers: Iterable[Ad]) -> None:
    """Remove the folders of clusters that are no longer in the queue, with the secrets in them.

    Another access point may share the home folder. The folders of its clusters stay young while the clusters run.
    """
    await asyncio.to_thread(_remove_old_folders, {Path(ad["Iwd"]) for ad in schedulers})


def _remove_old_folders(used: Collection[Path]) -> None:
    home = af_lab_home()
    with storage_errors(home):
        clusters = clusters_of(home)
    for folder in clusters.glob("*"):
        if folder not in used and folder.stat().st_mtime < time.time() - FOLDER_AGE:
            shutil.rmtree(folder, ignore_errors=True)
