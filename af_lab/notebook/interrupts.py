"""An interrupted cell leaves no tasks on the cluster.

Dask runs a task as long as something holds its future. Libraries such as coffea and ROOT hold theirs in local
variables, and IPython keeps the traceback of the interrupt, which keeps those variables: without this, their tasks
continue, and those of the next cell wait behind them.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
import traceback
from collections.abc import Collection
from types import FrameType
from typing import Any
from weakref import WeakSet

from distributed.client import as_completed
from tornado.ioloop import IOLoop

__all__ = ["release_when_interrupted"]

_INTERRUPTS = (KeyboardInterrupt, asyncio.CancelledError)  # the second in a cell with `await`
_MOST_CANCELLATIONS = 20  # a watch with results waits again after the first
_PAUSE = 0.1  # seconds
_loops: WeakSet[IOLoop] = WeakSet()


def release_when_interrupted() -> None:
    """Have IPython, if it runs this process, release the futures that a cell held when the user interrupted it.

    Then Dask cancels their tasks, except those that a worker has begun. Futures in the user's variables continue.
    Call this in the event loop of a cluster and its clients.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return
    _loops.add(IOLoop.current())
    if _after_cell not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _after_cell)


def _after_cell(result: Any) -> None:
    error = getattr(result, "error_in_exec", None)
    if not isinstance(error, _INTERRUPTS):
        return
    _drop_locals(error)
    variables = sys.modules["IPython"].get_ipython().user_ns.values()
    in_use = {id(value) for value in variables if isinstance(value, as_completed)}
    for loop in list(_loops):
        loop.add_callback(_stop_watching, in_use)


def _drop_locals(error: BaseException) -> None:
    """Clear the local variables of all functions that an exception, and those that led to it, have left."""
    for frame in _frames(error):
        with contextlib.suppress(RuntimeError):  # it is running
            frame.clear()
            # Up to Python 3.12, IPython's traceback leaves a copy of them in the frame; this brings it up to date.
            _ = frame.f_locals
    # Frames and futures refer to each other.
    gc.collect()


def _frames(error: BaseException) -> set[FrameType]:
    """Return the frames of an exception, of those that led to it, and of their callers.

    Callers, because Dask removes frames of its own from a traceback; those that it leaves there still refer to them.
    """
    errors: list[BaseException] = []
    found: set[FrameType] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        current = chain.pop()
        if current is None or current in errors:
            continue
        errors.append(current)
        chain += [current.__cause__, current.__context__]
        for frame, _ in traceback.walk_tb(current.__traceback__):
            caller: FrameType | None = frame
            while caller is not None and caller not in found:
                found.add(caller)
                caller = caller.f_back
    return found


async def _stop_watching(in_use: Collection[int]) -> None:
    """End the watch of `as_completed` over its futures, which it keeps although no cell asks for the next one.

    Parameters
    ----------
    in_use
        The ids of those in the user's variables, which are left alone.
    """
    watched = {task: _watcher(task) for task in asyncio.all_tasks()}
    watches = {task for task, watcher in watched.items() if watcher is not None and id(watcher) not in in_use}
    del watched
    for _ in range(_MOST_CANCELLATIONS):
        if not watches:
            break
        for task in watches:
            task.cancel()
        _, watches = await asyncio.wait(watches, timeout=_PAUSE)


def _watcher(task: asyncio.Task[Any]) -> object:
    """Return the `as_completed` whose future a task watches; None for other tasks."""
    coroutine: Any = task.get_coro()
    frame = getattr(coroutine, "cr_frame", None)
    if frame is None or frame.f_code is not as_completed._track_future.__code__:
        return None
    return frame.f_locals["self"]
