"""The event loop that serves the batches of this process, in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeVar

from af_lab.condor.pool import Pool
from af_lab.condor.queue import Queue, account
from af_lab.manager.reader import open_connection

__all__ = ["begin_in_loop", "in_loop", "loop", "pool", "queue"]

T = TypeVar("T")


@cache
def loop() -> asyncio.AbstractEventLoop:
    """Return the loop; it runs until this process ends."""
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, name="af-lab-batches", daemon=True).start()
    return made


def queue() -> Queue:
    """Return the user's jobs, over a connection that all batches of this process in one pool share."""
    return _queue_of(os.environ.get("CONDOR_CONFIG"))


@cache
def _queue_of(_config: str | None) -> Queue:
    return Queue(open_connection(), account())


@cache
def _pool_of(_config: str | None) -> Pool:
    return Pool(open_connection(), account())


def pool() -> Pool:
    """Return the pool, over a connection of its own: its collector may be far away."""
    return _pool_of(os.environ.get("CONDOR_CONFIG"))


def begin_in_loop(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Run a coroutine in the loop, and return a future of its result."""
    return asyncio.run_coroutine_threadsafe(coroutine, loop())


def in_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the loop, and wait for its result; not to be called in the loop itself."""
    running = begin_in_loop(coroutine)
    try:
        return running.result()
    except BaseException:
        # An interrupt of the caller: nobody waits for it any more.
        running.cancel()
        raise
