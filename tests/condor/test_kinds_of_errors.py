"""What the bindings say, and what a user is told: silence, refusals, and refusals of who the user is are apart."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from af_lab.condor.helper import Calls, kind_of, version_in
from af_lab.condor.helper_connection import HelperConnection
from af_lab.errors import AuthenticationFailed, CondorUnavailable

HERE = {"COLLECTOR_HOST": "pool.example", "SCHEDD_HOST": None}
FS = (
    "Failed to connect to schedd, errmsg=AUTHENTICATE:1003:Failed to authenticate with any method|AUTHENTICATE:1004:"
    "Failed to authenticate using FS|FS:1004:Directory name doesn't match server's network address."
)
TOKEN = (
    "Failed to fetch ads from schedd, errmsg=AUTHENTICATE:1003:Failed to authenticate with any method"
    "|AUTHENTICATE:1004:Failed to authenticate using IDTOKENS."
)
FITTING = {"bindings": "23.10.29", "daemons": "23.9.6"}
OLD = {"bindings": "25.14.1", "daemons": "23.9.6"}
ELSEWHERE = {"bindings": "25.14.1", "daemons": None}


@pytest.mark.parametrize(
    ("message", "versions", "kind"),
    [
        (FS, OLD, "mismatched"),
        # What the bindings say of other calls hides the cause.
        ("Failed communication with collector.", OLD, "mismatched"),
        ("Error when performing action on the schedd.", OLD, "mismatched"),
        (FS, FITTING, "unauthenticated"),
        (FS, ELSEWHERE, "unauthenticated"),
        (TOKEN, FITTING, "unauthenticated"),
        ("Failed to fetch ads, errmsg=SECMAN:2005:Protocol Error: No auth methods.", ELSEWHERE, "unauthenticated"),
        ('Failed, errmsg=SECMAN:2010:Received "DENIED" from server for user x@y', ELSEWHERE, "unauthenticated"),
        ("Failed communication with collector.", FITTING, "unavailable"),
        ("Failed to connect to schedd.", ELSEWHERE, "unavailable"),
        ("Schedd says -2", ELSEWHERE, "refused"),
        ("Unable to locate local daemon", OLD, "stopped"),
    ],
)
def test_messages_of_the_bindings(message: str, versions: dict[str, str | None], kind: str) -> None:
    assert kind_of(message, HERE, versions) == kind


def test_versions_are_read_from_what_the_daemons_write() -> None:
    assert version_in("<127.0.0.1:1?addrs=127.0.0.1-1>\n$CondorVersion: 23.9.6 2026-07-12 $\n") == "23.9.6"
    assert version_in("<127.0.0.1:1>") is None


@pytest.mark.pool
def test_a_pool_that_does_not_accept_the_user_says_so(
    connection: HelperConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "condor_config"
    pool = Path(os.environ["CONDOR_CONFIG"]).read_text()
    config.write_text(f"{pool}\nSEC_CLIENT_AUTHENTICATION_METHODS = IDTOKENS\nSEC_TOKEN_DIRECTORY = {tmp_path}\n")
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    with pytest.raises(AuthenticationFailed, match=r"does not accept who you are: .*No auth methods") as caught:
        connection.call("query", constraint="true", projection=[], limit=-1).result(120)
    assert "does not answer" not in str(caught.value)
    assert re.search(r"daemons here are version \d+\.\d+\.\d+, the Python bindings \d+\.\d+\.\d+", str(caught.value))


def test_older_daemons_are_named_with_the_bindings_that_fit(
    connection: HelperConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "schedd").write_text("<127.0.0.1:1?addrs=127.0.0.1-1>\n$CondorVersion: 23.9.6 2026-07-12 $\n")
    config = tmp_path / "condor_config"
    config.write_text(f"COLLECTOR_HOST = 127.0.0.1:1\nLOG = {tmp_path}\nSCHEDD_ADDRESS_FILE = {tmp_path}/schedd\n")
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    with pytest.raises(
        CondorUnavailable, match=r"version 23\.9\.6, and the Python bindings \d+\.\d+\.\d+ do"
    ) as caught:
        connection.call("slots", job=None, sites={}).result(120)
    assert f'{sys.executable} -m pip install "htcondor==23.10.*"' in str(caught.value)


class DyingSchedd:
    """A schedd that dies while it is changed; the moment cannot be met with a real one."""

    def __init__(self, *, comes_back: bool) -> None:
        self.comes_back = comes_back

    def edit(self, *_: str) -> int:
        raise RuntimeError("Unable to edit jobs matching constraint.")

    def query(self, *_: object, **__: object) -> list[object]:
        if self.comes_back:
            return []
        raise RuntimeError("Failed to fetch ads from schedd, errmsg=CEDAR:6001:Failed to connect to <127.0.0.1:9618>")


@pytest.mark.parametrize(("comes_back", "says"), [(True, "Unable to edit"), (False, "Failed to connect")])
def test_a_change_that_fails_gives_the_reason_of_a_query(
    monkeypatch: pytest.MonkeyPatch, comes_back: bool, says: str
) -> None:
    calls = Calls.__new__(Calls)
    monkeypatch.setattr(calls, "_condor", SimpleNamespace(HTCondorException=RuntimeError), raising=False)
    monkeypatch.setattr(calls, "_schedd", lambda: DyingSchedd(comes_back=comes_back), raising=False)
    with pytest.raises(RuntimeError, match=says):
        calls.edit("true", {"AfLabWorkers": "3"})
