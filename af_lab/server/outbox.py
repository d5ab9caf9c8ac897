"""The messages to one reader: a snapshot first, then changes, never faster than it reads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NoReturn

from af_lab.server.topics import Board, Topic

__all__ = ["VERSION", "Outbox"]

VERSION = 1
"""Version of the messages, as ``events.schema.json`` describes them."""

GONE = {"cluster": "gone", "run": "run-gone"}  # types of the messages that a topic was removed
REST = 0.2  # seconds between two batches of changes
PATIENCE = 5.0  # seconds after which a slow reader gets a snapshot instead of the changes


class Outbox:
    """The messages to one reader.

    While it does not read, a new change of a topic replaces the earlier one, so that messages do not pile up.

    Parameters
    ----------
    board
        The topics to send.
    send
        Sends a message, and returns when the reader's connection has taken it.
    """

    def __init__(self, board: Board, send: Callable[[str], Awaitable[None]]) -> None:
        self._board = board
        self._send = send
        self._sent = 0
        # A dict, because a set does not keep the order of the changes.
        self._changed: dict[Topic, None] = {}
        self._wake = asyncio.Event()

    async def keep_sending(self) -> NoReturn:
        """Send until the connection breaks, or the task is cancelled."""
        leave = self._board.listen(self._note)
        try:
            await self._send_everything()
            while True:
                await self._wake.wait()
                begun = time.monotonic()
                await self._send_changes()
                await asyncio.sleep(max(0.0, begun + REST - time.monotonic()))
        finally:
            leave()

    def _note(self, topic: Topic) -> None:
        self._changed[topic] = None
        self._wake.set()

    async def _send_changes(self) -> None:
        begun = time.monotonic()
        changed, self._changed = self._changed, {}
        self._wake.clear()
        for topic in changed:
            text = self._board.text(topic)
            await self._message(GONE[topic.kind] if text is None else topic.kind, topic.id, text or "null")
            if time.monotonic() - begun > PATIENCE:
                await self._send_everything()
                return

    async def _send_everything(self) -> None:
        self._changed.clear()
        self._wake.clear()
        await self._message("snapshot", None, self._board.everything())

    async def _message(self, kind: str, id_: str | None, data: str) -> None:
        self._sent += 1
        quoted = "null" if id_ is None else f'"{id_}"'
        await self._send(f'{{"v": {VERSION}, "seq": {self._sent}, "type": "{kind}", "id": {quoted}, "data": {data}}}')
