"""A question that many ask at once and that is put only once, but never answered with what was known before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

__all__ = ["Latest"]

T = TypeVar("T")


class Latest(Generic[T]):
    """Calls that begin while another one is under way wait for it, and share the next.

    Parameters
    ----------
    ask
        Returns the answer. It goes on when whoever asked does not wait any more.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._under_way: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """Return an answer to a question that was put after this call.

        Raises whatever the question raises, to all who share it.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._under_way))
            # Everybody may have left by then.
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = [task for task in (self._under_way, self._next) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _after(self, earlier: asyncio.Task[T] | None) -> T:
        if earlier is not None:
            await asyncio.wait([earlier])
        self._under_way, self._next = self._next, None
        return await self._ask()
