"""Where a scheduler listens, as the facility's network and firewall require."""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Sequence
from pathlib import Path

from distributed.utils import get_ip_interface

from af_lab.errors import ClusterFailed, SpecError

__all__ = ["check_interface", "free_port", "is_free", "place_of_pages"]

HIGHEST_PORT = 65_535
LOWEST_PORT = 20_000  # many services use lower ports
CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def place_of_pages(interface: str | None, allowed: object, scheduler: int) -> str:
    """Return host and port for a scheduler's web pages.

    They are on the same interface as the scheduler. If no second port is free, only this machine can reach them.

    Parameters
    ----------
    interface, allowed
        The settings ``af-lab.scheduler.interface`` and ``af-lab.scheduler.ports``.
    scheduler
        The port of the scheduler itself.
    """
    host = get_ip_interface(interface) if interface else "0.0.0.0"  # noqa: S104 - as the scheduler itself
    try:
        return f"{host}:{free_port(allowed, besides=scheduler)}"
    except ClusterFailed:
        return "127.0.0.1:0"


def free_port(allowed: object, besides: int = 0) -> int:
    """Return a free port of a range or, if none is given, of the ports that the kernel does not give to connections.

    A scheduler that is started again needs its old port, because clients look for it there. Another process may have
    taken it by then if the kernel gives that port to connections.

    Parameters
    ----------
    allowed
        The setting ``af-lab.scheduler.ports``.
    besides
        A port to skip; something else will use it.

    Raises
    ------
    SpecError
        The setting is not a range of ports.
    ClusterFailed
        All ports are taken.
    """
    if allowed is None:
        return _first_free(_no_connections(), besides) or 0
    found = re.fullmatch(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?", str(allowed))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 0 < first <= last <= HIGHEST_PORT:
        raise SpecError(
            f"The setting af-lab.scheduler.ports is wrong: {allowed!r} is not a range of ports; write '20000-20100'."
        )
    port = _first_free(range(first, last + 1), besides)
    if port is None:
        raise ClusterFailed(
            f"All ports that schedulers may listen on here are taken: {allowed} (af-lab.scheduler.ports). "
            "End a cluster that you no longer need, or ask your facility for more ports."
        )
    return port


def _first_free(ports: Sequence[int], besides: int) -> int | None:
    # At random, so that schedulers that start together do not all try the same one.
    for port in random.sample(ports, len(ports)):
        if port != besides and is_free(port):
            return port
    return None


def _no_connections() -> Sequence[int]:
    """Return the ports that the kernel does not give to connections, or none if they are unknown."""
    try:
        lowest, highest = map(int, CONNECTIONS.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return ()
    return range(LOWEST_PORT, lowest) or range(highest + 1, HIGHEST_PORT + 1)


def check_interface(name: str | None) -> None:
    """Check that a network interface exists and has an address.

    Raises
    ------
    SpecError
        The interface does not exist, or has no address.
    """
    if name is not None:
        try:
            get_ip_interface(name)
        except ValueError as error:
            raise SpecError(f"The setting af-lab.scheduler.interface is wrong: {error}") from None


def is_free(port: int) -> bool:
    """Return whether a port of this machine is free."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("", port))
        except OSError:
            return False
    return True
