"""Slots, what a job asks of them, and how many such jobs each could run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from af_lab.worker.protocol import MEGABYTE

__all__ = ["Request", "SlotMatch", "fits", "job_attributes", "large_enough", "room_ever", "room_now", "takes"]

KILOBYTE = 2**10
# A partitionable slot is divided into such pieces unless too little is left for one: HTCondor's defaults of
# MODIFY_REQUEST_EXPR_REQUESTMEMORY and MODIFY_REQUEST_EXPR_REQUESTDISK.
MEMORY_PIECE = 128 * MEGABYTE
DISK_PIECE = MEGABYTE


@dataclass(frozen=True)
class Request:
    """What one job asks of a slot.

    Attributes
    ----------
    cpus, gpus
        Number of each.
    memory, disk
        Bytes.
    requirements
        ClassAd expression, in addition to what the other attributes ask for.
    arch
        Architecture as HTCondor calls it (``X86_64``); None for any.
    sites
        Names of the sites where the job may run; empty for all.
    attributes
        Further attributes of the job's ad, as ClassAd expressions, that policies of slots (START) may use.
    """

    cpus: int
    memory: int
    disk: int
    gpus: int = 0
    requirements: str | None = None
    arch: str | None = None
    sites: Sequence[str] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


class SlotMatch(NamedTuple):
    """A slot matched with a job; dynamic slots are parts of their partitionable slot, and not listed.

    Attributes
    ----------
    partitionable
        Whether it is divided as jobs request; otherwise it runs one job.
    cpus, memory, disk, gpus
        Free; memory and disk in bytes.
    total_cpus, total_memory, total_disk, total_gpus
        Of the whole slot.
    state
        As HTCondor calls it: ``Unclaimed``, ``Claimed``, ``Owner``, ``Drained``, ...
    draining
        Whether it takes no new jobs for now, because its machine is being drained.
    sites
        The sites whose requirements it fulfils.
    meets
        Whether the job's requirements would hold if the slot were empty and large enough.
    willing
        Whether the slot's own policy (START) would take the job if it were empty and large enough.
    owners
        Cores in use by owner.
    """

    name: str
    machine: str
    arch: str
    partitionable: bool
    cpus: int
    total_cpus: int
    memory: int
    total_memory: int
    disk: int
    total_disk: int
    gpus: int
    total_gpus: int
    state: str
    draining: bool
    sites: Sequence[str]
    meets: bool
    willing: bool
    owners: Mapping[str, float]

    @property
    def site(self) -> str | None:
        """The site that it counts for: the first in the order of the configuration."""
        return self.sites[0] if self.sites else None


def job_attributes(request: Request) -> dict[str, str]:
    """Return the ad of a job that makes this request, as ClassAd expressions."""
    return {
        "MyType": '"Job"',
        "JobUniverse": "5",
        "JobStatus": "1",
        "RequestCpus": str(request.cpus),
        "RequestMemory": str(-(-request.memory // MEGABYTE)),
        "RequestDisk": str(-(-request.disk // KILOBYTE)),
        **({"RequestGPUs": str(request.gpus)} if request.gpus else {}),
        "Requirements": request.requirements or "true",
        **request.attributes,
    }


def large_enough(slot: SlotMatch, request: Request) -> bool:
    """Return whether the whole slot has what a job asks for."""
    return (
        slot.total_cpus >= request.cpus
        and slot.total_memory >= request.memory
        and slot.total_disk >= request.disk
        and slot.total_gpus >= request.gpus
    )


def takes(slot: SlotMatch, request: Request) -> bool:
    """Return whether slot and job accept each other, apart from the size."""
    return (
        slot.meets
        and (slot.willing or slot.draining)
        and request.arch in (None, slot.arch)
        and (not request.sites or any(site in request.sites for site in slot.sites))
    )


def room_now(slot: SlotMatch, request: Request) -> int:
    """Return how many jobs of a request could start at the slot now."""
    if slot.draining or not takes(slot, request):
        return 0
    if not slot.partitionable:
        return int(slot.state == "Unclaimed" and large_enough(slot, request))
    return fits(request, slot.cpus, slot.memory, slot.disk, slot.gpus)


def room_ever(slot: SlotMatch, request: Request) -> int:
    """Return how many jobs of a request could run at the slot if it were empty."""
    if not takes(slot, request):
        return 0
    if not slot.partitionable:
        return int(large_enough(slot, request))
    return fits(request, slot.total_cpus, slot.total_memory, slot.total_disk, slot.total_gpus)


def fits(request: Request, cpus: int, memory: int, disk: int, gpus: int) -> int:
    """Return how many jobs of a request fit into these resources of a partitionable slot."""
    return min(
        _times(cpus, request.cpus, 1),
        _times(memory, request.memory, MEMORY_PIECE),
        _times(disk, request.disk, DISK_PIECE),
        _times(gpus, request.gpus, 1) if request.gpus else cpus,
    )


def _times(free: int, asked: int, piece: int) -> int:
    rounded = -(-asked // piece) * piece
    times = free // rounded
    # The last one gets what is left if that is enough.
    return times + (free - times * rounded) // asked
