"""The logs of schedulers and workers: their end, what was added since, and those of clusters that are over."""

from __future__ import annotations

import os
from pathlib import Path

import dask.config
import pytest

from af_lab.errors import ClusterNotFound, SpecError
from af_lab.home import af_lab_home
from af_lab.manager import logfiles
from af_lab.manager.logfiles import read_log
from af_lab.manager.manager import ClusterManager
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.spec import make_spec
from af_lab.runner.event_limit import shorten_events
from tests.faults.support import client_of, connected
from tests.support import until


@pytest.fixture
def folder() -> ClusterFolder:
    return ClusterFolder.create(af_lab_home(), make_credentials("x"))


def write(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def test_the_newest_start_of_the_scheduler_is_told(folder: ClusterFolder) -> None:
    for pid, moment in ((9, 100), (10, 300), (11, 200)):
        log = folder.logs / f"scheduler-{pid}.log"
        write(log, f"start {pid}\n")
        os.utime(log, (moment, moment))
    part = read_log(folder, None, 10, None)
    assert (part.text, part.source) == ("start 10\n", "scheduler-10.log")


def test_every_start_of_the_scheduler_can_be_read_and_an_empty_one_is_not_the_first_choice(
    folder: ClusterFolder,
) -> None:
    for pid, moment, text in ((30, 100, "first\n"), (20, 200, "second\n"), (10, 300, "")):
        log = folder.logs / f"scheduler-{pid}.log"
        write(log, text)
        os.utime(log, (moment, moment))
    part = read_log(folder, None, 10, None)
    assert (part.text, part.start) == ("second\n", 2)
    told = [(start.number, start.source, start.written, start.size) for start in part.starts]
    assert told == [
        (1, "scheduler-30.log", 100, 6),
        (2, "scheduler-20.log", 200, 7),
        (3, "scheduler-10.log", 300, 0),
    ]
    assert [read_log(folder, None, 10, None, number).text for number in (1, 2, 3)] == ["first\n", "second\n", ""]
    for number in (0, 4, -1):
        with pytest.raises(ClusterNotFound, match=f"no log of start {number}: 3 starts left a log"):
            read_log(folder, None, 10, None, number)
    write(folder.logs / "worker-7.0.out", "text\n")
    worker = read_log(folder, "7.0", 10, None)
    assert (worker.start, worker.starts) == (None, ())


def test_a_start_that_ended_in_the_shell_is_the_newest_one(folder: ClusterFolder) -> None:
    for name, moment, text in (("scheduler-9.log", 100, "ran well\n"), ("scheduler.out", 200, "python: not found\n")):
        write(folder.logs / name, text)
        os.utime(folder.logs / name, (moment, moment))
    part = read_log(folder, None, 10, None)
    assert (part.text, part.start, len(part.starts)) == ("python: not found\n", 2, 2)
    # The shell may say something before a scheduler that runs.
    os.utime(folder.logs / "scheduler.out", (50, 50))
    part = read_log(folder, None, 10, None)
    assert (part.text, part.start, len(part.starts)) == ("ran well\n", 1, 1)


def test_before_the_first_start_only_the_shell_can_say_something(folder: ClusterFolder) -> None:
    with pytest.raises(ClusterNotFound, match="The scheduler has no log"):
        read_log(folder, None, 10, None)
    write(folder.logs / "scheduler.out", "exec: python: not found\n")
    assert read_log(folder, None, 10, None).text == "exec: python: not found\n"


def test_as_many_lines_as_asked_for_come_from_the_end(folder: ClusterFolder) -> None:
    write(folder.logs / "worker-7.0.out", "".join(f"line {number}\n" for number in range(100)) + "unfinished")
    assert read_log(folder, "7.0", 3, None).text == "line 98\nline 99\nunfinished"
    assert read_log(folder, "7.0", 100_000, None).text.count("\n") == 100


def test_a_cursor_gives_what_was_written_since(folder: ClusterFolder) -> None:
    log = folder.logs / "worker-7.0.out"
    write(log, "one\ntwo\n")
    first = read_log(folder, "7.0", 1, None)
    assert first.text == "two\n"
    nothing = read_log(folder, "7.0", 1, first.cursor)
    assert (nothing.text, nothing.cursor) == ("", first.cursor)
    write(log, "three\nfo")
    second = read_log(folder, "7.0", 1, nothing.cursor)
    assert second.text == "three\nfo", "all that is new, however many lines"
    write(log, "ur\n")
    assert read_log(folder, "7.0", 1, second.cursor).text == "ur\n"


def test_characters_of_several_bytes_survive_being_followed(folder: ClusterFolder) -> None:
    log = folder.logs / "worker-7.0.out"
    encoded = "µ → ∞\n".encode()
    told, cursor = "", None
    for end in range(1, len(encoded) + 1):
        log.write_bytes(encoded[:end])
        part = read_log(folder, "7.0", 10, cursor)
        told, cursor = told + part.text, part.cursor
    assert told == "µ → ∞\n"


def test_what_is_no_text_is_told_all_the_same(folder: ClusterFolder) -> None:
    (folder.logs / "worker-7.0.out").write_bytes(b"good\nb\xffd\n\xe2\x86")
    part = read_log(folder, "7.0", 10, None)
    assert part.text.startswith("good\nb\ufffdd\n")
    with (folder.logs / "worker-7.0.out").open("ab") as log:
        log.write(b"no continuation\n")
    assert read_log(folder, "7.0", 10, part.cursor).text.endswith("no continuation\n")


def test_a_long_log_is_told_in_parts_that_follow_each_other(
    folder: ClusterFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfiles, "MOST_BYTES", 100)
    log = folder.logs / "worker-7.0.out"
    lines = [f"line {number:04}\n" for number in range(50)]
    write(log, "".join(lines))
    part = read_log(folder, "7.0", 1000, None)
    assert "".join(lines).endswith(part.text)
    assert 80 < len(part.text) <= 100
    write(log, "".join(lines))
    told = ""
    for _ in range(10):
        part = read_log(folder, "7.0", 1, part.cursor)
        told += part.text
    assert told == "".join(lines)


def test_the_cursor_of_an_older_start_counts_for_nothing(folder: ClusterFolder) -> None:
    write(folder.logs / "scheduler-1.log", "a long first log\n")
    old = read_log(folder, None, 10, None).cursor
    later = folder.logs / "scheduler-2.log"
    write(later, "new\n")
    os.utime(folder.logs / "scheduler-1.log", (0, 0))
    assert read_log(folder, None, 10, old).text == "new\n"


@pytest.mark.parametrize(
    "worker", ["7.1", "x", "", "7", "7.0.0", "-1.0", "../../secret", "7.0\n", "7.0/../../http-secret", "9" * 20 + ".0"]
)
def test_a_worker_without_a_log_is_told(folder: ClusterFolder, worker: str) -> None:
    write(folder.logs / "worker-7.0.out", "text\n")
    with pytest.raises(ClusterNotFound, match=r"has no log|is not the id of a worker's job"):
        read_log(folder, worker, 10, None)


@pytest.mark.parametrize("cursor", ["", "x", "worker-7.0.out", "worker-7.0.out:", "worker-7.0.out:-1", ":1e3", "a:1:"])
def test_a_cursor_that_is_none_is_refused(folder: ClusterFolder, cursor: str) -> None:
    write(folder.logs / "worker-7.0.out", "text\n")
    with pytest.raises(SpecError, match="is not a cursor"):
        read_log(folder, "7.0", 10, cursor)


def test_a_cursor_beyond_the_end_begins_anew(folder: ClusterFolder) -> None:
    write(folder.logs / "worker-7.0.out", "text\n")
    assert read_log(folder, "7.0", 10, "worker-7.0.out:999").text == "text\n"


@pytest.mark.parametrize("lines", [0, -1, 100_001])
def test_the_number_of_lines_is_limited(folder: ClusterFolder, lines: int) -> None:
    with pytest.raises(SpecError, match="from 1 to 100000"):
        read_log(folder, None, lines, None)


@pytest.mark.pool
async def test_logs_of_scheduler_and_workers_can_be_followed_kept_short_and_stay_when_the_cluster_has_ended(
    manager: ClusterManager,
) -> None:
    with dask.config.set({"af-lab.logs.each": "200 kB"}):
        await manager.create(make_spec({"name": "logs", "workers": 1}))
    async with client_of(manager, "logs") as client:
        await connected(manager, "logs", 1)
        (worker,) = [info.id for info in await manager.workers("logs")]
        scheduler_log = await manager.logs("logs")
        assert "answers at tls://" in scheduler_log.text
        worker_log = await manager.logs("logs", worker)
        assert worker_log.text

        await client.submit(print, "a-word-of-the-worker", pure=False)

        async def said() -> bool:
            return "a-word-of-the-worker" in (await manager.logs("logs", worker, after=worker_log.cursor)).text

        await until(said, "the worker's words are in its log")
        assert "a-word-of-the-worker" not in worker_log.text

        log = (await manager.folder("logs")).logs / f"worker-{worker}.out"
        await client.submit(print, "much\n" * 400_000, pure=False)
        await until(lambda: log.stat().st_size > 2_000_000, "all was written")
        await until(lambda: 512 * log.stat().st_blocks < 250_000, "the log is short again")
        await client.submit(print, "behind the hole", pure=False)

        async def goes_on() -> bool:
            return (await manager.logs("logs", worker)).text.endswith("much\n\nbehind the hole\n")

        await until(goes_on, "what is written later is in the log")

        folder = await manager.folder("logs")
        shorten_events(folder, 500)
        assert folder.events.read_bytes()[:1] == b"\0"
        await manager.scale("logs", 2)
        await connected(manager, "logs", 2)
        assert [point.counts.connected for point in await manager.timeline("logs")][-1] == 2, (
            "events are read as before"
        )
        await client.shutdown()

    async def ended() -> bool:
        return (await manager.get("logs")).state == "ended"

    await until(ended, "the cluster has ended")
    rest = await manager.logs("logs", after=scheduler_log.cursor)
    assert "shut down by a client" in rest.text
    assert rest.source == scheduler_log.source
    assert "behind the hole" in (await manager.logs("logs", worker)).text
    with pytest.raises(ClusterNotFound, match="is not the id"):
        await manager.logs("logs", "nobody")
    with pytest.raises(ClusterNotFound, match="no cluster 'other'"):
        await manager.logs("other")
