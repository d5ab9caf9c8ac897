from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from af_lab.condor import eventlog
from af_lab.condor.description import arguments
from af_lab.condor.eventlog import EventKind, EventLog, JobEvent, parse
from af_lab.condor.job import JobId
from af_lab.condor.queue import Queue
from tests.support import until

# As HTCondor 25.14 wrote them.
SUBMITTED = "000 (001.001.000) 2026-11-24 21:13:51 Job submitted from host: <127.0.0.1:40531?alias=localhost>\n...\n"
EXECUTING = """\
001 (001.001.000) 2026-11-24 21:13:52 Job executing on host: <10.0.0.7:34183?addrs=10.0.0.7-34183&alias=wn7.infn.it>
\tSlotName: slot1_2@wn7.infn.it
\tCondorScratchDir = "/execute/dir_4805/scratch"
\tCpus = 1
\tMemory = 128
...
"""
TRANSFERRED = "040 (001.001.000) 2026-11-24 21:13:52 Finished transferring input files\n...\n"
GREW = """\
006 (001.001.000) 2026-11-24 21:13:59 Image size of job updated: 13892
\t8  -  MemoryUsage of job (MB)
\t7392  -  ResidentSetSize of job (KB)
...
"""
EVICTED = """\
004 (001.001.000) 2026-11-24 21:14:00 Job was evicted. Code 1022 Subcode 0
\t(0) CPU times
\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Run Remote Usage
\t0  -  Run Bytes Sent By Job
\tReason: Job vacated by schedd
\tPartitionable Resources :    Usage  Request Allocated
\t   Memory (MB)          :     2          64       128
...
"""
REQUEUED = """\
004 (012.000.000) 2026-11-24 21:18:59 Job was evicted.
\t(0) Job terminated and was requeued
\t142  -  Run Bytes Received By Job
\t(0) Abnormal termination (signal 11)
\t(0) No core file
\tThe job attribute OnExitRemove expression 'false' evaluated to FALSE
...
"""
HELD = """\
012 (011.000.000) 2026-11-24 21:17:34 Job was held.
\tError from slot1_8@localhost: Failed to execute '/nonexistent/x': (errno=2: 'No such file or directory')
\tCode 6 Subcode 2
...
"""
HELD_WITHOUT_REASON = (
    "012 (001.000.000) 2026-11-24 21:14:00 Job was held.\n\tReason unspecified\n\tCode 1 Subcode 0\n...\n"
)
DISCONNECTED = """\
022 (006.002.000) 2026-11-24 21:18:16 Job disconnected, attempting to reconnect
    Socket between submit and execute hosts closed unexpectedly
    Trying to reconnect to slot1_3@localhost <127.0.0.1:45817?addrs=127.0.0.1-45817&alias=localhost>
...
"""
LOST = """\
024 (006.001.000) 2026-11-24 21:18:33 Job reconnection failed
    Job disconnected too long: JobLeaseDuration (20 seconds) expired
    Can not reconnect to slot1_2@localhost, rescheduling job
...
"""
TERMINATED = """\
005 (001.002.000) 2026-11-24 21:13:52 Job terminated.
\t(1) Normal termination (return value 7)
\t0  -  Run Bytes Sent By Job
...
"""
REMOVED = "009 (001.004.000) 2026-11-24 21:14:04 Job was aborted.\n\tnot needed (by user physicist)\n...\n"
UNKNOWN = "077 (001.000.000) 2026-11-24 21:14:00 Something of a later version.\n\tCode 1 Subcode 0\n...\n"
GARBAGE = "no event at all\n\n...\n"
NO_TIME = "001 (001.000.000) 2026-13-99 99:99:99 Job executing on host: <127.0.0.1:1>\n...\n"
UNFINISHED = "012 (001.000.000) 2026-11-24 21:14:00 Job was he"
FOREIGN = "\ufffd\u00e9\u4e2d\n"
PIECES = [
    *(SUBMITTED, EXECUTING, TRANSFERRED, GREW, EVICTED, REQUEUED, HELD, HELD_WITHOUT_REASON, DISCONNECTED, LOST),
    *(TERMINATED, REMOVED, UNKNOWN, GARBAGE, NO_TIME, UNFINISHED, FOREIGN),
]


