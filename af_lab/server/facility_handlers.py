"""What the facility offers: the interface itself, its limits and defaults, kernels and sites, and the pool."""

from __future__ import annotations

from dataclasses import asdict
from importlib import metadata

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado.web import authenticated

from af_lab import config
from af_lab.errors import SpecError
from af_lab.jobs import sites
from af_lab.jobs.strict_model import STORED
from af_lab.model.spec import ARCHITECTURES, BOUNDS, ClusterSpec
from af_lab.server.base import Handler
from af_lab.server.clusters import spec_of
from af_lab.server.json_models import Json, match_json

__all__ = ["MatchHandler", "PoolHandler", "RootHandler"]

API_LEVEL = 2
"""Increases with each change that a client of the interface would notice."""

LIMITS = ("clusters", "workers", "cores")
DEFAULT_SETTINGS = {
    "workers": "cluster.workers",
    "cores": "worker.cores",
    "memory": "worker.memory",
    "disk": "worker.disk",
    "idle_timeout": "cluster.idle-timeout",
}


class RootHandler(Handler):
    """The interface itself."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Return versions, whether HTCondor answers, and what a specification may request."""
        health = await self.watch.clusters.health()
        self.finish(
            {
                "version": metadata.version("af-lab"),
                "api": API_LEVEL,
                "health": health,
                "configuration": [asdict(problem) for problem in sites.setting_problems()],
                "limits": {name: config.usable(f"limits.{name}") for name in LIMITS},
                "defaults": _defaults(),
                "bounds": {field: bounds._asdict() for field, bounds in BOUNDS.items()},
                "architectures": list(ARCHITECTURES),
                "sites": [{"name": site.name, "label": site.label} for site in _sites()],
                "kernels": await self._kernels(),
            }
        )

    async def _kernels(self) -> list[Json]:
        """Return the Python kernels, the default one first; a cluster can run in any of them."""
        found = await ensure_async(self.kernel_spec_manager.get_all_specs())
        default = self.kernel_manager.default_kernel_name
        kernels = [
            {"name": name, "display_name": known["spec"]["display_name"], "default": name == default}
            for name, known in found.items()
            if known["spec"].get("language", "").lower() == "python"
        ]
        return sorted(kernels, key=lambda kernel: (not kernel["default"], kernel["display_name"]))


def _defaults() -> Json:
    """Return what the fields are by default; af_lab's own default stands for a setting that is wrong."""
    defaults = {field: config.usable(setting) for field, setting in DEFAULT_SETTINGS.items()}
    # The sites, which may be wrong as well, are not checked.
    spec = ClusterSpec.model_validate(defaults, context=STORED)
    return spec.model_dump(mode="json", include={*DEFAULT_SETTINGS, "gpus"})


def _sites() -> list[sites.Site]:
    """Return the sites; none if the setting is wrong."""
    try:
        return list(sites.configured().values())
    except SpecError:
        return []


class PoolHandler(Handler):
    """The pool."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Return the resources of the pool, how much of them is in use, and by whom."""
        self.finish(await self.watch.pool.look())


class MatchHandler(Handler):
    """The slots of the pool that match a specification."""

    def initialize(self) -> None:
        """Do not count as activity: it is requested while a form is filled in, and changes nothing."""
        self._track_activity = False

    @authenticated
    @authorized
    async def post(self) -> None:
        """Return how many of its worker jobs could run now, and how many in an empty pool."""
        self.finish(match_json(await self.manager.match(spec_of(self, self.body()))))
