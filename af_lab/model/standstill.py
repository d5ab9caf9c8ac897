"""Why nothing more can be expected of a cluster, in one sentence for all who wait for it."""

from __future__ import annotations

from af_lab.model.info import ClusterInfo

__all__ = ["standstill"]


def standstill(info: ClusterInfo) -> str | None:
    """Return why a cluster neither runs nor starts, in words; None if it does one of them."""
    reason = info.reason or "it gave no reason"
    match info.state:
        case "pending" | "running":
            return None
        case "held":
            return f"The cluster {info.name!r} is on hold. {reason}"
        case "failed":
            return f"The cluster {info.name!r} has failed: {reason}"
        case "stopping" | "ended":
            return f"The cluster {info.name!r} has ended: {reason}"
