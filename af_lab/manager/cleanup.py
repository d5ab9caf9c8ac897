"""What is left of clusters that are gone, and its removal."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from af_lab.condor.job import JobStatus
from af_lab.condor.queue import Ad, Queue
from af_lab.home import af_lab_home
from af_lab.model import ads
from af_lab.model.folder import clusters_of

__all__ = ["remove_old_folders", "sweep"]

logger = logging.getLogger(__name__)

ORPHAN_AGE = 30  # seconds that a worker job without a scheduler job may be in the queue
WITHOUT_WORKERS = (JobStatus.REMOVED, JobStatus.COMPLETED, JobStatus.HELD)
FOLDER_AGE = 2 * 86_400.0  # seconds; a cluster that ended stays listed for a day


async def sweep(queue: Queue, schedulers: Iterable[Ad]) -> int:
    """Remove worker jobs whose scheduler job is gone or failed; returns how many.

    Parameters
    ----------
    queue
        The user's jobs.
    schedulers
        The ads of all scheduler jobs in it, whatever version of af_lab made them.
    """
    living = ", ".join(str(ad["ClusterId"]) for ad in schedulers if ad["JobStatus"] not in WITHOUT_WORKERS)
    # Those of a cluster that was made since are young.
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
    """Remove the folders, with the secrets in them, of clusters that are in the queue no more.

    Those of clusters of another access point, which may share the home, stay young while they run.
    """
    await asyncio.to_thread(_remove_old_folders, {Path(ad["Iwd"]) for ad in schedulers})


def _remove_old_folders(used: Collection[Path]) -> None:
    for folder in clusters_of(af_lab_home()).glob("*"):
        if folder not in used and folder.stat().st_mtime < time.time() - FOLDER_AGE:
            shutil.rmtree(folder, ignore_errors=True)
