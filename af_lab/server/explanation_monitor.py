"""Why workers are missing, from one look at the queue and the pool for all clusters and all panels."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from af_lab.condor.explain import Explanation
from af_lab.condor.job import JobStatus
from af_lab.errors import AfLabError
from af_lab.manager.manager import ClusterManager
from af_lab.model.cluster_view import ClusterView
from af_lab.model.standstill import standstill
from af_lab.server.json_models import explanation_json
from af_lab.server.topics import Board, Topic

__all__ = ["ExplanationMonitor"]

EVERY = 15.0  # seconds for which an explanation is valid while nothing changes
LOOKS_APART = 5.0  # seconds between two looks


class ExplanationMonitor:
    """Explanations of all clusters whose workers wait, are on hold, or end before they connect.

    Parameters
    ----------
    manager
        Queries the schedd and the collector.
    board
        The topics that all panels see.
    views
        Returns all clusters.
    """

    def __init__(self, manager: ClusterManager, board: Board, views: Callable[[], Iterable[ClusterView]]) -> None:
        self._manager = manager
        self._board = board
        self._views = views
        self._wake = asyncio.Event()
        self._known: dict[int, Explanation] = {}
        self._about: dict[int, tuple[object, ...]] = {}
        self._looked = -math.inf

    def note_change(self, id_: int, view: ClusterView | None) -> None:
        """Look soon if the known explanation of a cluster may be out of date; `view` is None if it is gone."""
        if _subject(view) != self._about.get(id_):
            self._wake.set()

    def known(self, id_: int) -> Explanation | None:
        """Return the explanation of a cluster if it is still valid."""
        return self._known.get(id_) if time.monotonic() < self._looked + EVERY else None

    async def keep_explaining(self) -> None:
        """Keep the board up to date."""
        # The board may show what was true when somebody watched last.
        self._wake.set()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY if self._about else None):
                    await self._wake.wait()
            self._wake.clear()
            with suppress(AfLabError):
                await self._look()
            await asyncio.sleep(LOOKS_APART)

    async def _look(self) -> None:
        views = {view.job.id.cluster: view for view in self._views()}
        self._about = {id_: subject for id_, view in views.items() if (subject := _subject(view))}
        for id_ in self._known.keys() - self._about.keys():
            del self._known[id_]
            if id_ in views:
                self._board.put(Topic("explanation", str(id_)), None)
        if self._about:
            found = await self._manager.explain_all([views[id_] for id_ in self._about])
            self._looked = time.monotonic()
            for id_, explanation in found.items():
                self._known[id_] = explanation
                self._board.put(Topic("explanation", str(id_)), explanation_json(explanation))


def _subject(view: ClusterView | None) -> tuple[object, ...] | None:
    """Return what the explanation of a cluster depends on; None if there is nothing to explain."""
    if view is None or standstill(view.info):
        return None
    counts, failing = view.info.counts, view.info.failing
    if counts.waiting or counts.held or failing or view.job.status == JobStatus.IDLE:
        return view.info.generation, counts.waiting, counts.held, failing
    return None
