"""The user's runs as this server knows them: their folders are read while a panel is open, else on request."""

from __future__ import annotations

import asyncio
import datetime
import logging
import time
from dataclasses import dataclass

from af_lab.errors import AfLabError
from af_lab.runs.run_info import RunInfo
from af_lab.runs.run_manager import RunManager
from af_lab.server.single_flight import SingleFlight
from af_lab.server.topics import Board, Topic

__all__ = ["RunListing", "RunMonitor"]

LOOKS_APART = 1.0  # seconds at least between the beginnings of two automatic looks
PAUSE = 4  # times as long as a look took, until the next one begins


@dataclass(frozen=True)
class RunListing:
    """All runs by name, and when their folders were read."""

    runs: list[RunInfo]
    seen: datetime.datetime


class RunMonitor:
    """The state of all runs of one user. It asks nothing of HTCondor.

    Parameters
    ----------
    manager
        Reads the folders of the runs, in a thread.
    board
        The topics that all panels see.
    log
        Gets one message when the runs cannot be read, and one when they can be read again.
    """

    def __init__(self, manager: RunManager, board: Board, *, log: logging.Logger) -> None:
        self._manager = manager
        self._board = board
        self._log = log
        self._look = SingleFlight(self._look_now)
        self._trouble: str | None = None
        self._removed: set[str] = set()

    async def listing(self) -> RunListing:
        """Return all runs by name.

        Raises
        ------
        AfLabError
            The folder of all runs would not be safe.
        """
        return await self._look()

    def learn(self, info: RunInfo) -> None:
        """Tell the result of an action on a run."""
        self._board.put(Topic("run", info.name), info.as_json())

    def forget(self, name: str) -> None:
        """Tell that a run was removed."""
        self._removed.add(name)
        self._board.remove_run(name)

    async def keep_looking(self) -> None:
        """Keep the board up to date."""
        while True:
            begun = time.monotonic()
            try:
                await self._look()
            except (AfLabError, OSError) as error:
                self._note_trouble(str(error))
            else:
                self._note_trouble(None)
            took = time.monotonic() - begun
            await asyncio.sleep(max(LOOKS_APART - took, PAUSE * took))

    async def close(self) -> None:
        """End the look that is under way."""
        await self._look.close()

    async def _look_now(self) -> RunListing:
        seen = datetime.datetime.now(datetime.UTC)
        # Of those that are removed during this look, it may have seen some before.
        self._removed.clear()
        found = await self._manager.runs()
        runs = [info for info in found if info.name not in self._removed]
        for info in runs:
            self.learn(info)
        for name in set(self._board.runs()) - {info.name for info in runs}:
            self._board.remove_run(name)
        return RunListing(sorted(runs, key=lambda info: info.name), seen)

    def _note_trouble(self, trouble: str | None) -> None:
        if trouble is not None and self._trouble is None:
            self._log.warning("af_lab: the runs cannot be read: %s", trouble)
        elif trouble is None and self._trouble is not None:
            self._log.warning("af_lab: the runs can be read again.")
        self._trouble = trouble
