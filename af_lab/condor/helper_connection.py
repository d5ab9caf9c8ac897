"""The parent's end of a helper process: calls with a deadline that block neither event loop nor interpreter."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import selectors
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from af_lab.condor_versions import bindings_for
from af_lab.errors import AuthenticationFailed, BindingsMissing, CondorAbsent, CondorError, CondorUnavailable
from af_lab.wording import enumerate_words

__all__ = ["HelperConnection"]

REMEDY = (
    "Running clusters continue, and HTCondor often recovers by itself. If not, check that `condor_q` and "
    "`condor_status` answer, and ask the pool's administrators, or start a pool of your own with `af-lab pool start`."
)


MOST_NAMED = 5  # schedds in a message


@dataclass(frozen=True)
class _Request:
    method: str
    params: dict[str, Any]
    deadline: float
    answer: Future[Any]


class HelperConnection:
    """Calls to HTCondor through a helper process, one at a time, in order.

    The helper starts with the first call, and starts again after it was late or died. One thread of this
    process waits for it, however many event loops and threads make calls. The helper dies with this process.

    Parameters
    ----------
    timeout
        Seconds after which a call without an answer raises `CondorUnavailable`. The time that a call waits for
        earlier calls counts, so no caller ever waits longer.
    schedd
        The name of the schedd; "" for the one that HTCondor's configuration names.
    """

    def __init__(self, timeout: float, schedd: str = "") -> None:
        self.timeout = timeout
        self._schedd = schedd
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1  # the end of a pipe; no descriptor while no helper runs

    @property
    def pid(self) -> int | None:
        """Process id of the helper; None if it does not run."""
        process = self._process
        return None if process is None else process.pid

    def call(self, method: str, **params: Any) -> Future[Any]:
        """Send a call and return a future of its answer.

        Raises
        ------
        CondorUnavailable
            (from the future) There was no answer in time.
        CondorAbsent, BindingsMissing
            (from the future) HTCondor does not run here, or its bindings are missing.
        CondorError
            (from the future) HTCondor refused.
        """
        answer: Future[Any] = Future()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="af-lab-condor", daemon=True)
                self._thread.start()
            self._requests.put(_Request(method, params, time.monotonic() + self.timeout, answer))
        return answer

    async def acall(self, method: str, **params: Any) -> Any:
        """Send a call and await its answer, in any event loop."""
        return await asyncio.wrap_future(self.call(method, **params))

    def close(self) -> None:
        """End the helper once the calls already sent are answered."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._requests.put(None)
        if thread is not None:
            thread.join(self.timeout + 1)

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            if not request.answer.set_running_or_notify_cancel():
                continue
            try:
                request.answer.set_result(self._exchange(request))
            except BaseException as error:
                request.answer.set_exception(error)
        self._stop()

    def _exchange(self, request: _Request) -> Any:
        if time.monotonic() >= request.deadline:
            raise self._late(request)
        process = self._running()
        line = json.dumps({"method": request.method, "params": request.params}) + "\n"
        try:
            answer = json.loads(self._talk(process, line.encode(), request))
        except (OSError, EOFError, ValueError) as error:
            self._stop()
            raise CondorUnavailable(
                f"The helper process that talks to HTCondor ended during the call '{request.method}'. "
                "The next call starts a new one."
            ) from error
        except CondorUnavailable:
            self._stop()
            raise
        if "error" not in answer:
            return answer["result"]
        raise _error(answer["error"])

    def _talk(self, process: subprocess.Popen[bytes], line: bytes, request: _Request) -> bytes:
        """Write a line and read one, before the deadline; both pipes may be full or silent."""
        assert process.stdin is not None
        out, in_ = process.stdin.fileno(), self._answers
        received: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(in_, selectors.EVENT_READ)
            selector.register(out, selectors.EVENT_WRITE)
            while not (received and received[-1].endswith(b"\n")):
                events = selector.select(max(0.0, request.deadline - time.monotonic()))
                if not events:
                    raise self._late(request)
                for key, _ in events:
                    if key.fd == out:
                        line = line[os.write(out, line) :]
                        if not line:
                            selector.unregister(out)
                    else:
                        received.append(os.read(in_, 1 << 20))
                        if not received[-1]:
                            raise EOFError
        return b"".join(received)

    def _late(self, request: _Request) -> CondorUnavailable:
        return CondorUnavailable(
            f"HTCondor does not answer: the call '{request.method}' had no answer within {self.timeout:g} s. {REMEDY}"
        )

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            # Not its output: a sitecustomize, or a library, may print there.
            self._answers, end = os.pipe()
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "af_lab.condor.helper", str(os.getpid()), str(end), self._schedd],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(end,),
                    bufsize=0,
                )
            finally:
                os.close(end)
            assert self._process.stdin is not None
            os.set_blocking(self._process.stdin.fileno(), False)
        return self._process

    def _stop(self) -> None:
        """End the helper at once, also in the middle of a call: only SIGKILL reaches it there."""
        process, self._process = self._process, None
        answers, self._answers = self._answers, -1
        if answers >= 0:
            os.close(answers)
        if process is None:
            return
        process.kill()
        if process.stdin is not None:
            process.stdin.close()
        process.wait()


