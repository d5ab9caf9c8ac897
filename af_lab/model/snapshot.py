"""What a runner publishes about its cluster: counts, each worker's job, troubles, and the counts over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar

from af_lab.model.computation import Activity, Progress

__all__ = [
    "STARTS_APART",
    "Counts",
    "Failing",
    "Snapshot",
    "TimelinePoint",
    "Trouble",
    "WorkerInfo",
    "WorkerState",
    "from_message",
]

STARTS_APART = 1_000_000_000  # between the sequence numbers of two starts of a runner

WorkerState = Literal["waiting", "starting", "connected", "leaving", "held", "lost"]


@dataclass(frozen=True)
class Counts:
    """The workers of a cluster by state, in Dask worker processes; each is in one state.

    Attributes
    ----------
    requested
        Workers wanted; there may be fewer or more.
    waiting
        The job waits in the queue for a slot.
    starting
        The job runs, but its worker is not connected yet.
    connected
        Connected to the Dask scheduler.
    leaving
        The job is being removed from the queue; its worker finishes its tasks and transfers its data.
    held
        The job is on hold.
    lost
        The job runs, and its worker has not been connected for longer than ``af-lab.worker.connect-timeout``.
    """

    requested: int = 0
    waiting: int = 0
    starting: int = 0
    connected: int = 0
    leaving: int = 0
    held: int = 0
    lost: int = 0

    @property
    def in_slots(self) -> int:
        """Workers whose jobs run; each uses one core."""
        return self.starting + self.connected + self.leaving + self.lost

    @property
    def submitted(self) -> int:
        """Workers whose jobs are in the queue and will stay there."""
        return self.waiting + self.starting + self.connected + self.held + self.lost


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong with a worker's job and was repaired, or is being repaired.

    Attributes
    ----------
    when
        Seconds since the epoch.
    worker
        Id of the job, or of the last one if it happened to several; "" if it is about none.
    text
        What happened and what was done, in words.
    count
        How often it happened; a job may be among them more than once.
    """

    when: float
    worker: str
    text: str
    count: int = 1

    def in_words(self) -> str:
        """Return whom it befell, how often, and what happened."""
        if not self.worker:
            return self.text if self.count == 1 else f"{self.text} ({self.count} times)"
        others = "" if self.count == 1 else f" (the last of {self.count})"
        return f"worker {self.worker}{others} {self.text}"


@dataclass(frozen=True)
class Failing:
    """Jobs that ended before a worker of them connected, since the last worker that connected.

    Attributes
    ----------
    jobs
        How many.
    job
        Id of the last one.
    words
        The last words in a log of theirs; "" if none has any.
    next_try
        Seconds since the epoch before which no other job is submitted; None if nothing is delayed.
    """

    jobs: int
    job: str
    words: str
    next_try: float | None = None


@dataclass(frozen=True)
class Snapshot:
    """What a runner knows of its cluster at one moment.

    Attributes
    ----------
    generation
        Number of the newest change of the wanted workers that the runner has applied to the queue.
    counts
        The workers.
    sequence
        Grows with every change of the snapshot, and by `STARTS_APART` with each start of the runner.
    cpu
        Fraction of their cores that the connected workers use, see `busyness`; None while no worker is connected.
    idle_since
        Seconds since the epoch at which the last task ended; None while tasks are under way.
    ends_at
        Seconds since the epoch at which the cluster ends because it has no tasks; None if it does not.
    kept_results, kept_bytes
        Results in the memory of workers, and their size.
    troubles
        The newest ones, the oldest of them first.
    failing
        The jobs that fail while workers are missing; None if none does.
    progress
        How far the Dask computation is; None if none is under way.
    activity
        Whether the workers have no tasks, compute, or have tasks but hardly compute, because they wait for files; None
        without workers, and while they take no tasks.
    doing
        What most of the tasks do that run, as their framework or the user names it; None if that is not known.
    memory_use
        Fraction of their memory that the connected workers use, see `fullness`; None while no worker is connected.
    """

    generation: int
    counts: Counts
    sequence: int = 0
    cpu: float | None = None
    idle_since: float | None = None
    ends_at: float | None = None
    kept_results: int = 0
    kept_bytes: int = 0
    troubles: tuple[Trouble, ...] = ()
    failing: Failing | None = None
    progress: Progress | None = None
    activity: Activity | None = None
    doing: str | None = None
    memory_use: float | None = None

    @property
    def start(self) -> int:
        """Which start of the scheduler job published it (``NumJobStarts``)."""
        return self.sequence // STARTS_APART

    def to_message(self) -> dict[str, Any]:
        """Return the snapshot as plain values, for Dask's connections."""
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Snapshot:
        """Read what `to_message` wrote; fields of a newer runner are ignored, and an older one may lack some."""
        failing, progress = message.get("failing"), message.get("progress")
        parts = {
            **message,
            "failing": None if failing is None else from_message(Failing, failing),
            "progress": None if progress is None else from_message(Progress, progress),
            "counts": from_message(Counts, message["counts"]),
            "troubles": tuple(from_message(Trouble, trouble) for trouble in message.get("troubles", ())),
        }
        return from_message(cls, parts)


@dataclass(frozen=True)
class WorkerInfo:
    """One worker's job.

    Attributes
    ----------
    id
        ``<ClusterId>.<ProcId>`` of the job.
    state
        As in `Counts`. A job of several workers is connected as soon as one of them is.
    connected
        Dask worker processes of the job that are connected.
    site, host
        Where it runs, or ran last.
    since
        Seconds since the epoch at which the job entered its present status in the queue.
    memory_asked
        Bytes.
    memory_used
        Bytes. If workers of the job are connected, what their processes use now, from Dask's heartbeats; otherwise the
        most that HTCondor has seen, or None before it has measured.
    tasks
        Tasks under way.
    starts
        How often the job was started.
    reason
        Why it is held.
    """

    id: str
    state: WorkerState
    connected: int
    site: str | None
    host: str | None
    since: float
    memory_asked: int
    memory_used: int | None
    tasks: int
    starts: int
    reason: str | None


@dataclass(frozen=True)
class TimelinePoint:
    """The counts from one moment on.

    Attributes
    ----------
    when
        Seconds since the epoch.
    """

    when: float
    counts: Counts


T = TypeVar("T")


def from_message(class_: type[T], message: Mapping[str, Any]) -> T:
    """Make a record from plain values; values for unknown fields are ignored."""
    names = {field.name for field in fields(class_)}  # type: ignore[arg-type]
    return class_(**{name: value for name, value in message.items() if name in names})
