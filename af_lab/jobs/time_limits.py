"""How long a job may run, read from the submit lines by which facilities say it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

__all__ = ["time_limit"]

# Attributes with the number of seconds or minutes, and HTCondor's own commands.
SECONDS = ("my.maxruntime", "my.requestruntime", "allowedjobduration", "allowedexecuteduration")
MINUTES = ("my.maxwalltimemins",)
POLICIES = ("periodicremove", "periodichold")
FLAVOUR = "my.jobflavour"
HOUR = 3600
# Of CERN's batch service, in seconds.
FLAVOURS = {
    "espresso": HOUR / 3,
    "microcentury": HOUR,
    "longlunch": 2 * HOUR,
    "workday": 8 * HOUR,
    "tomorrow": 24 * HOUR,
    "testmatch": 72 * HOUR,
    "nextweek": 168 * HOUR,
}
PRODUCT = re.compile(r"\s*\d+(?:\s*\*\s*\d+)*\s*")
# Such as ``JobStatus == 2 && (time() - EnteredCurrentStatus) > 2 * 3600``.
SINCE_START = re.compile(
    r"(?:time\(\)|CurrentTime)\s*-\s*(?:MY\.)?(?:EnteredCurrentStatus|Job(?:Current)?Start(?:Executing)?Date)\s*\)*"
    r"\s*>=?\s*\(*\s*(\d+(?:\s*\*\s*\d+)*)",
    re.IGNORECASE,
)
RUNS = re.compile(r"JobStatus\s*=[=?]=?\s*2", re.IGNORECASE)


def time_limit(lines: Mapping[str, str]) -> float | None:
    """Return the seconds that a job may run by the lines of its submit description; None if no line is known.

    Parameters
    ----------
    lines
        Submit commands and attributes, spelled as condor_submit allows it.
    """
    found = [limit for key, value in lines.items() if (limit := _limit(_spelled_alike(key), value)) is not None]
    return min(found, default=None)


def _limit(key: str, value: str) -> float | None:
    if key == FLAVOUR:
        return FLAVOURS.get(value.strip().strip('"').lower())
    if key in POLICIES:
        # The time since the last change of its status is one of running only in an expression that says so.
        if "enteredcurrentstatus" in value.lower() and not RUNS.search(value):
            return None
        return min((_product(found) for found in SINCE_START.findall(value)), default=None)
    if key in (*SECONDS, *MINUTES) and PRODUCT.fullmatch(value):
        return _product(value) * (60 if key in MINUTES else 1)
    return None


def _product(text: str) -> float:
    return float(math.prod(map(int, text.split("*"))))


def _spelled_alike(key: str) -> str:
    lower = key.lower()
    if lower.startswith(("+", "my.")):
        return "my." + lower.removeprefix("+").removeprefix("my.")
    return lower.replace("_", "")
