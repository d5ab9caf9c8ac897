"""The extension where af_lab cannot be imported, as with a file of Dask's configuration that cannot be read.

It imports nothing of af_lab that needs Dask. The panel is told why, and the server runs and stops as ever.
"""

from __future__ import annotations

from typing import Any, ClassVar

from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.application import ExtensionApp
from tornado.web import authenticated

from af_lab.server.api_path import API

__all__ = ["UnusableApp", "unusable"]

REASON = "af_lab cannot be loaded"


class UnusableApp(ExtensionApp):
    """The extension that answers each request with the reason why there is no other."""

    name = "af_lab"
    load_other_extensions = True
    fault: ClassVar[Exception]

    def initialize_handlers(self) -> None:
        """Log the reason, and add the one route."""
        self.log.error("af_lab cannot be loaded: %s", self.fault, exc_info=self.fault)
        self.handlers.append((rf"/{API}(?:/.*)?", UnusableHandler, {"fault": self.fault}))


class UnusableHandler(APIHandler):
    """Any path of the interface."""

    def initialize(self, fault: Exception) -> None:
        """Keep the reason; requests do not count as activity."""
        self._fault = fault
        self._track_activity = False

    async def prepare(self) -> None:  # type: ignore[override]
        """Answer unauthenticated requests with 403."""
        await super(APIHandler, self).prepare(_redirect_to_login=False)

    @authenticated
    def get(self) -> None:
        """Return the reason."""
        self.set_status(503)
        message = f"{REASON}: {self._fault} Correct this where the Jupyter server runs, and restart the server."
        told: dict[str, Any] = {"message": message, "reason": REASON, "code": type(self._fault).__name__}
        self.finish(told)

    head = post = put = patch = delete = get

    def _log(self) -> None:
        """Log no request: each one of a panel fails."""


def unusable(fault: Exception) -> type[UnusableApp]:
    """Return the extension that reports a fault."""
    return type("UnusableApp", (UnusableApp,), {"fault": fault})
