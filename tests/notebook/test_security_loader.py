"""TLS that is found by the scheduler's address."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest
from distributed import Client, LocalCluster
from distributed.security import Security

import af_lab.notebook.api  # it tells Dask whom to ask
from af_lab.errors import ClusterNotFound
from af_lab.home import af_lab_home
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.notebook.security_loader import security_for
from tests.support import wait

LOADER = "DASK_DISTRIBUTED__CLIENT__SECURITY_LOADER"


@pytest.fixture(autouse=True)
def home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if "pool" not in request.keywords:
        monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))


@pytest.fixture
def own_tls() -> Iterator[Security]:
    """A user's own TLS, configured as Dask's documentation says."""
    folder = a_folder("tls://elsewhere:1")
    member = str(folder.scheduler_certificate)
    configured = {"distributed.comm.tls.ca-file": str(folder.authority)}
    for role in ("scheduler", "worker", "client"):
        configured |= {f"distributed.comm.tls.{role}.{part}": member for part in ("cert", "key")}
    with dask.config.set(configured):
        yield Security(require_encryption=True)


def a_folder(address: str | None) -> ClusterFolder:
    folder = ClusterFolder.create(af_lab_home(), make_credentials("x"))
    if address is not None:
        folder.write_address(address)
    return folder


def authority_for(address: str) -> str | None:
    security = security_for({"address": address})
    return None if security is None else str(security.get_tls_config_for_role("client")["ca_file"])


def test_each_address_has_the_keys_of_its_own_cluster() -> None:
    folders = {f"tls://here:{port}": a_folder(f"tls://here:{port}") for port in range(5)}
    a_folder(None)
    for address, folder in folders.items():
        assert authority_for(address) == str(folder.authority)


def test_the_newest_cluster_has_the_port_that_others_had_before() -> None:
    folders = [a_folder("tls://here:1") for _ in range(3)]
    for newest in folders:
        for folder in folders:
            told = 2e9 if folder is newest else 1e9
            os.utime(folder.contact, (told, told))
        assert authority_for("tls://here:1") == str(newest.authority)


def test_a_cluster_that_ended_says_so_with_its_reason() -> None:
    folder = a_folder("tls://here:1")
    folder.write(folder.reason, b"It had no task for 1 hr.")
    with pytest.raises(ClusterNotFound, match=r"at tls://here:1 no longer runs: It had no task for 1 hr\."):
        Client("tls://here:1")


def test_an_address_that_nobody_knows_is_told_so_instead_of_a_type_error() -> None:
    a_folder("tls://here:1")
    with pytest.raises(ClusterNotFound, match=r"None of your clusters has the address tls://here:2.*connect"):
        Client("tls://here:2")


def test_dask_without_tls_is_left_alone() -> None:
    a_folder("tls://here:1")
    assert security_for({"address": "tcp://here:1"}) is None
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        Client(cluster.scheduler_address) as client,
    ):
        assert client.status == "running"


def test_the_keys_that_a_user_configured_go_on_to_hold(own_tls: Security) -> None:
    with LocalCluster(n_workers=0, protocol="tls", security=own_tls, dashboard_address=None) as cluster:
        assert security_for({"address": cluster.scheduler_address}) is None
        with Client(cluster.scheduler_address) as client:
            assert client.status == "running"


@pytest.mark.parametrize(
    ("chosen", "holds"), [({}, "af_lab.notebook.security_loader.security_for"), ({LOADER: "my.own"}, "my.own")]
)
def test_dask_asks_af_lab_unless_a_user_chose_otherwise(chosen: dict[str, str], holds: str) -> None:
    program = "import af_lab; af_lab.connect; import dask; print(dask.config.get('distributed.client.security-loader'))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | chosen, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == (holds, "")


@pytest.mark.pool
@pytest.mark.usefixtures("no_clusters_left")
def test_clients_of_several_clusters_need_their_addresses_alone() -> None:
    with af_lab.cluster("first", workers=0) as first, af_lab.cluster("second", workers=0) as second:
        with Client(first.scheduler_address) as one, Client(second.scheduler_address) as two:
            told = [client.run_on_scheduler(os.getenv, "AF_LAB_FILES") for client in (one, two)]
        assert told == [str(cluster._folder.path) for cluster in (first, second)]

        address = first.scheduler_address
        with Client(address) as client:
            client.shutdown()
        wait(lambda: first.status.name == "closed", "the end is noticed")
        with pytest.raises(ClusterNotFound, match="no longer runs: The Dask scheduler was shut down by a client"):
            Client(address)
