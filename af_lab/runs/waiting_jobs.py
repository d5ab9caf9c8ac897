"""Why the jobs of a batch wait, in a few words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future

from af_lab.condor.explain import explain
from af_lab.condor.pool import Pool
from af_lab.condor.queue import Queue
from af_lab.errors import CondorError
from af_lab.jobs import sites
from af_lab.model.job_request import described_request
from af_lab.runs.store import Batch

__all__ = ["WaitingJobs", "why_jobs_wait"]

PATIENCE = 3.0  # seconds that jobs may wait before HTCondor is asked why
EVERY = 15.0  # seconds between two questions


async def why_jobs_wait(batch: Batch, waiting: int, queue: Queue, pool: Pool) -> str:
    """Ask HTCondor why so many jobs of a batch wait; returns a few words."""
    # Jobs that outgrew their memory ask for more than the first number of the expression.
    first = batch.description["request_memory"].split()[0]
    request = described_request({**batch.description, "request_memory": first})
    slots, shares, period, limits, use = await asyncio.gather(
        pool.match(request, sites.requirements_by_name()),
        pool.shares(),
        pool.negotiation_period(),
        queue.limits(),
        queue.use(),
    )
    explanation = explain(
        request,
        slots,
        owner=queue.owner,
        waiting_since=[batch.created] * waiting,
        limits=limits,
        use=use,
        shares=shares,
        period=period,
    )
    return explanation.why_waiting


class WaitingJobs:
    """Knows why the jobs of a batch wait, as long as somebody wants to know.

    Parameters
    ----------
    ask
        Asks HTCondor why so many jobs wait, in the loop of the batches.
    """

    def __init__(self, ask: Callable[[int], Future[str]], now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._now = now
        self._since: float | None = None
        self._asked = float("-inf")
        self._answer: Future[str] | None = None
        self.words = ""

    def look(self, waiting: int, running: int) -> str:
        """Return why jobs wait, as far as that is known; "" while some of them run."""
        if not waiting or running:
            self._since, self.words = None, ""
            return ""
        now = self._now()
        self._since = now if self._since is None else self._since
        if self._answer is not None and self._answer.done():
            self.words = _words(self._answer)
            self._answer = None
        if self._answer is None and now >= max(self._since + PATIENCE, self._asked + EVERY):
            self._asked = now
            self._answer = self._ask(waiting)
        return self.words


def _words(answer: Future[str]) -> str:
    try:
        return answer.result()
    except CondorError as error:
        return str(error)
