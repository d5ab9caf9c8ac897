"""The shell script of a worker job, run by shells of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import dask.config
import pytest

from af_lab.errors import SpecError
from af_lab.manager.facility_directives import prologue
from af_lab.manager.worker_script import check_prologue, worker_script

COMMAND = 'echo "in $(pwd), umask $(umask)"; env'


class Job:
    """A job's scratch folder, a cluster's folder and the folder of a user."""

    def __init__(self, place: Path) -> None:
        self.scratch, self.files, self.user = (place / name for name in ("scratch", "cluster's files", "user's folder"))
        for folder in (self.scratch, self.files, self.user):
            folder.mkdir()
        (self.files / "environment.sh").write_text("export PATH=/of/the/kernel:/usr/bin:/bin\n", encoding="utf-8")

    def run(
        self,
        lines: list[str],
        *,
        files: Path | None = None,
        directory: Path | None = None,
        command: str = COMMAND,
        sent: list[str] | None = None,
    ) -> list[str]:
        """Run the script, and return what it printed."""
        files = files or self.files
        variables = {"CHOSEN": "by the user's hand"}
        text = worker_script(command, lines, str(directory or self.user), 0o027, variables, sent or [])
        (files / "worker.sh").write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["/bin/sh", "worker.sh"],
            cwd=files,
            env={"_CONDOR_SCRATCH_DIR": str(self.scratch)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == "", "everything is in the job's log"
        return done.stdout.splitlines()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.mark.parametrize("lines", [[], ["export FROM_PROLOGUE=1"]])
def test_tasks_start_in_the_users_folder_with_the_users_permissions(job: Job, lines: list[str]) -> None:
    said = job.run(lines)
    assert said[0] == f"in {job.user}, umask 0027"
    assert f"HOME={os.path.expanduser('~')}" in said


def test_a_job_with_transferred_files_starts_in_its_scratch_folder(job: Job) -> None:
    shutil.copy(job.files / "environment.sh", job.scratch)
    said = job.run([], files=job.scratch)
    assert said[0].startswith(f"in {job.scratch}/tasks,")
    assert not [line for line in said if line.startswith("HOME=")], "that of the access point may not exist there"


def test_tasks_find_the_files_that_were_sent_with_the_job(job: Job) -> None:
    shutil.copy(job.files / "environment.sh", job.scratch)
    sent = ["it's data", "folder", "absent"]
    (job.scratch / sent[0]).write_text("sent\n", encoding="utf-8")
    (job.scratch / sent[1]).mkdir()
    for _ in range(2):
        said = job.run([], files=job.scratch, command='ls; cat "it\'s data"', sent=[f"/home/{name}" for name in sent])
        assert said == ["folder", "it's data", "sent"]


def test_a_folder_that_is_absent_at_the_execution_point_is_told(job: Job) -> None:
    said = job.run([], directory=job.user / "absent")
    assert "absent" in said[0]
    assert said[1] == "The tasks of this worker start in the scratch folder of its job instead."
    assert said[2].startswith(f"in {job.scratch}/tasks,")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param(["# a comment", "export A=1"], "A=1", id="comment"),
        pytest.param(["cd /tmp", "export A=$PWD"], "A=/tmp", id="cd"),
        pytest.param(["source ./setup.sh"], "FROM_SETUP=1", id="source"),
        pytest.param(["export PATH=/first:$PATH"], "PATH=/first:/of/the/kernel:/usr/bin:/bin", id="PATH"),
        pytest.param(["CHOSEN=prologue"], "CHOSEN=by the user's hand", id="the user's variables win"),
        pytest.param(["if true", "then export A=1", "fi"], "A=1", id="several lines"),
        pytest.param(["export A=1\nexport B=2"], "B=2", id="a line break"),
        pytest.param(["false || true", "[ -d /absent ] && export A=0", "export A=1"], "A=1", id="a test that is false"),
        pytest.param(["source ./tolerant.sh", "export A=1"], "A=1", id="a failure inside of a sourced file"),
        pytest.param(["declare -a list=(1 2)", 'export A="${list[1]}"'], "A=2", id="bash"),
        pytest.param([" ", ""], "PATH=/of/the/kernel:/usr/bin:/bin", id="blanks"),
    ],
)
def test_every_line_of_the_prologue_has_its_effect(job: Job, lines: list[str], found: str) -> None:
    (job.user / "setup.sh").write_text("export FROM_SETUP=1\n", encoding="utf-8")
    (job.user / "tolerant.sh").write_text("false\ntrue\n", encoding="utf-8")
    assert found in job.run(lines)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("source /absent/setup.sh", "failed with exit code 1: source /absent/setup.sh", id="source"),
        pytest.param("no_such_command_here x", "failed with exit code 127: no_such_command_here x", id="command"),
        pytest.param("false", "failed with exit code 1: false", id="false"),
    ],
)
def test_a_line_that_fails_ends_the_job_with_its_words(job: Job, line: str, says: str) -> None:
    said = job.run(["export A=1", line])
    assert said[-1] == f"The job ends: a line of the setting jobqueue.htcondor.job-script-prologue {says}"


@pytest.mark.parametrize("lines", [["if true"], ["echo 'unfinished"], ["export A=$(x"], ["fi"]])
async def test_lines_that_are_not_valid_are_refused_when_the_cluster_is_made(lines: list[str]) -> None:
    with (
        dask.config.set({"jobqueue.htcondor.job-script-prologue": lines}),
        pytest.raises(SpecError, match=r"job-script-prologue is not valid for bash: line \d"),
    ):
        await check_prologue(prologue())


async def test_valid_lines_are_not_run_when_they_are_checked(tmp_path: Path) -> None:
    await check_prologue([f"touch {tmp_path}/made"])
    assert not (tmp_path / "made").exists()
