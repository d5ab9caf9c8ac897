"""Where a scheduler listens, as the facility's network and firewall ask for it."""

from __future__ import annotations

import random
import re
import socket

from distributed.utils import get_ip_interface

from af_lab.errors import ClusterFailed, SpecError

__all__ = ["check_interface", "free_port", "is_free", "place_of_pages"]

HIGHEST_PORT = 65_535


def place_of_pages(interface: str | None, allowed: object, scheduler: int) -> str:
    """Return where a scheduler's web pages shall be, as host and port.

    They are beside the scheduler itself; where its firewall leaves no second port, only this machine can reach them.

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
    """Return a port of a range that nobody listens on; 0, which stands for any, where no range is given.

    Parameters
    ----------
    allowed
        The setting ``af-lab.scheduler.ports``.
    besides
        One that is spoken for.

    Raises
    ------
    SpecError
        It is no range of ports.
    ClusterFailed
        All of them are taken.
    """
    if allowed is None:
        return 0
    found = re.fullmatch(r"\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?", str(allowed))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 0 < first <= last <= HIGHEST_PORT:
        raise SpecError(
            f"The setting af-lab.scheduler.ports is wrong: {allowed!r} is no range of ports; write '20000-20100'."
        )
    ports = list(range(first, last + 1))
    # At random, so that schedulers that start together do not all try the same one.
    random.shuffle(ports)
    for port in ports:
        if port != besides and is_free(port):
            return port
    raise ClusterFailed(
        f"All ports that schedulers may listen on here are taken: {allowed} (af-lab.scheduler.ports). "
        "End a cluster that you no longer need, or ask your facility for more ports."
    )


def check_interface(name: str | None) -> None:
    """Check that a network interface exists and has an address.

    Raises
    ------
    SpecError
        It does not, or has none.
    """
    if name is not None:
        try:
            get_ip_interface(name)
        except ValueError as error:
            raise SpecError(f"The setting af-lab.scheduler.interface is wrong: {error}") from None


def is_free(port: int) -> bool:
    """Tell whether nobody listens on a port of this machine."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("", port))
        except OSError:
            return False
    return True
