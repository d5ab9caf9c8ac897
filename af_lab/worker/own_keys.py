"""TLS for ``Client(address)`` in a task: distributed calls `security_for` if an address is given without credentials.

A task finds its own cluster's keys where its job has them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dask.config

from af_lab.worker.protocol import FILES

if TYPE_CHECKING:
    from distributed.security import Security

__all__ = ["find_keys_by_address", "security_for"]

LOADER = "distributed.client.security-loader"


def find_keys_by_address(files: Path) -> None:
    """Let clients in this process and its children find the cluster's keys; a loader that is configured stays.

    Parameters
    ----------
    files
        The folder of the cluster's files.
    """
    if dask.config.get(LOADER, None) is not None:
        return
    # For the worker processes, which Dask gives this configuration, and for processes that tasks start.
    dask.config.set({LOADER: f"{__name__}.{security_for.__name__}"})
    os.environ["DASK_DISTRIBUTED__CLIENT__SECURITY_LOADER"] = f"{__name__}.{security_for.__name__}"
    os.environ[FILES] = str(files)


def security_for(info: Mapping[str, Any]) -> Security | None:
    """Return the credentials of this job's cluster for the address of a scheduler.

    Returns
    -------
    None if TLS is configured otherwise, or not asked for: then Dask uses its own configuration.
    """
    from distributed.security import Security

    files = os.environ.get(FILES)
    if files is None or not str(info["address"]).startswith("tls://") or _is_configured(Security()):
        return None
    # Dask's protocol has no roles, so the keys of a worker are those of a client as well.
    authority, member = str(Path(files, "authority.pem")), str(Path(files, "worker.pem"))
    return Security(require_encryption=True, tls_ca_file=authority, tls_client_cert=member, tls_client_key=member)


def _is_configured(security: Security) -> bool:
    return bool(security.get_tls_config_for_role("client")["cert"])
