"""Run the steps of a task, and print the progress and the time of each step."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Failed", "Steps", "on_path"]

ROOT = Path(__file__).resolve().parent.parent
"""The checkout, where all commands run."""


class Failed(Exception):
    """A step failed; the message says what to do."""


class Steps:
    """Numbers the steps, and keeps the time of each for the summary. Several may run at a time, in threads."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._numbers = count(1)
        self._begun = time.monotonic()
        self._times: list[tuple[str, float]] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Announce a step, and print its time when it is done."""
        number = next(self._numbers)
        _say(f"==> {number}/{self._total} {title}")
        begun = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - begun
            self._times.append((title, seconds))
        _say(f"    {number}/{self._total} done in {_duration(seconds)}")

    def run(self, *command: str | Path, environment: Mapping[str, str] | None = None) -> None:
        """Run a command that uses the terminal itself; a failure ends everything."""
        words = [str(word) for word in command]
        with _ending_by_itself(subprocess.Popen(words, env=environment, cwd=ROOT)) as process:
            status = process.wait()
        if status != 0:
            raise Failed(f"`{' '.join(words)}` ended with status {status}.")

    def fraction_printer(self) -> Callable[[float], None]:
        """Return a callback for the progress of a download."""
        last = -1

        def show(done: float) -> None:
            nonlocal last
            tenth = int(done * 10)
            if tenth != last:
                last = tenth
                print(f"    {tenth * 10} %", flush=True)

        return show

    def summary(self) -> None:
        """Print the time of each step."""
        _say("\nTimes")
        for title, seconds in self._times:
            _say(f"  {_duration(seconds):>12}  {title}")
        _say(f"  {_duration(time.monotonic() - self._begun):>12}  in all")


@contextmanager
def _ending_by_itself(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[Any]]:
    """Let a command clean up after Ctrl-C, which the terminal sends to it as well, before anything else happens."""
    try:
        yield process
    except KeyboardInterrupt:
        process.wait()
        raise


def _say(text: str) -> None:
    print(text, flush=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def on_path(folder: Path) -> dict[str, str]:
    """Return the environment of this process with a folder put first in PATH."""
    return os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
