"""Run parts of the suite, and follow their records."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from suite.commands import ROOT, Files, command
from suite.parts import Part, Runner
from suite.results import Failure, Results

__all__ = ["RunningPart", "end_with_parent", "run_together"]

PAUSE = 0.5
"""Seconds between two looks at the records."""

STILL = 300.0
"""Seconds without any news, beyond the limit of a test once they run, after which a part is ended."""

END_LIMIT = 90.0
"""Seconds in which a part that is interrupted must end."""

_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_JEST_FILE = re.compile(r"^(PASS|FAIL) (\S+)")
_NO_TESTS = 5
"""Exit status of pytest if a selection contains no tests."""


@dataclass
class RunningPart:
    """A part that was started.

    Attributes
    ----------
    part, files
        The part, and the files that it writes.
    process
        The process of its command, in its own session.
    results
        Its results so far.
    begun, ended
        By the monotonic clock; None while it runs.
    """

    part: Part
    files: Files
    process: subprocess.Popen[bytes]
    begun: float
    results: Results = field(default_factory=Results)
    ended: float | None = None
    interrupted: str = ""
    """Why it was stopped early."""
    _read: int = 0
    _news: float = 0.0

    @classmethod
    def start(cls, part: Part, logs: Path, run: Path, environment: Mapping[str, str]) -> RunningPart:
        """Start the command of a part."""
        files = Files.of(part, logs)
        with files.log.open("wb") as log:
            process = subprocess.Popen(
                command(part, files, run),
                env=environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_as_a_terminal_starts_it,
            )
        begun = time.monotonic()
        return cls(part, files, process, begun, _news=begun)

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return (self.ended or time.monotonic()) - self.begun

    @property
    def failed(self) -> bool:
        """Whether it has ended with an error."""
        status = self.process.returncode
        fine = {0, _NO_TESTS} if self.part.runner is Runner.PYTEST and self.part.chosen else {0}
        return self.ended is not None and (status not in fine or bool(self.interrupted))

    @property
    def _patience(self) -> float:
        """Seconds that may pass without news: less as long as the tests are collected."""
        return STILL + (self.part.limit if self.results.total else 0.0)

    def look(self) -> None:
        """Read what it recorded, and check whether it has ended."""
        has_ended = self.process.poll() is not None
        source = self.files.record if self.part.runner is Runner.PYTEST else self.files.log
        if new := self._new_lines(source):
            self._news = time.monotonic()
            if self.part.runner is Runner.PYTEST:
                self.results.read(new)
            else:
                self.results.passed += sum(_JEST_FILE.match(line) is not None for line in new)
        if has_ended and self.ended is None:
            self.ended = time.monotonic()
            if self.part.runner is Runner.JEST:
                self.results = jest_results(self.files.record)
            if self.failed and not self.results.failures:
                self.results.broken.append(_tail(self.files.log, 30))
        elif not has_ended and time.monotonic() - self._news > self._patience:
            self.end(f"nothing happened for {self._patience / 60:.0f} minutes")

    def end(self, why: str) -> None:
        """Interrupt it, and kill it if it does not end."""
        self.interrupted = why
        for number, limit in ((signal.SIGINT, END_LIMIT), (signal.SIGKILL, END_LIMIT)):
            if self.process.poll() is None:
                # pytest ends its own processes; those of jest react only to a signal for the whole process group.
                if number == signal.SIGKILL or self.part.runner is Runner.JEST:
                    os.killpg(self.process.pid, number)
                else:
                    self.process.send_signal(number)
                try:
                    self.process.wait(limit)
                except subprocess.TimeoutExpired:
                    continue
        self.look()

    def _new_lines(self, path: Path) -> list[str]:
        """Return the whole lines that were added to a file."""
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
        if not whole:
            return []
        self._read += len(whole) + 1
        return whole.decode(errors="replace").splitlines()


def run_together(running: Sequence[RunningPart], show: Callable[[Sequence[RunningPart]], None]) -> None:
    """Follow parts until all have ended; an interrupt of this process interrupts them."""
    try:
        while any(one.ended is None for one in running):
            for one in running:
                if one.ended is None:
                    one.look()
            show(running)
            time.sleep(PAUSE)
    except BaseException:
        for one in running:
            if one.ended is None:
                one.end("it was interrupted")
        raise


def jest_results(record: Path) -> Results:
    """Return what jest reports at its end."""
    results = Results()
    if not record.exists():
        return results
    told = json.loads(record.read_text(encoding="utf-8"))
    for file in told["testResults"]:
        name = os.path.relpath(file["name"], ROOT)
        if file["message"] and not file["assertionResults"]:
            results.failures.append(Failure(name, "collect", file["message"]))
        for test in file["assertionResults"]:
            id_ = f"{name}::{test['fullName']}"
            results.seconds[id_] = (test.get("duration") or 0) / 1000
            if test["status"] == "passed":
                results.passed += 1
            elif test["status"] == "failed":
                results.failures.append(Failure(id_, "call", "\n".join(test["failureMessages"])))
            else:
                results.skipped[id_] = test["status"]
    results.total = results.done
    return results


def _as_a_terminal_starts_it() -> None:
    """Give a command the signal handlers of one in a terminal, and end it together with this process."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    end_with_parent()


def end_with_parent() -> None:
    """Have the kernel end this process when its parent has ended, for whatever reason."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _tail(path: Path, lines: int) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
