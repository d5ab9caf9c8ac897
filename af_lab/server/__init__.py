"""The Jupyter server extension: the REST interface under ``<base_url>af-lab/api/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_server.extension.application import ExtensionApp

__all__ = ["_jupyter_server_extension_points"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "af_lab.server", "app": _app()}]


def _app() -> type[ExtensionApp]:
    """Return the extension; if it cannot be imported, one that reports why."""
    from af_lab.dask_configuration import check_dask_configuration

    try:
        check_dask_configuration()
        from af_lab.server.app import AfLabApp
    except Exception as fault:
        from af_lab.server.unusable import unusable

        return unusable(fault)
    return AfLabApp
