"""The examples: the list with what the kernel lacks for each, copies for users, and thumbnails."""

from __future__ import annotations

import asyncio
import os
import shlex
import time
from collections.abc import Mapping, Sequence

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_escape, url_path_join
from tornado.web import authenticated

from af_lab.errors import AfLabError, ExampleNotFound, SpecError
from af_lab.gallery.examples import COPIES, Example, find_example, list_examples
from af_lab.jobs.questions import ask_metadata
from af_lab.jobs.runtimes import kernel_python
from af_lab.server.api_path import API
from af_lab.server.base import Handler
from af_lab.server.contents import check_folder, put_copy
from af_lab.server.json_models import Json
from af_lab.server.kernels import command_of

__all__ = ["ROUTES"]

RECENT = 60.0  # seconds for which an interpreter is not asked again
THUMBNAIL_AGE = 3600  # seconds for which a browser may cache a thumbnail


class Interpreters:
    """What interpreters lack; each is asked at most once a minute, for any number of panels."""

    def __init__(self) -> None:
        self._asked: dict[object, tuple[float, asyncio.Task[dict[str, str | None]]]] = {}

    async def lacking(self, path: str, variables: Mapping[str, str], distributions: Sequence[str]) -> list[str]:
        """Return those of some distributions that an interpreter lacks, in an environment with further variables.

        Raises
        ------
        EnvironmentMismatch
            The interpreter does not run.
        """
        now = time.monotonic()
        self._asked = {question: asked for question, asked in self._asked.items() if now - asked[0] < RECENT}
        question = (path, tuple(sorted(variables.items())), *distributions)
        if question not in self._asked:
            asking = ask_metadata(path, distributions, os.environ | dict(variables))
            self._asked[question] = now, asyncio.create_task(asking)
        found = await self._asked[question][1]
        return [name for name in distributions if found.get(name) is None]


class ExamplesHandler(Handler):
    """All examples."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List the examples, each with what the server's default kernel lacks for it."""
        examples = await asyncio.to_thread(list_examples)
        needed = sorted({name for example in examples for name in example.needs})
        kernel = self.kernel_manager.default_kernel_name
        interpreters: Interpreters = self.settings.setdefault("af_lab_interpreters", Interpreters())
        try:
            command = command_of(self.kernel_spec_manager, kernel)
            python, variables = await kernel_python(command, self.root_folder)
            lacks = await interpreters.lacking(python, variables, needed)
        except AfLabError as error:
            trouble = f"The server's default kernel {kernel!r} cannot run any example. {error}"
            told = [_as_json(example, example.needs, trouble) for example in examples]
        else:
            told = [_as_json(example, *_missing(example, lacks, python)) for example in examples]
        self.finish({"examples": told})


class OpenHandler(Handler):
    """A copy of an example, to run and change."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Create the copy, or update it if the user has not changed it; return its path."""
        fields = self.body(needed=False)
        if unknown := fields.keys() - {"folder"}:
            raise SpecError(f"{', '.join(sorted(unknown))}: unknown field; only folder is allowed.")
        folder = check_folder(fields.get("folder", COPIES))
        example = await asyncio.to_thread(find_example, name)
        notebook = await asyncio.to_thread(example.read)
        # Two simultaneous clicks would write the same files.
        lock: asyncio.Lock = self.settings.setdefault("af_lab_examples_lock", asyncio.Lock())
        async with lock:
            path, made = await put_copy(self.contents_manager, example.notebook.name, notebook, folder)
        if made:
            self.set_status(201)
            self.set_header("Location", url_path_join(self.base_url, "api/contents", url_escape(path)))
        self.finish({"path": path})


class ThumbnailHandler(Handler):
    """The picture of an example."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Return the picture."""
        example = await asyncio.to_thread(find_example, name)
        if example.thumbnail is None:
            raise ExampleNotFound(f"The example {name!r} has no thumbnail.")
        picture = await asyncio.to_thread(example.thumbnail.read_bytes)
        self.set_header("Cache-Control", f"private, max-age={THUMBNAIL_AGE}")
        self.finish(picture, set_content_type="image/png")


def _missing(example: Example, lacks: Sequence[str], python: str) -> tuple[list[str], str | None]:
    """Return which distributions an example lacks in an interpreter, and how to install them."""
    missing = [name for name in example.needs if name in lacks]
    if not missing:
        return [], None
    command = shlex.join([python, "-m", "pip", "install", *missing])
    return missing, f"Run `{command}` in a terminal, then restart the notebook's kernel."


def _as_json(example: Example, missing: Sequence[str], remedy: str | None) -> Json:
    thumbnail = url_path_join(API, "examples", url_escape(example.id), "thumbnail")
    return {
        "id": example.id,
        "title": example.title,
        "description": example.description,
        "framework": example.framework,
        "topics": list(example.topics),
        "minutes": example.minutes,
        "needs": list(example.needs),
        "cores": example.cores,
        "data": example.data,
        "missing": list(missing),
        "remedy": remedy,
        "thumbnail": thumbnail if example.thumbnail else None,
    }


ROUTES: list[tuple[str, type[JupyterHandler]]] = [
    (r"/examples", ExamplesHandler),
    (r"/examples/([^/]+)/open", OpenHandler),
    (r"/examples/([^/]+)/thumbnail", ThumbnailHandler),
]
