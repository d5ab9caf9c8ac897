"""Copies of examples among the files that Jupyter shows, stored by its contents manager."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Protocol

from jupyter_server.utils import ensure_async
from tornado.web import HTTPError

from af_lab.errors import ExampleNotCopied, SpecError
from af_lab.gallery.copies import Notebook, is_outdated, make_copy, parse_notebook
from af_lab.server.json_models import Json

__all__ = ["check_folder", "put_copy"]

MOST_BYTES = 255  # of a folder's path; file systems allow the same number for one name


class Contents(Protocol):
    """The methods of Jupyter's contents manager that are used here; they may be coroutines or not."""

    def exists(self, path: str) -> Awaitable[bool] | bool:
        """Return whether a file or folder exists."""

    def dir_exists(self, path: str) -> Awaitable[bool] | bool:
        """Return whether a folder exists."""

    def get(self, path: str, *, type: str, format: str) -> Awaitable[Json] | Json:
        """Return a file or folder."""

    def save(self, model: Json, path: str) -> Awaitable[Json] | Json:
        """Write a file or make a folder."""


def check_folder(folder: object) -> str:
    """Check and return a folder's path, as Jupyter's contents manager uses it; the path of the root is empty.

    Raises
    ------
    SpecError
        It is not a path, or leads to hidden folders or out of the root.
    """
    if isinstance(folder, str) and (not folder or _is_allowed(folder)):
        return folder
    raise SpecError(
        'folder: a path below the folder that Jupyter shows is allowed, such as "analyses/dimuons": names with one '
        '"/" between them, none of which begins with "." or "~", without "\\" and control characters, '
        f"{MOST_BYTES} bytes at most. Not allowed: {folder!r:.80}"
    )


async def put_copy(contents: Contents, name: str, example: Notebook, folder: str) -> tuple[str, bool]:
    """Copy an example into a folder, where the user can run and change it.

    An existing copy is kept if the user has changed or run it. Otherwise it is brought up to date.

    Parameters
    ----------
    contents
        Jupyter's contents manager.
    name
        Name of the copy, with ``.ipynb``.
    example
        The notebook.
    folder
        As `check_folder` returns it; created if it does not exist.

    Returns
    -------
    tuple[str, bool]
        The path of the copy, and whether there was none before.

    Raises
    ------
    ExampleNotCopied
        Another file has the name of the copy or of a folder, or the copy cannot be written.
    """
    path = f"{folder}/{name}".removeprefix("/")
    with _refusals_told(path):
        if not await ensure_async(contents.exists(path)):
            await _make_folder(contents, folder)
            await _write(contents, path, example)
            return path, True
        if is_outdated(await _read(contents, path), example):
            await _write(contents, path, example)
        return path, False


def _is_allowed(folder: str) -> bool:
    return (
        folder.isprintable()
        and "\\" not in folder
        and len(folder.encode()) <= MOST_BYTES
        and not any(name.startswith((".", "~")) or not name for name in folder.split("/"))
    )


async def _make_folder(contents: Contents, folder: str) -> None:
    parents = accumulate(folder.split("/"), "{}/{}".format) if folder else ()
    missing = [parent for parent in parents if not await ensure_async(contents.dir_exists(parent))]
    for parent in missing:
        if await ensure_async(contents.exists(parent)):
            raise ExampleNotCopied(f"{parent!r} is a file, not a folder. Rename it, or choose another folder.")
    for parent in missing:
        await ensure_async(contents.save({"type": "directory"}, parent))


async def _write(contents: Contents, path: str, example: Notebook) -> None:
    await ensure_async(contents.save({"type": "notebook", "format": "json", "content": make_copy(example)}, path))


async def _read(contents: Contents, path: str) -> Notebook:
    # As text: Jupyter fails in many ways on a file that is not a notebook but has the name of one.
    model = await ensure_async(contents.get(path, type="file", format="text"))
    try:
        return parse_notebook(model["content"])
    except ValueError:
        raise ExampleNotCopied(
            f"{path!r} exists, but is not a notebook. Rename it, or choose another folder."
        ) from None


@contextmanager
def _refusals_told(path: str) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        why = (error.log_message or error.reason or f"status {error.status_code}") % error.args
        raise ExampleNotCopied(
            f"The example cannot be copied to {path!r}: {why.rstrip('.')}. "
            "Choose another folder, where you may write and there is enough space."
        ) from error
