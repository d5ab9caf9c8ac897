"""The routes for examples; they need no pool."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.web import HTTPError

from af_lab.gallery.examples import examples_folder
from af_lab.server import examples
from tests.server.support import Api
from tests.support import until

ID = "dimuon-spectrum-coffea"
NEEDS = ["af-lab", "coffea", "matplotlib", "mplhep"]
PATH = f"af-lab-examples/{ID}.ipynb"

Fetch = Callable[..., Awaitable[HTTPResponse]]


class Interpreter:
    """The Python of the server's default kernel: a script that tells how often it was started."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.path = folder / "python"
        self._starts = folder / "starts"
        self._packages = folder / "packages"

    @property
    def starts(self) -> int:
        return len(self._starts.read_text().splitlines()) if self._starts.exists() else 0

    def runs(self, *lines: str) -> None:
        self.path.write_text("\n".join(("#!/bin/sh", f"echo started >> {shlex.quote(str(self._starts))}", *lines, "")))
        self.path.chmod(0o700)

    def has(self, *distributions: str) -> None:
        """Be this Python with nothing else but some packages, as far as it tells."""
        shutil.rmtree(self._packages, ignore_errors=True)
        for name in distributions:
            described = self._packages / f"{name.replace('-', '_')}-1.0.dist-info" / "METADATA"
            described.parent.mkdir(parents=True)
            described.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        self.runs(f'PYTHONPATH={shlex.quote(str(self._packages))} exec {sys.executable} -S -s "$@"')


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


class Originals:
    """The examples, which may become newer."""

    def __init__(self, folder: Path) -> None:
        self.folder = shutil.copytree(examples_folder(), folder)

    @property
    def notebook(self) -> Path:
        return self.folder / f"{ID}.ipynb"

    def renew(self) -> None:
        notebook = json.loads(self.notebook.read_bytes())
        notebook["cells"][0]["source"] = ["# A newer text"]
        self.notebook.write_text(json.dumps(notebook), encoding="utf-8")


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


async def only(api: Api) -> dict[str, Any]:
    """Return the one example that this file is about, as it is listed."""
    status, answer = await api("GET", "examples")
    assert status == 200, answer
    assert list(answer) == ["examples"]
    (example,) = [example for example in answer["examples"] if example["id"] == ID]
    return dict(example)


def files_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


async def test_lists_what_a_reader_chooses_by(api: Api) -> None:
    example = await only(api)
    assert example == {
        "id": ID,
        "title": "The dimuon spectrum",
        "description": example["description"],
        "framework": "Coffea",
        "minutes": 1,
        "needs": NEEDS,
        "cores": 2,
        "data": "1,000,000 generated events (35 MB), or NanoAOD with muons",
        "missing": [],
        "remedy": None,
        "thumbnail": f"af-lab/api/examples/{ID}/thumbnail",
    }
    assert example["description"].endswith(".")


async def test_tells_what_the_kernel_lacks_and_the_command_that_mends_it(api: Api, interpreter: Interpreter) -> None:
    interpreter.has("af-lab", "Matplotlib")
    example = await only(api)
    assert example["missing"] == ["coffea", "mplhep"]
    command = re.fullmatch(r"Run `(.+)` in a terminal, then restart the notebook's kernel\.", example["remedy"])
    assert command
    assert shlex.split(command[1]) == [str(interpreter.path), "-m", "pip", "install", "coffea", "mplhep"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("echo 'Segmentation fault' >&2; exit 139", "does not run: Segmentation fault"),
        ("echo hello", "does not run: it said nothing"),
    ],
)
async def test_a_kernel_that_does_not_run_lacks_everything(
    api: Api, interpreter: Interpreter, line: str, says: str
) -> None:
    interpreter.runs(line)
    example = await only(api)
    assert example["missing"] == NEEDS
    assert "default kernel 'analysis'" in example["remedy"]
    assert says in example["remedy"]


@pytest.mark.parametrize(
    ("kernel", "says"),
    [
        (None, "no kernel 'analysis'"),
        ({"argv": ["/usr/bin/R"], "display_name": "R", "language": "R"}, "is a kernel of R"),
        ({"argv": ["none-such"], "display_name": "P", "language": "python"}, "'none-such'"),
    ],
)
async def test_a_default_kernel_that_is_no_python_lacks_everything(
    api: Api, jp_data_dir: Path, kernel: dict[str, Any] | None, says: str
) -> None:
    description = jp_data_dir / "kernels" / "analysis" / "kernel.json"
    if kernel is None:
        shutil.rmtree(description.parent)
    else:
        description.write_text(json.dumps(kernel))
    example = await only(api)
    assert example["missing"] == NEEDS
    assert says in example["remedy"]


