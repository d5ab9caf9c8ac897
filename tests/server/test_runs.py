"""Runs by REST and by events, on a real pool and in folders that no jobs belong to."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import af_lab
from af_lab.errors import CondorUnavailable
from af_lab.home import af_lab_home
from af_lab.runs.batch_folder import BatchFolder, batch_folders
from af_lab.runs.store import SCHEMA
from af_lab.server.run_monitor import LOOKS_APART
from tests.server.support import Api, Panel
from tests.support import LIMIT, jobs_left, until, with_queue

pytestmark = pytest.mark.pool

OpenPanel = Callable[[], Awaitable[Panel]]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], BatchFolder]:
    """Make folders of batches that have not submitted anything, where no others are."""
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "home"))

    def make(name: str) -> BatchFolder:
        folder = BatchFolder.create(af_lab_home(), name)
        record = {"schema": SCHEMA, "id": uuid.uuid4().hex, "directory": "/", "created": time.time(), "description": {}}
        folder.record.write_text(json.dumps(record))
        return folder

    return make


@pytest.fixture
def settings(jp_serverapp: Any) -> Any:
    return jp_serverapp.web_app.settings


async def test_a_whole_life(
    api: Api, open_panel: OpenPanel, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that a notebook makes is told, cancelled, repeated and removed here."""
    gate, mended = str(tmp_path / "gate"), str(tmp_path / "mended")

    def call(number: int) -> int:
        import os
        import time

        print("this is", f"call {number}", "and these are\nits words", flush=True)
        if number == 1 and not os.path.exists(mended):
            raise ValueError("not mended yet")
        while number == 2 and not os.path.exists(gate):
            time.sleep(0.05)
        return number

    panel = await open_panel()
    name = f"life-{uuid.uuid4().hex[:8]}"
    executor = af_lab.BatchExecutor(name, memory="200 MB", quiet=True)
    for number in range(3):
        executor.submit(call, number)

    def is_so(state: str, done: int, running: int, erred: int) -> bool:
        run = panel.runs.get(name)
        told = run and (run["state"], *(run["progress"][key] for key in ("done", "running", "erred")))
        return bool(told == (state, done, running, erred))

    await panel.until(lambda: is_so("running", 1, 1, 1), "one call has a result, one runs and one failed")
    assert panel.runs[name]["progress"]["total"] == 3
    assert panel.runs[name]["reason"] == "1 of 3 calls failed: ValueError: not mended yet"
    assert panel.runs[name]["size"] > 1000
    status, run = await api("GET", "runs", name)
    assert (status, run["state"], run["progress"]["erred"]) == (200, "running", 1)
    assert name in (await open_panel()).runs, "the snapshot has it"
    failed = [{"task": "0.1", "calls": 1, "words": "ValueError: not mended yet"}]
    assert await api("GET", "runs", name, "tasks") == (200, failed)
    _, log = await api("GET", "runs", name, "logs", task="0.1")
    assert log["text"] == "this is call 1 and these are\nits words\n"
    assert (await api("GET", "runs", name, "logs", task="0.1", lines="1"))[1]["text"] == "its words\n"
    assert (await api("GET", "runs", name, "logs", task="0.1", after=log["cursor"]))[1]["text"] == ""
    status, error = await api("GET", "runs", name, "logs", task="7.1")
    assert (status, error["code"]) == (404, "BatchNotFound")

    status, _ = await api("POST", "runs", name, "cancel")
    assert status == 200
    await panel.until(lambda: is_so("failed", 1, 0, 2), "the call that ran is cancelled")
    with monkeypatch.context() as away:

        async def submit(*_: object) -> int:
            raise CondorUnavailable("HTCondor does not answer: it is away.")

        away.setattr(settings["af_lab_manager"].queue, "submit_at_once", submit)
        assert (await api("POST", "runs", name, "again"))[0] == 503
    assert len((await api("GET", "runs", name, "tasks"))[1]) == 2, "both can be repeated still"

    Path(mended).touch()
    Path(gate).touch()
    answers = await asyncio.gather(*(api("POST", "runs", name, "again") for _ in range(2)))
    assert sorted(status for status, _ in answers) == [200, 409], "no call is repeated twice"
    assert [told["code"] for status, told in answers if status == 409] == ["NothingToRepeat"]
    await panel.until(lambda: is_so("ended", 3, 0, 0), "all calls have results")
    assert panel.runs[name]["reason"] is None
    assert (await api("POST", "runs", name, "again"))[0] == 409
    assert (await api("POST", "runs", name, "cancel"))[1]["state"] == "ended"

    assert await api("DELETE", "runs", name) == (204, None)
    await panel.until(lambda: name not in panel.runs, "its end is told")
    assert (await api("GET", "runs", name))[1]["code"] == "BatchNotFound"
    assert not list((af_lab_home() / "runs").glob(".removed-*"))
    executor.shutdown()


async def test_removing_a_run_takes_its_jobs(api: Api, tmp_path: Path) -> None:
    def call() -> None:
        import time

        time.sleep(3600)

    executor = af_lab.BatchExecutor(f"removed-{uuid.uuid4().hex[:8]}", memory="200 MB", quiet=True)
    future = executor.submit(call)
    await until(future.running, "the call runs")
    assert (await api("DELETE", "runs", executor.name))[0] == 204
    await until(lambda: future.done() and with_queue(jobs_left) == 0, "its job is gone")
    assert executor.name not in [run["name"] for run in (await api("GET", "runs"))[1]["runs"]]
    assert future.exception(LIMIT) is not None


