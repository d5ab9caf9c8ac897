"""The futures of a batch, and the answers that its jobs wrote."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from pathlib import Path
from typing import Any

from af_lab.errors import TaskFailed

__all__ = ["BatchFuture", "read_answers", "settle"]


class RemoteTraceback(Exception):
    """The traceback of an exception that was raised in a job, as text; it is the cause of the exception here."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


class BatchFuture(Future[Any]):
    """A call of a batch. Unlike those of a thread, it can be cancelled while it runs: its job is removed.

    Parameters
    ----------
    on_cancel
        Called once when it is cancelled.
    """

    def __init__(self, on_cancel: Callable[[BatchFuture], None]) -> None:
        super().__init__()
        self._on_cancel = on_cancel
        self._cancelling = threading.RLock()
        self._is_running = False

    def cancel(self) -> bool:
        """Cancel the call, and remove its job unless that has other calls; returns False if the call is done."""
        with self._cancelling:
            is_first = not self.cancelled()
            cancelled = super().cancel()
            if cancelled and is_first:
                # Otherwise `wait` and `as_completed` would go on waiting for it.
                self.set_running_or_notify_cancel()
        if cancelled and is_first:
            self._on_cancel(self)
        return cancelled

    def running(self) -> bool:
        """Return whether the job of the call runs."""
        return self._is_running and not self.done()

    def set_running(self, running: bool) -> None:
        """Record whether the job of the call runs."""
        self._is_running = running


Answer = tuple[Any, BaseException | None]


def settle(future: BatchFuture, answer: Answer) -> None:
    """Give a future its result or exception, unless it was cancelled."""
    result, error = answer
    with suppress(InvalidStateError):
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


def read_answers(results: Path, count: int) -> list[Answer]:
    """Return the answers of a task's calls.

    Raises
    ------
    FileNotFoundError
        The job wrote none, or the file cannot be seen yet here.
    """
    with results.open("rb") as file:
        pickle.load(file)  # the summary
        return [_answer(pickle.load(file)) for _ in range(count)]


def _answer(dumped: bytes) -> Answer:
    try:
        is_result, value, *trace = pickle.loads(dumped)
    except Exception as error:  # whatever a class of the user does when it is unpickled
        said = f"{type(error).__name__}: {error}"
        return None, TaskFailed(f"The result of the call cannot be read in this Python: {said}")
    if is_result:
        return value, None
    value.__cause__ = RemoteTraceback(*trace)
    return None, value
