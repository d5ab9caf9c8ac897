"""What the tests of security look at in running processes, as anybody on the machine could."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from af_lab.worker.protocol import FILES


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
    every = all_processes()
    files = os.fsencode(f"{FILES}={folder}")
    own = {seen.pid for seen in every if files in (seen.environment or b"").split(b"\0")}
    while more := {seen.pid for seen in every if seen.parent in own} - own:
        own |= more
    return [seen for seen in every if seen.pid in own]
