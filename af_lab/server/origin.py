"""Requests that the pages of other sites make a browser send."""

from __future__ import annotations

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

__all__ = ["refuse_other_sites"]


def refuse_other_sites(handler: JupyterHandler) -> None:
    """Raise an error with status 403 if a request comes from a page of another site that Jupyter does not allow.

    Jupyter itself answers such a request with 404, as if the address were wrong.
    """
    if handler.check_origin():
        return
    origin = handler.request.headers.get("Origin")
    message = (
        f"This request comes from a page of {origin}, but it was sent to {handler.request.host}, which answers only "
        "its own pages. If both are this Jupyter server, a proxy changes the header Host: it must pass it on. To allow "
        f"another site, set c.ServerApp.allow_origin = '{origin}' where the Jupyter server runs."
    )
    raise HTTPError(403, "%s", message)
