"""An extension of Jupyter's server that tells by how much single steps of its event loop delayed all others.

From outside that cannot be seen where other processes want the processor, too.
"""

from __future__ import annotations

import asyncio
import resource
import time
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated


class Stalls:
    """The worst since it was asked last.

    Attributes
    ----------
    computed
        Seconds for which one step used the processor.
    waited
        Seconds for which one step lasted that gave up the processor by itself, because it waited for something.
    """

    def __init__(self) -> None:
        self.computed = self.waited = 0.0

    def note(self, computed: float, lasted: float, waited: bool) -> None:
        self.computed = max(self.computed, computed)
        if waited:
            self.waited = max(self.waited, lasted)

    def tell(self) -> dict[str, float]:
        told = {"computed": self.computed, "waited": self.waited}
        self.computed = self.waited = 0.0
        return told


STALLS = Stalls()


class StallsHandler(APIHandler):
    @authenticated
    def get(self) -> None:
        self.finish(STALLS.tell())


def switches() -> int:
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def _load_jupyter_server_extension(server: Any) -> None:
    run = asyncio.events.Handle._run

    def watched(handle: asyncio.Handle) -> None:
        before = time.perf_counter(), time.thread_time(), switches()
        run(handle)
        STALLS.note(time.thread_time() - before[1], time.perf_counter() - before[0], switches() > before[2])

    asyncio.events.Handle._run = watched  # type: ignore[assignment, method-assign]
    server.web_app.add_handlers(".*$", [(url_path_join(server.base_url, "stalls"), StallsHandler)])
