"""The memory of all processes of a job, counted as HTCondor and the kernel count it: anonymous and shared pages.

Pages of mapped files do not count, because the kernel takes them back when it needs memory.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["JobMemory", "JobProcess", "own_cgroup", "resident"]

PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
WALK_EVERY = 1.0  # seconds between two searches for new descendants
STRAYS_EVERY = 5.0  # seconds between two searches for processes whose parents ended
KILOBYTE = 1024
ANCESTOR = "_CONDOR_ANCESTOR_"

RESIDENT = re.compile(rb"^Rss(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)
# Of a kernel that does not tell the kinds of pages apart.
ALL_RESIDENT = re.compile(rb"^VmRSS:\s+(\d+) kB", re.MULTILINE)
SHARE = re.compile(rb"^Pss_(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)
# Of the address space: equal for two processes only if they share it.
SPACE = re.compile(rb"^(?:VmSize|RssAnon|RssFile|RssShmem):\s+\d+ kB", re.MULTILINE)
IN_CGROUP = re.compile(r"^(?:anon|shmem) (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class JobProcess:
    """A process of the job.

    Attributes
    ----------
    parent
        Id of its parent if that belongs to the job as well, else 0.
    memory
        Bytes; of pages that several processes share, its part.
    """

    pid: int
    parent: int
    memory: int


class JobMemory:
    """The memory of all processes of one job.

    Parameters
    ----------
    environment
        The environment variables of this process. HTCondor adds one for the starter of each job, and recognizes by it
        the processes of a job whose parents ended.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._marks = {f"{name}={value}".encode() for name, value in environment.items() if name.startswith(ANCESTOR)}
        self._cgroup = own_cgroup()
        # The parent of each process.
        self._processes: dict[int, int] = {}
        self._walked = self._searched = float("-inf")
        self._strays: set[int] = set()
        self._strangers: set[int] = set()

    def at_most(self) -> int:
        """Return an upper bound of the job's memory, in bytes.

        It takes about 25 us for each process. Pages that several processes share are counted for each of them.
        """
        if (known := self._in_cgroup()) is not None:
            return known
        self._find()
        return sum(map(resident, self._processes))

    def processes(self) -> list[JobProcess]:
        """Return the processes with their memory; takes up to 50 ms for each gigabyte."""
        self._walked = float("-inf")
        self._find()
        return [
            JobProcess(pid, parent, _share(pid))
            for pid, parent in self._processes.items()
            if not _is_about_to_become_another(pid, parent)
        ]

    def total(self, processes: Iterable[JobProcess]) -> int:
        """Return the job's memory in bytes, from what `processes` returned a moment ago."""
        known = self._in_cgroup()
        return sum(process.memory for process in processes) if known is None else known

    def _in_cgroup(self) -> int | None:
        """Return the memory of the job's own cgroup; None if it has none."""
        if self._cgroup is not None:
            with suppress(OSError):
                return sum(map(int, IN_CGROUP.findall((self._cgroup / "memory.stat").read_text())))
        return None

    def _find(self) -> None:
        now = time.monotonic()
        if now >= self._searched + STRAYS_EVERY:
            self._searched = now
            self._find_strays()
        elif now < self._walked + WALK_EVERY:
            return
        self._walked = now
        self._processes = dict(_descendants([os.getpid(), *sorted(self._strays)]))

    def _find_strays(self) -> None:
        if not self._marks:
            # In some containers; there is no other way to tell the jobs of one user apart.
            return
        present = {int(name) for name in os.listdir(PROC) if name.isdigit()}
        self._strays &= present
        self._strangers &= present
        for pid in present - self._strangers - self._strays - self._processes.keys():
            if self._marks <= set(_read(pid, "environ").split(b"\0")):
                self._strays.add(pid)
            else:
                self._strangers.add(pid)


def own_cgroup(proc: Path = PROC, cgroups: Path = CGROUPS) -> Path | None:
    """Return the folder of the job's own cgroup (version 2).

    Returns
    -------
    The folder, or None if other jobs may be in the same cgroup: the starter of HTCondor is in it, or processes that
    cannot be seen from here (of a pilot job, seen from a container).
    """
    with suppress(OSError, ValueError):
        lines = (proc / "self/cgroup").read_text().splitlines()
        (path,) = (line.removeprefix("0::/") for line in lines if line.startswith("0::/"))
        folder = cgroups / path
        if not (folder / "memory.stat").is_file():
            return None
        members = [pid for listed in folder.rglob("cgroup.procs") for pid in listed.read_text().split()]
        if "0" not in members and not any(_is_starter(proc / pid) for pid in members):
            return folder
    return None


def _is_starter(process: Path) -> bool:
    with suppress(FileNotFoundError):
        return (process / "comm").read_text().strip() == "condor_starter"
    return False


def _descendants(roots: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield processes and their descendants, each once and with its parent; 0 is that of a root."""
    seen: set[int] = set()
    ahead = [(root, 0) for root in roots]
    # A root may be a descendant of another one, whose parent is known then.
    below = {pid: parent for root, _ in ahead for pid, parent in _children(root)}
    while ahead:
        pid, parent = ahead.pop()
        if pid not in seen:
            seen.add(pid)
            yield pid, parent or below.get(pid, 0)
            ahead += _children(pid)


def _children(pid: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    with suppress(OSError):
        for thread in os.listdir(PROC / str(pid) / "task"):
            found += [(int(child), pid) for child in _read(pid, f"task/{thread}/children").split()]
    return found


def resident(pid: int) -> int:
    """Return the anonymous and shared memory of a process in bytes; 0 if it ended."""
    status = _read(pid, "status")
    return sum(map(int, RESIDENT.findall(status) or ALL_RESIDENT.findall(status))) * KILOBYTE


def _share(pid: int) -> int:
    """Return the memory of a process, with its part of shared pages; the upper bound if the kernel does not say it."""
    parts = SHARE.findall(_read(pid, "smaps_rollup"))
    return sum(map(int, parts)) * KILOBYTE if parts else resident(pid)


def _is_about_to_become_another(pid: int, parent: int) -> bool:
    """Return whether a process runs in the memory of its parent (vfork), as it does before it starts a program."""
    space = SPACE.findall(_read(pid, "status"))
    return bool(parent and space) and space == SPACE.findall(_read(parent, "status"))


def _read(pid: int, name: str) -> bytes:
    """Return a file of a process; nothing if the process ended or is another user's."""
    try:
        with open(f"{PROC}/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""
