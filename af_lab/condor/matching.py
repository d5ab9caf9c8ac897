"""Matching of a job with the slots of a pool, in the helper process: the only place that evaluates ClassAd expressions.

The bindings evaluate as the negotiator does (a name that one ad lacks is looked up in the other) only once `htcondor2`
is imported, which configures them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from af_lab.condor.slots import KILOBYTE, SlotMatch
from af_lab.worker.protocol import MEGABYTE

__all__ = ["PROJECTION", "WHOLE_SLOTS", "Matching"]

WHOLE_SLOTS = 'DynamicSlot =!= true && OpSys =?= "LINUX"'
"""Without dynamic slots: the ad of their partitionable slot describes them."""

PROJECTION = [
    *("Name", "Machine", "Arch", "PartitionableSlot", "State", "Draining", "Cpus", "Memory", "Disk", "GPUs"),
    *("TotalSlotCpus", "TotalSlotMemory", "TotalSlotDisk", "TotalSlotGPUs", "RemoteOwner"),
    *("ChildRemoteOwner", "ChildCpus"),
]
"""The attributes that a slot's ad needs, besides those that sites and policies use."""

RESOURCES = {"Cpus": 1, "Memory": MEGABYTE, "Disk": KILOBYTE, "GPUs": 1}


class Matching:
    """A job to match with slots.

    Parameters
    ----------
    classad
        The module ``classad2``.
    job
        The job's ad, as ClassAd expressions; None to describe slots alone.
    sites
        The requirements of each site.
    """

    def __init__(self, classad: Any, job: Mapping[str, str] | None, sites: Mapping[str, str]) -> None:
        self._classad = classad
        self._sites = {name: self._expression(text) for name, text in sites.items()}
        self._job = classad.ClassAd()
        for name, text in (job or {}).items():
            self._job[name] = self._expression(text)
        self._compares = job is not None
        self._asked = {name: self._number(self._job, f"Request{name}") for name in RESOURCES}

    def references(self) -> list[str]:
        """Return the attributes of slots that the requirements of the sites use."""
        found = {name for site in self._sites.values() for name in self._job.externalRefs(site)}
        return [name.rpartition(".")[2] for name in found]

    def describe(self, slot: Any) -> SlotMatch:
        """Return one slot, matched with the job, from the slot's ad."""
        partitionable = slot.get("PartitionableSlot") is True
        free = {name: self._number(slot, name) for name in RESOURCES}
        total = {name: self._total(slot, name) if partitionable else free[name] for name in RESOURCES}
        claimed = slot.get("State") == "Claimed"
        if not partitionable and claimed:
            free = dict.fromkeys(RESOURCES, 0)
        owners = self._owners(slot) if partitionable else {_account(slot.get("RemoteOwner")): total["Cpus"]}
        sites = [name for name, expression in self._sites.items() if self._holds(expression, self._job, slot)]
        meets, willing = self._compare(slot, total) if self._compares else (True, True)
        return SlotMatch(
            name=str(slot.get("Name")),
            machine=str(slot.get("Machine")),
            arch=str(slot.get("Arch")),
            partitionable=partitionable,
            cpus=free["Cpus"],
            total_cpus=total["Cpus"],
            memory=free["Memory"] * MEGABYTE,
            total_memory=total["Memory"] * MEGABYTE,
            disk=free["Disk"] * KILOBYTE,
            total_disk=total["Disk"] * KILOBYTE,
            gpus=free["GPUs"],
            total_gpus=total["GPUs"],
            state=str(slot.get("State")),
            draining=slot.get("Draining") is True,
            sites=sites,
            meets=meets,
            willing=willing,
            owners=owners if partitionable or claimed else {},
        )

    def _compare(self, slot: Any, total: Mapping[str, int]) -> tuple[bool, bool]:
        """Return whether the job's requirements hold at a slot, and whether the slot's policy takes the job.

        Both are evaluated as if the slot were empty and large enough; its size is compared elsewhere.
        """
        before = {name: slot.lookup(name) for name in (*RESOURCES, "AvailableGPUs") if name in slot}
        for name in RESOURCES:
            slot[name] = max(total[name], self._asked[name])
        if assigned := slot.get("AssignedGPUs"):
            names = (f"GPUs_{gpu.strip().replace('-', '_')}" for gpu in assigned.split(","))
            slot["AvailableGPUs"] = self._expression(f"{{ {', '.join(names)} }}")
        meets = self._holds(self._job.lookup("Requirements"), self._job, slot)
        willing = "Requirements" in slot and self._holds(slot.lookup("Requirements"), slot, self._job)
        # Restored, because other jobs are matched with the same ad.
        for name in (*RESOURCES, "AvailableGPUs"):
            slot.pop(name, None)
        slot.update(before)
        return meets, willing

    def _total(self, slot: Any, name: str) -> int:
        return max(self._number(slot, f"TotalSlot{name}"), self._number(slot, name))

    def _expression(self, text: str) -> Any:
        try:
            return self._classad.ExprTree(text)
        except self._classad.ClassAdException as error:
            raise ValueError(f"{text!r} is not a ClassAd expression") from error

    def _number(self, ad: Any, name: str) -> int:
        return int(self._value(ad.lookup(name), ad, None)) if name in ad else 0

    def _holds(self, expression: Any, scope: Any, target: Any) -> bool:
        return bool(self._value(expression, scope, target))

    def _value(self, expression: Any, scope: Any, target: Any) -> float:
        """Evaluate to a number or a truth value; everything else, such as undefined or an error, counts as 0."""
        value = expression.eval(scope=scope, target=target)
        # The values "undefined" and "error" are whole numbers to Python.
        return value if isinstance(value, int | float) and not isinstance(value, self._classad.Value) else 0

    def _owners(self, slot: Any) -> dict[str, float]:
        """Return the cores in use by owner, of the dynamic slots of a partitionable one."""
        use: Counter[str] = Counter()
        lists = [slot.eval(name) if name in slot else [] for name in ("ChildRemoteOwner", "ChildCpus")]
        for owner, cpus in zip(*lists, strict=False):
            if isinstance(owner, str):
                use[_account(owner)] += cpus
        return dict(use)


def _account(owner: object) -> str:
    return str(owner).partition("@")[0]
