"""A Jupyter server whose default kernel is made up."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from af_lab.gallery import examples
from tests.server.examples.support import NEEDS, Fetch, Interpreter, Originals
from tests.server.support import Api


@pytest.fixture
def interpreter(tmp_path: Path, jp_data_dir: Path) -> Interpreter:
    interpreter = Interpreter(tmp_path / "of the kernel")
    interpreter.has(*NEEDS)
    kernel = {"argv": [str(interpreter.path), "-m", "ipykernel_launcher"], "display_name": "A", "language": "python"}
    folder = jp_data_dir / "kernels" / "analysis"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(kernel))
    return interpreter


@pytest.fixture
def contents_manager() -> str:
    return "AsyncLargeFileManager"


@pytest.fixture
def jp_server_config(contents_manager: str) -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"af_lab.server": True},
            "contents_manager_class": f"jupyter_server.services.contents.largefilemanager.{contents_manager}",
        },
        "MultiKernelManager": {"default_kernel_name": "analysis"},
    }


@pytest.fixture
def api(jp_fetch: Fetch, interpreter: Interpreter) -> Api:
    return Api(jp_fetch)


@pytest.fixture
def originals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Originals:
    originals = Originals(tmp_path / "examples")
    monkeypatch.setattr(examples, "_candidates", lambda: [originals.folder])
    return originals


@pytest.fixture
def raw(jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str]) -> Fetch:
    """Send a request as it is written, whatever is in its path."""

    def fetch(method: str, path: str, headers: dict[str, str] = jp_auth_header) -> Awaitable[HTTPResponse]:
        url = f"http://127.0.0.1:{jp_http_port}{jp_base_url}{path}"
        body = "" if method == "POST" else None
        return AsyncHTTPClient().fetch(url, method=method, headers=headers, body=body, raise_error=False)

    return fetch
