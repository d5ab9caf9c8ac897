"""The WebSocket that panels listen to."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from typing import Any, ClassVar

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import ensure_async
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from af_lab.server.base import AUTH_RESOURCE
from af_lab.server.origin import refuse_other_sites
from af_lab.server.outbox import Outbox
from af_lab.server.topics import Board
from af_lab.server.watch import Watch

__all__ = ["EventsHandler"]


class EventsHandler(JupyterHandler, WebSocketHandler):
    """A WebSocket to one reader: sends a snapshot first, then changes. It does not count as activity.

    The messages are described in ``events.schema.json``. The reader need not send anything.
    """

    auth_resource: ClassVar[str] = AUTH_RESOURCE

    def initialize(self) -> None:
        """Set up the stack of what must be ended."""
        super().initialize()
        self._ending = ExitStack()

    async def prepare(self) -> None:  # type: ignore[override]
        """Answer unauthenticated requests with 403: a WebSocket cannot follow a redirect to a login page."""
        await super().prepare(_redirect_to_login=False)
        refuse_other_sites(self)

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open the connection if the user is authorized."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, "read", AUTH_RESOURCE)):
            raise HTTPError(403)
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Start to send messages."""
        self.settings["af_lab_browser"].note(self.request)
        board: Board = self.settings["af_lab_board"]
        watch: Watch = self.settings["af_lab_watch"]
        self._ending.enter_context(watch.watched())
        sending = asyncio.create_task(self._keep_sending(Outbox(board, self._send)))
        self._ending.callback(sending.cancel)

    def on_message(self, message: str | bytes) -> None:
        """Ignore messages from the reader."""

    def on_close(self) -> None:
        """Stop sending."""
        self._ending.close()

    async def _keep_sending(self, outbox: Outbox) -> None:
        with suppress(WebSocketClosedError, StreamClosedError):
            await outbox.keep_sending()

    async def _send(self, message: str) -> None:
        await self.write_message(message)
