"""The conditions that a job sets for slots: how many slots fulfil each, and why no slot fulfils all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from af_lab.condor.slots import Request, SlotMatch
from af_lab.wording import count, enumerate_words, size

__all__ = ["never", "overview_of_conditions"]

Slots = Sequence[SlotMatch]


@dataclass(frozen=True)
class Condition:
    """One condition that a job sets for a slot.

    Attributes
    ----------
    holds
        Whether a slot fulfils it.
    fulfilled
        Phrases for one slot, and for several slots, that fulfil it.
    lacking
        Returns a text for a pool where no slot fulfils it: what is missing, and what to do.
    without
        Returns the changed request that these slots, which fulfil all other conditions, could run.
    """

    holds: Callable[[SlotMatch], bool]
    fulfilled: tuple[str, str]
    lacking: Callable[[Slots], str]
    without: Callable[[Slots], str]


def never(request: Request, slots: Slots) -> list[str]:
    """Say why no slot of a pool can ever run a job, and what would help."""
    if not slots:
        return ["The pool has no slots at the moment. Check `condor_status`, and ask the pool's administrators."]
    wanted = _conditions(request)
    lacking = [condition for condition in wanted if not any(map(condition.holds, slots))]
    if lacking:
        first, *others = (condition.lacking(slots) for condition in lacking)
        return [f"No slot of the pool can ever run this: {first}", *(f"Besides, {other}" for other in others)]
    remedies = []
    for condition in wanted:
        rest = [other.holds for other in wanted if other is not condition]
        nearly = [slot for slot in slots if all(holds(slot) for holds in rest)]
        if nearly:
            remedies.append(f"{condition.without(nearly)}, {count(len(nearly), 'slot')} could.")
    return [
        "No slot of the pool can ever run this: each condition holds at some slots, but no slot fulfils them all.",
        *remedies,
    ]


def overview_of_conditions(request: Request, slots: Slots) -> list[str]:
    """Say how many slots fulfil each condition; leave out conditions that all slots fulfil."""
    said = []
    for condition in _conditions(request):
        number = sum(map(condition.holds, slots))
        if number < len(slots):
            said.append(count(number, *condition.fulfilled))
    return [f"Of {count(len(slots), 'slot')}, {enumerate_words(said)}."] if said else []


def _conditions(request: Request) -> list[Condition]:
    found = [_cores(request), _memory(request), _disk(request)]
    if request.gpus:
        found.append(_gpus(request))
    if request.arch:
        found.append(_arch(request.arch))
    if request.sites:
        found.append(_sites(request.sites))
    if request.requirements:
        found.append(_requirements(request.requirements))
    return [*found, _policy()]


def _cores(request: Request) -> Condition:
    def most(slots: Slots) -> str:
        return count(max(slot.total_cpus for slot in slots), "core")

    asked = count(request.cpus, "core")
    return Condition(
        holds=lambda slot: slot.total_cpus >= request.cpus,
        fulfilled=(f"has {asked}", f"have {asked}"),
        lacking=lambda slots: f"the largest has {most(slots)}, asked for {asked} in each job. Ask for fewer cores.",
        without=lambda slots: f"With at most {most(slots)}",
    )


def _memory(request: Request) -> Condition:
    def lacking(slots: Slots) -> str:
        largest = max(slots, key=lambda slot: slot.total_memory)
        return (
            f"the largest has {count(largest.total_cpus, 'core')} and {size(largest.total_memory)}, asked for "
            f"{count(request.cpus, 'core')} and {size(request.memory)}. Ask for less memory."
        )

    asked = f"{size(request.memory)} of memory"
    return Condition(
        holds=lambda slot: slot.total_memory >= request.memory,
        fulfilled=(f"has {asked}", f"have {asked}"),
        lacking=lacking,
        without=lambda slots: f"With at most {size(max(slot.total_memory for slot in slots))} of memory",
    )


def _disk(request: Request) -> Condition:
    def most(slots: Slots) -> str:
        return size(max(slot.total_disk for slot in slots))

    asked = f"{size(request.disk)} of disk"
    return Condition(
        holds=lambda slot: slot.total_disk >= request.disk,
        fulfilled=(f"has {asked}", f"have {asked}"),
        lacking=lambda slots: f"the largest disk is {most(slots)}, asked for {asked}. Ask for less disk.",
        without=lambda slots: f"With at most {most(slots)} of disk",
    )


def _gpus(request: Request) -> Condition:
    def most(slots: Slots) -> int:
        return max(slot.total_gpus for slot in slots)

    def lacking(slots: Slots) -> str:
        if not most(slots):
            return f"none has a GPU, asked for {count(request.gpus, 'GPU')}. Ask for none."
        return f"the most in one slot is {count(most(slots), 'GPU')}, asked for {request.gpus}. Ask for fewer."

    asked = count(request.gpus, "GPU")
    return Condition(
        holds=lambda slot: slot.total_gpus >= request.gpus,
        fulfilled=(f"has {asked}", f"have {asked}"),
        lacking=lacking,
        without=lambda slots: f"With at most {count(most(slots), 'GPU')}" if most(slots) else "Without GPUs",
    )


def _arch(arch: str) -> Condition:
    return Condition(
        holds=lambda slot: slot.arch == arch,
        fulfilled=(f"has the architecture {arch}", f"have the architecture {arch}"),
        lacking=lambda slots: (
            f"none has the architecture {arch}, there are {_tally(slot.arch for slot in slots)}. Choose another one, "
            "and an environment that is built for it."
        ),
        without=lambda slots: f"On {_tally(slot.arch for slot in slots)}",
    )


def _sites(sites: Sequence[str]) -> Condition:
    named = enumerate_words(list(sites), "or")
    return Condition(
        holds=lambda slot: any(site in sites for site in slot.sites),
        fulfilled=(f"is at {named}", f"are at {named}"),
        lacking=lambda slots: (
            f"none is at {named}, there are {_tally(slot.site or 'no named site' for slot in slots)}. Choose "
            "other sites, or none."
        ),
        without=lambda slots: f"At other sites ({_tally(slot.site or 'no named site' for slot in slots)})",
    )


def _requirements(requirements: str) -> Condition:
    return Condition(
        holds=lambda slot: slot.meets,
        fulfilled=("fulfils the job's requirements", "fulfil the job's requirements"),
        lacking=lambda slots: (
            f"none of {count(len(slots), 'slot')} fulfils the requirements `{requirements}`. Correct or drop them."
        ),
        without=lambda slots: f"Without the requirements `{requirements}`",
    )


def _policy() -> Condition:
    return Condition(
        holds=lambda slot: slot.willing or slot.draining,
        fulfilled=("takes your jobs by its policy (START)", "take your jobs by their policy (START)"),
        lacking=lambda slots: (
            f"the policy (START) of {'the only slot' if len(slots) == 1 else f'all {len(slots)} slots'} refuses your "
            "jobs. Ask the administrators of the pool which jobs it takes."
        ),
        without=lambda slots: "If their policy (START) took your jobs",
    )


def _tally(names: Iterable[str]) -> str:
    return enumerate_words([f"{name} ({number})" for name, number in Counter(names).most_common()])
