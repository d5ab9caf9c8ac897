"""A cluster in the job queue: the attributes of its jobs, written and read."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from af_lab.condor.job import JobId, JobStatus
from af_lab.condor.queue import Ad
from af_lab.errors import AfLabError
from af_lab.model.folder import ClusterFolder
from af_lab.worker.protocol import MEGABYTE

if TYPE_CHECKING:
    from af_lab.model.spec import Adapt, ClusterSpec

__all__ = [
    "PROJECTION",
    "SCHEMA",
    "USUAL_PACE",
    "JobShape",
    "Pace",
    "SchedulerJob",
    "SchemaMismatch",
    "WorkerJob",
    "adapt_lines",
    "decode",
    "decode_spec",
    "encode",
    "readable",
]

logger = logging.getLogger(__name__)

SCHEMA = 3
"""Version of the attributes that describe clusters in the queue.

Clusters outlive an upgrade, so the version before must be readable as well. Clusters of a version before this one do
not exist: it is the first that was released.
"""
OLDEST_SCHEMA = 3

# On the scheduler job:
NAME = "AfLabName"
SPEC = "AfLabSpec"
VERSIONS = "AfLabVersions"  # of Python, dask, ... in the cluster's environment
WORKERS = "AfLabWorkers"  # worker processes wanted
MINIMUM, MAXIMUM = "AfLabMinimum", "AfLabMaximum"  # of adaptive scaling; undefined while the number wanted is fixed
# How fast it follows the tasks, in seconds; undefined for what the configuration says:
PATIENCE, TARGET_DURATION = "AfLabPatience", "AfLabTargetDuration"
GENERATION = "AfLabGeneration"  # counts the changes of what is wanted
ADDRESS = "AfLabAddress"  # of the Dask scheduler; kept over restarts
PROBLEM = "AfLabProblem"  # what the scheduler waits for before it starts, in words; undefined if it does not wait
READY = "AfLabReady"  # NumJobStarts of the start whose scheduler answers
# On each worker job:
SCHEDULER = "AfLabScheduler"  # ClusterId of its scheduler job
SITE = "AfLabSite"  # replaced by HTCondor when the job is matched, see MATCHED_SITE
# On both:
SCHEMA_ATTRIBUTE = "AfLabSchema"

MATCHED_SITE = f"MATCH_EXP_{SITE}"
PROJECTION = [
    *("ClusterId", "ProcId", "JobStatus", "NumJobStarts", "Iwd", "QDate", "HoldReason", "HoldReasonCode"),
    *("HoldReasonSubCode", "EnteredCurrentStatus", "CompletionDate", "RequestMemory", "MemoryUsage", "RemoteHost"),
    *("LastRemoteHost", "JobPrio", MATCHED_SITE, SCHEMA_ATTRIBUTE, NAME, SPEC, VERSIONS, WORKERS, MINIMUM),
    *(MAXIMUM, PATIENCE, TARGET_DURATION, GENERATION, ADDRESS, PROBLEM, READY, SCHEDULER),
]


def encode(content: Mapping[str, Any]) -> str:
    """Return plain values as text that survives a ClassAd: base64url of JSON."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def decode(text: str) -> dict[str, Any]:
    """Return what `encode` wrote."""
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
    return content


def decode_spec(text: str) -> ClusterSpec:
    """Return the specification that an ad holds."""
    # Imported here: a scheduler's own process needs none of the models, and starts sooner without them.
    from af_lab.jobs.strict_model import STORED
    from af_lab.model.spec import ClusterSpec

    # A cluster that an earlier af_lab made has no folder of its tasks.
    fields = {"directory": ""} | decode(text)
    return ClusterSpec.model_validate_json(json.dumps(fields), context=STORED)


def adapt_lines(adapt: Adapt | None) -> dict[str, str]:
    """Return the attributes that hold the range of adaptive scaling."""
    if adapt is None:
        return {MINIMUM: "undefined", MAXIMUM: "undefined"}
    return {MINIMUM: str(adapt.minimum), MAXIMUM: str(adapt.maximum)}


class Pace(NamedTuple):
    """How fast adaptive scaling follows the tasks, in seconds; None for what the configuration says.

    Attributes
    ----------
    patience
        For how long fewer workers must have been enough until some are removed.
    target_duration
        In which the tasks should be done; the shorter, the more workers.
    """

    patience: float | None = None
    target_duration: float | None = None

    def lines(self) -> dict[str, str]:
        """Return the attributes of what is given; the others stay as they are."""
        return {
            attribute: repr(seconds)
            for attribute, seconds in zip((PATIENCE, TARGET_DURATION), self, strict=True)
            if seconds is not None
        }


USUAL_PACE = Pace()


class SchemaMismatch(AfLabError):
    """A cluster was made by a version of af_lab that this one does not understand."""


def readable(found: Iterable[Ad]) -> list[SchedulerJob]:
    """Read the ads of scheduler jobs, sorted by name; leave out those of an incompatible version of af_lab."""
    jobs = []
    for ad in found:
        try:
            jobs.append(SchedulerJob.from_ad(ad))
        except SchemaMismatch as error:
            _warn(str(error))
    return sorted(jobs, key=lambda job: (job.name, job.id))


@cache
def _warn(message: str) -> None:
    """Warn only once, because clusters are listed again and again."""
    logger.warning("%s", message)


