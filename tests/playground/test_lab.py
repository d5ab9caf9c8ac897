"""`af-lab playground`: pool and JupyterLab, which end together."""

from __future__ import annotations

import json
import re
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from af_lab.playground.lab import FIRST_NOTEBOOK, find_address
from af_lab.playground.processes import pool_processes
from tests.playground.support import CommandLine

pytestmark = pytest.mark.pool

_LIMIT = 120.0  # seconds


def _get(address: str) -> dict[str, object]:
    with urllib.request.urlopen(address, timeout=_LIMIT) as answer:
        return dict(json.load(answer))


def test_an_address_is_found_only_when_the_server_listens(tmp_path: Path) -> None:
    """Jupyter writes the file with its address before that."""
    file = tmp_path / "jpserver-1.json"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert find_address(tmp_path) is None
        file.write_text(json.dumps({"url": address})[:-1])
        assert find_address(tmp_path) is None, "half of it is written"
        file.write_text(json.dumps({"url": address}))
        assert find_address(tmp_path) is None
        server.listen()
        assert find_address(tmp_path) == address
    file.write_text(json.dumps({"url": "http://no-such-host.invalid:8888/"}))
    assert find_address(tmp_path), "what this machine cannot look up is told all the same"


def test_playground_announces_its_address_and_ends_with_its_pool(af_lab: CommandLine, tmp_path: Path) -> None:
    pytest.importorskip("jupyterlab")
    folder = tmp_path / "work"
    with af_lab.popen("playground", "--no-browser", "--notebook-dir", str(folder)) as running:
        try:
            assert running.stdout is not None
            said = ""
            address = None
            for line in running.stdout:
                said += line
                if address := re.match(r"JupyterLab: (http://\S+/)lab/tree/(\S+)\?token=(\w+)$", line):
                    break
            assert address, said
            base, notebook, token = address.groups()
            assert notebook == FIRST_NOTEBOOK
            assert (folder / notebook).is_file()
            assert _get(f"{base}api/status?token={token}")["started"]
            with pytest.raises(urllib.error.HTTPError) as refused:
                _get(f"{base}api/status")
            assert refused.value.code == 403
            refused.value.close()
            pool = af_lab.home / "pools" / "default"
            assert pool_processes(pool)

            running.send_signal(signal.SIGTERM)
            rest = running.communicate(timeout=_LIMIT)[0]
            assert running.returncode in (0, 128 + signal.SIGTERM), rest
            assert pool_processes(pool) == []
        finally:
            running.kill()
