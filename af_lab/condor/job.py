"""What HTCondor calls a job: its id and its status."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["JobId", "JobStatus", "schedd_of"]


class JobStatus(IntEnum):
    """``JobStatus`` of a job ad (HTCondor manual, "Job ClassAd Attributes")."""

    IDLE = 1
    RUNNING = 2
    REMOVED = 3
    COMPLETED = 4
    HELD = 5
    TRANSFERRING_OUTPUT = 6
    SUSPENDED = 7


@dataclass(frozen=True, order=True)
class JobId:
    """``<ClusterId>.<ProcId>`` of a job; the older job is the smaller."""

    cluster: int
    proc: int

    def __str__(self) -> str:
        return f"{self.cluster}.{self.proc}"


def schedd_of(global_id: str) -> str:
    """Return the name of the schedd in a ``GlobalJobId``, as in ``user@host#12.0#1795738512``."""
    return global_id.rsplit("#", 2)[0]
