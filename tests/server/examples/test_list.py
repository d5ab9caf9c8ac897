"""The list of examples; it needs no pool."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from af_lab.gallery import examples as gallery
from af_lab.gallery.examples import examples_folder
from af_lab.server import examples
from tests.server.examples.support import ID, NEEDS, Fetch, Interpreter, Originals, files_below
from tests.server.support import Api
from tests.support import until


async def only(api: Api) -> dict[str, Any]:
    """Return the one example that this file is about, as it is listed."""
    status, answer = await api("GET", "examples")
    assert status == 200, answer
    assert list(answer) == ["examples"]
    (example,) = [example for example in answer["examples"] if example["id"] == ID]
    return dict(example)


async def test_lists_what_a_reader_chooses_by(api: Api) -> None:
    example = await only(api)
    assert example == {
        "id": ID,
        "title": "The dimuon spectrum",
        "description": example["description"],
        "framework": "Coffea",
        "topics": ["First steps"],
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
    interpreter.has("af-lab", "IPyWidgets", "Matplotlib")
    example = await only(api)
    assert example["missing"] == ["coffea", "mplhep"]
    command = re.fullmatch(r"Run `(.+)` in a terminal, then restart the notebook's kernel\.", example["remedy"])
    assert command
    assert shlex.split(command[1]) == [str(interpreter.path), "-m", "pip", "install", "coffea", "mplhep"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("echo 'Segmentation fault' >&2; exit 139", "does not run: Segmentation fault"),
        ("echo hello", "does not run: it printed nothing"),
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
        ({"argv": ["/usr/bin/R"], "display_name": "R", "language": "R"}, "is a kernel for R"),
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
    monkeypatch.setattr(gallery, "_candidates", lambda: [tmp_path / "none"])
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
