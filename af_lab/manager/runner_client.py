"""Questions to the runner of a cluster, over a connection of Dask's with the cluster's own keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

from distributed.comm.core import CommClosedError
from distributed.core import rpc

from af_lab.model.ads import SchedulerJob
from af_lab.model.folder import ClusterFolder
from af_lab.model.snapshot import Snapshot

__all__ = ["ask", "ask_for_snapshot", "follow", "next_change", "plainly_closed"]

TIMEOUT = 5.0  # seconds that a runner may take to answer
CONNECT_TIMEOUT = 2.0  # seconds for which a runner that has just gone is tried
LONG_POLL = 30.0  # seconds that a runner may wait for a change before it answers


@contextlib.contextmanager
def plainly_closed() -> Iterator[None]:
    """Have a connection that the other side closes at once fail as any other does that it closes.

    Before TLS begins, tornado (6.6) says so with a ValueError, which distributed passes on.

    Raises
    ------
    CommClosedError
        The connection was closed; it is an OSError.
    """
    try:
        yield
    except ValueError as error:
        if "IOStream is not idle" not in str(error):
            raise
        raise CommClosedError("It was closed before TLS began.") from error


async def ask(job: SchedulerJob, question: str, patience: float = 0.0, **details: Any) -> Any:
    """Return a runner's answer, or None where none answers.

    Parameters
    ----------
    job
        The scheduler job that the runner is.
    question
        Name of the handler.
    patience
        Seconds that the answer may take longer than usual.
    **details
        Arguments of the handler.
    """
    if not job.ready or job.address is None:
        return None
    security = ClusterFolder(job.folder).security()
    with contextlib.suppress(OSError, TimeoutError):
        async with (
            asyncio.timeout(TIMEOUT + patience),
            rpc(job.address, timeout=CONNECT_TIMEOUT, connection_args=security.get_connection_args("client")) as runner,
        ):
            with plainly_closed():
                return await getattr(runner, question)(**details)
    return None


async def ask_for_snapshot(
    job: SchedulerJob, question: str = "af_lab_snapshot", patience: float = 0.0, **details: Any
) -> Snapshot | None:
    """Return a runner's answer that is a snapshot, or None where none answers; see `ask`."""
    told = await ask(job, question, patience, **details)
    return None if told is None else Snapshot.from_message(told)


async def follow(job: SchedulerJob, after: int) -> AsyncIterator[Snapshot]:
    """Yield each new snapshot of a runner, over one connection, until it does not answer any more.

    A runner of the first schema tells no changes: it yields none and ends at once.

    Parameters
    ----------
    job
        The scheduler job that the runner is.
    after
        ``sequence`` of what is known already.
    """
    arguments = ClusterFolder(job.folder).security().get_connection_args("client")
    async with rpc(job.address, timeout=CONNECT_TIMEOUT, connection_args=arguments) as runner:
        with contextlib.suppress(OSError, TimeoutError):
            while True:
                snapshot = await next_change(runner, after, TIMEOUT)
                if snapshot is None:
                    return
                after = snapshot.sequence
                yield snapshot


async def next_change(runner: Any, after: int, patience: float) -> Snapshot | None:
    """Return the next snapshot over a connection that is open, the same one if nothing changes for long.

    Parameters
    ----------
    runner
        Calls to the runner (Dask's ``rpc``).
    after
        ``sequence`` of what is known already.
    patience
        Seconds that the answer may take longer than the runner waits for a change.

    Returns
    -------
    None if the runner is of the first schema, and tells no changes.
    """
    async with asyncio.timeout(LONG_POLL + patience):
        with plainly_closed():
            told = await runner.af_lab_change(after=after, timeout=LONG_POLL)
    return None if told is None else Snapshot.from_message(told)
