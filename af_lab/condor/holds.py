"""Why jobs are on hold, and what can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from af_lab.wording import count, size

__all__ = ["Held", "hold_reasons", "short_reason"]

# HoldReasonCode of the HTCondor manual ("Job ClassAd Attributes"): 3 is the job's own policy, 21 the machine's, 26 the
# access point's, 34 a limit of the slot.
JOB_POLICY, MACHINE_POLICY, SYSTEM_POLICY, OUT_OF_RESOURCES = 3, 21, 26, 34
# HoldReasonSubCode for memory and disk.
MEMORY, DISK = 102, 104
LONGEST = 240  # characters of HTCondor's own words

REASONS = {
    1: ("by hand", "Release or remove them"),
    3: ("by a policy of the jobs themselves", "Their logs may say more"),
    4: ("their credentials are not valid", "Renew the credentials, then release them"),
    5: ("by a policy of the jobs themselves that cannot be evaluated", "Correct it in the submit commands"),
    6: ("their program could not be started", "The Python of the cluster must exist on the machines of the pool"),
    7: ("their output file could not be opened", "Check the quota and the permissions of the cluster's folder"),
    8: ("their input file could not be opened", "Check the permissions of the cluster's folder"),
    12: ("files could not be transferred back", "Check the quota and the space of the cluster's folder"),
    13: ("files could not be transferred to the machine", "Check that the files are there and can be read"),
    14: ("the cluster's folder cannot be reached", "Check that it exists where the jobs run"),
    16: ("their files are still being transferred to the access point", "They are released when that is done"),
    21: ("by the policy of the machine", "Ask for what it allows, or for another site"),
    22: ("their event log cannot be written", "Check the quota and the space of the cluster's folder"),
    23: ("the machine cannot use your account", "Tell the administrators of the pool"),
    26: ("by a policy of the access point", "Ask for what it allows, or ask its administrators"),
    27: ("by a policy of the access point that cannot be evaluated", "Tell its administrators"),
    32: ("their input files are larger than is allowed", "Let the jobs read large files from a store"),
    33: ("their output files are larger than is allowed", "Let the jobs write large files to a store"),
    34: ("they used more than the slot gives them", "Ask for more"),
    35: ("the container's image is not valid", "Check its name"),
    45: ("containers do not work on the machine", "Tell the administrators of the pool"),
    46: ("they lasted longer than is allowed", "Ask for a longer duration, if the facility has such a command"),
    47: ("they ran longer than is allowed", "Ask for a longer duration, if the facility has such a command"),
}
MEMORY_OUTGROWN = ("memory outgrown", "Ask for more memory")
DISK_OUTGROWN = ("disk outgrown", "Ask for more disk")
UNKNOWN = ("", "Release them to try again")


@dataclass(frozen=True)
class Held:
    """A job on hold.

    Attributes
    ----------
    code
        HoldReasonCode and HoldReasonSubCode.
    reason
        HoldReason.
    memory_asked, memory_used
        Bytes.
    """

    code: tuple[int, int] | None
    reason: str | None = None
    memory_asked: int | None = None
    memory_used: int | None = None


def hold_reasons(jobs: Sequence[Held]) -> list[str]:
    """Return a sentence and a remedy for each cause, the most frequent first."""
    causes = Counter(map(_cause, jobs))
    return [
        _sentence(cause, number, [job for job in jobs if _cause(job) == cause])
        for cause, number in causes.most_common()
    ]


def short_reason(jobs: Sequence[Held]) -> str:
    """Return the most frequent cause in a few words; "" where HTCondor gives none."""
    return Counter(map(_cause, jobs)).most_common(1)[0][0][0] if jobs else ""


def _cause(job: Held) -> tuple[str, str]:
    code, subcode = job.code or (0, 0)
    limited = code in (JOB_POLICY, MACHINE_POLICY, SYSTEM_POLICY, OUT_OF_RESOURCES)
    if limited and (subcode == MEMORY or (job.memory_used or 0) > (job.memory_asked or 2**63)):
        return MEMORY_OUTGROWN
    if code == OUT_OF_RESOURCES and subcode == DISK:
        return DISK_OUTGROWN
    return REASONS.get(code, UNKNOWN)


def _sentence(cause: tuple[str, str], number: int, jobs: Sequence[Held]) -> str:
    what, remedy = cause
    held = f"{count(number, 'is', 'are')} on hold"
    if what:
        held += f": {what}"
    if cause == MEMORY_OUTGROWN:
        return f"{held}{_memory(jobs)}. {remedy}."
    if said := Counter(job.reason for job in jobs if job.reason).most_common(1):
        text = said[0][0].strip().rstrip(".")
        text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
        held += f" ({text})" if what else f": {text}"
    return f"{held}. {remedy}."


def _memory(jobs: Sequence[Held]) -> str:
    asked = [job.memory_asked for job in jobs if job.memory_asked]
    used = [job.memory_used for job in jobs if job.memory_used]
    known = [
        *([f"asked {size(min(asked))}"] if asked else []),
        *([f"used {size(max(used))}"] if used else []),
    ]
    return f" ({', '.join(known)})" if known else ""
