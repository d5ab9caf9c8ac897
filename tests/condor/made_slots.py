"""Slots that no pool has."""

from __future__ import annotations

from typing import Any

from af_lab.condor.slots import Request, SlotMatch

GB, MIB, GIB = 10**9, 2**20, 2**30
ONE_CORE = Request(cpus=1, memory=2 * GB, disk=GB)


def slot(**given: Any) -> SlotMatch:
    """A partitionable slot with 8 cores and 17 GB, all free unless said otherwise."""
    whole = {"cpus": 8, "memory": 17 * GB, "disk": 100 * GB, "gpus": 0}
    total = {f"total_{name}": given.get(f"total_{name}", given.get(name, amount)) for name, amount in whole.items()}
    free = {name: given.get(name, total[f"total_{name}"]) for name in whole}
    rest = {
        "name": "slot1@wn",
        "machine": "wn",
        "arch": "X86_64",
        "partitionable": True,
        "state": "Unclaimed",
        "draining": False,
        "sites": [],
        "meets": True,
        "willing": True,
        "owners": {},
    }
    return SlotMatch(**{**rest, **given, **total, **free})


def busy(**given: Any) -> SlotMatch:
    return slot(**{"cpus": 0, "total_cpus": 8, "memory": GB, "total_memory": 17 * GB, "owners": {"other": 8}} | given)
