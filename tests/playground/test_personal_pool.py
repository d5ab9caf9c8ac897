"""Pools of one's own, for real: each test starts its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from af_lab.playground.processes import is_master, pool_processes
from tests.playground.support import CommandLine
from tests.support import wait

pytestmark = pytest.mark.pool

_EITHER_UNIVERSE = """
universe = $(KIND)
executable = /bin/sh
arguments = "-c 'echo ran > {folder}/$(KIND)'"
should_transfer_files = no
log = {folder}/log
queue
"""

# A process that has left its job's session and group, and does not mind being asked to end.
_STUBBORN = """\
#!/bin/sh
setsid sh -c 'trap "" TERM HUP INT QUIT; echo $$ > {folder}/pid; while :; do sleep 0.2; done' &
sleep 1000
"""


def _master(af_lab: CommandLine, name: str = "default") -> int:
    return int((af_lab.home / "pools" / name / "master.pid").read_text())


def _alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_second_start_finds_the_pool_running(af_lab: CommandLine) -> None:
    first = af_lab("pool", "start", "--cpus", "3", "--memory", "2 GiB")
    assert first.returncode == 0, first.stderr
    assert "3 of 3 free" in first.stdout
    assert "2.15 GB of 2.15 GB free" in first.stdout
    master = _master(af_lab)

    second = af_lab("pool", "start")
    assert second.returncode == 0, second.stderr
    assert "running already" in second.stdout
    assert _master(af_lab) == master


def test_two_starts_at_once_make_one_pool(af_lab: CommandLine) -> None:
    starts = [af_lab.popen("pool", "start") for _ in range(2)]
    said = [start.communicate(timeout=240)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said
    assert sum("running already" in text for text in said) == 1
    assert is_master(_master(af_lab), af_lab.home / "pools" / "default" / "condor_config")


def test_stop_leaves_no_process(af_lab: CommandLine, tmp_path: Path) -> None:
    program = tmp_path / "stubborn.sh"
    program.write_text(_STUBBORN.format(folder=tmp_path))
    program.chmod(0o755)
    submit = tmp_path / "job.sub"
    submit.write_text(f"executable = {program}\nshould_transfer_files = no\nqueue\n")
    assert af_lab("pool", "run", "condor_submit", str(submit)).returncode == 0
    pid_file = tmp_path / "pid"
    wait(lambda: pid_file.exists() and pid_file.read_text().strip(), "the job runs")
    job = int(pid_file.read_text())
    folder = af_lab.home / "pools" / "default"
    assert len(pool_processes(folder)) >= 5

    stopped = af_lab("pool", "stop")
    assert stopped.returncode == 0, stopped.stderr
    assert pool_processes(folder) == []
    assert not _alive(job)
    assert af_lab("pool", "status").returncode == 1
    assert "was not running" in af_lab("pool", "stop").stdout


def test_a_pool_that_died_is_reported_and_starts_again(af_lab: CommandLine) -> None:
    assert af_lab("pool", "start").returncode == 0
    folder = af_lab.home / "pools" / "default"
    dead = _master(af_lab)
    os.kill(dead, signal.SIGKILL)
    wait(lambda: not _alive(dead), "condor_master is gone")

    status = af_lab("pool", "status")
    assert status.returncode == 1
    assert "died" in status.stdout
    assert "af-lab pool start --name default" in status.stdout

    again = af_lab("pool", "start")
    assert again.returncode == 0, again.stderr
    assert _master(af_lab) != dead
    assert af_lab("pool", "status").returncode == 0
    masters = [pid for pid in pool_processes(folder) if is_master(pid, folder / "condor_config")]
    assert masters == [_master(af_lab)]


def test_stop_of_a_dead_pool_ends_its_jobs(af_lab: CommandLine, tmp_path: Path) -> None:
    submit = tmp_path / "job.sub"
    submit.write_text("executable = /bin/sleep\narguments = 1000\nshould_transfer_files = no\nqueue\n")
    script = f"condor_submit {submit} && while ! condor_q -run -af ProcId | grep -q 0; do sleep 0.1; done"
    assert af_lab("pool", "run", "sh", "-c", script).returncode == 0
    folder = af_lab.home / "pools" / "default"

    def job() -> list[int]:
        return [pid for pid in pool_processes(folder) if (Path("/proc") / str(pid) / "comm").read_text() == "sleep\n"]

    wait(job, "the job runs")
    for pid in [_master(af_lab), *(pid for pid in pool_processes(folder) if pid not in job())]:
        os.kill(pid, signal.SIGKILL)
    assert job()
    stopped = af_lab("pool", "stop")
    assert stopped.returncode == 0, stopped.stderr
    assert pool_processes(folder) == []
    assert af_lab("pool", "status").stdout.startswith("The pool 'default' is not running")


def test_a_pool_of_another_machine_is_left_alone(af_lab: CommandLine) -> None:
    assert af_lab("pool", "start").returncode == 0
    folder = af_lab.home / "pools" / "default"
    here = (folder / "host").read_text()
    (folder / "host").write_text("elsewhere")
    for command in ("start", "stop", "status"):
        done = af_lab("pool", command)
        assert done.returncode == 1
        assert "started on elsewhere: stop it there" in done.stderr
    assert pool_processes(folder)
    (folder / "host").write_text(here)


def test_pools_side_by_side(af_lab: CommandLine) -> None:
    assert af_lab("pool", "start", "--name", "one", "--cpus", "1").returncode == 0
    assert af_lab("pool", "start", "--name", "two", "--cpus", "2").returncode == 0
    for name, cpus in (("one", "1"), ("two", "2")):
        said = af_lab("pool", "run", "--name", name, "condor_status", "-af", "TotalSlotCpus")
        assert said.stdout.split() == [cpus], said.stderr
    assert af_lab("pool", "stop", "--name", "one").returncode == 0
    assert af_lab("pool", "status", "--name", "one").returncode == 1
    assert af_lab("pool", "status", "--name", "two").returncode == 0


def test_the_queue_survives_stop_and_start(af_lab: CommandLine, tmp_path: Path) -> None:
    submit = tmp_path / "job.sub"
    submit.write_text("executable = /bin/true\nhold = true\nqueue 2\n")
    assert af_lab("pool", "run", "condor_submit", str(submit)).returncode == 0
    assert af_lab("pool", "stop").returncode == 0
    queue = af_lab("pool", "run", "condor_q", "-json", "-attributes", "ProcId,JobStatus")
    assert [job["JobStatus"] for job in json.loads(queue.stdout)] == [5, 5]


def test_vanilla_and_scheduler_universe_jobs_run(af_lab: CommandLine, tmp_path: Path) -> None:
    submit = tmp_path / "jobs.sub"
    submit.write_text(_EITHER_UNIVERSE.format(folder=tmp_path))
    submitting = [f"condor_submit KIND={kind} {submit}" for kind in ("vanilla", "scheduler")]
    script = " && ".join([*submitting, f"condor_wait -wait 60 {tmp_path}/log"])
    done = af_lab("pool", "run", "sh", "-c", script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "vanilla").read_text() == "ran\n"
    assert (tmp_path / "scheduler").read_text() == "ran\n"


def test_only_the_loopback_is_listened_on(af_lab: CommandLine) -> None:
    assert af_lab("pool", "start").returncode == 0
    sockets = subprocess.run(["cat", "/proc/net/tcp"], capture_output=True, text=True, check=True).stdout
    owned = _socket_inodes(pool_processes(af_lab.home / "pools" / "default"))
    lines = [line.split() for line in sockets.splitlines()[1:]]
    listening = [words[1] for words in lines if words[3] == "0A" and words[9] in owned]
    assert len(listening) >= 4
    assert {address.partition(":")[0] for address in listening} == {"0100007F"}


def _socket_inodes(pids: list[int]) -> set[str]:
    links = [entry for pid in pids for entry in (Path("/proc") / str(pid) / "fd").iterdir()]
    targets = [os.readlink(link) for link in links]
    return {target[len("socket:[") : -1] for target in targets if target.startswith("socket:[")}


def test_folders_with_secrets_are_the_users_own(af_lab: CommandLine) -> None:
    assert af_lab("pool", "start").returncode == 0
    folder = af_lab.home / "pools" / "default"
    for path in (folder, folder / "passwords.d", folder / "tokens.d"):
        assert path.stat().st_mode & 0o777 == 0o700


def test_run_returns_the_status_of_the_command(af_lab: CommandLine) -> None:
    first = af_lab("pool", "run", "sh", "-c", "exit 7")
    assert first.returncode == 7
    assert "af-lab pool stop --name default" in first.stderr
    second = af_lab("pool", "run", "sh", "-c", "kill -TERM $$")
    assert second.returncode == -signal.SIGTERM
    assert second.stderr == ""


def test_run_of_an_unknown_command_says_so(af_lab: CommandLine) -> None:
    done = af_lab("pool", "run", "no-such-command")
    assert done.returncode == 1
    assert "The command 'no-such-command' was not found" in done.stderr
    assert "Traceback" not in done.stderr


def test_variables_of_an_outer_job_do_not_reach_the_pool(af_lab: CommandLine) -> None:
    done = af_lab("pool", "run", "condor_status", "-af", "TotalSlotCpus", _CONDOR_NUM_CPUS="77")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() != ["77"]


def test_folders_and_names_of_any_length_and_alphabet(af_lab: CommandLine, tmp_path: Path) -> None:
    home = tmp_path / "Ä home, with blanks" / ("x" * 120)
    name = "n" * 250
    there = CommandLine(home, af_lab.environment | {"AF_LAB_HOME": str(home), "HOME": str(home), "LC_ALL": "C"})
    program = tmp_path / "program.sh"
    program.write_text("#!/bin/sh\nmktemp; cat input\n")
    (tmp_path / "input").write_text("read\n")
    submit = tmp_path / "job.sub"
    submit.write_text(
        f"executable = {program}\ntransfer_input_files = {tmp_path}/input\noutput = {tmp_path}/out\n"
        f"should_transfer_files = yes\nwhen_to_transfer_output = on_exit\nlog = {tmp_path}/log\nqueue\n"
    )
    try:
        started = there("pool", "start", "--name", name)
        assert started.returncode == 0, started.stderr
        script = f"condor_submit {submit} && condor_wait -wait 60 {tmp_path}/log"
        done = there("pool", "run", "--name", name, "sh", "-c", script)
        assert done.returncode == 0, done.stdout + done.stderr
        temporary, read = (tmp_path / "out").read_text().splitlines()
        assert temporary.startswith(f"{home}/pools/{name}/execute/")
        assert read == "read"
        assert there("pool", "status", "--name", name).returncode == 0
    finally:
        stopped = there("pool", "stop", "--name", name)
    assert "is stopped" in stopped.stdout, stopped.stderr
    assert pool_processes(home / "pools" / name) == []
    refused = there("pool", "status", "--name", "n" * 256)
    assert "at most 255 characters, this one 256" in refused.stderr


def test_temporary_pool_is_gone_afterwards_also_on_failure(af_lab: CommandLine) -> None:
    done = af_lab("pool", "run", "--temporary", "--cpus", "5", "sh", "-c", 'echo "$CONDOR_CONFIG"; exit 3')
    assert done.returncode == 3, done.stderr
    folder = Path(done.stdout.strip()).parent
    assert not folder.exists()
    assert pool_processes(folder) == []
    assert not (af_lab.home / "pools").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_temporary_pool_ends_with_its_command_on_a_signal(
    af_lab: CommandLine, tmp_path: Path, number: signal.Signals
) -> None:
    script = f'echo "$CONDOR_CONFIG" > {tmp_path}/config; exec sleep 1000'
    with af_lab.popen("pool", "run", "--temporary", "sh", "-c", script) as running:
        try:
            config = tmp_path / "config"
            wait(lambda: config.exists() and config.read_text().strip(), "the command runs")
            folder = Path(config.read_text().strip()).parent
            assert pool_processes(folder)
            running.send_signal(number)
            assert running.wait(120) == 128 + number
        finally:
            running.kill()
    assert pool_processes(folder) == []
    assert not folder.exists()


def test_temporary_pool_ends_even_if_its_owner_is_killed(af_lab: CommandLine, tmp_path: Path) -> None:
    script = f'echo $$ "$CONDOR_CONFIG" > {tmp_path}/started; exec sleep 1000'
    with af_lab.popen("pool", "run", "--temporary", "sh", "-c", script) as running:
        started = tmp_path / "started"
        try:
            wait(lambda: started.exists() and started.read_text().strip(), "the command runs")
            folder = Path(started.read_text().split()[1]).parent
            assert pool_processes(folder)
        finally:
            running.kill()
            os.kill(int(started.read_text().split()[0]), signal.SIGKILL)
    wait(lambda: pool_processes(folder) == [], "the pool ends")
