"""The pool as this server knows it: looked at now and then while somebody watches, and soon after jobs came or went."""

from __future__ import annotations

import asyncio
import datetime
import math
import time
from contextlib import suppress

from af_lab.errors import AfLabError
from af_lab.manager.manager import ClusterManager
from af_lab.server.json_models import Json, pool_json
from af_lab.server.topics import Board, Topic

__all__ = ["PoolMonitor"]

LOOKS_APART = 5.0  # seconds at least between two looks at the pool that nobody asked for
RESTLESS = 15.0  # seconds that slots may take to tell the collector that jobs of ours came or went


class PoolMonitor:
    """What the pool has, and what of it is in use.

    Parameters
    ----------
    manager
        Asks the collector.
    board
        What all panels see.
    poll
        Seconds between two looks while somebody watches and nothing happens.
    """

    def __init__(self, manager: ClusterManager, board: Board, *, poll: float) -> None:
        self._manager = manager
        self._board = board
        self._poll = poll
        self._moves = asyncio.Event()
        self._restless_until = -math.inf
        self._running = 0

    async def look(self) -> Json:
        """Return what the pool has, what of it is in use, and by whom.

        Raises
        ------
        CondorUnavailable, CondorError
            The collector does not answer, or refuses.
        """
        overview, shares = await asyncio.gather(self._manager.pool(), self._manager.condor_pool.shares())
        return pool_json(overview, shares, datetime.datetime.now(datetime.UTC))

    def note_running(self, workers: int) -> None:
        """Look soon if more or fewer workers of ours run than before."""
        if workers != self._running:
            self._running = workers
            self._restless_until = time.monotonic() + RESTLESS
            self._moves.set()

    async def keep_looking(self) -> None:
        """Keep the board up to date."""
        while True:
            # While the collector does not answer, what it told before stands, with its age.
            with suppress(AfLabError):
                self._board.put(Topic("pool"), await self.look())
            apart = min(LOOKS_APART, self._poll)
            await asyncio.sleep(apart)
            if time.monotonic() > self._restless_until:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll - apart):
                        await self._moves.wait()
            self._moves.clear()
