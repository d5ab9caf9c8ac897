"""What is known of one cluster, merged from the job queue and its runner. Used wherever clusters are shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from af_lab.model.ads import SchedulerJob
from af_lab.model.info import ClusterInfo, queue_info, runner_fields
from af_lab.model.snapshot import Snapshot

__all__ = ["ClusterView"]


@dataclass(frozen=True)
class ClusterView:
    """What is known of one cluster at some moment.

    Attributes
    ----------
    job
        The newest ad of its scheduler job.
    snapshot
        What its runner published last since the scheduler's newest start; None before that.
    is_silent
        Whether the runner did not answer the last request.
    queue
        What the queue alone shows.
    """

    job: SchedulerJob
    snapshot: Snapshot | None
    is_silent: bool
    queue: ClusterInfo

    @classmethod
    def of(cls, job: SchedulerJob, snapshot: Snapshot | None = None, *, is_silent: bool = False) -> ClusterView:
        """Return the view from an ad and a snapshot of its runner."""
        return cls(job, _of_this_start(job, snapshot), is_silent, queue_info(job))

    @property
    def sequence(self) -> int:
        """Number of the snapshot; 0 without one."""
        return self.snapshot.sequence if self.snapshot else 0

    @cached_property
    def info(self) -> ClusterInfo:
        """The cluster as it is shown to people and programs."""
        if self.snapshot is None and not self.job.ready:
            return self.queue
        # A runner that publishes a snapshot runs, even if the queue has not been queried since it started.
        silent = "The Dask scheduler did not answer just now." if self.is_silent else None
        told = {} if self.snapshot is None else runner_fields(self.snapshot)
        return self.queue.model_copy(update={"state": "running", "reason": silent, **told})

    @property
    def is_running(self) -> bool:
        """Whether its scheduler answers."""
        return self.info.state == "running"

    @property
    def is_over(self) -> bool:
        """Whether the cluster ended, failed or is being removed; a failed one may be started again.

        One on hold is not over: whoever follows it learns when it is released.
        """
        return self.info.state in ("ended", "failed", "stopping")

    def heard(self, snapshot: Snapshot | None) -> ClusterView:
        """Return the view after a request to its runner; `snapshot` is None if the runner did not answer."""
        if snapshot is None:
            return replace(self, is_silent=True)
        return replace(self, snapshot=_newest(self.job, self.snapshot, snapshot), is_silent=False)

    def merged(self, newer: ClusterView) -> ClusterView:
        """Return the view after another query of the queue, of the runner, or of both.

        A query may have started before the last change of the wanted workers, and then does not show it: the ad with
        the higher generation determines the wanted workers.
        """
        job, queue = newer.job, newer.queue
        if job.generation < self.job.generation:
            mine = self.job
            job = replace(job, workers=mine.workers, adapt=mine.adapt, generation=mine.generation)
            queue = queue_info(job)
        # A query of the queue alone does not show whether a silent runner answers again.
        still_silent = self.is_silent and newer.snapshot is None and job.starts == self.job.starts
        snapshot = _newest(job, self.snapshot, newer.snapshot)
        return ClusterView(job, snapshot, newer.is_silent or still_silent, queue)


def _newest(job: SchedulerJob, *snapshots: Snapshot | None) -> Snapshot | None:
    known = [snapshot for snapshot in snapshots if _of_this_start(job, snapshot)]
    return max((snapshot for snapshot in known if snapshot), key=lambda snapshot: snapshot.sequence, default=None)


def _of_this_start(job: SchedulerJob, snapshot: Snapshot | None) -> Snapshot | None:
    """Return a snapshot; None if the scheduler that published it has ended."""
    if snapshot is None:
        return None
    return snapshot if snapshot.start > job.starts or (snapshot.start == job.starts and job.ready) else None
