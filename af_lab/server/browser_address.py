"""The address at which the user's browser sees the Jupyter server, for the links that notebooks print."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

__all__ = ["BrowserAddress"]


class BrowserAddress:
    """The origin of the pages that the browser shows, as in ``https://hub.example.org``, kept in a file.

    Nothing but the browser knows it: behind a hub, a proxy or a tunnel, the server has another address.

    Parameters
    ----------
    file
        Kernels read it, also those that are older than the address.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._origin = ""

    def note(self, request: HTTPServerRequest) -> None:
        """Take the origin of an authenticated WebSocket; browsers send it with each.

        One that is not the address of this server is a page of another site, which an administrator allowed.
        """
        origin = request.headers.get("Origin", "")
        parts = urlsplit(origin)
        if origin != self._origin and parts.scheme in ("http", "https") and parts.netloc == request.host:
            # Without the file, links are relative, which serves nearly as well.
            with suppress(OSError):
                self._file.write_text(origin, encoding="utf-8")
                self._origin = origin

    def forget(self) -> None:
        """Remove the file."""
        with suppress(OSError):
            self._file.unlink()
