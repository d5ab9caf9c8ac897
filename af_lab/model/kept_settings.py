"""The settings of a cluster's creator, passed on to its scheduler and worker jobs.

A job sees the facility's files of Dask's configuration, but neither the environment variables nor the
`dask.config.set` of the process that made the cluster, and at another site not even the user's own files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import dask.config

from af_lab import config
from af_lab.model.folder import ClusterFolder
from af_lab.worker.dask_settings import apply_dask_settings

__all__ = ["apply_settings", "carried", "keep_settings"]

SECTIONS = ("scheduler", "adaptive", "worker", "logs")
# Not for jobs: what a client or a tool of the user reads; what af_lab itself decides for its jobs; and objects that a
# client sets for its own process, such as the scheduler that `compute` uses.
NOT_CARRIED = re.compile(
    r"(af-lab|jobqueue|gateway|labextension|kubernetes|cloudprovider|coiled|scheduler|get|pool|num-workers|shuffle)(\..*)?"
    r"|distributed\.(client|comm\.tls|comm\.require-encryption|dashboard|scheduler\.dashboard|scheduler\.http)(\..*)?"
    r"|distributed\.worker\.(http|multiprocessing-method|memory\.terminate)(\..*)?"
)
# Whatever may be a secret stays where it is.
SECRET = re.compile(r"token|passw|secret|credential|api-?key|private|auth|cookie", re.IGNORECASE)


def keep_settings(folder: ClusterFolder) -> None:
    """Write the settings that scheduler and workers need into their cluster's folder."""
    kept = {section: config.get(section) for section in SECTIONS}
    folder.write(folder.settings, json.dumps(kept, default=str).encode())
    defaults: dict[str, Any] = {}
    for known in dask.config.defaults:
        dask.config.update(defaults, known, priority="new")
    folder.write(folder.dask_settings, json.dumps(carried(dask.config.config, defaults)).encode())


def apply_settings(folder: ClusterFolder) -> None:
    """Apply the settings that `keep_settings` wrote."""
    kept = json.loads(folder.settings.read_text(encoding="utf-8"))
    dask.config.update(dask.config.config, {"af-lab": kept}, priority="new")
    apply_dask_settings(folder.dask_settings)


def carried(settings: Mapping[str, Any], defaults: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return the settings of Dask that jobs have to know: those that differ from Dask's defaults.

    Parameters
    ----------
    settings
        All settings, as nested mappings.
    defaults
        Dask's defaults for them.
    above
        The name of the section, with a dot behind it.
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        plain = str(name).replace("_", "-")
        if NOT_CARRIED.fullmatch(above + plain) or SECRET.search(plain):
            continue
        default = defaults.get(name, defaults.get(plain))
        if isinstance(value, Mapping):
            if inner := carried(value, default if isinstance(default, Mapping) else {}, f"{above}{plain}."):
                found[name] = inner
        elif value != default and _is_plain(value):
            found[name] = value
    return found


def _is_plain(value: object) -> bool:
    """Return whether JSON can hold a value; an object, such as a pool of threads, means nothing to another process."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
