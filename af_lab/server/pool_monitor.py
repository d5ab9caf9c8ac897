"""The pool as this server knows it: looked at regularly while a panel is open, and soon after jobs start or end."""

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

LOOKS_APART = 5.0  # seconds at least between two automatic looks at the pool
RESTLESS = 15.0  # seconds that slots may take to report the start or end of our jobs to the collector


class PoolMonitor:
    """The resources of the pool, and how much of them is in use.

    Parameters
    ----------
    manager
        Queries the collector.
    board
        The topics that all panels see.
    poll
        Seconds between two looks while a panel is open and nothing changes.
    """

    def __init__(self, manager: ClusterManager, board: Board, *, poll: float) -> None:
        self._manager = manager
        self._board = board
        self._poll = poll
        self._moves = asyncio.Event()
        self._restless_until = -math.inf
        self._running: dict[int, int] = {}

    async def look(self) -> Json:
        """Return the resources of the pool, how much of them is in use, and by whom.

        Raises
        ------
        CondorUnavailable, CondorError
            The collector does not answer, or refuses.
        """
        condor_pool = self._manager.condor_pool
        overview, shares = await asyncio.gather(self._manager.pool(), condor_pool.shares())
        return pool_json(overview, shares, datetime.datetime.now(datetime.UTC))

    def note_running(self, id_: int, workers: int) -> None:
        """Look soon if more or fewer workers of a cluster run than before."""
        if workers != self._running.get(id_, 0):
            self._running[id_] = workers
            self._restless_until = time.monotonic() + RESTLESS
            self._moves.set()

    async def keep_looking(self) -> None:
        """Keep the board up to date."""
        while True:
            # While the collector does not answer, the last result stays on the board, with its time.
            with suppress(AfLabError):
                self._board.put(Topic("pool"), await self.look())
            apart = min(LOOKS_APART, self._poll)
            await asyncio.sleep(apart)
            if time.monotonic() > self._restless_until:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll - apart):
                        await self._moves.wait()
            self._moves.clear()
