"""Whoever has not the keys of a cluster gets nothing from it, on the same machine or not.

What holds among those who have keys: Dask's protocol knows no roles. A worker's certificate opens the scheduler as a
client's does, and whoever may act as a client can run code as the cluster's owner. An execution point is trusted with
a cluster as much as with the user's job itself. But it cannot make members of its own, nor reach another cluster.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import http.client
import ipaddress
import json
import os
import re
import socket
import ssl
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from distributed import Client
from distributed.comm.core import connect
from distributed.security import Security

from af_lab.manager.manager import ClusterManager
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.runner_calls import SECRET_HEADER
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected
from tests.security.processes import processes_of
from tests.support import page_status

pytestmark = pytest.mark.pool

PATIENCE = 20.0
ROUTES = (
    *("/", "/status", "/status/ws", "/status/", "/health", "/metrics", "/sitemap.json", "/json/counts.json"),
    *("/json/identity.json", "/info/main/workers.html", "/info/main/logs.html", "/eventstream", "/main"),
    *("/statics/css/base.css", "/statics/../../../../../../etc/passwd", "/individual-plots.json", "/individual-cpu"),
    *("/proxy/22/localhost/", "/proxy/1/127.0.0.1/status", "/none-such", "//", "/%2e%2e/", "/autoload.js", "*"),
    *("/sysinfo", "/crossfilter", "/profile", "/counters", "/static/js/bokeh.min.js", "/individual-task-stream"),
)
PAGES = ("/", "/status", "/eventstream", "/health", "/none-such")
DIRECTORY = "/sitemap.json"
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WEBSOCKET = (
    *(("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")),
    *(("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Protocol", "bokeh")),
)


@dataclass(frozen=True)
class Port:
    """A port that a process of a cluster listens on."""

    process: str
    host: str
    number: int

    @property
    def local(self) -> bool:
        return ipaddress.ip_address(self.host).is_loopback

    @property
    def reached_at(self) -> tuple[str, int]:
        address = ipaddress.ip_address(self.host)
        anywhere = {4: "127.0.0.1", 6: "::1"}[address.version]
        return (anywhere if address.is_unspecified else self.host), self.number


def ports_of(folder: ClusterFolder) -> list[Port]:
    """Return all ports that the processes of a cluster listen on."""
    ports = []
    for seen in processes_of(folder.path):
        command = seen.command.replace(b"\0", b" ").decode()
        for connection in psutil.Process(seen.pid).net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                ports.append(Port(command, connection.laddr.ip, connection.laddr.port))
    return ports


def in_plain(port: Port, request: bytes) -> bytes:
    """Return all that a port answers to whoever speaks no TLS."""
    answer = b""
    with contextlib.suppress(ConnectionError), socket.create_connection(port.reached_at, timeout=PATIENCE) as plain:
        plain.sendall(request)
        # It may have been refused already.
        with contextlib.suppress(OSError):
            plain.shutdown(socket.SHUT_WR)
        while part := plain.recv(65536):
            answer += part
    return answer


def over_http(
    port: Port, method: str, route: str, *headers: tuple[str, str], context: ssl.SSLContext | None = None
) -> int:
    """Return the status of an answer, which is short unless it is a success; in plain unless a context is given."""
    connection = http.client.HTTPConnection(*port.reached_at, timeout=PATIENCE)
    if context is not None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(*port.reached_at, timeout=PATIENCE, context=context)
    connection.putrequest(method, route)
    for name, value in headers:
        connection.putheader(name, value)
    try:
        connection.endheaders()
        answer = connection.getresponse()
        if answer.status >= 400:
            assert len(answer.read()) < 200, (method, route, headers)
        return answer.status
    finally:
        connection.close()


def over_tls(port: Port, context: ssl.SSLContext) -> bytes | None:
    """Return what a port says first to whoever speaks TLS; None if it ends the conversation instead."""
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(port.reached_at, timeout=PATIENCE) as plain,
            context.wrap_socket(plain) as secure,
        ):
            # With TLS 1.3 a client learns only now that it is refused.
            return secure.recv(65536) or None
    except (ssl.SSLError, ConnectionError):
        return None


def tls(version: ssl.TLSVersion, certificate: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


def forged(folder: ClusterFolder, by: Path, home: Path) -> Path:
    """Return a certificate that somebody signed with the key of a member."""
    signer = x509.load_pem_x509_certificate(by.read_bytes())
    signing = serialization.load_pem_private_key(by.read_bytes(), None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "af_lab scheduler")]))
        .issuer_name(signer.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(signing, hashes.SHA256())
    )
    path = home / f"forged-{uuid4().hex}" / "worker.pem"
    path.parent.mkdir()
    pem = serialization.Encoding.PEM
    path.write_bytes(
        certificate.public_bytes(pem)
        + signer.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


async def test_every_port_of_a_cluster_is_closed_to_strangers(manager: ClusterManager, tmp_path: Path) -> None:
    await manager.create(make_spec({"name": "closed", "workers": 1}))
    await connected(manager, "closed", 1)
    folder = await manager.folder("closed")
    # It has the same name, and makes its keys in the same way.
    other = ClusterFolder.create(tmp_path / "other", make_credentials("closed"))
    dashboard = await manager.dashboard("closed")
    ports = ports_of(folder)
    pages = [port for port in ports if port.number == dashboard.port]
    local = [port for port in ports if port.local]
    members = [port for port in ports if port not in (*pages, *local)]
    assert len({port.number for port in members}) == 3, f"scheduler, nanny and worker: {members}"
    assert len(local) == 1, f"the worker's own pages, for this machine alone: {local}"
    assert pages, "the scheduler's pages"

    def attack() -> None:
        for port in members:
            check_member(port, folder, other, tmp_path)
        for port in pages:
            check_pages(port, folder, other, tmp_path)
        for port in local:
            check_pages_of_worker(port, folder)

    await asyncio.to_thread(attack)
    for port in members:
        host, number = port.reached_at
        where = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
        for protocol, arguments in (("tcp", {}), ("tls", other.security().get_connection_args("client")), ("ws", {})):
            with pytest.raises(OSError, match=f"{re.escape(where)}|certificate"):
                await connect(f"{protocol}://{where}", timeout=2, **arguments)
    async with client_of(manager, "closed") as client:
        assert await client.submit(sum, [1, 2]) == 3, "it stands"


def check_plain(port: Port) -> None:
    """Check that a port speaks TLS only."""
    for request in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 64, b"x" * 100_000):
        answer = in_plain(port, request)
        # An alert of TLS, that this is none.
        assert answer == b"" or (answer[:1] == b"\x15" and len(answer) < 10), (port, answer)


def foreign_certificates(folder: ClusterFolder, other: ClusterFolder, home: Path) -> list[Path | None]:
    """Return what strangers may show: nothing, certificates of another cluster, and some of their own making."""
    foreign = (other.scheduler_certificate, other.worker_certificate)
    made_up = [forged(folder, by, home) for by in (folder.worker_certificate, *foreign)]
    return [None, *foreign, *made_up]


def check_member(port: Port, folder: ClusterFolder, other: ClusterFolder, home: Path) -> None:
    """Check a port that speaks Dask's protocol: to those with a certificate of the cluster, and to nobody else."""
    check_plain(port)
    strangers = foreign_certificates(folder, other, home)
    for version in VERSIONS:
        for certificate in strangers:
            assert over_tls(port, tls(version, certificate)) is None, (port, version, certificate)
        for certificate in (folder.scheduler_certificate, folder.worker_certificate):
            assert over_tls(port, tls(version, certificate)), "the cluster's own members are greeted"


