"""A cluster as it is shown to people and programs."""

from __future__ import annotations

import datetime
from typing import Any, Literal, overload

from pydantic import BaseModel, ConfigDict

from af_lab.condor.job import JobStatus
from af_lab.jobs.environments import Environment, KernelEnvironment
from af_lab.model.ads import SchedulerJob
from af_lab.model.computation import Activity, Progress
from af_lab.model.scheduler_hold import gave_up, hold_reason
from af_lab.model.snapshot import Counts, Failing, Snapshot, Trouble
from af_lab.model.spec import Adapt, ClusterSpec

__all__ = ["ClusterInfo", "EnvironmentInfo", "State", "queue_info", "runner_fields", "time_json"]

State = Literal["pending", "running", "held", "stopping", "ended", "failed"]

STATES: dict[JobStatus, State] = {
    JobStatus.IDLE: "pending",
    JobStatus.RUNNING: "pending",  # until its scheduler answers
    JobStatus.REMOVED: "stopping",
    JobStatus.COMPLETED: "ended",
    JobStatus.HELD: "held",  # or "failed", see `_state`
    JobStatus.TRANSFERRING_OUTPUT: "stopping",
    JobStatus.SUSPENDED: "pending",
}


class EnvironmentInfo(BaseModel):
    """The environment of scheduler and workers."""

    model_config = ConfigDict(frozen=True)

    kernel: str | None
    path: str
    python: str
    dask: str
    distributed: str
    af_lab: str


class ClusterInfo(BaseModel):
    """What is known of one cluster.

    Attributes
    ----------
    id
        ``ClusterId`` of the scheduler job.
    reason
        Why the cluster is not simply running, in words.
    workers
        Worker processes wanted; None with adaptive scaling.
    adapt
        The range of adaptive scaling; None while the number is fixed.
    generation, observed_generation
        Number of the newest change of the wanted workers, and of the newest that the runner has applied to the queue.
    sequence
        Of the runner's snapshot, see `Snapshot`; 0 if the runner is silent.
    cpu
        Fraction of their cores that the connected workers use, from 0 to 1; None while no worker is connected.
    cores
        Cores of each worker job.
    memory
        Memory of each worker job, in bytes.
    idle_since, ends_at
        When the last task ended, and when the cluster ends because it has no tasks.
    ended
        When it ended or failed.
    kept_results, kept_bytes
        Results in the memory of the workers, which are lost when the workers end.
    troubles
        What went wrong with workers recently.
    failing
        Jobs that end before their workers connect; None if none does, or if no worker is missing.
    progress, activity, doing, memory_use
        Of the Dask computation and the connected workers, see `Snapshot`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    id: int
    state: State
    reason: str | None
    spec: ClusterSpec
    workers: int | None
    adapt: Adapt | None
    generation: int
    observed_generation: int
    sequence: int
    counts: Counts
    cpu: float | None = None
    cores: int
    memory: int
    environment: EnvironmentInfo
    scheduler_address: str | None
    dashboard_url: str | None = None
    created: datetime.datetime
    idle_since: datetime.datetime | None = None
    ends_at: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    kept_results: int = 0
    kept_bytes: int = 0
    troubles: tuple[Trouble, ...] = ()
    failing: Failing | None = None
    progress: Progress | None = None
    activity: Activity | None = None
    doing: str | None = None
    memory_use: float | None = None

    @property
    def exists(self) -> bool:
        """Whether the cluster exists and its name is taken; one that ended by itself is only listed, for a day."""
        return self.state not in ("ended", "stopping")

    def as_json(self) -> dict[str, Any]:
        """Return the model of the REST interface; times are ISO 8601 in UTC."""
        told = self.model_dump(mode="json")
        for trouble in told["troubles"]:
            trouble["when"] = time_json(trouble["when"])
        if (failing := told["failing"]) and failing["next_try"] is not None:
            failing["next_try"] = time_json(failing["next_try"])
        return told


def queue_info(job: SchedulerJob) -> ClusterInfo:
    """Return what the queue alone shows of a cluster."""
    state = _state(job)
    spec = job.spec
    over = {"ended": job.ended, "failed": job.changed}.get(state)
    return ClusterInfo(
        name=job.name,
        id=job.id.cluster,
        state=state,
        reason=_reason(job, state),
        spec=spec,
        workers=job.workers if job.adapt is None else None,
        adapt=None if job.adapt is None else Adapt(minimum=job.adapt[0], maximum=job.adapt[1]),
        generation=job.generation,
        cores=spec.cores,
        memory=spec.memory,
        environment=_environment(spec.environment, job),
        scheduler_address=job.address,
        created=_time(job.created),
        ended=_time(over),
        **runner_fields(Snapshot(generation=0, counts=Counts(requested=job.workers))),
    )


def time_json(seconds: float) -> str:
    """Return a moment in seconds since the epoch as ISO 8601 in UTC."""
    return _time(seconds).isoformat().replace("+00:00", "Z")


def runner_fields(snapshot: Snapshot) -> dict[str, Any]:
    """Return the fields of a `ClusterInfo` that only a runner knows."""
    return {
        "observed_generation": snapshot.generation,
        "sequence": snapshot.sequence,
        "counts": snapshot.counts,
        "cpu": snapshot.cpu,
        "idle_since": _time(snapshot.idle_since),
        "ends_at": _time(snapshot.ends_at),
        "kept_results": snapshot.kept_results,
        "kept_bytes": snapshot.kept_bytes,
        "troubles": snapshot.troubles,
        "failing": snapshot.failing,
        "progress": snapshot.progress,
        "activity": snapshot.activity,
        "doing": snapshot.doing,
        "memory_use": snapshot.memory_use,
    }


@overload
def _time(seconds: float) -> datetime.datetime: ...


@overload
def _time(seconds: float | None) -> datetime.datetime | None: ...


def _time(seconds: float | None) -> datetime.datetime | None:
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _environment(environment: Environment, job: SchedulerJob) -> EnvironmentInfo:
    return EnvironmentInfo(
        kernel=environment.kernel if isinstance(environment, KernelEnvironment) else None,
        path=environment.path,
        python=job.versions["python"],
        dask=job.versions["dask"],
        distributed=job.versions["distributed"],
        af_lab=job.versions["af_lab"],
    )


def _state(job: SchedulerJob) -> State:
    """Return what the queue alone shows: only a scheduler that gave up by itself has failed."""
    if job.status == JobStatus.HELD and gave_up(job.hold_code, job.hold_reason):
        return "failed"
    return STATES[job.status]


def _shell_error(job: SchedulerJob) -> str | None:
    """Return why the newest start of the scheduler ended before it could give a reason; None if nothing was said."""
    words = job.files.read_shell_error()
    return words and f"The Dask scheduler cannot run: {words}"


def _reason(job: SchedulerJob, state: State) -> str | None:
    match state:
        case "held":
            return hold_reason(job.hold_code, job.hold_reason, job.name)
        case "failed":
            return _shell_error(job) or job.files.read_reason() or job.hold_reason
        case "ended":
            return job.files.read_reason()
        case "pending" if job.problem:
            return f"{job.problem}. The Dask scheduler starts by itself once there is space."
        case "pending" if job.starts > 1 or (job.starts == 1 and job.status == JobStatus.IDLE):
            return "The Dask scheduler ended and is being started again; its workers come back by themselves."
        case "pending":
            return "The Dask scheduler is starting."
    return None
