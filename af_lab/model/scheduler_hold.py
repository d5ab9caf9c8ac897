"""Why a scheduler job is on hold: it gave up by itself, or somebody or a policy decided so."""

from __future__ import annotations

from af_lab.condor.holds import JOB_POLICY, SYSTEM_POLICY

__all__ = ["OWN_SUBCODE", "OWN_WORDS", "gave_up", "hold_reason"]

OWN_SUBCODE = 1
"""HoldReasonSubCode after an exit code of the scheduler; a policy of a facility has another, usually 0."""
OWN_WORDS = "The Dask scheduler cannot run; its log says why."
"""HoldReason after such an exit code."""

# By HoldReasonCode.
DECIDED = {
    1: "by hand",
    JOB_POLICY: "by a policy that the facility adds to jobs",
    SYSTEM_POLICY: "by a policy of the access point",
}


def gave_up(code: tuple[int, int] | None, told: str | None) -> bool:
    """Return whether a scheduler job is on hold because of its own exit code; parameters as for `hold_reason`."""
    # Schedulers that an earlier af_lab submitted have no subcode.
    return code == (JOB_POLICY, OWN_SUBCODE) or (code == (JOB_POLICY, 0) and told == OWN_WORDS)


def hold_reason(code: tuple[int, int] | None, told: str | None, name: str) -> str:
    """Return who put the scheduler job of a cluster on hold, and how it is released.

    Parameters
    ----------
    code
        HoldReasonCode and HoldReasonSubCode.
    told
        HoldReason.
    name
        The cluster.
    """
    decided = DECIDED.get(code[0] if code else 0, "by HTCondor")
    words = (told or "no reason was given").rstrip(".")
    return (
        f"Its scheduler job was put on hold {decided}: {words}. Its workers end, and the results in their memory are "
        f"lost. `af-lab cluster release {name}`, or “Start again” in the panel, releases it."
    )
