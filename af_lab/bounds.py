"""Bounds of the numbers in a specification, and of the settings that are their defaults."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BOUNDS", "MAX_WORKERS", "Bounds"]

MAX_WORKERS = 100_000


class Bounds(NamedTuple):
    """The least and the most that a field may be."""

    minimum: int
    maximum: int


BOUNDS = {
    "workers": Bounds(0, MAX_WORKERS),
    "cores": Bounds(1, 1024),
    "memory": Bounds(128 * 10**6, 10**15),
    "disk": Bounds(10**6, 10**15),
    "gpus": Bounds(0, 64),
}
"""Bounds of the numbers in a specification; memory and disk in bytes."""