async def test_the_kernel_is_asked_once_a_minute(
    api: Api, interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(only(api) for _ in range(4)))
    await only(api)
    assert interpreter.starts == 1
    interpreter.has()
    assert (await only(api))["missing"] == []
    monkeypatch.setattr(examples, "RECENT", 0.0)
    assert (await only(api))["missing"] == NEEDS
    assert interpreter.starts == 2


async def test_nobody_waits_for_a_slow_kernel_but_who_asks(
    api: Api, interpreter: Interpreter, jp_fetch: Fetch, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    interpreter.runs(f"until [ -e {shlex.quote(str(go))} ]; do sleep 0.1; done", "exit 1")
    listing = asyncio.create_task(only(api))
    await until(lambda: interpreter.starts == 1, "the kernel's Python is asked")
    for _ in range(5):
        await jp_fetch("api", "status")
    assert not listing.done()
    go.touch()
    await listing


@pytest.mark.parametrize(
    "contents_manager",
    [
        "AsyncLargeFileManager",
        pytest.param("LargeFileManager", marks=pytest.mark.filterwarnings("ignore:The synchronous Contents")),
    ],
)
async def test_a_copy_is_made_and_kept_up_to_date_until_its_reader_changes_it(
    api: Api, originals: Originals, jp_root_dir: Path, jp_fetch: Fetch, contents_manager: str
) -> None:
    copy = jp_root_dir / PATH
    assert await api("POST", "examples", ID, "open") == (201, {"path": PATH})
    assert api.headers["Location"] == f"/user/alice/api/contents/{PATH}"
    assert {path.name for path in copy.parent.iterdir()} <= {copy.name, ".ipynb_checkpoints"}
    notebook = nbformat.read(copy, as_version=4)
    nbformat.validate(notebook)
    original = nbformat.read(originals.notebook, as_version=4)
    assert notebook.cells == original.cells
    assert notebook.metadata.af_lab.title == original.metadata.af_lab.title

    async def save(change: Callable[[dict[str, Any]], None]) -> bytes:
        """Save it as JupyterLab does."""
        model = json.loads((await jp_fetch("api", "contents", PATH)).body)
        model["content"]["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
        change(model["content"])
        await jp_fetch("api", "contents", PATH, method="PUT", body=json.dumps(model))
        return copy.read_bytes()

    saved = await save(lambda notebook: None)
    assert await api("POST", "examples", ID, "open") == (200, {"path": PATH})
    assert "Location" not in api.headers
    assert copy.read_bytes() == saved, "it is as new as the example"

    originals.renew()
    assert await api("POST", "examples", ID, "open") == (200, {"path": PATH})
    assert nbformat.read(copy, as_version=4).cells[0].source == "# A newer text"

    changed = await save(lambda notebook: notebook["cells"].pop())
    notebook = json.loads(originals.notebook.read_bytes())
    notebook["cells"][0]["source"] = ["# The newest text"]
    originals.notebook.write_text(json.dumps(notebook))
    assert await api("POST", "examples", ID, "open") == (200, {"path": PATH})
    assert copy.read_bytes() == changed, "it is its reader's now"


@pytest.mark.parametrize(
    "folder", ["", "mine", "a/b c/d", "Übung/ω → μμ", "100%", "a..b/c.d", "C:", "%2e%2e", "x" * 255]
)
async def test_the_folder_is_the_readers_choice(api: Api, jp_root_dir: Path, folder: str) -> None:
    path = f"{folder}/{ID}.ipynb" if folder else f"{ID}.ipynb"
    for expected in (201, 200):
        assert await api("POST", "examples", ID, "open", body={"folder": folder}) == (expected, {"path": path})
    assert (jp_root_dir / folder / f"{ID}.ipynb").is_file()


async def test_many_clicks_make_one_copy(api: Api) -> None:
    answers = await asyncio.gather(*(api("POST", "examples", ID, "open") for _ in range(8)))
    assert sorted(status for status, _ in answers) == [*[200] * 7, 201]
    assert all(answer == {"path": PATH} for _, answer in answers)


@pytest.mark.parametrize(
    "folder",
    [
        *("..", ".", "../..", "../escaped", "a/../..", "a/../../escaped", "a/./b", "a/..", "./a"),
        *("/", "/tmp", "/etc/passwd", "//", "//host/share", "a/", "a//b", "/a"),
        *(".hidden", "a/.hidden", ".ipynb_checkpoints", ".ssh", "...", "~", "~root", "~/a", "a/~b"),
        *("a\0b", "\0", "a\nb", "a\tb", "\x7f", "a\x1b[31m", "\u202e", "\ud800", "\u2028"),
        *("a\\b", "..\\..", "C:\\Windows", "\\\\host\\share"),
        *("x" * 256, "ω" * 128, "a/" * 5000 + "a"),
        *(None, 5, True, [], ["a"], {}, {"path": "a"}),
    ],
)
async def test_no_folder_leads_out_of_the_root(api: Api, tmp_path: Path, folder: object) -> None:
    before = files_below(tmp_path)
    status, error = await api("POST", "examples", ID, "open", body={"folder": folder})
    assert (status, error["code"]) == (400, "SpecError"), error
    assert error["message"].startswith("folder: a path below the folder that Jupyter shows is allowed")
    assert len(error["message"]) < 500
    assert files_below(tmp_path) == before


@pytest.mark.parametrize(
    "name",
    [
        *("..", ".", "%2e%2e", "%2E", ".%2e", "~", "%252e%252e"),
        *("..%2f..%2fetc%2fpasswd", "%2Fetc%2Fpasswd", "..%5c..%5cwindows", "%2f", f"..%2fnotebooks%2f{ID}"),
        *(f"{ID}.ipynb", f"{ID}.png", f"{ID}%00", f"{ID}%0a", f"%20{ID}", f"{ID}%2f", f"{ID.upper()}"),
        *("%00", "%ff", "%c0%ae%c0%ae", "%E2%80%AE", "*", "%3F", "[a-z]*", "%25s", "{0}", "", "a" * 5000),
        *(f"../{ID}", f"x/../{ID}", "../../../../etc/passwd"),
    ],
)
async def test_only_what_is_listed_is_an_example(
    api: Api, raw: Fetch, tmp_path: Path, jp_root_dir: Path, name: str
) -> None:
    before = files_below(tmp_path)
    for method, what in (("POST", "open"), ("GET", "thumbnail")):
        response = await raw(method, f"af-lab/api/examples/{name}/{what}")
        assert response.code in (400, 404), response.body
        assert b"root:" not in response.body
        assert json.loads(response.body)["message"]
    assert files_below(tmp_path) == before


async def test_an_unknown_example_is_told_with_those_there_are(api: Api) -> None:
    for method, what in (("POST", "open"), ("GET", "thumbnail")):
        status, error = await api(method, "examples", "nonsense", what)
        assert (status, error["code"]) == (404, "ExampleNotFound")
        assert re.search(rf"no example 'nonsense'.*{ID}", error["message"])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{bad json", "no JSON"),
        ("[]", "an object is expected"),
        ("null", "an object is expected"),
        ({"folder": "a", "colour": "blue"}, "colour: no such field"),
        ({"path": "a"}, "path: no such field"),
    ],
)
async def test_a_wrong_body_is_told(api: Api, jp_root_dir: Path, body: object, says: str) -> None:
    status, error = await api("POST", "examples", ID, "open", body=body)
    assert (status, error["code"]) == (400, "SpecError"), error
    assert says in error["message"]
    assert not files_below(jp_root_dir)


async def test_an_empty_object_is_as_good_as_no_body(api: Api) -> None:
    assert await api("POST", "examples", ID, "open", body={}) == (201, {"path": PATH})


@pytest.mark.parametrize("content", [b"", b"not a notebook", b"{}", b"[]", b'{"cells": []}', b"\x89PNG\r\n\xff"])
async def test_a_file_of_another_kind_is_kept(api: Api, jp_root_dir: Path, content: bytes) -> None:
    own = jp_root_dir / PATH
    own.parent.mkdir()
    own.write_bytes(content)
    status, error = await api("POST", "examples", ID, "open")
    assert (status, error["code"]) == (409, "ExampleNotCopied"), error
    assert PATH in error["message"]
    assert "choose another folder" in error["message"].lower()
    assert own.read_bytes() == content


async def test_a_notebook_of_another_origin_is_kept(api: Api, jp_root_dir: Path) -> None:
    own = jp_root_dir / PATH
    own.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(), own)
    content = own.read_bytes()
    assert await api("POST", "examples", ID, "open") == (200, {"path": PATH})
    assert own.read_bytes() == content


