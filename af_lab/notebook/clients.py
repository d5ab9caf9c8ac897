"""Dask's clients of a cluster: when they shut it down, what a restart takes from them, and how they end with it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import weakref
from collections.abc import Awaitable, Callable, Iterator

from distributed.client import Client
from distributed.deploy.cluster import Cluster

__all__ = ["after_restart", "closer_of_clients", "is_shutting_down", "teller_of_restarts"]


def is_shutting_down(cluster: Cluster) -> bool:
    """Return whether the caller was called by ``shutdown`` of a client of this cluster.

    ``shutdown`` awaits ``cluster.close()``, and so does code that only wants to disconnect. Only the stack shows the
    difference: a client whose closing was interrupted looks the same as one that shuts down.
    """
    shutdown = inspect.unwrap(Client._shutdown).__code__
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code is shutdown and frame.f_locals["self"].cluster is cluster:
            return True
        frame = frame.f_back
    return False


def closer_of_clients(cluster: Cluster) -> Callable[[], Awaitable[None]]:
    """Return a function that closes the clients of a cluster that has ended; it does not keep the object alive.

    Otherwise the clients would try to reconnect for half a minute, and then log an error.
    """
    reference = weakref.ref(cluster)

    async def close() -> None:
        left = [client for client in Client._instances if client.cluster and client.cluster is reference()]
        with _without_traces_of_cancelling():
            await asyncio.gather(*(client.close() for client in left))

    return close


def after_restart(name: str | None) -> str:
    """Say what a restart of the scheduler of a cluster means for its clients."""
    cluster = "" if name is None else f" of the cluster {name!r}"
    return (
        f"The Dask scheduler{cluster} was restarted: uploaded files and plug-ins come back from the clients that "
        "registered them, but futures, published data sets, Variables, Queues, Locks, metadata and all else that it "
        "kept are gone."
    )


def teller_of_restarts(cluster: Cluster) -> Callable[[], None]:
    """Return a function that says that the scheduler was restarted; it does not keep the object alive."""
    reference = weakref.ref(cluster)

    def tell() -> None:
        if (left := reference()) is not None:
            left._log(after_restart(left.name))

    return tell


@contextlib.contextmanager
def _without_traces_of_cancelling() -> Iterator[None]:
    """Keep Dask from logging an error for each connection attempt that is cancelled, and for each that is given up."""
    logger = logging.getLogger("distributed.client")

    def is_worth_telling(record: logging.LogRecord) -> bool:
        is_cancelled = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
        return not (is_cancelled or str(record.msg).startswith("Failed to reconnect"))

    logger.addFilter(is_worth_telling)
    try:
        yield
    finally:
        logger.removeFilter(is_worth_telling)
