"""The pieces of a cluster that need no HTCondor: its folder, secrets, counts, and its workers' command line."""

from __future__ import annotations

import datetime
import stat
import subprocess
import sys
from pathlib import Path

from cryptography import x509

from af_lab.condor.jobs import JobId, JobStatus
from af_lab.home import af_lab_home
from af_lab.manager.ads import WorkerJob
from af_lab.manager.daskside import job_of
from af_lab.manager.descriptions import environment_script
from af_lab.manager.folder import ClusterFolder
from af_lab.manager.security import make_credentials
from af_lab.manager.snapshot import Counts, Snapshot, count
from af_lab.manager.spec import make_spec
from af_lab.manager.worker import read_ad, worker_arguments


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
    def job(proc: int, status: JobStatus, since: int = 0) -> WorkerJob:
        return WorkerJob(JobId(1, proc), status, 1, since, None)

    jobs = [
        job(0, JobStatus.RUNNING),
        job(1, JobStatus.RUNNING, since=95),
        job(2, JobStatus.IDLE),
        job(3, JobStatus.HELD),
        job(4, JobStatus.RUNNING),
    ]
    counts = count(10, 2, jobs, {JobId(1, 0): 2, JobId(1, 4): 1}, now=100, patience=60)
    assert counts == Counts(requested=10, idle=2, running=6, connected=3, held=2, lost=1)


def test_a_snapshot_survives_its_message_and_newer_fields() -> None:
    snapshot = Snapshot(3, Counts(requested=2, idle=1))
    message = snapshot.to_message()
    message["newer"] = True
    message["counts"]["newer"] = 1
    assert Snapshot.from_message(message) == snapshot


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
