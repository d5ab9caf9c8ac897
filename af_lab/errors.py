"""The errors that reach a user.

::

    AfLabError
    ├── SpecError            a requested value is wrong; says what is allowed
    │   └── SettingError         it comes from Dask's configuration, or this cannot be read
    ├── ClusterNotFound      no cluster of that name
    ├── ClusterExists        the name is taken, or taken by a cluster of another shape
    ├── ClusterFailed        a cluster could not start, or ended while a caller waited for it
    ├── LimitExceeded        more than the facility allows
    ├── StorageError         a folder is full, or cannot be written
    ├── EnvironmentMismatch  the Python of the caller and that of the cluster are incompatible
    ├── BatchNotFound        no batch of that name
    ├── BatchExists          the name is taken
    ├── BatchUnreadable      the files of a batch cannot be read
    ├── NothingToRepeat      no call of a batch has failed or was cancelled
    ├── TaskFailed           the job of a task gave no results
    ├── ExampleNotFound      no example of that name, or it has no thumbnail
    ├── ExampleNotCopied     an example cannot be copied to its target
    ├── CondorError          HTCondor refused
    │   └── CondorUnavailable    HTCondor does not answer
    │       ├── AuthenticationFailed  it answers, but does not accept who the user is
    │       ├── CondorAbsent     it is not set up on this machine, or not started
    │       └── BindingsMissing  its Python bindings cannot be imported
    └── PlaygroundError      the user's own pool cannot be installed, started or reached
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "AfLabError",
    "AuthenticationFailed",
    "BatchExists",
    "BatchNotFound",
    "BatchUnreadable",
    "BindingsMissing",
    "ClusterExists",
    "ClusterFailed",
    "ClusterNotFound",
    "CondorAbsent",
    "CondorError",
    "CondorUnavailable",
    "EnvironmentMismatch",
    "ExampleNotCopied",
    "ExampleNotFound",
    "LimitExceeded",
    "NothingToRepeat",
    "PlaygroundError",
    "SettingError",
    "SpecError",
    "StorageError",
    "TaskFailed",
]


# How a terminal or a notebook shows text.
RED, FAINT, PLAIN = "\x1b[31m", "\x1b[2m", "\x1b[0m"
WHERE = "import traceback; traceback.print_last() shows where it was raised."


class AfLabError(Exception):
    """Base class of the errors that reach a user; the message says what happened and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows for it: the message, without the frames of this package."""
        notes = "".join(f"\n{note}" for note in getattr(self, "__notes__", ()))
        return [f"{RED}{type(self).__name__}{PLAIN}: {self}{notes}", f"{FAINT}{WHERE}{PLAIN}"]


class SpecError(AfLabError):
    """A requested value is wrong; the message says what is allowed.

    Attributes
    ----------
    fields
        What is wrong with each field that was given, by the names of the fields.
    """

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: Mapping[str, str] = fields or {}


class SettingError(SpecError):
    """A setting in Dask's configuration is wrong, or the configuration cannot be read; the message says where."""


class ClusterNotFound(AfLabError):
    """There is no cluster of that name."""


class ClusterExists(AfLabError):
    """The name is taken, or taken by a cluster of another shape; the message lists the differences."""


class ClusterFailed(AfLabError):
    """A cluster could not start, or ended while a caller waited for it; the message gives the reason."""


class LimitExceeded(AfLabError):
    """More was asked for than the facility allows one user.

    Attributes
    ----------
    limit
        Which limit: ``clusters``, ``workers`` or ``cores`` (the settings below ``af-lab.limits``), or ``jobs`` for a
        limit of the access point.
    """

    def __init__(self, message: str, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class StorageError(AfLabError):
    """A folder is full, or cannot be written; the message names it.

    Attributes
    ----------
    what
        What is wrong, without what to do.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}: {remedy}.")
        self.what = what


class EnvironmentMismatch(AfLabError):
    """The Python of the caller and that of the cluster are incompatible."""


class BatchNotFound(AfLabError):
    """There is no batch of that name."""


class BatchExists(AfLabError):
    """The name of a batch is taken; the message says how to attach to that batch."""


class BatchUnreadable(AfLabError):
    """The files of a batch cannot be read; the message says where they are."""


class NothingToRepeat(AfLabError):
    """No call of a batch has failed or was cancelled."""


class TaskFailed(AfLabError):
    """The job of a batch's task gave no results; the message says how it ended, and its last words."""


class ExampleNotFound(AfLabError):
    """There is no example of that name, or it has no thumbnail."""


class ExampleNotCopied(AfLabError):
    """An example cannot be copied there: something else has its name, or the folder cannot be written."""


class CondorError(AfLabError):
    """HTCondor refused a request."""


class CondorUnavailable(CondorError):
    """HTCondor does not answer: absent, stopped, frozen or out of reach."""


class AuthenticationFailed(CondorUnavailable):
    """HTCondor answers, but does not accept who the user is, or the versions of bindings and daemons do not fit."""


class CondorAbsent(CondorUnavailable):
    """HTCondor is not set up on this machine, or not started: no schedd is known here."""


class BindingsMissing(CondorUnavailable):
    """HTCondor's Python bindings cannot be imported."""


class PlaygroundError(AfLabError):
    """The user's own pool cannot be installed, started or reached."""
