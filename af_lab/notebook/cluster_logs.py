"""The logs of a cluster in Dask's format, read from its folder when the scheduler does not answer."""

from __future__ import annotations

import time
from collections.abc import Iterable

from distributed.utils import Log, Logs

from af_lab.errors import ClusterNotFound
from af_lab.manager.logfiles import read_log, scheduler_starts
from af_lab.model.folder import ClusterFolder
from af_lab.model.snapshot import Trouble

__all__ = ["earlier_starts", "files_as_logs", "troubles_as_lines"]

LINES = 1000  # of each log at most
WORKERS = 100  # at most; those with the newest logs
STARTS = 10  # earlier ones of the scheduler at most


def files_as_logs(folder: ClusterFolder, *, scheduler: bool, workers: bool) -> Logs:
    """Return the ends of the newest log files of a cluster's scheduler and of its workers' jobs."""
    logs = Logs()
    if scheduler:
        try:
            logs["Scheduler"] = Log(read_log(folder, None, LINES, None).text)
        except ClusterNotFound as error:
            logs["Scheduler"] = Log(str(error))
    if workers:
        files = sorted(folder.logs.glob("worker-*.out"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for file in files[:WORKERS]:
            id_ = file.stem.removeprefix("worker-")
            logs[id_] = Log(read_log(folder, id_, LINES, None).text)
    return logs


def earlier_starts(folder: ClusterFolder) -> Logs:
    """Return the ends of the logs of the scheduler's starts before the newest, which end with why it was restarted."""
    logs = Logs()
    for start in scheduler_starts(folder)[:-1][-STARTS:]:
        logs[f"Scheduler, start {start.number}"] = Log(read_log(folder, None, LINES, None, start.number).text)
    return logs


def troubles_as_lines(troubles: Iterable[Trouble]) -> list[str]:
    """Return one line for each problem: the time, the worker, and what went wrong."""
    return [
        f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(trouble.when))} {trouble.in_words()}"
        for trouble in troubles
    ]