def _check_schema(ad: Ad) -> None:
    schema = ad[SCHEMA_ATTRIBUTE]
    which = f"The cluster {ad.get(NAME)!r} (job {ad['ClusterId']}) was made by"
    if schema > SCHEMA:
        raise SchemaMismatch(
            f"{which} a newer version of af_lab (schema {schema}, this one knows {SCHEMA}). "
            "Upgrade with `pip install -U af-lab`."
        )
    if schema < OLDEST_SCHEMA:
        raise SchemaMismatch(
            f"{which} an older version of af_lab (schema {schema}, this one reads from {OLDEST_SCHEMA} on). "
            f"End it with `condor_rm {ad['ClusterId']}`, then create it again."
        )


def _hold_code(ad: Ad) -> tuple[int, int] | None:
    """Return HoldReasonCode and HoldReasonSubCode; None if the job was never on hold."""
    code = ad.get("HoldReasonCode")
    return None if code is None else (code, ad.get("HoldReasonSubCode") or 0)


@dataclass(frozen=True)
class JobShape:
    """The part of a specification that a scheduler job uses; reading it needs no pydantic models.

    Attributes
    ----------
    cores
        Cores of each worker job, and worker processes in it.
    memory
        Bytes of each worker job.
    idle_timeout
        Seconds without any task after which the cluster ends; None for never.
    """

    cores: int
    memory: int
    idle_timeout: float | None


@dataclass(frozen=True)
class SchedulerJob:
    """A cluster, read from the ad of its scheduler job."""

    id: JobId
    status: JobStatus
    starts: int
    folder: Path
    created: int
    changed: int
    ended: int | None
    hold_reason: str | None
    hold_code: tuple[int, int] | None
    name: str
    encoded_spec: str
    versions: Mapping[str, str]
    workers: int
    adapt: tuple[int, int] | None
    generation: int
    address: str | None
    problem: str | None
    ready: bool
    pace: Pace = USUAL_PACE

    @property
    def files(self) -> ClusterFolder:
        """The cluster's files, as they are reached from here."""
        return ClusterFolder(self.folder)

    @property
    def spec(self) -> ClusterSpec:
        """The specification that the cluster was made from."""
        return decode_spec(self.encoded_spec)

    @property
    def shape(self) -> JobShape:
        """The part of the specification that a scheduler job needs."""
        content = decode(self.encoded_spec)
        return JobShape(content["cores"], content["memory"], content["idle_timeout"])

    @property
    def exists(self) -> bool:
        """Whether the cluster exists and its name is taken; one that ended by itself is only listed, for a day."""
        return self.status not in (JobStatus.COMPLETED, JobStatus.REMOVED)

    @classmethod
    def from_ad(cls, ad: Ad) -> SchedulerJob:
        """Read a scheduler job's ad.

        Raises
        ------
        SchemaMismatch
            The cluster was made by a newer version of af_lab, or one that is too old.
        """
        _check_schema(ad)
        starts = ad.get("NumJobStarts", 0)
        status = JobStatus(ad["JobStatus"])
        return cls(
            id=JobId(ad["ClusterId"], ad["ProcId"]),
            status=status,
            starts=starts,
            folder=Path(ad["Iwd"]),
            created=ad["QDate"],
            changed=ad["EnteredCurrentStatus"],
            # HTCondor writes 0 while the job has not ended.
            ended=ad.get("CompletionDate") or None,
            hold_reason=ad.get("HoldReason"),
            hold_code=_hold_code(ad),
            name=ad[NAME],
            encoded_spec=ad[SPEC],
            versions=decode(ad[VERSIONS]),
            workers=ad[WORKERS],
            adapt=(ad[MINIMUM], ad[MAXIMUM]) if ad.get(MAXIMUM) is not None else None,
            generation=ad[GENERATION],
            address=ad.get(ADDRESS),
            problem=ad.get(PROBLEM),
            ready=status == JobStatus.RUNNING and ad.get(READY) == starts,
            pace=Pace(ad.get(PATIENCE), ad.get(TARGET_DURATION)),
        )


@dataclass(frozen=True)
class WorkerJob:
    """A worker job, read from its ad; memory in bytes, times in seconds since the epoch."""

    id: JobId
    status: JobStatus
    starts: int
    since: float
    hold_reason: str | None = None
    hold_code: tuple[int, int] | None = None
    memory_asked: int = 0
    memory_used: int | None = None
    host: str | None = None
    site: str | None = None
    priority: int = 0

    @classmethod
    def from_ad(cls, ad: Ad) -> WorkerJob:
        """Read a worker job's ad."""
        used = ad.get("MemoryUsage")
        slot = ad.get("RemoteHost") or ad.get("LastRemoteHost")
        return cls(
            id=JobId(ad["ClusterId"], ad["ProcId"]),
            status=JobStatus(ad["JobStatus"]),
            starts=ad.get("NumJobStarts", 0),
            since=ad["EnteredCurrentStatus"],
            hold_reason=ad.get("HoldReason"),
            hold_code=_hold_code(ad),
            memory_asked=(ad.get("RequestMemory") or 0) * MEGABYTE,
            memory_used=None if used is None else used * MEGABYTE,
            # slot1_3@host
            host=slot.rpartition("@")[2] if slot else None,
            site=ad.get(MATCHED_SITE) or None,
            priority=ad.get("JobPrio", 0),
        )
