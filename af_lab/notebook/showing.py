"""Progress lines from an event loop, shown by the thread that waits for them."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import AsyncIterator

from distributed.utils import sync
from tornado.ioloop import IOLoop

from af_lab.manager.progress import Display

__all__ = ["drain", "show", "show_apart"]


def show(loop: IOLoop | None, lines: AsyncIterator[str], on: Display) -> None:
    """Show lines from an event loop in another thread, until there are no more.

    The calling thread prints them, because a notebook shows the output of a thread where the thread was started.
    """
    assert loop is not None
    with on:
        while True:
            try:
                on.show(sync(loop, anext, lines))
            except StopAsyncIteration:
                return


def show_apart(loop: IOLoop | None, lines: AsyncIterator[str], on: Display) -> None:
    """Show lines as `show` does, but return at once."""
    # In the context of the caller, from which a notebook knows the cell to print in.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(show, loop, lines, on), name="af-lab-progress", daemon=True).start()


async def drain(lines: AsyncIterator[str]) -> None:
    """Consume the lines and show nothing."""
    async for _ in lines:
        pass
