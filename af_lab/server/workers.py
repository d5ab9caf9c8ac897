"""The workers of a cluster: their jobs, their counts over time, their logs, and why they wait."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from af_lab.errors import ClusterNotFound
from af_lab.manager.logfiles import MOST_LINES, MOST_STARTS
from af_lab.server.base import Handler
from af_lab.server.json_models import explanation_json, timeline_json, workers_json

__all__ = [
    "ExplainHandler",
    "LogsHandler",
    "ReleaseHandler",
    "TimelineHandler",
    "WorkerHandler",
    "WorkersHandler",
]

AT_ONCE = 500  # records that are serialized before other requests get their turn


class WorkersHandler(Handler):
    """Every worker's job of a cluster."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """List the jobs with their states."""
        infos = await self.manager.workers(name)
        told = []
        for begin in range(0, len(infos), AT_ONCE):
            told += workers_json(infos[begin : begin + AT_ONCE])
            await asyncio.sleep(0)
        self.finish({"workers": told})


class WorkerHandler(Handler):
    """One worker's job."""

    @authenticated
    @authorized
    async def delete(self, name: str, worker: str) -> None:
        """Remove the job; the cluster replaces it as long as it needs that many workers."""
        await self.manager.remove_worker(name, worker)
        self.set_status(204)
        self.finish()


class ReleaseHandler(Handler):
    """The hold of one worker's job."""

    @authenticated
    @authorized
    async def post(self, name: str, worker: str) -> None:
        """Release the job."""
        self.body(needed=False)
        await self.manager.release_worker(name, worker)
        self.set_status(204)
        self.finish()


class TimelineHandler(Handler):
    """The counts of a cluster's workers over time."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Return the counts over time."""
        self.finish({"points": timeline_json(await self.manager.timeline(name))})


class LogsHandler(Handler):
    """The logs of scheduler and workers."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Return the end of a log, or what was added to it."""
        worker, start = self.get_query_argument("worker", None), None
        if self.get_query_argument("start", None) is not None:
            start = self.number("start", 1, 1, MOST_STARTS)
        if worker is not None and start is not None:
            # Each is valid by itself, but there is no such log.
            raise ClusterNotFound("A worker's job has one log, for all its starts: ask for `worker` or for `start`.")
        part = await self.manager.logs(
            name,
            worker=worker,
            lines=self.number("lines", 200, 1, MOST_LINES),
            after=self.get_query_argument("after", None),
            start=start,
        )
        self.finish(part.as_json())


class ExplainHandler(Handler):
    """Why workers of a cluster are missing."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Return the reasons in words, with the numbers behind them."""
        job = await self.manager.job(name)
        known = self.watch.explanations.known(job.id.cluster)
        if known is None:
            known = await self.manager.explain(name)
        self.finish(explanation_json(known))
