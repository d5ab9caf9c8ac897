"""What people are shown of a batch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from af_lab.model.computation import Progress
from af_lab.model.info import time_json

__all__ = ["RunInfo", "RunState"]

RunState = Literal["pending", "running", "held", "ended", "failed"]


@dataclass(frozen=True)
class RunInfo:
    """A run.

    Attributes
    ----------
    name
        Unique among the user's runs.
    kind
        What kind of run it is.
    state
        ``pending`` until its first job runs; ``held`` if all jobs that it still has are on hold; ``failed`` if all
        calls have ended, and some have no result.
    reason
        Why it failed or is on hold; None otherwise.
    progress
        How far it is.
    created, changed
        When it was made, and when something happened last; seconds since the epoch.
    size
        Bytes of its files.
    """

    name: str
    kind: Literal["batch"]
    state: RunState
    reason: str | None
    progress: Progress
    created: float
    changed: float
    size: int

    def as_json(self) -> dict[str, Any]:
        """Return the run as JSON; times are ISO 8601 in UTC."""
        times = {"created": time_json(self.created), "changed": time_json(self.changed)}
        return asdict(self) | times
