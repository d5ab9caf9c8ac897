"""What to ask for instead of a job that no slot can ever run."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from af_lab.condor.slots import Request, SlotMatch, room_ever, takes

__all__ = ["nearest_fit"]

DIGITS = 3  # of a size in bytes that is asked for instead


def nearest_fit(request: Request, slots: Iterable[SlotMatch]) -> Request | None:
    """Return the nearest smaller request that a slot could run if it were empty.

    Of the slots that take the job apart from its size, the one counts where the fewest amounts are smaller than
    requested, and among those the one that has most of them. Sizes are rounded down, so that they read well.

    Returns
    -------
    None if no slot takes the job, whatever its size.
    """
    shrunk = ((_shrunk(request, slot), slot) for slot in slots if takes(slot, request))
    fitting = [smaller for smaller, slot in shrunk if _is_job(smaller) and room_ever(slot, smaller)]
    return max(fitting, key=lambda smaller: _nearness(request, smaller), default=None)


def _shrunk(request: Request, slot: SlotMatch) -> Request:
    return replace(
        request,
        cpus=min(request.cpus, slot.total_cpus),
        memory=request.memory if request.memory <= slot.total_memory else _rounded(slot.total_memory),
        disk=request.disk if request.disk <= slot.total_disk else _rounded(slot.total_disk),
        gpus=min(request.gpus, slot.total_gpus),
    )


def _is_job(request: Request) -> bool:
    return min(request.cpus, request.memory, request.disk) > 0


def _nearness(request: Request, smaller: Request) -> tuple[int, float]:
    """Return how many amounts are as requested, and the product of the parts of the amounts that are left."""
    amounts = ("cpus", "memory", "disk", "gpus")
    parts = [getattr(smaller, name) / getattr(request, name) for name in amounts if getattr(request, name)]
    return sum(part == 1 for part in parts), math.prod(parts)


def _rounded(number: int) -> int:
    unit: int = 10 ** max(0, len(str(number)) - DIGITS)
    return number // unit * unit
