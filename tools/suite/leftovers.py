"""The folder of a run of the suite, and the leftovers of runs that could not clean up."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from af_lab.playground.identity import namespace_refusal, other_account

__all__ = ["RUN", "Leftovers", "clear_old_runs", "run_folder"]

RUN = "AF_LAB_TEST_RUN"
"""The variable with the folder of a run, by which its processes are recognised."""

PREFIX = "af-lab-t-"
LOCK = ".lock"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the kernel keeps semaphores
SEMAPHORES = "sem.mp-*"

LONGEST = 40
"""The longest path of a folder for temporary files: paths of sockets below may have 107 characters."""

PATIENCE = 20.0
"""Seconds in which processes that are killed must be gone."""


@dataclass(frozen=True)
class Leftovers:
    """What a run left behind, and what is now removed."""

    processes: tuple[str, ...] = ()
    """Command lines."""
    size: int = 0
    """Bytes in its folder."""
    semaphores: int = 0

    def __str__(self) -> str:
        kinds = {
            "process": len(self.processes),
            "MB of files": round(self.size / 1e6),
            "semaphore": self.semaphores,
        }
        return ", ".join(f"{number} {kind}{_ending(kind, number)}" for kind, number in kinds.items() if number)


def _ending(kind: str, number: int) -> str:
    if number == 1 or " " in kind:
        return ""
    return "es" if kind.endswith("s") else "s"


@contextmanager
def run_folder() -> Iterator[Path]:
    """Make a folder for all that a run writes; the caller removes it."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=temporary_folder()))
    os.chown(folder, _owner(), -1)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _owner() -> int:
    """Return the id of the user who runs the tests, as seen from this namespace."""
    if os.geteuid() == 0 and namespace_refusal() is not None:
        return other_account()[0].pw_uid
    return os.getuid()


def temporary_folder() -> Path:
    """Return the folder for temporary files: that of the environment, unless its path is too long for sockets."""
    given = Path(tempfile.gettempdir())
    return given if len(str(given)) <= LONGEST else Path("/tmp")  # noqa: S108 - mkdtemp's folders are private


def clear_old_runs(tell: Callable[[str], None]) -> None:
    """Clear what earlier runs of this user left, except for runs that are still active.

    Parameters
    ----------
    tell
        Called once for each run that left something.
    """
    owner = _owner()
    for folder in temporary_folder().glob(f"{PREFIX}*"):
        if folder.is_symlink() or folder.stat().st_uid != owner:
            continue
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            begun = (folder / LOCK).stat().st_mtime
            left = clear(folder, begun)
            at = time.strftime("%H:%M on %d %B", time.localtime(begun))
            tell(f"A run of the tests that began at {at} was killed. Cleared what it left: {left}.")


def clear(folder: Path, begun: float, grace: float = 0.0) -> Leftovers:
    """End the processes of a run, and remove its folder and its semaphores.

    Parameters
    ----------
    folder
        The run's.
    begun
        When it began, in seconds since the epoch: older semaphores are not its own.
    grace
        Seconds that its processes have to end by themselves.
    """
    limit = time.monotonic() + grace
    while time.monotonic() < limit and processes_of(folder):
        time.sleep(0.2)
    processes = end_processes(folder)
    size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
    shutil.rmtree(folder, ignore_errors=True)
    return Leftovers(tuple(processes.values()), size, remove_semaphores(begun))


def end_processes(folder: Path) -> dict[int, str]:
    """Kill all processes of a run, and return their command lines by their ids."""
    found: dict[int, str] = {}
    limit = time.monotonic() + PATIENCE
    while (running := processes_of(folder)) and time.monotonic() < limit:
        found |= running
        for pid in running:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    return found


def processes_of(folder: Path) -> dict[int, str]:
    """Return the processes that a run started, by their environment, command line or working directory."""
    mark = str(folder).encode()
    return {
        pid: words.replace(b"\0", b" ").decode(errors="replace").strip()
        for pid, entry in _processes()
        if mark in (words := _read(entry / "cmdline")) + _read(entry / "environ") + _target(entry / "cwd")
        and not _is_above(pid)
    }


def remove_semaphores(begun: float, pattern: str = SEMAPHORES) -> int:
    """Remove the semaphores of Python's multiprocessing whose processes were killed, and return their number.

    These belong to this user, were made after a given time, and are not open in any process. If one of this user's
    processes cannot be inspected, such as one in another namespace, all of them stay.
    """
    own = [
        path
        for path in SHARED_MEMORY.glob(pattern)
        if path.lstat().st_uid == os.getuid() and path.lstat().st_mtime >= begun
    ]
    used = _shared_inodes() if own else set()
    if used is None:
        return 0
    unused = [path for path in own if path.lstat().st_ino not in used]
    for path in unused:
        path.unlink(missing_ok=True)
    return len(unused)


def _shared_inodes() -> set[int] | None:
    """Return the inodes of shared memory that this user's processes have open; None if this cannot be determined.

    A semaphore is mapped under another name, which it has until it is complete.
    """
    found = set()
    for pid, entry in _processes():
        try:
            if pid == 1 or entry.stat().st_uid != os.getuid():
                continue
            lines = (entry / "maps").read_bytes().splitlines()
        except PermissionError:
            return None
        except OSError:
            continue  # it ended in the meantime
        found |= {int(line.split()[4]) for line in lines if bytes(SHARED_MEMORY) in line}
    return found


def _processes() -> Iterator[tuple[int, Path]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            yield int(entry.name), entry


def _is_above(pid: int) -> bool:
    """Return whether a process is this one or one of its ancestors."""
    above = os.getpid()
    while above > 1:
        if above == pid:
            return True
        fields = _read(Path(f"/proc/{above}/stat")).rpartition(b")")[2].split()
        above = int(fields[1]) if fields else 0
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it ended in the meantime, or is another user's
        return b""


def _target(link: Path) -> bytes:
    try:
        return os.readlink(link).encode()
    except OSError:
        return b""
