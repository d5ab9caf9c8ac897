"""Files behind addresses, with a real server of HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from af_lab_examples.catalogue import resolve

from af_lab.errors import AfLabError
from tests.examples.frameworks import in_coffea, in_rdf
from tests.examples.isolated import Isolated
from tests.examples.test_both_frameworks import good as good  # a fixture


class Ranges(SimpleHTTPRequestHandler):
    """Serves parts of files, as servers of data do; that of Python serves whole ones."""

    def do_GET(self) -> None:
        try:
            content = Path(self.translate_path(self.path)).read_bytes()
        except FileNotFoundError:
            return self.send_error(404)
        first, _, last = self.headers.get("Range", f"bytes=0-{len(content) - 1}").removeprefix("bytes=").partition("-")
        part = content[int(first) : int(last or len(content) - 1) + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)
        return None

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@pytest.fixture
def server(good: Path, tmp_path: Path) -> Iterator[str]:
    """Return the address of a server that has two files: one is good, the other cut off."""
    shutil.copy(good, tmp_path / "good.root")
    (tmp_path / "bad.root").write_bytes(b"root" + b"\xff" * 5_000)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges, directory=str(tmp_path))) as served:
        Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


def test_coffea_reads_http(server: str, good: Path) -> None:
    assert in_coffea([f"{server}/good.root"]) == in_coffea([good])
    with pytest.warns(UserWarning, match="the same file as"):
        assert in_coffea([f"{server}/good.root:Events", f"{server}//good.root"]) == in_coffea([good])


def test_a_bad_file_behind_http_is_named(server: str) -> None:
    with pytest.raises(AfLabError, match=rf"1 of 2 files .*\n  {server}/bad.root: it is damaged"):
        resolve([f"{server}/good.root", f"{server}/bad.root"])
    with pytest.raises(AfLabError, match=rf"{server}/none.root: it cannot be opened \(FileNotFoundError\); check"):
        resolve([f"{server}/none.root"])


def test_rdataframe_says_what_it_reads(root: Isolated, server: str, good: Path) -> None:
    address = f"{server}/good.root"
    outcome = root(in_rdf, [address])
    if isinstance(outcome, str):  # ROOT may come with a client for HTTP or without
        assert f"{address}: it cannot be opened; check the address. RDataFrame reads paths and addresses" in outcome
    else:
        assert outcome == in_coffea([good])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("davs://127.0.0.1/x.root", "cannot read addresses that begin with davs://; begin it with https://"),
        (
            "srm://127.0.0.1/x.root",
            "cannot read addresses that begin with srm://; RDataFrame reads paths and addresses",
        ),
    ],
)
def test_schemes_that_coffea_cannot_read(address: str, said: str) -> None:
    assert f"{address}: Coffea {said}" in str(in_coffea([address]))


def test_an_address_that_pathlib_changed_is_refused() -> None:
    assert "pathlib changed" in str(in_coffea([Path("root://host//x.root")]))
