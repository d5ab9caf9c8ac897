"""What the tests of security look at in running processes, as anybody on the machine could."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Seen:
    """A process as ``/proc`` shows it; the environment is None where it is not shown."""

    pid: int
    parent: int
    command: bytes
    environment: bytes | None


def all_processes() -> list[Seen]:
    """Return all processes but this one."""
    return list(_all_processes())


def _all_processes() -> Iterator[Seen]:
    for process in psutil.process_iter():
        entry = Path("/proc", str(process.pid))
        if process.pid == os.getpid():
            continue
        try:
            parent, command = process.ppid(), (entry / "cmdline").read_bytes()
        except (OSError, psutil.Error):
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            # It is another user's, or in another user namespace.
            environment = None
        yield Seen(process.pid, parent, command, environment)


def processes_of(folder: Path) -> list[Seen]:
    """Return the processes of the cluster with this folder: runner, workers, nannies, and what they started."""
    own: set[int] = set()
    every = all_processes()
    for seen in every:
        try:
            # HTCondor's shadow of each job stands there, too.
            if Path("/proc", str(seen.pid), "cwd").resolve() == folder and not seen.command.startswith(b"condor_"):
                own.add(seen.pid)
        except OSError:
            continue
    while more := {seen.pid for seen in every if seen.parent in own} - own:
        own |= more
    return [seen for seen in every if seen.pid in own]
