"""Run a command in a pool."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from af_lab.errors import PlaygroundError
from af_lab.playground.installation import Installation
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.sizing import PoolSize

__all__ = ["become_command", "run_command", "signals_as_exceptions", "signals_held_back", "temporary_pool"]

_PAUSE = 0.2
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def become_command(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by a command, which then gets all signals and sets the exit status."""
    program = _program(command[0], environment)
    os.execve(program, list(command), dict(environment))  # noqa: S606 - a shell would change the arguments


def run_command(
    command: Sequence[str], environment: Mapping[str, str], meanwhile: Callable[[], None] | None = None
) -> int:
    """Run a command as a child process, and forward the signals that this process gets.

    Parameters
    ----------
    command
        The program, found on the PATH of `environment`, and its arguments.
    environment
        The complete environment of the child.
    meanwhile
        Called a few times a second while the child runs.

    Returns
    -------
    int
        The exit status, or 128 plus the signal that ended the child, as in a shell.
    """
    program = _program(command[0], environment)
    watched = {signal.SIGCHLD, *_FORWARDED}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    try:
        child = os.posix_spawn(program, list(command), dict(environment), setsigmask=before)
        while True:
            # With a limit, because another thread of this process may receive the signal of the child's end.
            received = signal.sigtimedwait(watched, _PAUSE)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return _as_shell(os.waitstatus_to_exitcode(status))
            # The terminal sends its signals to the child too; only signals from other processes are forwarded.
            if received is not None and received.si_signo != signal.SIGCHLD and received.si_code <= 0:
                os.kill(child, received.si_signo)
            if meanwhile is not None:
                meanwhile()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def temporary_pool(
    installation: Installation, size: PoolSize, waiting: Callable[[str], None] = lambda what: None
) -> Iterator[PersonalPool]:
    """Start a pool in a new folder, and always stop the pool and delete the folder afterwards.

    If this process is killed, the pool still ends, but its folder stays. If the pool does not start, its logs stay.

    Raises
    ------
    PlaygroundError
        The pool does not start; the message names logs that are still there.
    """
    folder = Path(tempfile.mkdtemp(prefix="af-lab-pool-"))
    pool = PersonalPool("temporary", folder, installation)
    try:
        with signals_as_exceptions():
            try:
                pool.start(size, waiting, outlives=False)
            except PlaygroundError as error:
                raise _with_kept_logs(pool.log, error) from None
            yield pool
    finally:
        with signals_held_back():
            pool.stop()
            shutil.rmtree(folder)


def _with_kept_logs(logs: Path, error: PlaygroundError) -> PlaygroundError:
    """Return an error whose message names a copy of the logs, if it names one that is about to be deleted."""
    if str(logs) not in str(error):
        return error
    kept = tempfile.mkdtemp(prefix="af-lab-pool-logs-")
    shutil.copytree(logs, kept, dirs_exist_ok=True)
    return PlaygroundError(str(error).replace(str(logs), kept))


@contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Turn signals that would end this process at once into `SystemExit`, so that cleanup runs."""

    def leave(number: int, frame: object) -> NoReturn:
        raise SystemExit(_as_shell(-number))

    numbers = [number for number in _FORWARDED if signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Block signals during cleanup; a signal that arrives meanwhile takes effect afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _program(name: str, environment: Mapping[str, str]) -> str:
    found = shutil.which(name, path=environment.get("PATH"))
    if found is None:
        raise PlaygroundError(f"The command '{name}' was not found on PATH.")
    return found


def _as_shell(status: int) -> int:
    return 128 - status if status < 0 else status
