"""Coalesces concurrent calls. Callers share a run, never one that began before they called."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Calls that begin during a run wait for its end, and share the next run.

    Parameters
    ----------
    call
        Makes a run. The run continues if its callers stop waiting.
    """

    def __init__(self, call: Callable[[], Awaitable[T]]) -> None:
        self._call = call
        self._under_way: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """Return the result of a run that began after this call; an error of the run is raised in all its callers."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._under_way))
            # Marks an error as retrieved: there may be no caller left to raise it in.
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Cancel the runs that are under way."""
        tasks = [task for task in (self._under_way, self._next) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _after(self, earlier: asyncio.Task[T] | None) -> T:
        if earlier is not None:
            await asyncio.wait([earlier])
        self._under_way, self._next = self._next, None
        return await self._call()
