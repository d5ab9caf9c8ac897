"""The speed of an analysis, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["speed"]


def speed(result: Mapping[str, Any]) -> str:
    """Return events, seconds, events per second and megabytes read of what an analysis returned."""
    events, metrics = result["counts"]["events"], result["metrics"]
    rate = events / metrics["seconds"]
    return (
        f"{events:,} events in {metrics['seconds']:.1f} s, {rate:,.0f} events/s, {metrics['bytes'] / 1e6:.1f} MB read"
    )
