"""What tests share that is no fixture."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.queue import Queue, account
from af_lab.manager.dashboard import Dashboard
from af_lab.model import ads

T = TypeVar("T")

CONDOR_TIMEOUT = 20.0
LIMIT = 120.0
"""Seconds that a condition may take on a machine that many tests share. Where it holds, this costs nothing."""

EVERY_JOB = f"{ads.SCHEMA_ATTRIBUTE} =!= undefined"


def with_queue(ask: Callable[[Queue], Awaitable[T]]) -> T:
    """Return the answer to a question to the queue, from where no event loop is or another one runs."""
    connection = _helper(os.environ.get("CONDOR_CONFIG", ""))

    async def asked() -> T:
        return await ask(Queue(connection, account()))

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, asked()).result()


@cache
def _helper(config: str) -> HelperConnection:
    """Return the helper of `with_queue` for a configuration; its process reads it once, and ends with this one."""
    return HelperConnection(CONDOR_TIMEOUT)


async def clean(queue: Queue) -> None:
    """Remove every job of every cluster, and wait until none is left."""
    await queue.remove(EVERY_JOB, "the test ended")
    await until(lambda: _is_empty(queue), "all jobs of the test left the queue")


async def jobs_left(queue: Queue) -> int:
    """Count the jobs of all clusters."""
    return len(await queue.query(EVERY_JOB, ["ClusterId"]))


async def _is_empty(queue: Queue) -> bool:
    return await jobs_left(queue) == 0


# Ends as the program that it becomes.
_AT_A_TERMINAL = """
import os, signal, sys
for name in ("SIGINT", "SIGQUIT", "SIGHUP", "SIGTERM"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, ())
os.execvp(sys.argv[1], sys.argv[1:])
"""


def at_a_terminal(*words: str | Path) -> list[str]:
    """Return a command that starts another one as a terminal does, for tests that send it signals.

    A child ignores the signals that the tests themselves ignore: interrupts where a script started them in the
    background, hang-ups where `nohup` did.
    """
    return [sys.executable, "-I", "-S", "-c", _AT_A_TERMINAL, *map(str, words)]


async def until(condition: Callable[[], object], what: str, seconds: float = LIMIT) -> None:
    """Wait until a condition, plain or awaitable, holds."""
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if hasattr(holds, "__await__"):
            holds = await holds
        if holds:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(0.1)


def wait(condition: Callable[[], object], what: str, seconds: float = LIMIT) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


def daemon_pid(name: str) -> int:
    """Process id of a daemon ("schedd") of the pool that the tests run in, as the master's log tells it.

    A test may have started a second one with the same program (SCHEDD2), and ended it.
    """
    folder = subprocess.run(["condor_config_val", "LOG"], capture_output=True, text=True, check=True).stdout.strip()
    log = (Path(folder) / "MasterLog").read_text()
    second = re.findall(rf"The {name.upper()}\w+ \(pid (\d+)\) exited", log)
    started = re.findall(rf'condor_{name}", pid and pgroup = (\d+)', log)
    return int([pid for pid in started if pid not in second][-1])


def processes_with(text: str) -> list[int]:
    """Return the ids of the processes whose command line has a text in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if text in (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                    found.append(int(entry.name))
    return found


async def page_status(dashboard: Dashboard, route: str, **headers: str) -> int:
    """Return the status with which the pages of a scheduler answer to a member of its cluster."""
    asked = urllib.request.Request(f"https://{dashboard.host}:{dashboard.port}{route}", headers=headers)

    def ask() -> int:
        try:
            with urllib.request.urlopen(asked, timeout=60, context=dashboard.tls) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    return await asyncio.to_thread(ask)
