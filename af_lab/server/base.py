"""The base class of the handlers: authorization, request bodies, and responses to errors."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import Any, ClassVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from af_lab.disk_errors import as_storage_error
from af_lab.errors import (
    AfLabError,
    AuthenticationFailed,
    BatchNotFound,
    BatchUnreadable,
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
    NothingToRepeat,
    SettingError,
    SpecError,
    StorageError,
)
from af_lab.manager.manager import ClusterManager
from af_lab.runs.run_manager import RunManager
from af_lab.server.json_models import Json
from af_lab.server.origin import refuse_other_sites
from af_lab.server.watch import Watch

__all__ = ["AUTH_RESOURCE", "Handler", "NotFound", "status_of"]

AUTH_RESOURCE = "af-lab"

# The first match counts; any other error means that the request is wrong.
STATUS: tuple[tuple[type[AfLabError], int], ...] = (
    (ClusterNotFound, 404),
    (BatchNotFound, 404),
    (ExampleNotFound, 404),
    (ClusterExists, 409),
    (ClusterFailed, 409),
    (BatchUnreadable, 409),
    (NothingToRepeat, 409),
    (ExampleNotCopied, 409),
    (LimitExceeded, 409),
    (StorageError, 409),
    (CondorUnavailable, 503),
    (CondorError, 409),
    (AfLabError, 400),
)
HEADLINES = {
    400: "The request is not valid",
    404: "Not found",
    409: "This is not possible now",
    503: "HTCondor does not answer",
}
OWN_HEADLINES: dict[type[AfLabError], str] = {
    AuthenticationFailed: "HTCondor does not accept who you are",
    CondorAbsent: "HTCondor does not run here",
    BindingsMissing: "HTCondor's Python bindings cannot be imported",
    SettingError: "A setting is wrong",
    StorageError: "The folder cannot be written",
}
# Messages for errors that tornado and Jupyter raise without one.
MESSAGES = {
    403: "You are not allowed to do this: the token or the cookie of this Jupyter server is missing or wrong.",
    404: "The interface has no such route; af-lab/api/openapi.yaml lists all routes.",
    405: "This route does not support this method; af-lab/api/openapi.yaml lists the methods that it supports.",
}
VERBS = ("GET", "HEAD", "POST", "DELETE", "PATCH", "PUT", "OPTIONS")


def status_of(error: AfLabError) -> int:
    """Return the HTTP status of the response to an error."""
    return next(status for class_, status in STATUS if isinstance(error, class_))


class Handler(APIHandler):
    """A handler of the REST interface.

    Errors of af_lab become ``{"message", "reason", "code"}``, with the error's class as its code; any other
    exception is a fault of the server, and stays a 500. GET and HEAD requests do not count as activity, because an
    open panel sends them even if the user is away.
    """

    auth_resource: ClassVar[str] = AUTH_RESOURCE

    @property
    def manager(self) -> ClusterManager:
        """The clusters of the user whose server this is."""
        manager: ClusterManager = self.settings["af_lab_manager"]
        return manager

    @property
    def runs(self) -> RunManager:
        """The runs of that user."""
        runs: RunManager = self.settings["af_lab_runs"]
        return runs

    @property
    def watch(self) -> Watch:
        """The monitors of clusters, pool, explanations and runs."""
        watch: Watch = self.settings["af_lab_watch"]
        return watch

    @property
    def root_folder(self) -> str:
        """The folder that the server shows as the root of its files."""
        return os.path.abspath(os.path.expanduser(str(self.settings.get("server_root_dir", "~"))))

    def initialize(self) -> None:
        """Count only requests that change something as activity."""
        self._track_activity = self.request.method not in ("GET", "HEAD")

    async def prepare(self) -> None:  # type: ignore[override]
        """Answer unauthenticated requests with 403 in any configuration: a program cannot use a login page."""
        await super(APIHandler, self).prepare(_redirect_to_login=False)
        refuse_other_sites(self)

    def check_xsrf_cookie(self) -> None:
        """Check that the request does not come from another site; requests that change something are checked here."""
        try:
            super().check_xsrf_cookie()
        except HTTPError:
            refuse_other_sites(self)
            raise

    def body(self, *, needed: bool = True) -> Json:
        """Return the JSON object in the request's body; an empty one if the body is missing and not needed.

        Raises
        ------
        SpecError
            The body is missing, or is not a JSON object.
        """
        if not self.request.body and not needed:
            return {}
        try:
            content = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise SpecError('The request\'s body is not JSON; an object such as {"workers": 2} is expected.') from None
        if not isinstance(content, dict):
            raise SpecError(f"The request's body is a JSON {type(content).__name__}; an object is expected.")
        return content

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return a whole number from the query; raise `SpecError` if it is not a number, or not allowed."""
        given = self.get_query_argument(name, str(default), strip=False)
        # int() alone would accept "1_0", " 1" and digits of other scripts.
        value = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
        if not lowest <= value <= highest:
            raise SpecError(f"{name}: a whole number from {lowest} to {highest} is allowed, not {given!r}.")
        return value

    def update_api_activity(self) -> None:
        """Count the request as activity unless it says otherwise."""
        # Every response ends here, errors too. Another error here, as for an argument not in UTF-8, would block it.
        with suppress(HTTPError):
            super().update_api_activity()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send an error in the format that all routes share."""
        error = _as_told(kwargs.get("exc_info", (None, None, None))[1])
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
        """Log faults of the server, but not errors that are reported to the user."""
        if not isinstance(_as_told(value), AfLabError):
            super().log_exception(typ, value, tb)

    def _log(self) -> None:
        """Log reported errors at debug level only: while HTCondor is away, each request of a panel fails."""
        if self.get_status() in HEADLINES:
            self.log.debug("%d %s %s", self.get_status(), self.request.method, self.request.path)
        else:
            super()._log()

    def _knows(self, verb: str) -> bool:
        return getattr(type(self), verb.lower()) is not getattr(APIHandler, verb.lower()) or verb == "OPTIONS"


def _as_told(error: BaseException | None) -> BaseException | None:
    """Return the error that the user is told; a full disk is not a fault of the server."""
    return (as_storage_error(error) if isinstance(error, OSError) else None) or error


class NotFound(Handler):
    """Any path below that of the interface that is not a route."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Raise a 404."""
        raise HTTPError(404)

    head = post = put = patch = delete = get
