"""Runs: listing, cancelling, repeating and removing them, and what their tasks say."""

from __future__ import annotations

import asyncio
import json

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from af_lab.errors import SpecError
from af_lab.manager.logfiles import MOST_LINES
from af_lab.model.info import time_json
from af_lab.runs.logs import FailedTask, task_log_part
from af_lab.server.base import Handler
from af_lab.server.paging import asked_page, page_of

__all__ = ["AgainHandler", "CancelHandler", "FailedTasksHandler", "RunHandler", "RunsHandler", "TaskLogHandler"]


class RunsHandler(Handler):
    """All runs of the user."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List the runs, including those that ended within a week, in pages of at most `limit`."""
        asked = asked_page(self)
        listing = await self.watch.runs.listing()
        page, cursor = page_of(listing.runs, lambda info: info.name, asked)
        self.finish(
            {
                "runs": [info.as_json() for info in page],
                "cursor": cursor,
                "seen": time_json(listing.seen.timestamp()),
                "health": self.watch.clusters.known_health,
            }
        )


class RunHandler(Handler):
    """One run."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Return the run."""
        self.finish((await self.runs.get(name)).as_json())

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Remove the run at once, with its jobs and results."""
        await self.runs.remove(name)
        self.watch.runs.forget(name)
        self.set_status(204)
        self.finish()


class CancelHandler(Handler):
    """The jobs of a run."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Remove the jobs; the results that are there stay."""
        self.body(needed=False)
        info = await self.runs.cancel(name)
        self.watch.runs.learn(info)
        self.finish(info.as_json())


class AgainHandler(Handler):
    """The calls of a run that failed or were cancelled."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Run them again."""
        self.body(needed=False)
        info = await self.runs.again(name)
        self.watch.runs.learn(info)
        self.finish(info.as_json())


class FailedTasksHandler(Handler):
    """The tasks of a run that failed or were cancelled."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """List the tasks, and why."""
        # In a thread, because there may be a hundred thousand.
        self.finish(await asyncio.to_thread(_tasks_text, await self.runs.failed_tasks(name)))


class TaskLogHandler(Handler):
    """The logs of a run's tasks."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Return the end of the log of a task's last job, or what was added to it."""
        lines = self.number("lines", 200, 1, MOST_LINES)
        after = self.get_query_argument("after", None)
        task = self.get_query_argument("task", None)
        if task is None:
            raise SpecError("task: the id of a task selects its log, as in task=0.17.")
        part = await asyncio.to_thread(task_log_part, name, task, lines, after)
        self.finish(part.as_json())


def _tasks_text(tasks: list[FailedTask]) -> str:
    return json.dumps([task._asdict() for task in tasks])
