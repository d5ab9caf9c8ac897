"""Who uses the slots, and what fair share means for the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from af_lab.condor.pool import Share
from af_lab.condor.slots import SlotMatch
from af_lab.wording import count, percent

__all__ = ["fair_part", "priority_reasons", "usage"]


def usage(slots: Sequence[SlotMatch], owner: str) -> str:
    """Say who uses the cores of slots."""
    cores = sum(slot.total_cpus for slot in slots)
    use: Counter[str] = Counter()
    for slot in slots:
        use.update(slot.owners)
    own = use.pop(owner, 0)
    others = sum(use.values())
    return (
        f"others use {others:.0f} of {'its' if len(slots) == 1 else 'their'} {count(cores, 'core')} "
        f"({percent(others, cores)}), you {own:.0f}"
    )


def fair_part(shares: Sequence[Share]) -> float | None:
    """Return the user's fair share of the cores in use, from 0 to 1; None for a user that never ran a job.

    Slots are handed out in inverse proportion to the effective priorities (HTCondor manual, "User Priorities and
    Negotiation").
    """
    own = [share for share in shares if share.own]
    if not own:
        return None
    best = min(own, key=lambda share: share.priority)
    others = [share for share in shares if not share.own and share.cores > 0]
    return 1 / best.priority / sum(1 / share.priority for share in [best, *others])


def priority_reasons(shares: Sequence[Share]) -> list[str]:
    """Say what fair share means for a user whose jobs wait; nothing if no other user has slots."""
    others = [share for share in shares if not share.own and share.cores > 0]
    if not others:
        return []
    theirs = sum(share.cores for share in others)
    part = fair_part(shares)
    who = count(len(others), "other user has", "other users have")
    if part is None:
        return [f"{who} {theirs:.0f} cores. You have not used the pool yet, so you get free slots first."]
    own = sum(share.cores for share in shares if share.own)
    best = min(share.priority for share in shares if share.own)
    turn = (
        "You have less than that: slots that become free come to you first"
        if own < part * (own + theirs)
        else "You have that or more: slots that become free go to others first"
    )
    return [
        f"{who} {theirs:.0f} cores, you have {own:.0f} ({percent(own, own + theirs)}). Your priority is "
        f"{best:.0f}, the others' is {_range([share.priority for share in others])} (smaller is better), "
        f"so {percent(part, 1)} would be your share. {turn}."
    ]


def _range(numbers: Sequence[float]) -> str:
    low, high = f"{min(numbers):.0f}", f"{max(numbers):.0f}"
    return low if low == high else f"{low} to {high}"
