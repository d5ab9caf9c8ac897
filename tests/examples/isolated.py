"""Python functions in a process beside this one: ROOT takes 500 MB, catches signals, and warns that it is young."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import cloudpickle

SECONDS = 400
"""For one call; compiling and computing take 20 at most when nothing else runs."""

QUICK = {"EXTRA_CLING_ARGS": "-O0"}
"""Variables with which ROOT compiles in half the time, without optimising; `make test` sets them for itself."""

CALLS = """
import os, pickle, sys, traceback, warnings
warnings.simplefilter("ignore")
# Only calls and results go through the pipes: not what is printed, and not what other processes read.
calls, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(2, 1)
while True:
    try:
        function, arguments = pickle.load(calls)
    except EOFError:
        break
    try:
        answer = function(*arguments), ""
    except BaseException:
        answer = None, traceback.format_exc()
    results.write(pickle.dumps(answer))
    results.flush()
"""


class Isolated:
    """A process that calls functions one after the other.

    ROOT compiles an analysis at the first call, and what comes later is quick. The process starts at the first call;
    it ends at the end of the context, and with the process that started it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - it is open as long as the context

    def __enter__(self) -> Isolated:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._printed.close()

    def __call__(self, function: Callable[..., Any], *arguments: Any, seconds: float = SECONDS) -> Any:
        """Return what a function returns; both arguments and result are pickled."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        limit = threading.Timer(seconds, process.kill)
        limit.start()
        try:
            process.stdin.write(cloudpickle.dumps((function, arguments)))
            process.stdin.flush()
            result, failure = pickle.load(process.stdout)
        except (EOFError, BrokenPipeError):
            status = process.wait()
            self._end()
            raise AssertionError(f"the process ended with {status}; it printed:\n{self._last_words()}") from None
        except BaseException:
            self._end()  # what it answers later would be taken for the result of another call
            raise
        finally:
            limit.cancel()
        assert not failure, failure
        return result

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", CALLS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._printed
        )

    def _end(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.communicate()

    def _last_words(self) -> str:
        self._printed.seek(0)
        return self._printed.read().decode(errors="replace")[-5_000:]


def isolated(function: Callable[..., Any], *arguments: Any, seconds: float = SECONDS) -> Any:
    """Return what a function returns that is called in a process of its own."""
    with Isolated() as process:
        return process(function, *arguments, seconds=seconds)
