"""The extension as Jupyter's server sees it."""

from __future__ import annotations

import asyncio

from jupyter_server.extension.application import ExtensionApp

from af_lab.manager.manager import ClusterManager
from af_lab.server.handlers import ROUTES

__all__ = ["AfLabApp"]


class AfLabApp(ExtensionApp):
    """Clusters of the user whose server this is. It holds no state: that stands in the job queue."""

    name = "af_lab"
    extension_url = "/lab"
    load_other_extensions = True

    def initialize_settings(self) -> None:
        """Make the one manager that all handlers share."""
        self.manager = ClusterManager()
        self.settings["af_lab_manager"] = self.manager

    def initialize_handlers(self) -> None:
        """Add the routes."""
        self.handlers.extend((f"/af-lab/api{path}", handler) for path, handler in ROUTES)

    async def stop_extension(self) -> None:
        """End the helper processes; the clusters go on."""
        await asyncio.to_thread(self.manager.close)
