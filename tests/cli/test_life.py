"""A cluster from its creation to its end, by the installed command on a real pool."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from distributed import Client

import af_lab as library
from af_lab.condor.job import JobStatus
from af_lab.model import ads
from tests.cli.support import AF_LAB, af_lab, answer, begin
from tests.support import jobs_left, wait, with_queue

pytestmark = [pytest.mark.pool, pytest.mark.usefixtures("no_clusters_left")]


def test_a_script_creates_scales_and_stops_by_json(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer("cluster", "list") == []
    monkeypatch.setenv("AF_LAB_TEST_TOKEN", "hush-hush")
    options = ["--env", "AF_LAB_TEST_TOKEN", "--submit", "+Want=true", "--idle-timeout", "never", "--disk", "2 GB"]
    options += ["--time", "2 h"]
    made = answer("cluster", "create", "script", "--workers", "2", "--wait-workers", "2", *options)
    assert (made["state"], made["counts"]["connected"], made["spec"]["idle_timeout"]) == ("running", 2, None)
    assert (made["spec"]["submit"], made["spec"]["disk"]) == ({"+Want": True}, 2 * 10**9)
    assert made["spec"]["time"] == 7200
    assert made["spec"]["variables"] == {"AF_LAB_TEST_TOKEN": ""}
    cluster = library.connect("script")
    with Client(cluster) as client:
        values = client.run(lambda: os.environ["AF_LAB_TEST_TOKEN"])
    cluster.close()
    assert set(values.values()) == {"hush-hush"}

    assert [info["name"] for info in answer("cluster", "list")] == ["script"]
    assert answer("cluster", "show", "script")["id"] == made["id"]
    more = answer("cluster", "scale", "script", "3", "--wait")
    assert (more["workers"], more["counts"]["connected"], more["generation"]) == (3, 3, 2)
    adapting = answer("cluster", "adapt", "script", "1", "4", "--wait")
    assert (adapting["workers"], adapting["adapt"]) == (None, {"minimum": 1, "maximum": 4})
    assert 1 <= adapting["counts"]["connected"] <= 4
    log = answer("cluster", "logs", "script", "--lines", "7")
    assert len(log["text"].splitlines()) == 7
    assert log["source"].startswith("scheduler-")
    assert answer("cluster", "stop", "script") == {"stopped": ["script"]}
    assert answer("cluster", "list") == []


def test_a_person_reads_sentences_and_tables() -> None:
    made = af_lab("cluster", "create", "person", "--workers", "2", "--cores", "2", "--wait-workers", "2")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("The cluster 'person' has been created")
    assert "af_lab.connect('person')" in made.stdout
    listed = af_lab("cluster", "list").stdout.splitlines()
    assert listed[0].split() == ["Name", "State", "Workers", "Cores", "Age", "Ends"]
    assert listed[1].split()[:5] == ["person", "●", "running", "2/2", "2"]
    shown = af_lab("cluster", "show", "person").stdout
    for part in ("requested 2, waiting 0, starting 0, connected 2", "2 cores, 2 GB memory", "2/2", "● connected"):
        assert part in shown
    worker = next(line.split()[0] for line in shown.splitlines() if "● connected" in line)
    log = af_lab("cluster", "logs", "person", "--worker", worker)
    assert "distributed" in log.stdout
    stopped = af_lab("cluster", "stop", "person")
    assert stopped.returncode == 0
    assert stopped.stdout == "The cluster 'person' is stopped; it had 2 workers.\n"
    nothing = af_lab("cluster", "list")
    assert nothing.stdout == ""
    assert "af-lab cluster create" in nothing.stderr


def test_why_workers_wait_is_explained() -> None:
    af_lab("cluster", "create", "huge", "--workers", "2", "--memory", "900 TB")
    told = answer("cluster", "explain", "huge")
    assert (told["waiting"], told["ever"]) == (2, 0)
    said = af_lab("cluster", "explain", "huge").stdout
    assert told["summary"] in " ".join(said.split())
    for reason in told["reasons"]:
        assert reason in " ".join(said.split())
    wait = af_lab("cluster", "scale", "huge", "3", "--wait", "--timeout", "8")
    assert wait.returncode == 1
    assert "Not within 8 s: 0 of 3 workers connected" in wait.stderr
    assert "af-lab cluster explain huge" in wait.stderr


def test_a_followed_log_ends_with_its_cluster(tmp_path: Path) -> None:
    af_lab("cluster", "create", "follow", "--workers", "1")
    with (tmp_path / "log").open("w") as log:
        process = begin("cluster", "logs", "follow", "--follow", "-n", "1", stdout=log)
        try:
            seen = tmp_path / "log"
            wait(lambda: seen.read_text().count("\n") >= 1, "the log begins")
            af_lab("cluster", "scale", "follow", "2")
            wait(lambda: "Register worker" in seen.read_text(), "the log goes on")
            af_lab("cluster", "stop", "follow")
            _, said = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "'follow'" in said


def test_stopping_waits_for_a_job_that_does_not_let_go() -> None:
    id_ = answer("cluster", "create", "linger", "--workers", "0")["id"]
    stubborn = {
        "executable": "/bin/sh",
        "arguments": "\"-c 'trap : TERM; while true; do sleep 1; done'\"",
        "should_transfer_files": "NO",
        "job_max_vacate_time": "8",
        f"My.{ads.SCHEDULER}": str(id_),
        f"My.{ads.SCHEMA_ATTRIBUTE}": str(ads.SCHEMA),
    }
    with_queue(lambda queue: queue.submit(stubborn))
    running = f"{ads.SCHEDULER} =?= {id_} && JobStatus == {JobStatus.RUNNING:d}"
    wait(lambda: with_queue(lambda queue: queue.query(running, ["ClusterId"])), "the job runs")
    stopped = af_lab("cluster", "stop", "linger")
    assert with_queue(jobs_left) == 0
    assert stopped.returncode == 0, stopped.stderr
    assert "Waiting until the jobs of 'linger' are gone: 1 left" in stopped.stderr


def test_stopping_all_asks_and_says_what_would_be_lost() -> None:
    for name in ("one", "two"):
        af_lab("cluster", "create", name, "--workers", "1", "--wait-workers", "1")
    said = _answered("n\n", "cluster", "stop", "--all")
    assert "one has 1 worker" in said
    assert "two has 1 worker" in said
    assert "Stop 2 clusters" in said
    assert "Nothing was stopped." in said
    assert len(answer("cluster", "list")) == 2
    assert "'two' is stopped" in _answered("y\n", "cluster", "stop", "--all")
    assert answer("cluster", "list") == []
    assert answer("cluster", "stop", "--all", "--yes") == {"stopped": []}


def _answered(text: str, *words: str) -> str:
    """Return what a command says on a terminal on which somebody answers its question."""
    ours, theirs = pty.openpty()
    process = begin(*words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        said = _read_until(ours, lambda said: "[y/N]" in said)
        os.write(ours, text.encode())
        said += _read_until(ours, lambda _: False)
        process.wait(120)
    finally:
        process.kill()
        os.close(ours)
    return said


def _read_until(terminal: int, enough: Callable[[str], bool], seconds: float = 60.0) -> str:
    """Read until there is enough, or the other end is closed."""
    said = ""
    deadline = time.monotonic() + seconds
    with suppress(OSError):
        while not enough(said) and time.monotonic() < deadline:
            piece = os.read(terminal, 1 << 16).decode()
            if not piece:
                break
            said += piece
    return said


def test_a_table_is_cut_off_quietly() -> None:
    af_lab("cluster", "create", "pipe", "--workers", "0")
    done = subprocess.run(f"'{AF_LAB}' cluster show pipe --json | true", shell=True, capture_output=True, text=True)
    assert done.stderr == ""
