"""The Jupyter server extension: the REST interface under ``<base_url>af-lab/api/``."""

from __future__ import annotations

from typing import Any

__all__ = ["_jupyter_server_extension_points"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from af_lab.server.app import AfLabApp

    return [{"module": "af_lab.server", "app": AfLabApp}]
