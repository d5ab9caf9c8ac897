"""A cluster as it is told to people and programs."""

from __future__ import annotations

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from af_lab.condor.jobs import JobStatus
from af_lab.manager.ads import SchedulerJob
from af_lab.manager.folder import ClusterFolder
from af_lab.manager.snapshot import Counts, Snapshot
from af_lab.manager.spec import ClusterSpec, PathEnvironment

__all__ = ["ClusterInfo", "State", "describe"]

State = Literal["pending", "running", "stopping", "ended", "failed"]

STATES: dict[JobStatus, State] = {
    JobStatus.IDLE: "pending",
    JobStatus.RUNNING: "pending",  # until its scheduler answers
    JobStatus.REMOVED: "stopping",
    JobStatus.COMPLETED: "ended",
    JobStatus.HELD: "failed",
    JobStatus.TRANSFERRING_OUTPUT: "stopping",
    JobStatus.SUSPENDED: "pending",
}


class ClusterInfo(BaseModel):
    """What is known of one cluster.

    Attributes
    ----------
    id
        ``ClusterId`` of the scheduler job.
    reason
        Why the cluster is not simply running, in words.
    workers
        Worker processes wanted.
    generation, observed_generation
        Number of the newest change of what is wanted, and of the newest that the queue has been brought to.
    cores
        Cores of each worker job.
    memory
        Memory of each worker job, in bytes.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    id: int
    state: State
    reason: str | None
    spec: ClusterSpec
    workers: int
    adapt: None = None
    generation: int
    observed_generation: int
    counts: Counts
    cores: int
    memory: int
    environment: PathEnvironment
    scheduler_address: str | None
    dashboard_url: str | None = None
    created: datetime.datetime
    idle_since: datetime.datetime | None = None
    ends_at: datetime.datetime | None = None

    @property
    def exists(self) -> bool:
        """Whether its name is taken: a cluster that ended by itself is listed for a day, but gone."""
        return self.state not in ("ended", "stopping")

    def as_json(self) -> dict[str, Any]:
        """Return the model of the REST interface."""
        return self.model_dump(mode="json")


def describe(job: SchedulerJob, snapshot: Snapshot | None) -> ClusterInfo:
    """Put together what the queue and the runner tell; `snapshot` is None where the runner is silent."""
    state = "running" if job.ready else STATES[job.status]
    spec = job.spec
    return ClusterInfo(
        name=job.name,
        id=job.id.cluster,
        state=state,
        reason=_reason(job, state, silent=snapshot is None),
        spec=spec,
        workers=job.workers,
        generation=job.generation,
        observed_generation=0 if snapshot is None else snapshot.generation,
        counts=Counts(requested=job.workers) if snapshot is None else snapshot.counts,
        cores=spec.cores,
        memory=spec.memory,
        environment=spec.environment,
        scheduler_address=job.address,
        created=datetime.datetime.fromtimestamp(job.created, datetime.UTC),
    )


def _reason(job: SchedulerJob, state: State, *, silent: bool) -> str | None:
    match state:
        case "failed":
            return ClusterFolder(job.folder).read_reason() or job.hold_reason
        case "ended":
            return ClusterFolder(job.folder).read_reason()
        case "pending" if job.starts > 1 or (job.starts == 1 and job.status == JobStatus.IDLE):
            return "The Dask scheduler ended and is being started again; its workers come back by themselves."
        case "pending":
            return "The Dask scheduler is starting."
        case "running" if silent:
            return "The Dask scheduler did not answer just now."
    return None