async def test_a_folder_with_the_name_of_the_copy_is_told(api: Api, jp_root_dir: Path) -> None:
    (jp_root_dir / PATH).mkdir(parents=True)
    status, error = await api("POST", "examples", ID, "open")
    assert (status, error["code"]) == (409, "ExampleNotCopied")
    assert f"{ID}.ipynb is a directory" in error["message"]


@pytest.mark.parametrize("folder", ["file", "file/below", "link/below"])
async def test_a_file_with_the_name_of_a_folder_is_told(api: Api, jp_root_dir: Path, folder: str) -> None:
    (jp_root_dir / "file").write_text("in the way")
    (jp_root_dir / "link").symlink_to("file")
    before = files_below(jp_root_dir)
    status, error = await api("POST", "examples", ID, "open", body={"folder": folder})
    assert (status, error["code"]) == (409, "ExampleNotCopied")
    assert f"'{folder.partition('/')[0]}' is a file and no folder" in error["message"]
    assert files_below(jp_root_dir) == before


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (HTTPError(403, "Permission denied: 100%/a"), "Permission denied: 100%/a. Choose another folder"),
        (HTTPError(500, "Unexpected error: %s", "No space left"), "Unexpected error: No space left. Choose"),
        (HTTPError(507), "status 507"),
    ],
)
async def test_a_refusal_of_the_contents_manager_is_told(
    api: Api, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch, refusal: HTTPError, says: str
) -> None:
    async def save(model: object, path: str) -> None:
        raise refusal

    monkeypatch.setattr(jp_serverapp.contents_manager, "save", save)
    status, error = await api("POST", "examples", ID, "open")
    assert (status, error["code"]) == (409, "ExampleNotCopied")
    assert says in error["message"]