def only(text: str) -> JobEvent:
    (event,) = parse(text)
    return event


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_events_are_read_as_they_are_written() -> None:
    assert only(SUBMITTED) == JobEvent(EventKind.SUBMIT, JobId(1, 1), moment("2026-11-24 21:13:51"))
    assert only(EXECUTING).host == "wn7.infn.it"
    assert only(GREW).memory == 8 * 2**20
    assert only(EVICTED).reason == "Job vacated by schedd"
    assert only(REQUEUED).reason == "killed by signal 11, SIGSEGV"
    held = only(HELD)
    assert held.hold_code == (6, 2)
    assert (held.reason or "").startswith("Error from slot1_8@localhost: Failed to execute")
    assert only(HELD_WITHOUT_REASON).reason is None
    assert only(DISCONNECTED).reason == "Socket between submit and execute hosts closed unexpectedly"
    assert only(LOST).reason == "Job disconnected too long: JobLeaseDuration (20 seconds) expired"
    assert (only(TERMINATED).reason, only(TERMINATED).exit_code) == ("exit code 7", 7)
    assert only(REMOVED).reason == "not needed (by user physicist)"


def test_the_host_of_a_job_without_a_slot_is_in_the_address() -> None:
    executing = EXECUTING.replace("\tSlotName: slot1_2@wn7.infn.it\n", "")
    assert only(executing).host == "wn7.infn.it"
    assert only(executing.replace("&alias=wn7.infn.it", "")).host == "10.0.0.7"


def test_unknown_events_and_garbage_break_nothing() -> None:
    kinds = [event.kind for event in parse("".join([UNKNOWN, GARBAGE, NO_TIME, UNFINISHED, "\n", TERMINATED, GARBAGE]))]
    assert kinds == [EventKind.HELD, EventKind.TERMINATED]
    assert parse("") == parse("...\n") == parse(UNFINISHED) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-24 21:13:51", "2026-11-24 21:13:51"),
        ("2026-11-24T21:13:51", "2026-11-24 21:13:51"),
        ("2026-11-24 21:13:51Z", "2026-11-24 21:13:51+00:00"),
        ("2026-11-24 21:13:51.125", "2026-11-24 21:13:51.125"),
        ("2026-11-24T21:13:51.125Z", "2026-11-24 21:13:51.125+00:00"),
    ],
)
def test_every_format_of_the_time_is_read(written: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Lima")
    time.tzset()
    eventlog._seconds.cache_clear()
    try:
        assert only(SUBMITTED.replace("2026-11-24 21:13:51", written)).when == moment(meant)
    finally:
        monkeypatch.undo()
        time.tzset()
        eventlog._seconds.cache_clear()


@pytest.mark.parametrize("day", ["01/01", "12/31", "06/15", "02/28"])
def test_a_time_without_a_year_is_of_the_last_twelve_months(day: str) -> None:
    event = only(SUBMITTED.replace("2026-11-24 21:13:51", f"{day} 21:13:51"))
    assert datetime.fromtimestamp(event.when).strftime("%m/%d %H:%M:%S") == f"{day} 21:13:51"
    assert -366 * 86_400 < event.when - time.time() <= 86_400


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.integers(0, 3000), max_size=8))
def test_however_the_log_grows_the_events_are_the_same(pieces: list[str], cuts: list[int]) -> None:
    text = "".join(pieces)
    content = text.encode()
    bounds = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    with tempfile.TemporaryDirectory() as folder:
        log = EventLog(Path(folder) / "events")
        found = log.read()
        for begin, end in pairwise(bounds):
            with log.path.open("ab") as file:
                file.write(content[begin:end])
            found += log.read()
    assert found == parse(text)