def check_pages(port: Port, folder: ClusterFolder, other: ClusterFolder, home: Path) -> None:
    """Check the scheduler's pages: no greeting for strangers, and for members without the secret 403, whatever else."""
    check_plain(port)
    strangers = foreign_certificates(folder, other, home)
    secret = folder.http_secret.read_text()
    own = (SECRET_HEADER, secret)
    for version in VERSIONS:
        for certificate in strangers:
            # With the secret, even.
            with pytest.raises((ssl.SSLError, ConnectionError)):
                over_http(port, "GET", "/health", own, context=tls(version, certificate))
    member = tls(ssl.TLSVersion.TLSv1_3, folder.worker_certificate)
    guesses = [[(SECRET_HEADER, guess)] for guess in ("", secret[:-1], f"{secret}x", secret.swapcase(), f"{secret}, x")]
    guesses += [[(SECRET_HEADER, secret), (SECRET_HEADER, "x")], [("Cookie", f"{SECRET_HEADER}={secret}")]]
    guesses += [[("X_Af_Lab_Secret", secret)], [("Authorization", f"Bearer {secret}")], list(WEBSOCKET)]
    for route in ROUTES:
        for method in METHODS:
            assert over_http(port, method, route, context=member) == 403, (method, route)
        for asked in (f"{route}?{SECRET_HEADER}={secret}", f"http://localhost{route}"):
            assert over_http(port, "GET", asked, *WEBSOCKET, context=member) == 403, asked
    for route in PAGES:
        for headers in guesses:
            assert over_http(port, "GET", route, *headers, context=member) == 403, (route, headers)
    for route in ("/health", "/status", "/individual-task-stream", "/metrics"):
        assert over_http(port, "GET", route, own, context=member) == 200, "so there is something to open"
    assert over_http(port, "GET", "/eventstream", own, *WEBSOCKET, context=member) == 101
    passed_on = over_http(port, "GET", "/proxy/22/localhost/", own, context=member)
    assert passed_on == 404, "not even the owner is passed on to others"


