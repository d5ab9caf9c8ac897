"""Files behind ``root://``: whether their host answers, and, with ROOT, whether they can be read.

uproot needs a package for XRootD that af_lab does not require; ROOT has its own client.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

__all__ = ["is_remote", "remote_faults"]

SCHEMES = ("root", "xroot", "roots", "xroots")
PORT = 1094  # of XRootD, where an address has none
HOST_TIMEOUT = 5.0  # seconds
ROOT_TIMEOUT = 60.0  # seconds for all files of one call
# of ROOT's client, in seconds: it would try for half an hour
CLIENT_LIMITS = {
    "XRD_CONNECTIONWINDOW": "10",
    "XRD_CONNECTIONRETRY": "1",
    "XRD_REQUESTTIMEOUT": "20",
    "XRD_STREAMTIMEOUT": "20",
}

# in a process of its own, which can be ended: prints a list of faults, null where there is none
LOOK = """
import json, sys
import ROOT
ROOT.gErrorIgnoreLevel = ROOT.kFatal
addresses, branches = json.load(sys.stdin)
def fault(address):
    try:
        file = ROOT.TFile.Open(address)
    except OSError:
        return "it cannot be opened; check the address"
    if file.TestBit(ROOT.TFile.kRecovered):
        return "it is cut off; fetch or make it again"
    tree = file.Get("Events")
    if not tree:
        return "it has no tree 'Events'; remove it from the list"
    missing = [name for name in branches if not tree.GetBranch(name)]
    return f"it lacks {', '.join(missing)}; choose files that have what the analysis reads" if missing else None
print("\\n" + json.dumps([fault(address) for address in addresses]))
"""


def is_remote(file: str) -> bool:
    """Return whether it is an address rather than a path."""
    return file.partition("://")[0] in SCHEMES and "://" in file


def remote_faults(addresses: Sequence[str], branches: Collection[str]) -> dict[str, str]:
    """Return what is wrong with each faulty address, and what to do."""
    hosts = {address: urlsplit(address).netloc for address in addresses}
    silent = {host: fault for host in set(hosts.values()) if (fault := _host_fault(host))}
    faults = {address: silent[host] for address, host in hosts.items() if host in silent}
    faults |= {address: "patterns are not supported there; list the files" for address in addresses if "*" in address}
    rest = [address for address in addresses if address not in faults]
    if rest and importlib.util.find_spec("ROOT") is not None:
        faults |= root_faults(rest, branches)
    return faults


def root_faults(addresses: Sequence[str], branches: Collection[str]) -> dict[str, str]:
    """Return what ROOT finds wrong with files."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", LOOK],
            input=json.dumps([list(addresses), sorted(branches)]),
            capture_output=True,
            text=True,
            timeout=ROOT_TIMEOUT,
            env=CLIENT_LIMITS | os.environ,
        )
    except subprocess.TimeoutExpired:
        return dict.fromkeys(addresses, f"it could not be opened within {ROOT_TIMEOUT:.0f} s; try later")
    if done.returncode:
        return dict.fromkeys(addresses, "ROOT fails when it opens it; try it with ROOT.TFile.Open")
    found = json.loads(done.stdout.splitlines()[-1])
    return {address: fault for address, fault in zip(addresses, found, strict=True) if fault}


def _host_fault(netloc: str) -> str | None:
    host, _, port = netloc.rpartition("@")[2].partition(":")
    try:
        with socket.create_connection((host, int(port or PORT)), timeout=HOST_TIMEOUT):
            return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return f"the host {netloc} does not answer ({reason}); check the address and this machine's network"