@pytest.mark.parametrize(
    ("method", "rest", "query"),
    [
        *(("GET", [], {}), ("DELETE", [], {}), ("POST", ["cancel"], {}), ("POST", ["again"], {})),
        *(("GET", ["tasks"], {}), ("GET", ["logs"], {"task": "0.1"})),
    ],
)
async def test_an_unknown_name_is_told(api: Api, method: str, rest: list[str], query: dict[str, str]) -> None:
    status, error = await api(method, "runs", "nobody", *rest, **query)
    assert (status, error["code"], error["reason"]) == (404, "BatchNotFound", "Not found")
    assert "nobody" in error["message"]


@pytest.mark.parametrize("query", [{}, {"task": "0.1", "lines": "0"}, {"task": "0.1", "lines": "100001"}])
async def test_a_wrong_request_for_a_log_is_told(api: Api, query: dict[str, str]) -> None:
    status, error = await api("GET", "runs", "nobody", "logs", **query)
    assert (status, error["code"]) == (400, "SpecError")


async def test_pages(api: Api, folders: Callable[[str], BatchFolder]) -> None:
    names = [folders(name).name for name in ("B", "a", "a.1")]
    _, first = await api("GET", "runs", limit="2")
    assert [run["name"] for run in first["runs"]] == names[:2]
    assert first["cursor"] == "a"
    _, second = await api("GET", "runs", limit="2", cursor=first["cursor"])
    assert [run["name"] for run in second["runs"]] == names[2:]
    assert second["cursor"] is None
    assert second["runs"][0]["state"] == "pending"
    assert second["runs"][0]["progress"] == dict.fromkeys(("done", "total", "running", "erred"), 0) | {
        "rate": None,
        "remaining": None,
    }
    status, error = await api("GET", "runs", limit="0")
    assert (status, error["code"]) == (400, "SpecError")


async def test_a_run_that_cannot_be_read_leaves_the_others(
    api: Api, open_panel: OpenPanel, folders: Callable[[str], BatchFolder], caplog: pytest.LogCaptureFixture
) -> None:
    good, *broken = (folders(name) for name in ("good", "no-json", "no-record", "no-folders"))
    broken[0].record.write_text("{")
    broken[1].record.write_text(json.dumps({"schema": SCHEMA}))
    (broken[2].path / "calls").rmdir()
    panel = await open_panel()
    await panel.until(lambda: "good" in panel.runs, "the other is told")
    for _ in range(3):
        assert [run["name"] for run in (await api("GET", "runs"))[1]["runs"]] == ["good"]
    for folder in broken:
        assert caplog.text.count(f"The files of the batch {folder.name!r} cannot be read") == 1
        status, error = await api("GET", "runs", folder.name)
        assert (status, error["code"]) == (409, "BatchUnreadable")
        assert str(folder.path) in error["message"]
    broken[0].record.write_text(good.record.read_text())
    await panel.until(lambda: "no-json" in panel.runs, "it is told when it can be read")
    others = {"an older": SCHEMA - 1, "a newer": SCHEMA + 1}
    for age, schema in others.items():
        broken[1].record.write_text(json.dumps({"schema": schema, "id": "x"}))
        for request in (("GET",), ("POST", "again"), ("DELETE",)):
            status, error = await api(request[0], "runs", "no-record", *request[1:])
            assert (status, error["code"]) == (409, "BatchUnreadable")
            assert f"was made by {age} version of af_lab" in error["message"]
            assert str(broken[1].path) in error["message"]
    good.remove()
    await panel.until(lambda: "good" not in panel.runs, "what another process removes is told")


async def test_reading_neither_asks_htcondor_nor_blocks_nor_hurries(
    api: Api,
    open_panel: OpenPanel,
    settings: Any,
    folders: Callable[[str], BatchFolder],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise AssertionError("HTCondor is asked")

    monkeypatch.setattr(settings["af_lab_runs"], "_queue", refuse)
    monkeypatch.setattr("af_lab.server.watch.LINGER", 0.2)
    folders("read")
    began: list[float] = []
    hangs, goes_on = threading.Event(), threading.Event()
    goes_on.set()

    def slow(home: Path) -> list[BatchFolder]:
        began.append(time.monotonic())
        hangs.set()
        assert goes_on.wait(LIMIT)
        return batch_folders(home)

    monkeypatch.setattr("af_lab.runs.run_manager.batch_folders", slow)
    await asyncio.sleep(2 * LOOKS_APART)
    assert not began, "nobody watches"
    panel = await open_panel()
    await until(lambda: len(began) >= 3, "the folders are read again and again")
    assert all(later - earlier > 0.95 * LOOKS_APART for earlier, later in pairwise(began))

    goes_on.clear()
    hangs.clear()
    await until(hangs.is_set, "a look hangs")
    begun = time.monotonic()
    assert (await api("GET", "examples"))[0] == 200
    assert time.monotonic() - begun < 5, "others are served meanwhile"
    goes_on.set()
    await panel.until(lambda: "read" in panel.runs, "the run is told")

    panel.close()
    await until(lambda: not settings["af_lab_watch"]._tasks, "the server falls asleep")
    before = len(began)
    await asyncio.sleep(2 * LOOKS_APART)
    assert len(began) == before
