"""How a cluster stands in the job queue: the attributes of its jobs, written and read."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from af_lab.condor.jobs import JobId, JobStatus
from af_lab.condor.queue import Ad
from af_lab.errors import AfLabError

if TYPE_CHECKING:
    from af_lab.manager.spec import ClusterSpec

__all__ = ["PROJECTION", "SCHEMA", "SchedulerJob", "WorkerJob", "decode_spec", "encode_spec"]

SCHEMA = 1

# On the scheduler job:
NAME = "AfLabName"
SPEC = "AfLabSpec"
WORKERS = "AfLabWorkers"  # worker processes wanted
GENERATION = "AfLabGeneration"  # counts the changes of what is wanted
ADDRESS = "AfLabAddress"  # of the Dask scheduler; kept over restarts
READY = "AfLabReady"  # NumJobStarts of the start whose scheduler answers
# On each worker job:
SCHEDULER = "AfLabScheduler"  # ClusterId of its scheduler job
# On both:
SCHEMA_ATTRIBUTE = "AfLabSchema"

PROJECTION = [
    *("ClusterId", "ProcId", "JobStatus", "NumJobStarts", "Iwd", "QDate", "HoldReason"),
    *("EnteredCurrentStatus", SCHEMA_ATTRIBUTE, NAME, SPEC, WORKERS, GENERATION, ADDRESS, READY, SCHEDULER),
]


def encode_spec(spec: ClusterSpec) -> str:
    """Return a specification as text that survives a ClassAd: base64url of JSON."""
    return base64.urlsafe_b64encode(spec.model_dump_json().encode()).decode()


def decode_spec(text: str) -> ClusterSpec:
    """Return the specification that an ad holds."""
    # Imported here: a scheduler's own process needs none of the models, and starts sooner without them.
    from af_lab.manager.spec import STORED, ClusterSpec

    return ClusterSpec.model_validate_json(base64.urlsafe_b64decode(text), context=STORED)


@dataclass(frozen=True)
class SchedulerJob:
    """A cluster, as its scheduler job's ad tells it."""

    id: JobId
    status: JobStatus
    starts: int
    folder: Path
    created: int
    hold_reason: str | None
    name: str
    encoded_spec: str
    workers: int
    generation: int
    address: str | None
    ready: bool

    @property
    def spec(self) -> ClusterSpec:
        """The specification that the cluster was made by."""
        return decode_spec(self.encoded_spec)

    @property
    def cores(self) -> int:
        """Cores of each worker job."""
        return int(json.loads(base64.urlsafe_b64decode(self.encoded_spec))["cores"])

    @classmethod
    def from_ad(cls, ad: Ad) -> SchedulerJob:
        """Read a scheduler job's ad.

        Raises
        ------
        AfLabError
            The cluster was made by a newer version of af_lab.
        """
        if ad[SCHEMA_ATTRIBUTE] > SCHEMA:
            raise AfLabError(
                f"The cluster {ad.get(NAME)!r} (job {ad['ClusterId']}) was made by a newer version of af_lab "
                f"(schema {ad[SCHEMA_ATTRIBUTE]}, this one knows {SCHEMA}). Upgrade with `pip install -U af-lab`."
            )
        starts = ad.get("NumJobStarts", 0)
        status = JobStatus(ad["JobStatus"])
        return cls(
            id=JobId(ad["ClusterId"], ad["ProcId"]),
            status=status,
            starts=starts,
            folder=Path(ad["Iwd"]),
            created=ad["QDate"],
            hold_reason=ad.get("HoldReason"),
            name=ad[NAME],
            encoded_spec=ad[SPEC],
            workers=ad[WORKERS],
            generation=ad[GENERATION],
            address=ad.get(ADDRESS),
            ready=status == JobStatus.RUNNING and ad.get(READY) == starts,
        )


@dataclass(frozen=True)
class WorkerJob:
    """A worker job, as its ad tells it."""

    id: JobId
    status: JobStatus
    starts: int
    since: int
    hold_reason: str | None

    @classmethod
    def from_ad(cls, ad: Ad) -> WorkerJob:
        """Read a worker job's ad."""
        return cls(
            id=JobId(ad["ClusterId"], ad["ProcId"]),
            status=JobStatus(ad["JobStatus"]),
            starts=ad.get("NumJobStarts", 0),
            since=ad["EnteredCurrentStatus"],
            hold_reason=ad.get("HoldReason"),
        )
