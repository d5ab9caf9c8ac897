"""dask-jobqueue's `HTCondorJob`, imported without the import's side effect on signals.

The package sets a handler for SIGINT that ends the process with status 0 and without a message: scripts would lose
Ctrl-C, event loops their cancellation, and an import outside of the main thread would fail.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["HTCondorJob"]


@contextmanager
def _handlers_kept() -> Iterator[None]:
    set_handler = signal.signal

    def leave_alone(*_: Any) -> None:
        """Stand in for `signal.signal`."""

    signal.signal = leave_alone  # type: ignore[assignment]
    try:
        yield
    finally:
        signal.signal = set_handler


with _handlers_kept():
    from dask_jobqueue.htcondor import HTCondorJob
