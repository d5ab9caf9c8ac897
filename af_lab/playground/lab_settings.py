"""What a playground's JupyterLab does unless its user has set otherwise."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["write_settings"]

_DEFAULTS = {
    # JupyterLab asks whether it may fetch news. That would cover what a new user came to see.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    "af-lab:plugin": {"welcome": True},
}


def write_settings(folder: Path) -> Path:
    """Write the defaults of JupyterLab's settings, and return the folder to add to Jupyter's configuration path.

    The user's own configuration and settings are not touched, and come first.
    """
    config = folder / "config"
    file = config / "labconfig" / "default_setting_overrides.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(_DEFAULTS, indent=1), encoding="utf-8")
    return config
