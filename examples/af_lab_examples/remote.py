"""Files behind addresses: whether their host answers, and what they hold.

For ``root://``, uproot needs a package that af_lab does not require; ROOT has its own client, but may lack one for
``https://``.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import fsspec

from af_lab_examples.contents import Contents
from af_lab_examples.inputs import PORTS, XROOTD, Reader, is_address
from af_lab_examples.remote_look import LookWith

__all__ = ["look_at_addresses"]

HOST_TIMEOUT = 5.0  # seconds
LOOK_TIMEOUT = 60.0  # seconds for all files of one call
# of ROOT's client, in seconds: it would try for half an hour
CLIENT_LIMITS = {
    "XRD_CONNECTIONWINDOW": "10",
    "XRD_CONNECTIONRETRY": "1",
    "XRD_REQUESTTIMEOUT": "20",
    "XRD_STREAMTIMEOUT": "20",
}

READABLE = "RDataFrame reads paths and addresses that begin with root://, Coffea also http:// and https://"


def look_at_addresses(addresses: Sequence[str], reader: Reader | None) -> dict[str, Contents | str | None]:
    """Return for each address what its file holds, or what is wrong with it and what to do.

    None stands for an address whose host answers, where nothing here can open it.

    Parameters
    ----------
    reader
        The framework that will read it. If absent: ROOT for ``root://`` where it is installed, otherwise uproot.
    """
    hosts = {address: urlsplit(address) for address in addresses}
    asked = {(url.scheme.lower(), url.netloc) for url in hosts.values()}
    silent = {host: fault for host in asked if (fault := _host_fault(*host))}
    found: dict[str, Contents | str | None] = {
        address: silent.get((url.scheme.lower(), url.netloc)) for address, url in hosts.items()
    }
    ways: dict[LookWith, list[str]] = {}
    for address in addresses:
        if found[address] is None:
            way, fault = _way(urlsplit(address).scheme.lower(), reader)
            found[address] = fault
            if way is not None:
                ways.setdefault(way, []).append(address)
    for way, listed in ways.items():
        found |= look_with(way, listed)
    return found


def _way(scheme: str, reader: Reader | None) -> tuple[LookWith | None, str | None]:
    """Return with what to look at addresses, or why they cannot be read; neither where only the host can be asked."""
    has_root = importlib.util.find_spec("ROOT") is not None
    if reader == "RDataFrame":
        return "ROOT", None
    if reader is None and scheme in XROOTD and has_root:
        return "ROOT", None
    try:
        fsspec.get_filesystem_class(scheme)
    except ValueError:
        if scheme in XROOTD and reader is None:
            return None, None
        instead = {"xroot": "root", "roots": "root", "xroots": "root", "davs": "https", "dav": "http"}.get(scheme)
        advice = f"begin it with {instead}://" if instead else READABLE
        return None, f"Coffea cannot read addresses that begin with {scheme}://; {advice}"
    except ImportError as error:
        if scheme in XROOTD and reader is None:
            return None, None
        package = "fsspec-xrootd" if scheme in XROOTD else str(error).partition(" to ")[0].rpartition(" ")[2]
        return None, f"Coffea needs the package {package} to read it; install it here and where the workers run"
    return "uproot", None


def look_with(way: LookWith, addresses: Sequence[str]) -> dict[str, Contents | str]:
    """Return what ROOT or uproot finds in files, in a process that can be ended."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", "from af_lab_examples.remote_look import main; main()"],
            input=json.dumps([way, list(addresses)]),
            capture_output=True,
            text=True,
            timeout=LOOK_TIMEOUT,
            env=CLIENT_LIMITS | os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    except subprocess.TimeoutExpired:
        return dict.fromkeys(addresses, f"it could not be opened within {LOOK_TIMEOUT:.0f} s; try later")
    if done.returncode:
        return dict.fromkeys(addresses, f"{way} fails when it opens it; try it with {way} in a Python of its own")
    found = json.loads(done.stdout.splitlines()[-1])
    return {address: _contents(one, way, address) for address, one in zip(addresses, found, strict=True)}


def _contents(found: dict[str, str | int | dict[str, str]] | str, way: LookWith, address: str) -> Contents | str:
    match found:
        case {"kind": str(kind), "entries": int(entries), "uuid": str(uuid), "types": dict(types)}:
            return Contents(kind, entries, bytes.fromhex(uuid), types)
    foreign = way == "ROOT" and is_address(address) and urlsplit(address).scheme.lower() not in XROOTD
    return f"{found}. {READABLE}" if foreign else str(found)


def _host_fault(scheme: str, netloc: str) -> str | None:
    if scheme not in PORTS:
        return None
    host, _, port = netloc.rpartition("@")[2].partition(":")
    try:
        with socket.create_connection((host, int(port or PORTS[scheme])), timeout=HOST_TIMEOUT):
            return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return f"the host {netloc} does not answer ({reason}); check the address and this machine's network"
