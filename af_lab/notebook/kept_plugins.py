"""What a client gave to the scheduler and its workers, to give it to the next scheduler as well."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal

from distributed.comm.core import CommClosedError
from distributed.core import clean_exception
from distributed.diagnostics.plugin import NannyPlugin, SchedulerPlugin, SchedulerUploadFile, UploadFile, WorkerPlugin
from distributed.protocol.pickle import dumps

from af_lab.manager.runner_client import closed_before_tls

__all__ = ["KeptPlugins", "Kind"]

logger = logging.getLogger("af_lab")

Kind = Literal["scheduler", "worker", "nanny"]
Plugin = SchedulerPlugin | WorkerPlugin | NannyPlugin


class KeptPlugins:
    """The plug-ins that one client has registered; ``client.upload_file`` registers some as well."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Kind, str], tuple[str, Plugin]] = {}

    def keep(self, kind: Kind, name: str, plugin: Plugin) -> None:
        """Keep a plug-in; of a file that was uploaded several times, only the last one."""
        key = plugin.filename if isinstance(plugin, UploadFile | SchedulerUploadFile) else name
        # The order in which they are registered may count.
        self._kept.pop((kind, key), None)
        self._kept[kind, key] = (name, plugin)

    def drop(self, kind: Kind, name: str) -> None:
        """Forget a plug-in that is no longer wanted."""
        self._kept = {key: kept for key, kept in self._kept.items() if (key[0], kept[0]) != (kind, name)}

    async def bring_back(self, scheduler: Any, before: str, timeout: float | None) -> bool:
        """Register all plug-ins with a scheduler, unless it is still the same one.

        Parameters
        ----------
        scheduler
            Calls to the scheduler (Dask's ``rpc``).
        before
            Identity of the scheduler that the client was connected to.
        timeout
            Seconds for all of it.

        Returns
        -------
        Whether it is another scheduler.

        Raises
        ------
        OSError
            The scheduler does not answer.
        """
        async with asyncio.timeout(timeout):
            with closed_before_tls():
                identity = await scheduler.identity(n_workers=0)
            if identity["id"] == before:
                return False
            for (kind, _), (name, plugin) in list(self._kept.items()):
                await _register(scheduler, kind, name, plugin)
        return True


async def _register(scheduler: Any, kind: Kind, name: str, plugin: Plugin) -> None:
    """Register a plug-in; log what it raised, because the client shall go on without it."""
    register = getattr(scheduler, f"register_{kind}_plugin")
    try:
        # Several clients may have the same one.
        answers = await register(plugin=dumps(plugin), name=name, idempotent=True)
        for answer in (answers or {}).values():
            if answer["status"] == "error":
                _, error, _ = clean_exception(answer["exception"], answer["traceback"])
                raise error or RuntimeError("no error was given")
    except CommClosedError:
        raise
    except Exception as error:
        logger.warning(
            "The Dask scheduler was restarted, and the plug-in or file %r could not be registered again: %s: %s",
            name,
            type(error).__name__,
            error,
        )
