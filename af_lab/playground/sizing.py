"""The cores and memory of this machine, or of the container around this process, that a pool may offer."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PoolSize", "machine_size"]

_UNLIMITED = 2**60  # cgroup v1 writes "no limit" as the largest multiple of a page


@dataclass(frozen=True)
class PoolSize:
    """What a pool offers to its jobs."""

    cpus: int
    memory: int
    """In bytes."""


def machine_size(proc: Path = Path("/proc"), cgroups: Path = Path("/sys/fs/cgroup")) -> PoolSize:
    """Return the cores and the memory that this process may use.

    This is the minimum of what the machine has, what the CPU affinity of this process allows, and what each control
    group above it allows (versions 1 and 2).
    """
    quotas: list[float] = [float(len(os.sched_getaffinity(0)))]
    limits: list[int] = [_machine_memory(proc)]
    for folder in _own_cgroups(proc, cgroups):
        quotas += _quota(folder)
        limits += _limit(folder)
    return PoolSize(cpus=max(1, math.floor(min(quotas))), memory=min(limits))


def _machine_memory(proc: Path) -> int:
    for line in (proc / "meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"{proc / 'meminfo'} has no line MemTotal")


def _own_cgroups(proc: Path, root: Path) -> list[Path]:
    """Return the folders of all control groups above this process, its own first."""
    found: list[Path] = []
    for line in (proc / "self" / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and not {"cpu", "memory"} & set(controllers.split(",")):
            continue
        hierarchy = root / controllers if controllers else root
        inside = hierarchy / path.lstrip("/")
        # In a container the path may be the host's, while the container's own group is mounted at the root.
        found += [folder for folder in (inside, *inside.parents) if folder.is_relative_to(hierarchy)]
    return [folder for folder in found if folder.is_dir()]


def _quota(folder: Path) -> list[float]:
    """Return the number of cores that a group may use at once, if it is limited."""
    if words := _words(folder / "cpu.max"):
        return [] if words[0] == "max" else [int(words[0]) / int(words[1])]
    quota, period = _words(folder / "cpu.cfs_quota_us"), _words(folder / "cpu.cfs_period_us")
    if not quota or not period or int(quota[0]) <= 0:
        return []
    return [int(quota[0]) / int(period[0])]


def _limit(folder: Path) -> list[int]:
    """Return the bytes of memory that a group may use, as far as they are limited."""
    found = [_words(folder / name) for name in ("memory.max", "memory.high", "memory.limit_in_bytes")]
    limits = [int(words[0]) for words in found if words and words[0] != "max"]
    return [limit for limit in limits if limit < _UNLIMITED]


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []
