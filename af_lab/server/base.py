"""What all handlers share: who may call, what a body is, and how an error is answered."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, ClassVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from af_lab.errors import (
    AfLabError,
    BindingsMissing,
    ClusterExists,
    ClusterFailed,
    ClusterNotFound,
    CondorAbsent,
    CondorError,
    CondorUnavailable,
    ExampleNotCopied,
    ExampleNotFound,
    LimitExceeded,
    SpecError,
)
from af_lab.manager.manager import ClusterManager
from af_lab.server.json_models import Json
from af_lab.server.watch import Watch

__all__ = ["AUTH_RESOURCE", "Handler", "NotFound", "status_of"]

AUTH_RESOURCE = "af-lab"

# The first that fits; an error of another class is one of what was asked for.
STATUS: tuple[tuple[type[AfLabError], int], ...] = (
    (ClusterNotFound, 404),
    (ExampleNotFound, 404),
    (ClusterExists, 409),
    (ClusterFailed, 409),
    (ExampleNotCopied, 409),
    (LimitExceeded, 409),
    (CondorUnavailable, 503),
    (CondorError, 409),
    (AfLabError, 400),
)
HEADLINES = {
    400: "This cannot be done as it was asked for",
    404: "There is no such thing",
    409: "This is not possible now",
    503: "HTCondor does not answer",
}
OWN_HEADLINES: dict[type[AfLabError], str] = {
    CondorAbsent: "HTCondor does not run here",
    BindingsMissing: "HTCondor's Python bindings cannot be imported",
}
# What tornado and Jupyter say nothing about.
MESSAGES = {
    403: "You are not allowed to do this: the token or the cookie of this Jupyter server is missing or wrong.",
    404: "The interface has no such route; af-lab/api/openapi.yaml lists those it has.",
    405: "This route does not know this verb; af-lab/api/openapi.yaml lists those it knows.",
}
VERBS = ("GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS")


def status_of(error: AfLabError) -> int:
    """Return the status with which an error is answered."""
    return next(status for class_, status in STATUS if isinstance(error, class_))


class Handler(APIHandler):
    """A handler of the REST interface.

    Errors of af_lab become ``{"message", "reason", "code"}``, with the error's class as its code; whatever else is
    raised is a fault of the server, and stays a 500. Looking is no activity: panels ask while they are open, and
    nobody need be there.
    """

    auth_resource: ClassVar[str] = AUTH_RESOURCE

    @property
    def manager(self) -> ClusterManager:
        """The clusters of the user whose server this is."""
        manager: ClusterManager = self.settings["af_lab_manager"]
        return manager

    @property
    def watch(self) -> Watch:
        """What is known of them."""
        watch: Watch = self.settings["af_lab_watch"]
        return watch

    def initialize(self) -> None:
        """Count as activity only what does something."""
        self._track_activity = self.request.method not in ("GET", "HEAD")

    async def prepare(self) -> None:  # type: ignore[override]
        """Answer strangers with 403, however the server is configured: a program cannot use a page for logging in."""
        await super(APIHandler, self).prepare(_redirect_to_login=False)
        if not self.check_origin():
            raise HTTPError(404)

    def body(self, *, needed: bool = True) -> Json:
        """Return the request's JSON object; an empty one if there is none and none is needed.

        Raises
        ------
        SpecError
            There is none, or something else.
        """
        if not self.request.body and not needed:
            return {}
        try:
            content = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise SpecError('The request\'s body is no JSON; an object such as {"workers": 2} is expected.') from None
        if not isinstance(content, dict):
            raise SpecError(f"The request's body is a JSON {type(content).__name__}; an object is expected.")
        return content

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return a whole number of the query; raises `SpecError` if it is none, or not allowed."""
        given = self.get_query_argument(name, str(default), strip=False)
        # int() alone would take "1_0", " 1" and digits of other scripts.
        value = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
        if not lowest <= value <= highest:
            raise SpecError(f"{name}: a whole number from {lowest} to {highest} is allowed, not {given!r}.")
        return value

    def update_api_activity(self) -> None:
        """Count the request as activity unless it says otherwise."""
        # Every answer ends here, errors too: raised here, one over an argument that is no UTF-8 would never be sent.
        with suppress(HTTPError):
            super().update_api_activity()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error in the form that all routes share."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, AfLabError):
            status = status_of(error)
            self.set_status(status)
            reason = OWN_HEADLINES.get(type(error), HEADLINES[status])
            told: Json = {"message": str(error), "reason": reason, "code": type(error).__name__}
            if isinstance(error, SpecError) and error.fields:
                told["fields"] = dict(error.fields)
            elif isinstance(error, LimitExceeded):
                told["limit"] = error.limit
        elif isinstance(error, HTTPError):
            message = (error.log_message or "") % error.args or MESSAGES.get(status_code) or "The request was refused."
            told = {"message": message, "reason": error.reason or self._reason, "code": "HTTPError"}
        else:
            told = {"message": "The server failed; its log says why.", "reason": self._reason, "code": "Fault"}
        if status_code == 405:
            self.set_header("Allow", ", ".join(verb for verb in VERBS if self._knows(verb)))
        self.finish(told)

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log faults; an error that the user is told is none."""
        if not isinstance(value, AfLabError):
            super().log_exception(typ, value, tb)

    def _log(self) -> None:
        """Leave out of the log what the user was told: that HTCondor is away, say, at every question of a panel."""
        if self.get_status() in HEADLINES:
            self.log.debug("%d %s %s", self.get_status(), self.request.method, self.request.path)
        else:
            super()._log()

    def _knows(self, verb: str) -> bool:
        return getattr(type(self), verb.lower()) is not getattr(APIHandler, verb.lower()) or verb == "OPTIONS"


class NotFound(Handler):
    """Whatever is below the interface's path and is no route of it."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Say so."""
        raise HTTPError(404)

    head = post = put = patch = delete = get