def test_a_long_log_is_read_in_parts(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events")
    number = 5 * eventlog.MOST_AT_ONCE // (2 * len(EXECUTING))
    log.path.write_text(EXECUTING * number + UNFINISHED)
    parts = [log.read()]
    while log.behind:
        parts.append(log.read())
    assert len(parts) == 3
    assert sum(map(len, parts)) == number
    assert max(map(len, parts)) <= eventlog.MOST_AT_ONCE // len(EXECUTING)


def test_what_is_longer_than_any_event_is_passed_over(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events")
    log.path.write_text("x" * (2 * eventlog.MOST_AT_ONCE) + "\n...\n" + SUBMITTED)
    found = [log.read() for _ in range(3)]
    assert found == [[], [], [only(SUBMITTED)]]
    assert not log.behind


def test_a_log_that_is_absent_or_was_emptied_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events")
    assert log.read() == []
    log.path.write_text(EXECUTING + TERMINATED)
    assert len(log.read()) == 2
    log.path.write_text(SUBMITTED)
    assert log.read() == [only(SUBMITTED)]
    assert log.read() == []


@pytest.mark.pool
async def test_what_happens_to_real_jobs_is_told(queue: Queue, tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events")
    events: list[JobEvent] = []
    began = time.time()

    async def submit(script: str, more: Mapping[str, str] | None = None) -> JobId:
        program = tmp_path / f"{len(list(tmp_path.iterdir()))}.sh"
        program.write_text(script)
        description = {
            "universe": "vanilla",
            "executable": "/bin/sh",
            "transfer_executable": "false",
            "arguments": arguments([str(program)]),
            "should_transfer_files": "NO",
            "request_memory": "64",
            "request_disk": "1024",
            "log": str(log.path),
            "My.AfLabSchema": "1",
        }
        (job,) = await queue.submit(description | dict(more or {}))
        return job

    def told(job: JobId, *kinds: EventKind) -> bool:
        events.extend(log.read())
        of_job = [event.kind for event in events if event.job == job and event.kind != EventKind.IMAGE_SIZE]
        return tuple(of_job) == kinds

    def last(job: JobId, kind: EventKind) -> JobEvent:
        return [event for event in events if (event.job, event.kind) == (job, kind)][-1]

    submitted, executing, evicted = EventKind.SUBMIT, EventKind.EXECUTE, EventKind.EVICTED
    long = await submit("exec sleep 600")
    failing = await submit("exit 7")
    killed = await submit("kill -9 $$")
    greedy = await submit(
        f"exec {sys.executable} -c 'import time; kept = bytearray(b\"x\") * 150_000_000; time.sleep(600)'",
        {"periodic_hold": "MemoryUsage > 100", "periodic_hold_reason": '"too much"', "periodic_hold_subcode": "102"},
    )
    await until(lambda: told(long, submitted, executing), "the job runs")
    assert await queue.hold(f"ClusterId == {long.cluster}", "we try this") == 1
    await until(lambda: told(long, submitted, executing, evicted, EventKind.HELD), "the job is held")
    assert await queue.release(f"ClusterId == {long.cluster}", "we tried") == 1
    so_far = (submitted, executing, evicted, EventKind.HELD, EventKind.RELEASED, executing)
    await until(lambda: told(long, *so_far), "the job runs again")
    subprocess.run(["condor_vacate_job", str(long)], check=True, capture_output=True, timeout=60)
    await until(lambda: told(long, *so_far, evicted, executing), "the job runs a third time")
    assert await queue.remove(f"ClusterId == {long.cluster}", "enough") == 1
    await until(lambda: told(long, *so_far, evicted, executing, evicted, EventKind.ABORTED), "the job is gone")
    await until(lambda: told(failing, submitted, executing, EventKind.TERMINATED), "the failing job ended")
    await until(lambda: told(killed, submitted, executing, EventKind.TERMINATED), "the killed job ended")
    await until(lambda: told(greedy, submitted, executing, EventKind.HELD), "the greedy job is held")

    held = last(long, EventKind.HELD)
    assert held.hold_code == (1, 0)
    assert "we try this" in (held.reason or "")
    assert "enough" in (last(long, EventKind.ABORTED).reason or "")
    assert last(failing, EventKind.TERMINATED).reason == "exit code 7"
    assert last(killed, EventKind.TERMINATED).reason == "killed by signal 9, SIGKILL"
    assert last(killed, EventKind.TERMINATED).exit_code is None
    outgrown = last(greedy, EventKind.HELD)
    assert (outgrown.hold_code, outgrown.reason) == ((3, 102), "too much")
    assert max(event.memory or 0 for event in events if event.job == greedy) > 100 * 2**20
    (machine,) = {event.host for event in events if event.kind == executing}
    assert machine == "localhost"
    assert all(began - 2 < event.when < time.time() + 2 for event in events)
