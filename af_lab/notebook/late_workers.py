"""The error of workers that do not connect in time: Dask's own, where it has one (since 2025.4)."""

from __future__ import annotations

__all__ = ["WorkerStartTimeoutError"]

try:
    from distributed.exceptions import WorkerStartTimeoutError
except ImportError:

    class WorkerStartTimeoutError(TimeoutError):  # type: ignore[no-redef]
        """Too few workers connected in time, in the words of Dask; older versions of it raise a TimeoutError."""

        def __init__(self, available_workers: int, expected_workers: int, timeout: float) -> None:
            super().__init__(f"Only {available_workers}/{expected_workers} workers arrived after {timeout}")
