"""TLS for ``Client(address)``: distributed calls `security_for` if an address is given without credentials.

Dask's configuration names the function: ``distributed.client.security-loader``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from af_lab.errors import ClusterNotFound
from af_lab.home import af_lab_home
from af_lab.model.folder import ClusterFolder
from af_lab.model.runner_calls import PROTOCOL

if TYPE_CHECKING:
    from distributed.security import Security

__all__ = ["security_for", "security_in_file"]


def security_for(info: Mapping[str, Any]) -> Security | None:
    """Return the credentials for the scheduler at an address, if it belongs to one of your clusters.

    Reads the contact files of all your clusters, a few bytes each; does not query HTCondor.

    Parameters
    ----------
    info
        What distributed knows of the scheduler: its ``address``.

    Returns
    -------
    None if the address belongs to another scheduler; Dask then uses its own configuration.

    Raises
    ------
    ClusterNotFound
        Your cluster at that address has ended, or none of your clusters has it and Dask's configuration
        has no credentials either.
    """
    address = str(info["address"])
    if not address.startswith(f"{PROTOCOL}://"):
        return None
    # A newer cluster may have the port of a cluster that ended.
    newest = max(_folders_with(address), key=_told, default=None)
    if newest is None:
        _check_configured(address)
        return None
    if reason := newest.read_reason():
        raise ClusterNotFound(
            f"Your cluster at {address} no longer runs: {reason.rstrip('.')}. `af_lab.clusters()` lists your clusters."
        )
    return newest.security()


def security_in_file(path: Path) -> Security | None:
    """Return the credentials for the scheduler that a file names, as ``client.write_scheduler_file`` writes it.

    Returns
    -------
    As `security_for`; also None if the file is not there yet or not complete: Dask waits for it.

    Raises
    ------
    ClusterNotFound
        As `security_for`.
    """
    try:
        address = json.loads(path.read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return security_for({"address": address})


def _folders_with(address: str) -> Iterator[ClusterFolder]:
    for contact in (af_lab_home() / "clusters").glob("*/contact.json"):
        folder = ClusterFolder(contact.parent)
        try:
            found = folder.read_address()
        except FileNotFoundError:
            continue  # removed a moment ago
        if found == address:
            yield folder


def _told(folder: ClusterFolder) -> int:
    return folder.contact.stat().st_mtime_ns


def _check_configured(address: str) -> None:
    from distributed.security import Security

    configured = Security().get_tls_config_for_role("client")
    if not (configured["ca_file"] and configured["cert"]):
        raise ClusterNotFound(
            f"None of your clusters has the address {address}; `af_lab.clusters()` lists your clusters, and "
            "`af_lab.connect(name)` connects to one. Any other scheduler needs its own keys: "
            "Client(address, security=...)."
        )
