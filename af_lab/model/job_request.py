"""What a worker job asks of a slot, read from its submit description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from af_lab.condor.description import unescaped
from af_lab.condor.slots import KILOBYTE, Request
from af_lab.worker.protocol import MEGABYTE

__all__ = ["TIME", "described_request", "described_time"]

TIME = "allowed_job_duration"
"""Submit command with the seconds that a job may run; HTCondor holds a job that runs longer."""


def described_request(description: Mapping[str, Any]) -> Request:
    """Return what jobs of a worker's submit description ask for.

    Sites and architecture are parts of its requirements.
    """
    given = {key.lower(): unescaped(str(value)) for key, value in description.items()}
    return Request(
        cpus=int(given["request_cpus"]),
        memory=int(given["request_memory"]) * MEGABYTE,
        disk=int(given["request_disk"]) * KILOBYTE,
        gpus=int(given.get("request_gpus", 0)),
        requirements=given.get("requirements"),
        attributes={
            key[len("My.") :]: unescaped(str(value))
            for key, value in description.items()
            # Others are known only once a job is matched.
            if key.lower().startswith("my.") and "$$" not in str(value)
        },
    )


def described_time(description: Mapping[str, Any]) -> float | None:
    """Return the seconds that jobs of a worker's submit description may run; None for any time."""
    return float(description[TIME]) if TIME in description else None