async def test_the_thumbnail_is_where_the_list_says(api: Api, raw: Fetch, jp_auth_header: dict[str, str]) -> None:
    path = (await only(api))["thumbnail"]
    response = await raw("GET", path)
    assert (response.code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.body == (examples_folder() / f"{ID}.png").read_bytes()
    assert response.headers["Cache-Control"] == "private, max-age=3600"
    again = await raw("GET", path, jp_auth_header | {"If-None-Match": response.headers["Etag"]})
    assert (again.code, again.body) == (304, b"")


async def test_an_example_without_a_thumbnail_says_so(api: Api, originals: Originals) -> None:
    (originals.folder / f"{ID}.png").unlink()
    assert (await only(api))["thumbnail"] is None
    status, error = await api("GET", "examples", ID, "thumbnail")
    assert (status, error["code"]) == (404, "ExampleNotFound")
    assert "no thumbnail" in error["message"]


async def test_examples_that_are_not_installed_are_told(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(examples, "_candidates", lambda: [tmp_path / "none"])
    for method, *path in (("GET",), ("POST", ID, "open"), ("GET", ID, "thumbnail")):
        status, error = await api(method, "examples", *path)
        assert (status, error["code"]) == (400, "AfLabError")
        assert "not installed" in error["message"]


async def test_only_the_user_is_answered(api: Api, raw: Fetch, jp_root_dir: Path) -> None:
    for headers in ({}, {"Authorization": "token wrong"}):
        for method, path in (("GET", ""), ("POST", f"/{ID}/open"), ("GET", f"/{ID}/thumbnail")):
            response = await raw(method, f"af-lab/api/examples{path}", headers)
            assert response.code == 403
            assert b"dimuon" not in response.body
    assert not files_below(jp_root_dir)


async def test_looking_is_no_activity(api: Api, jp_serverapp: Any, raw: Fetch) -> None:
    settings = jp_serverapp.web_app.settings
    await api("POST", "examples", ID, "open")
    before = settings["api_last_activity"]
    await api("GET", "examples")
    await raw("GET", f"af-lab/api/examples/{ID}/thumbnail")
    assert settings["api_last_activity"] == before
    await api("POST", "examples", ID, "open")
    assert settings["api_last_activity"] > before
