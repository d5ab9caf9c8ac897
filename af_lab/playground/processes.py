"""The processes of a pool, found through /proc."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

__all__ = ["end", "is_master", "pool_processes", "start_bound"]

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1


def is_master(pid: int, config: Path) -> bool:
    """Return whether a process is the condor_master of the pool with this configuration file, and alive."""
    try:
        name = (_PROC / str(pid) / "comm").read_text().strip()
        state = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return name == "condor_master" and state != "Z" and _environment(pid).get("CONDOR_CONFIG") == str(config)


def pool_processes(folder: Path) -> list[int]:
    """Return the processes that belong to the pool in `folder` according to their environment.

    These are the daemons, and the jobs, whose environment contains paths below the pool's folder from HTCondor. A job
    that clears its environment is not found. A process that only uses the pool does not belong to it.
    """
    config = folder / "condor_config"
    return [pid for pid in _all_processes() if is_master(pid, config) or _is_below(_environment(pid), folder)]


def _is_below(variables: dict[str, str], folder: Path) -> bool:
    if "CONDOR_PARENT_ID" in variables and variables.get("CONDOR_CONFIG") == f"{folder}/condor_config":
        return True
    paths = (variables.get(name, "") for name in ("_CONDOR_SCRATCH_DIR", "_CONDOR_JOB_AD"))
    return any(path.startswith(f"{folder}/") for path in paths)


def _all_processes() -> list[int]:
    numbers = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return [number for number in numbers if number != os.getpid()]


def end(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to processes; ignore those that have ended meanwhile."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def start_bound(command: Sequence[str], environment: Mapping[str, str], number: signal.Signals) -> None:
    """Start a program in its own session; it gets a signal when this process has ended in any way."""
    parent = os.getpid()
    if os.fork():
        return
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() == parent:
            os.execve(command[0], list(command), dict(environment))  # noqa: S606 - with a shell, the shell would get the signal
    finally:
        os._exit(127)


def _environment(pid: int) -> dict[str, str]:
    try:
        raw = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:  # has ended meanwhile, or belongs to another user
        return {}
    pairs = (item.partition(b"=") for item in raw.split(b"\0"))
    return {os.fsdecode(key): os.fsdecode(value) for key, separator, value in pairs if separator}
