"""Where a scheduler listens, and what it says when it cannot."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask.config
import pytest

from af_lab.errors import ClusterFailed, SpecError
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from af_lab.runner import ports
from af_lab.runner.ports import check_interface, free_port
from tests.faults.support import client_of, connected
from tests.support import jobs_left, until


@contextmanager
def neighbouring_ports() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Take two ports, of which one follows the other."""
    for _ in range(1000):
        first = random.randrange(20_000, 32_000)  # below those that the kernel gives to others
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("", first))
                other.bind(("", first + 1))
            except OSError:
                continue
            one.listen()
            other.listen()
            yield one, other
            return
    raise OSError("no two neighbouring ports are free")


def number_of(taken: socket.socket) -> int:
    return int(taken.getsockname()[1])


def settings(**scheduler: Any) -> dask.config.set:
    return dask.config.set({f"af-lab.scheduler.{key.replace('_', '-')}": value for key, value in scheduler.items()})


@pytest.mark.parametrize("form", ["{0}-{1}", " {0} - {1} "])
def test_a_free_port_of_the_range_is_taken(form: str) -> None:
    with neighbouring_ports() as (one, other):
        pair = number_of(one), number_of(other)
        one.close()
        allowed = form.format(*pair)
        assert {free_port(allowed) for _ in range(20)} == {pair[0]}
        other.close()
        assert {free_port(allowed) for _ in range(100)} == set(pair), "any of them, so that starts do not collide"
        assert free_port(pair[0]) == free_port(str(pair[0])) == pair[0], "a range of one"


def test_without_a_range_it_is_a_port_that_no_connection_gets() -> None:
    lowest, highest = map(int, ports.CONNECTIONS.read_text().split())
    found = {free_port(None) for _ in range(100)}
    assert len(found) > 50, "any of them, so that starts do not collide"
    assert not [port for port in found if port < ports.LOWEST_PORT or lowest <= port <= highest]


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [("1024 65535", 0, 0), ("nonsense", 0, 0), ("1024 64999", 65_000, 65_535), ("20010 65535", 20_000, 20_009)],
)
def test_the_kernel_may_leave_few_ports_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, least: int, most: int
) -> None:
    monkeypatch.setattr(ports, "CONNECTIONS", tmp_path / "range")
    assert free_port(None) == 0, "where it does not tell"
    (tmp_path / "range").write_text(told)
    assert least <= free_port(None) <= most


def test_a_range_without_a_free_port_is_told() -> None:
    with neighbouring_ports() as (one, other):
        allowed = f"{number_of(one)}-{number_of(other)}"
        with pytest.raises(ClusterFailed, match=f"taken: {allowed} .*End a cluster"):
            free_port(allowed)


@pytest.mark.parametrize("wrong", ["many", "", "20100-20000", "0-5", "65000-66000", "20000-", "-1", 1.5, [20_000]])
def test_what_is_no_range_is_refused_with_what_is_allowed(wrong: object) -> None:
    with pytest.raises(SpecError, match=r"ports is wrong: .* write '20000-20100'"):
        free_port(wrong)


def test_an_interface_that_there_is_not_is_refused_with_those_there_are() -> None:
    check_interface(None)
    check_interface("lo")
    with pytest.raises(SpecError, match=r"interface is wrong: .*none-such.*'lo'"):
        check_interface("none-such")


@pytest.mark.pool
async def test_schedulers_keep_to_the_ports_and_the_address_of_the_configuration(manager: ClusterManager) -> None:
    with neighbouring_ports() as (one, other):
        taken, free = number_of(one), number_of(other)
        ports = f"{taken}-{free}"
        other.close()
        with settings(ports=ports, contact_host="localhost"):
            await manager.create(make_spec({"name": "fits", "workers": 1}))
            info = await manager.wait_until_running("fits")
            assert info.scheduler_address == f"tls://localhost:{free}"
            async with client_of(manager, "fits") as client:
                await connected(manager, "fits", 1)
                assert await client.submit(sum, [1, 2]) == 3

            surplus = (await manager.create(make_spec({"name": "surplus", "workers": 1}))).info
            with pytest.raises(ClusterFailed, match=f"All ports .* are taken: {ports}"):
                await manager.wait_until_running("surplus")
        failed = await manager.get("surplus")
        assert failed.state == "failed"
        assert re.search("End a cluster .* or ask your facility for more ports", failed.reason or "")
        assert len(list((await manager.folder("surplus")).logs.glob("scheduler-*.log"))) == 1, "it is not started again"

        async def left() -> bool:
            return await jobs_left(manager.queue) == 3

        await until(left, "the cluster that failed has no workers")
        one.close()
        await manager.queue.release(f"ClusterId == {surplus.id}", "there is a port again")
        released = await manager.wait_until_running("surplus")
        assert released.scheduler_address == f"tls://localhost:{taken}"
        await connected(manager, "surplus", 1)


@pytest.mark.pool
async def test_a_scheduler_listens_on_the_interface_of_the_configuration_alone(manager: ClusterManager) -> None:
    with settings(interface="lo"):
        await manager.create(make_spec({"name": "loopback", "workers": 1}))
    with settings(interface="none-such"):
        await manager.create(make_spec({"name": "nowhere", "workers": 0}))
    info = await manager.wait_until_running("loopback")
    address = info.scheduler_address or ""
    assert address.startswith("tls://127.0.0.1:")
    await connected(manager, "loopback", 1)
    with pytest.raises(ClusterFailed, match=r"interface is wrong: .*none-such"):
        await manager.wait_until_running("nowhere")

    logs = (await manager.folder("loopback")).logs.glob("scheduler-*.log")
    os.kill(int(next(logs).stem.rpartition("-")[2]), signal.SIGKILL)

    async def back() -> bool:
        return len(list((await manager.folder("loopback")).logs.glob("scheduler-*.log"))) == 2

    await until(back, "the scheduler is started again")
    assert (await manager.wait_until_running("loopback")).scheduler_address == address
    own = socket.gethostbyname(socket.gethostname())
    if not own.startswith("127."):
        with socket.socket() as stranger:
            assert stranger.connect_ex((own, int(address.rpartition(":")[2]))) != 0
