"""The status of a pool, as its collector reports it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

__all__ = ["PoolState", "PoolStatus", "ask_collector"]

_QUERY_LIMIT = 20.0  # seconds
_NEEDED_ADS = {"Scheduler": "condor_schedd", "Machine": "condor_startd", "Negotiator": "condor_negotiator"}
_SLOT_ATTRIBUTES = ("PartitionableSlot", "TotalSlotCpus", "Cpus", "TotalSlotMemory", "Memory")
_SCHEDD_ATTRIBUTES = ("TotalRunningJobs", "TotalIdleJobs", "TotalHeldJobs")

Ads = dict[str, list[dict[str, str]]]


class PoolState(Enum):
    """The state of a pool."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPED = "stopped"
    DIED = "died"
    OUT_OF_REACH = "running, but out of reach"
    """It does not answer, and its processes belong to another namespace or user."""


@dataclass(frozen=True)
class PoolStatus:
    """What is known of a pool at one moment."""

    state: PoolState
    missing: tuple[str, ...] = ()
    """Daemons that have not reported to the collector yet, or not again since a restart."""
    cpus: int = 0
    free_cpus: int = 0
    memory: int = 0
    """In bytes, as is `free_memory`."""
    free_memory: int = 0
    running_jobs: int = 0
    idle_jobs: int = 0
    held_jobs: int = 0


def ask_collector(tools: Path, environment: Mapping[str, str]) -> PoolStatus:
    """Return the status of the pool of an environment, from one query of its collector.

    Parameters
    ----------
    tools
        The folder of ``condor_status``.
    environment
        Names the pool by ``CONDOR_CONFIG``.
    """
    ads = _all_ads(tools, environment)
    missing = tuple(daemon for kind, daemon in _NEEDED_ADS.items() if kind not in ads)
    if missing:
        return PoolStatus(PoolState.STARTING, missing=missing)
    slots = [ad for ad in ads["Machine"] if ad["PartitionableSlot"] == "true"]
    schedds = ads["Scheduler"]
    return PoolStatus(
        PoolState.RUNNING,
        cpus=_sum(slots, "TotalSlotCpus"),
        free_cpus=_sum(slots, "Cpus"),
        memory=_sum(slots, "TotalSlotMemory") * 2**20,
        free_memory=_sum(slots, "Memory") * 2**20,
        running_jobs=_sum(schedds, "TotalRunningJobs"),
        idle_jobs=_sum(schedds, "TotalIdleJobs"),
        held_jobs=_sum(schedds, "TotalHeldJobs"),
    )


def _all_ads(tools: Path, environment: Mapping[str, str]) -> Ads:
    """Return the ads in the collector, by their type; empty if it does not answer."""
    attributes = ("MyType", *_SLOT_ATTRIBUTES, *_SCHEDD_ATTRIBUTES)
    try:
        answer = subprocess.run(
            [tools / "condor_status", "-any", "-af:t", *attributes],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_QUERY_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {}
    ads: Ads = {}
    for line in answer.stdout.splitlines():
        ad = dict(zip(attributes, line.split("\t"), strict=True))
        ads.setdefault(ad["MyType"], []).append(ad)
    return ads


def _sum(ads: list[dict[str, str]], attribute: str) -> int:
    return sum(int(ad[attribute]) for ad in ads)
