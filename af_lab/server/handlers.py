"""The routes: each verb calls the manager and answers."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from af_lab.errors import ClusterExists, SpecError
from af_lab.manager.spec import NAME_PATTERN, make_spec
from af_lab.server.base import Handler
from af_lab.server.kernels import interpreter_of

__all__ = ["ROUTES"]


class ClustersHandler(Handler):
    """All clusters of the user."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them, those that ended within a day among them."""
        self._track_activity = False
        infos = await self.manager.clusters()
        self.finish({"clusters": [info.as_json() for info in infos], "cursor": None})

    @authenticated
    @authorized
    async def post(self) -> None:
        """Make one, and answer at once; it starts on its own."""
        fields = self.body()
        fields["environment"] = self._environment(fields.get("environment"))
        spec = make_spec(fields)
        self.location = url_path_join(self.base_url, "af-lab/api/clusters", spec.name)
        info = await self.manager.create(spec)
        self.set_status(201)
        self.set_header("Location", self.location)
        self.finish(info.as_json())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say also where the cluster is that has the name already."""
        if isinstance(kwargs.get("exc_info", (None, None))[1], ClusterExists):
            self.set_header("Location", self.location)
        super().write_error(status_code, **kwargs)

    def _environment(self, asked: Any) -> dict[str, str]:
        """Return the environment with the Python of the kernel that was named, else of the server's default kernel."""
        match asked:
            case None:
                kernel = self.kernel_manager.default_kernel_name
            case {"kernel": str(kernel), **others} if not others:
                pass
            case {"path": str(path), **others} if not others:
                return {"path": path}
            case _:
                raise SpecError(f'environment: {{"kernel": "..."}} or {{"path": "..."}} is allowed, not {asked!r}.')
        return {"kernel": kernel, "path": interpreter_of(self.kernel_spec_manager, kernel)}


class ClusterHandler(Handler):
    """One cluster."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Tell what is known of it."""
        self._track_activity = False
        self.finish((await self.manager.get(name)).as_json())

    @authenticated
    @authorized
    async def patch(self, name: str) -> None:
        """Ask for another number of workers, or for a range that it scales itself in."""
        match self.body():
            case {"workers": workers, **others} if not others:
                info = await self.manager.scale(name, workers)
            case {"adapt": {"minimum": minimum, "maximum": maximum, **unknown}, **others} if not (others or unknown):
                info = await self.manager.adapt(name, minimum, maximum)
            case body:
                raise SpecError(
                    '{"workers": 20} or {"adapt": {"minimum": 0, "maximum": 20}} is expected, '
                    f"not the fields {sorted(body)}."
                )
        self.finish(info.as_json())

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """End it at once."""
        await self.manager.shutdown(name)
        self.set_status(204)
        self.finish()


ROUTES: list[tuple[str, type[JupyterHandler]]] = [
    (r"/clusters", ClustersHandler),
    (rf"/clusters/({NAME_PATTERN})", ClusterHandler),
]
