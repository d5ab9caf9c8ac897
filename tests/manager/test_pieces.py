"""The pieces of a cluster that need no HTCondor: its folder, secrets, counts, and its workers' command line."""

from __future__ import annotations

import datetime
import stat
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography import x509

from af_lab.condor.job import JobId, JobStatus
from af_lab.home import af_lab_home
from af_lab.manager.scheduler_job import environment_script
from af_lab.model.ads import WorkerJob
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from af_lab.model.snapshot import Counts, Snapshot, Trouble, WorkerInfo, from_message
from af_lab.model.spec import make_spec
from af_lab.runner.observed import Timeline, count, worker_infos
from af_lab.runner.scheduler import job_of
from af_lab.worker.__main__ import read_ad, worker_arguments


def test_the_folder_is_its_owners_alone() -> None:
    folder = ClusterFolder.create(af_lab_home(), make_credentials("x"))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder.path, *folder.path.rglob("*")]}
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes


def test_a_file_is_written_whole_or_not_at_all() -> None:
    folder = ClusterFolder.create(af_lab_home(), make_credentials("x"))
    assert folder.read_address() is None
    folder.write_address("tls://host:1")
    folder.write_address("tls://host:2")
    assert folder.read_address() == "tls://host:2"
    assert not list(folder.path.glob(".new-*"))


def test_certificates_bear_clocks_that_are_slow() -> None:
    credentials = make_credentials("x" * 63)
    for pem in (credentials.authority, credentials.scheduler, credentials.worker):
        certificate = x509.load_pem_x509_certificate(pem)
        now = datetime.datetime.now(datetime.UTC)
        assert certificate.not_valid_before_utc < now - datetime.timedelta(hours=23)
        assert certificate.not_valid_after_utc > now + datetime.timedelta(days=300)


def test_nobody_can_sign_another_member() -> None:
    credentials = make_credentials("x")
    assert b"PRIVATE KEY" not in credentials.authority
    assert make_credentials("x").http_secret != credentials.http_secret


def test_workers_are_counted_by_what_their_jobs_do() -> None:
    statuses = {
        JobStatus.RUNNING: 2,
        JobStatus.TRANSFERRING_OUTPUT: 1,
        JobStatus.IDLE: 4,
        JobStatus.HELD: 5,
        JobStatus.REMOVED: 6,
    }
    counts = count(10, 2, statuses, {JobId(1, 0): 2, JobId(1, 4): 1}, lost=1)
    assert counts == Counts(requested=10, idle=8, running=6, connected=3, held=10, lost=2)


def test_each_worker_is_described_by_what_its_job_does() -> None:
    def job(proc: int, status: JobStatus, **more: Any) -> WorkerJob:
        return WorkerJob(JobId(1, proc), status, starts=1, since=5.0, **more)

    jobs = [
        job(6, JobStatus.RUNNING),
        job(5, JobStatus.REMOVED),
        job(4, JobStatus.RUNNING),
        job(3, JobStatus.RUNNING),
        job(2, JobStatus.RUNNING, site="north", host="one"),
        job(1, JobStatus.HELD, hold_reason="for a look"),
        job(0, JobStatus.IDLE),
    ]
    infos = worker_infos(
        jobs,
        connected={JobId(1, 2): 2, JobId(1, 6): 1},
        busy={JobId(1, 2): 7},
        lost={JobId(1, 4)},
        leaving=lambda id_: id_ == JobId(1, 6),
    )
    states = ["idle", "held", "connected", "running", "lost", "leaving", "leaving"]
    assert [(info.id, info.state) for info in infos] == [(f"1.{proc}", state) for proc, state in enumerate(states)]
    assert (infos[2].connected, infos[2].tasks, infos[2].site, infos[2].host) == (2, 7, "north", "one")
    assert (infos[1].reason, infos[0].reason) == ("for a look", None)


def test_a_snapshot_survives_its_message_and_newer_fields() -> None:
    troubles = (Trouble(4.0, "1.0", "was evicted"),)
    snapshot = Snapshot(3, Counts(requested=2, idle=1), 9, 0.35, 1.5, 61.5, 4, 2**40, troubles)
    message = snapshot.to_message()
    message["newer"] = True
    message["counts"]["newer"] = 1
    message["troubles"][0]["newer"] = 1
    assert Snapshot.from_message(message) == snapshot


def test_the_snapshot_of_an_older_runner_is_understood() -> None:
    counts = {"requested": 2, "idle": 1, "running": 1, "connected": 1, "held": 0, "lost": 0}
    assert Snapshot.from_message({"generation": 3, "counts": counts}) == Snapshot(3, from_message(Counts, counts))


def test_the_workers_of_a_newer_runner_are_understood() -> None:
    info = WorkerInfo("1.0", "connected", 1, None, "one", 5.0, 2**31, None, 0, 1, None)
    assert from_message(WorkerInfo, {**asdict(info), "newer": 1}) == info


def test_a_time_line_keeps_its_ends_and_gets_coarser_between_them() -> None:
    timeline = Timeline()
    for when in range(10_000):
        timeline.add(float(when), Counts(running=when))
        timeline.add(when + 0.5, Counts(running=when))
    assert len(timeline.points) <= 2000
    moments = [point.when for point in timeline.points]
    assert (moments[0], moments[-1]) == (0, 9999)
    assert moments == sorted(moments)
    assert all(point.counts.running == point.when for point in timeline.points), "unchanged counts are not noted again"


def test_a_worker_is_fitted_to_its_slot() -> None:
    given = ["contact.json", "--name", "x", "--nthreads", "1", "--memory-limit", "2GB", "--death-timeout", "60"]
    job = {"ClusterId": "7", "ProcId": "3", "NumJobStarts": "2", "RequestCpus": "2"}
    arguments = worker_arguments(given, "tls://h:1", job, {"Memory": "4224"}, Path("/files"), "/scratch")
    assert arguments[:3] == ["tls://h:1", "--name", "7.3-r2"]
    assert arguments[arguments.index("--memory-limit") + 1] == str(2048 * 2**20)
    assert arguments[arguments.index("--nworkers") + 1] == "2"
    assert arguments[arguments.index("--local-directory") + 1] == "/scratch"
    assert arguments[-2:] == ["--death-timeout", "60"]
    assert job_of("7.3-r2") == job_of("7.3-r2-1") == JobId(7, 3)
    assert job_of("tls://somebody") is None


def test_an_ad_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "ad").write_text('ClusterId = 4\nName = "a = b"\n\n')
    assert read_ad(tmp_path / "ad") == {"ClusterId": "4", "Name": '"a = b"'}


def test_the_environment_is_told_in_a_file_of_its_owner() -> None:
    inherited = {"PYTHONPATH": ".:/x y", "SECRET_TOKEN": "t", "LANG": "C; rm -rf /", "CONDOR_CONFIG": "/etc/condor"}
    script = environment_script(make_spec({}), inherited)
    shown = subprocess.run(["sh", "-c", f"{script}\nenv"], capture_output=True, text=True, check=True, env={}).stdout
    variables = dict(line.partition("=")[::2] for line in shown.splitlines())
    assert variables["PYTHONPATH"] == f"{Path.cwd()}:/x y"
    assert variables["LANG"] == "C; rm -rf /"
    assert "SECRET_TOKEN" not in variables
    assert variables["PATH"].startswith(str(Path(sys.executable).parent))
