"""How busy the machine of a worker is: workers that get no core there do not wait for files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

__all__ = ["HostCpu", "busy_part"]

STAT = Path("/proc/stat")
IDLE = slice(3, 5)  # idle, and waiting for disks


class HostCpu:
    """Measures which part of the time the cores of this machine were busy since the last look."""

    def __init__(self) -> None:
        self._before = _read()

    def look(self) -> float:
        """Return the part, from 0 to 1; 0 where the kernel does not say it."""
        before, self._before = self._before, _read()
        return busy_part(before, self._before)


def busy_part(before: Sequence[int], now: Sequence[int]) -> float:
    """Return the busy part of the time between two readings of the first line of ``/proc/stat``."""
    spent = [max(0, new - old) for old, new in zip(before, now, strict=False)]
    total = sum(spent)
    return 1 - sum(spent[IDLE]) / total if total else 0.0


def _read() -> list[int]:
    """Return the time that all cores spent in each state, in ticks; the last two states are part of the first."""
    try:
        with STAT.open(encoding="ascii") as file:
            return [int(number) for number in file.readline().split()[1:9]]
    except (OSError, ValueError):
        return []
