"""What all handlers share: who may call, what a body is, and how an error is answered."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from af_lab.errors import (
    AfLabError,
    ClusterExists,
    ClusterNotFound,
    CondorError,
    CondorUnavailable,
    LimitExceeded,
    SpecError,
)
from af_lab.manager.manager import ClusterManager

__all__ = ["Handler"]

# The first that fits; an error of another class is one of what was asked for.
STATUS: tuple[tuple[type[AfLabError], int], ...] = (
    (ClusterNotFound, 404),
    (ClusterExists, 409),
    (LimitExceeded, 409),
    (CondorUnavailable, 503),
    (CondorError, 409),
    (AfLabError, 400),
)
HEADLINES = {
    400: "This cannot be done as it was asked for",
    404: "There is no such cluster",
    409: "This is not possible now",
    503: "HTCondor does not answer",
}


class Handler(APIHandler):
    """A handler of the REST interface.

    Errors of af_lab become ``{"message", "reason", "code"}``, with the error's class as its code; whatever else is
    raised is a fault of the server, and stays a 500. A verb that only looks sets ``_track_activity`` to False: the
    panel asks while it is open, and nobody need be there.
    """

    auth_resource: ClassVar[str] = "af-lab"

    @property
    def manager(self) -> ClusterManager:
        """The clusters of the user whose server this is."""
        manager: ClusterManager = self.settings["af_lab_manager"]
        return manager

    def body(self) -> dict[str, Any]:
        """Return the request's JSON object.

        Raises
        ------
        SpecError
            There is none.
        """
        try:
            content = json.loads(self.request.body)
        except ValueError:
            raise SpecError('The request\'s body is no JSON; an object such as {"workers": 2} is expected.') from None
        if not isinstance(content, dict):
            raise SpecError(f"The request's body is a JSON {type(content).__name__}; an object is expected.")
        return content

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error in the form that all routes share."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, AfLabError):
            status = next(status for class_, status in STATUS if isinstance(error, class_))
            self.set_status(status)
            self.finish({"message": str(error), "reason": HEADLINES[status], "code": type(error).__name__})
        elif isinstance(error, HTTPError):
            message = error.log_message or error.reason or "The request was refused."
            self.finish({"message": message, "reason": error.reason or self._reason, "code": "HTTPError"})
        else:
            self.finish({"message": "The server failed; its log says why.", "reason": self._reason, "code": "Fault"})

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log faults; an error that the user is told is none."""
        if not isinstance(value, AfLabError):
            super().log_exception(typ, value, tb)
