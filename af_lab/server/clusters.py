"""Clusters: listing, creating, scaling and ending them."""

from __future__ import annotations

import os
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado.web import authenticated

from af_lab.errors import ClusterExists, SpecError
from af_lab.model.info import ClusterInfo, time_json
from af_lab.model.spec import ClusterSpec, make_spec
from af_lab.server.base import Handler
from af_lab.server.json_models import Json, cluster_json, health_json, path_of
from af_lab.server.kernels import command_of
from af_lab.server.paging import asked_page, page_of

__all__ = ["ClusterHandler", "ClusterReleaseHandler", "ClustersHandler", "spec_of"]


class ClustersHandler(Handler):
    """All clusters of the user."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List the clusters, including those that ended within a day, in pages of at most `limit`."""
        asked = asked_page(self)
        listing = await self.watch.clusters.listing()
        page, cursor = page_of(listing.clusters, _cursor, asked)
        self.finish(
            {
                "clusters": [cluster_json(info) for info in page],
                "cursor": cursor,
                "seen": time_json(listing.seen.timestamp()),
                "health": health_json(listing.trouble, listing.seen),
            }
        )

    @authenticated
    @authorized
    async def post(self) -> None:
        """Create a cluster, and answer before it has started."""
        fields = self.body()
        if "name" not in fields:
            raise SpecError('name: a cluster needs a name, as in {"name": "dimuon", "workers": 20}.')
        spec = spec_of(self, fields)
        self.location = url_path_join(self.base_url, path_of(spec.name))
        view = await self.manager.create(spec)
        self.watch.clusters.learn(view)
        self.set_status(201)
        self.set_header("Location", self.location)
        self.finish(cluster_json(view.info))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Add the location of the cluster that already has the name."""
        if isinstance(kwargs.get("exc_info", (None, None))[1], ClusterExists):
            self.set_header("Location", self.location)
        super().write_error(status_code, **kwargs)


class ClusterHandler(Handler):
    """One cluster."""

    @authenticated
    @authorized
    async def get(self, name: str) -> None:
        """Return the cluster."""
        self.finish(cluster_json(await self.manager.get(name)))

    @authenticated
    @authorized
    async def patch(self, name: str) -> None:
        """Request another number of workers, a range for adaptive scaling, or another end."""
        match self.body():
            case {"workers": workers, **others} if not others:
                view = await self.manager.scale(name, workers)
            case {"adapt": adapt, **others} if not others:
                view = await self.manager.adapt(name, *_range(adapt))
            case {"idle_timeout": timeout, **others} if not others:
                view = await self.manager.set_idle_timeout(name, timeout)
            case body:
                raise SpecError(
                    '{"workers": 20}, {"adapt": {"minimum": 0, "maximum": 20}} or {"idle_timeout": 7200} is expected, '
                    f"not the fields {sorted(body)}."
                )
        self.watch.clusters.learn(view)
        self.finish(cluster_json(view.info))

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """End the cluster at once."""
        await self.manager.shutdown(name)
        self.watch.clusters.expect()
        self.set_status(204)
        self.finish()


class ClusterReleaseHandler(Handler):
    """The hold of a cluster's scheduler job."""

    @authenticated
    @authorized
    async def post(self, name: str) -> None:
        """Start the cluster again."""
        self.body(needed=False)
        view = await self.manager.release(name)
        self.watch.clusters.learn(view)
        self.finish(cluster_json(view.info))


def spec_of(handler: Handler, fields: Json) -> ClusterSpec:
    """Return the specification in a request's body.

    The default environment is the server's default kernel. Tasks start in the server's root folder unless the request
    names a folder, which may be relative to it.

    Raises
    ------
    SpecError
        A value is not valid, or the kernel cannot run a cluster.
    """
    default = {"kernel": handler.kernel_manager.default_kernel_name}
    fields = fields | {"environment": _environment(handler, fields.get("environment", default))}
    directory = fields.get("directory", "")
    # Anything else than text is refused with the other fields.
    fields["directory"] = os.path.join(handler.root_folder, directory) if isinstance(directory, str) else directory
    if "adapt" in fields:
        fields["adapt"] = _range(fields["adapt"])
    return make_spec(fields)


def _range(asked: Any) -> tuple[Any, Any]:
    match asked:
        case {"minimum": minimum, "maximum": maximum, **others} if not others:
            return minimum, maximum
        case _:
            raise SpecError(f'adapt: {{"minimum": 0, "maximum": 20}} is expected, not {asked!r}.')


def _environment(handler: Handler, asked: Any) -> Json:
    match asked:
        case {"kernel": str(kernel), **others} if not others:
            pass
        case {"path": str(path), **others} if not others:
            return {"path": path}
        case _:
            raise SpecError(f'environment: {{"kernel": "..."}} or {{"path": "..."}} is allowed, not {asked!r}.')
    return {"kernel": kernel, "started_by": command_of(handler.kernel_spec_manager, kernel)}


def _cursor(info: ClusterInfo) -> str:
    """Return a text that sorts clusters as they are listed; names have no blanks."""
    return f"{info.name} {info.id:010d}"