def _error(error: dict[str, Any]) -> CondorError:
    versions = error.get("versions", {})
    schedds: list[str] = error.get("schedds", [])
    bindings, daemons = versions.get("bindings"), versions.get("daemons")
    message = error["message"].strip().rstrip(".")
    match error["kind"]:
        case "missing":
            return BindingsMissing(
                f"HTCondor's Python bindings cannot be imported: {message}. Install them with "
                f"`{sys.executable} -m pip install htcondor`, or ask the administrators of this Python. They exist "
                "for Linux only."
            )
        case "unconfigured":
            return CondorAbsent(
                "HTCondor does not run here: this machine has no configuration that names a pool (CONDOR_CONFIG, "
                "/etc/condor). Start a pool of your own with `af-lab pool start` and this program in it with "
                "`af-lab pool run`, or ask the administrators of this machine for a pool."
            )
        case "stopped" if schedds:
            return CondorAbsent(
                f"No schedd of HTCondor runs on this machine. The pool has {_named(schedds)}: choose one whose machine "
                f"has your home folder, by `export _CONDOR_SCHEDD_HOST={schedds[0]}` before this program or Jupyter "
                "starts."
            )
        case "unknown_schedd" if schedds:
            return CondorUnavailable(
                f"HTCondor's pool has no schedd {error['SCHEDD_HOST']!r}, which the setting SCHEDD_HOST of HTCondor "
                f"(or the variable _CONDOR_SCHEDD_HOST) names. It has {_named(schedds)}: correct the setting."
            )
        case "stopped":
            return CondorAbsent(
                "HTCondor does not run here: it is configured, but no schedd is started. Start a pool of your own with "
                "`af-lab pool start`, or ask this machine's administrators to start HTCondor; af_lab then finds it."
            )
        case "mismatched":
            return AuthenticationFailed(
                f"The daemons of HTCondor here are version {daemons}, and the Python bindings {bindings} do not work "
                f'with them. Install bindings that do: `{sys.executable} -m pip install "{bindings_for(daemons)}"`.'
            )
        case "unauthenticated":
            here = f"its daemons here are version {daemons}, " if daemons else ""
            return AuthenticationFailed(
                f"HTCondor answers, but does not accept who you are: {message} ({here}the Python bindings {bindings}). "
                "Check your credentials, such as `condor_token_list` or `klist`, and whether `condor_q` answers, or "
                "ask the pool's administrators."
            )
        case "unavailable" | "unknown_schedd":
            return CondorUnavailable(f"HTCondor does not answer: {message}. {REMEDY}")
    return CondorError(f"HTCondor refused: {message}.")


def _named(schedds: list[str]) -> str:
    return enumerate_words(schedds if len(schedds) <= MOST_NAMED else [*schedds[:MOST_NAMED], "others"])