def check_pages_of_worker(port: Port, folder: ClusterFolder) -> None:
    """Check a worker's port that speaks HTTP: 404 to everything, whatever is asked for, but Dask's list of routes."""
    for route in ROUTES:
        if route != DIRECTORY:
            for method in METHODS:
                assert over_http(port, method, route) == 404, (method, route)
            assert over_http(port, "GET", f"http://localhost{route}", *WEBSOCKET) == 404, route
    assert over_http(port, "GET", "/health", (SECRET_HEADER, folder.http_secret.read_text())) == 404
    with urllib.request.urlopen("http://{}:{}{}".format(*port.reached_at, DIRECTORY), timeout=PATIENCE) as answer:
        assert json.load(answer) == {"paths": [DIRECTORY]}, "a worker has no route but Dask's list of routes"


async def test_no_name_of_a_socket_is_open_to_others(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "sockets", "workers": 1}))
    await connected(manager, "sockets", 1)
    folder = await manager.folder("sockets")
    listening = []
    for seen in processes_of(folder.path):
        listening += [name for c in psutil.Process(seen.pid).net_connections("unix") if (name := c.laddr)]
    for name in listening:
        assert not name.startswith(("@", "\0")), f"an abstract socket has no owner: {name!r}"
        closed = [parent for parent in Path(name).parents if parent.stat().st_mode & 0o077 == 0]
        assert closed, f"others can reach {name}"
    assert listening, "the process that workers are forked from"


async def test_the_keys_of_another_cluster_open_nothing(manager: ClusterManager) -> None:
    """The owner is the same, and so is the machine."""
    await manager.create(make_spec({"name": "mine", "workers": 1}))
    await manager.create(make_spec({"name": "other", "workers": 0}))
    await connected(manager, "mine", 1)
    info = await manager.wait_until_running("mine")
    await manager.wait_until_running("other")
    other = await manager.folder("other")
    with pytest.raises(OSError, match=r"Timed out|certificate|ssl"):
        await Client(info.scheduler_address, security=other.security(), asynchronous=True, timeout="2 s")
    mine = await manager.dashboard("mine")
    assert await page_status(mine, "/", **{SECRET_HEADER: other.http_secret.read_text()}) == 403
    stranger = replace(mine, tls=other.security().get_connection_args("client")["ssl_context"])
    with pytest.raises(OSError, match=r"certificate|ssl|SSL"):
        await page_status(stranger, "/", **{SECRET_HEADER: mine.secret})


async def test_what_a_workers_certificate_opens(manager: ClusterManager) -> None:
    """It documents what holds, and what does not: Dask's protocol has no roles."""
    await manager.create(make_spec({"name": "roles", "workers": 0}))
    info = await manager.wait_until_running("roles")
    folder = await manager.folder("roles")
    authority, member = str(folder.authority), str(folder.worker_certificate)
    worker = Security(require_encryption=True, tls_ca_file=authority, tls_client_cert=member, tls_client_key=member)
    async with Client(info.scheduler_address, security=worker, asynchronous=True) as client:
        assert await client.run_on_scheduler(os.getuid) == os.getuid(), "a worker's key is worth its owner's account"
    for certificate in (folder.authority, folder.scheduler_certificate, folder.worker_certificate):
        content = certificate.read_bytes()
        loaded = x509.load_pem_x509_certificate(content)
        is_authority = loaded.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert is_authority == (certificate == folder.authority)
        assert is_authority == (b"PRIVATE KEY" not in content), "nobody has the authority's key"
