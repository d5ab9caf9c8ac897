"""The extension of the Jupyter server."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from traitlets import Float

from af_lab.jobs.dask_jobqueue import said_of_unused_settings
from af_lab.jobs.sites import setting_problems
from af_lab.manager.dashboard import BROWSER, LINK
from af_lab.manager.manager import ClusterManager
from af_lab.runs.run_manager import RunManager
from af_lab.server.api_path import API
from af_lab.server.browser_address import BrowserAddress
from af_lab.server.dashboards import Dashboards
from af_lab.server.json_models import path_of
from af_lab.server.routes import ROUTES
from af_lab.server.topics import Board
from af_lab.server.watch import Watch

__all__ = ["AfLabApp"]


class AfLabApp(ExtensionApp):
    """The extension for the clusters of the server's user. It keeps no state: all state is in the job queue."""

    name = "af_lab"
    extension_url = "/lab"
    load_other_extensions = True
    manager: ClusterManager | None = None
    watch: Watch | None = None
    browser: BrowserAddress | None = None

    queue_poll = Float(
        15.0,
        min=1.0,
        help="Seconds between two queries of the schedd while a panel is open and nothing changes. "
        "Each query scans the jobs of all users.",
    ).tag(config=True)
    pool_poll = Float(
        30.0,
        min=1.0,
        help="Seconds between two queries of the pool's slots while a panel is open.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Create the objects that all handlers share."""
        for problem in setting_problems():
            self.log.warning("af_lab: %s", problem.message)
        if said := said_of_unused_settings():
            self.log.warning("af_lab: %s", said)
        self.manager = manager = ClusterManager()
        runs = RunManager(lambda: manager.queue)
        board = Board()
        polls = {"queue_poll": self.queue_poll, "pool_poll": self.pool_poll}
        self.watch = Watch(manager, runs, board, **polls, log=self.log)
        self.settings["af_lab_manager"] = self.manager
        self.settings["af_lab_runs"] = runs
        self.settings["af_lab_board"] = board
        self.settings["af_lab_watch"] = self.watch
        self.settings["af_lab_dashboards"] = Dashboards(self.manager)
        # For the links in notebooks: kernels inherit the server's environment.
        os.environ[LINK] = url_path_join(self.settings["base_url"], path_of("{name}", "dashboard", "status"))
        known = Path(jupyter_runtime_dir()) / f"af-lab-browser-{os.getpid()}"
        self.browser = self.settings["af_lab_browser"] = BrowserAddress(known)
        self.browser.forget()  # that of a killed server whose process had the same number
        os.environ[BROWSER] = str(known)

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend((f"/{API}{path}", handler) for path, handler in ROUTES)

    async def stop_extension(self) -> None:
        """End the helper processes; the clusters keep running."""
        os.environ.pop(LINK, None)
        os.environ.pop(BROWSER, None)
        if self.browser is not None:
            self.browser.forget()
        # An error here would keep the server from stopping, also if the extension could not be loaded.
        if self.watch is not None:
            await self.watch.close()
        if self.manager is not None:
            await asyncio.to_thread(self.manager.close)
