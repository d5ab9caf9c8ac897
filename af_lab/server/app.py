"""The extension as Jupyter's server sees it."""

from __future__ import annotations

import asyncio

from jupyter_server.extension.application import ExtensionApp
from traitlets import Float

from af_lab.manager.manager import ClusterManager
from af_lab.server.dashboards import Dashboards
from af_lab.server.json_models import API
from af_lab.server.routes import ROUTES
from af_lab.server.topics import Board
from af_lab.server.watch import Watch

__all__ = ["AfLabApp"]


class AfLabApp(ExtensionApp):
    """Clusters of the user whose server this is. It holds no state: that stands in the job queue."""

    name = "af_lab"
    extension_url = "/lab"
    load_other_extensions = True

    queue_poll = Float(
        15.0,
        min=1.0,
        help="Seconds between two looks at the schedd's queue while a panel is open and nothing happens. "
        "Each look scans the queue of all users.",
    ).tag(config=True)
    pool_poll = Float(
        30.0,
        min=1.0,
        help="Seconds between two looks at the slots of the pool while a panel is open.",
    ).tag(config=True)

    def initialize_settings(self) -> None:
        """Make what all handlers share."""
        self.manager = ClusterManager()
        board = Board()
        self.watch = Watch(self.manager, board, queue_poll=self.queue_poll, pool_poll=self.pool_poll, log=self.log)
        self.settings["af_lab_manager"] = self.manager
        self.settings["af_lab_board"] = board
        self.settings["af_lab_watch"] = self.watch
        self.settings["af_lab_dashboards"] = Dashboards(self.manager)

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend((f"/{API}{path}", handler) for path, handler in ROUTES)

    async def stop_extension(self) -> None:
        """End the helper processes; the clusters go on."""
        await self.watch.close()
        await asyncio.to_thread(self.manager.close)
