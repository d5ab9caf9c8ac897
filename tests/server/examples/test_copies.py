"""Copies of examples; they need no pool."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tornado.web import HTTPError

from tests.server.examples.support import ID, PATH, Fetch, Originals, files_below
from tests.server.support import Api


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
        ("{bad json", "is not JSON"),
        ("[]", "an object is expected"),
        ("null", "an object is expected"),
        ({"folder": "a", "colour": "blue"}, "colour: unknown field"),
        ({"path": "a"}, "path: unknown field"),
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
    assert f"'{folder.partition('/')[0]}' is a file, not a folder" in error["message"]
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
