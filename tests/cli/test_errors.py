"""What the commands say, and return, where something is wrong; and that Ctrl-C is no error."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from unittest.mock import ANY

import pytest

from af_lab.condor.helper_connection import HelperConnection
from af_lab.manager import manager
from af_lab.manager.manager import ClusterManager
from tests.cli.support import InProcess, af_lab, begin, ctrl_c, refused
from tests.support import with_queue


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("create --workers 2 --adapt 0 4", "not both"),
        ("create --kernel python3 --python /usr/bin/python3", "not both"),
        ("create --no-wait --wait-workers 1", "cannot be used together"),
        ("create --workers 1 --wait-workers 2", "the cluster starts with 1 worker only."),
        ("create --env AF_LAB_TEST_NOT_SET", "AF_LAB_TEST_NOT_SET is not set in this shell"),
        ("create --idle-timeout soon", "or 'never'"),
        ("logs --follow --json", "cannot be used together"),
        ("logs --worker 7.0 --start 1", "cannot be used together"),
        ("logs --start 0", "is not in the range"),
        ("stop", "--all"),
        ("stop --all", "--yes"),
        ("scale dimuon many", "is not a valid integer"),
    ],
)
def test_wrong_usage_is_2(command: InProcess, words: str, said: str) -> None:
    done = command("cluster", *words.split())
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in " ".join(done.stderr.split())
    if "--json" not in words:
        code, error = command.refusal("cluster", *words.split())
        assert (code, error["code"]) == (2, "UsageError")
        assert said in error["message"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "a/b"], "letters, digits"),
        (["create", "--memory", "lots"], "memory: 'lots' is not a size"),
        (["create", "--cores", "0"], "cores"),
        (["create", "--workers", "-1"], "workers"),
        (["create", "--adapt", "5", "1"], "minimum 5 is above the maximum 1"),
        (["create", "--site", "Atlantis"], "there is no site 'Atlantis'"),
        (["create", "--kernel", "fortran"], "there is no kernel 'fortran'"),
        (["create", "--python", "/nowhere/python"], "there is no Python"),
        (["create", "--submit", "executable=/bin/sh"], "executable"),
        (["create", "--env", "_CONDOR_JOB_AD=x"], "HTCondor"),
    ],
)
def test_a_value_that_is_not_allowed_is_1(command: InProcess, words: list[str], said: str) -> None:
    code, error = command.refusal("cluster", *words)
    assert (code, error["code"]) == (1, "SpecError")
    assert said in error["message"]


def test_the_installed_command_ends_with_the_same_codes() -> None:
    assert refused(af_lab("cluster", "stop", "--json")) == (2, {"message": ANY, "code": "UsageError"})
    assert refused(af_lab("cluster", "create", "a/b", "--json")) == (1, {"message": ANY, "code": "SpecError"})


def test_htcondor_that_does_not_answer_is_4(
    command: InProcess, connection: HelperConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "condor_config"
    config.write_text("LOCAL_DIR = /nowhere\nCONDOR_HOST = 127.0.0.1\nSCHEDD_HOST = nowhere\n")
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    # Its process begins with the first call, and so with this configuration.
    monkeypatch.setattr(manager, "ClusterManager", partial(ClusterManager, connection, connection))
    for words in (["list"], ["show"], ["create"], ["explain"], ["stop", "x"]):
        code, error = command.refusal("cluster", *words)
        assert (code, error["code"]) == (4, "CondorUnavailable")
    said = af_lab("cluster", "list").stderr
    assert said.startswith("af-lab: HTCondor does not answer")
    assert "af-lab pool start" in said


@pytest.mark.pool
@pytest.mark.usefixtures("no_clusters_left")
class TestOnAPool:
    def test_no_such_cluster_is_3_and_close_names_are_suggested(self, command: InProcess) -> None:
        command("cluster", "create", "dimuon", "--workers", "0", "--no-wait")
        for words in (
            "show dimoun",
            "scale dimoun 2",
            "adapt dimoun 0 2",
            "logs dimoun",
            "explain dimoun",
            "stop dimoun",
        ):
            code, error = command.refusal("cluster", *words.split())
            assert (code, error["code"]) == (3, "ClusterNotFound")
            assert "Did you mean 'dimuon'?" in error["message"]
        assert command("cluster", "logs", "dimuon", "--worker", "1.0").returncode == 3
        taken = command("cluster", "create", "dimuon")
        assert (taken.returncode, taken.stdout) == (1, "")
        assert taken.stderr.startswith("af-lab: You already have a cluster 'dimuon'")

    def test_a_cluster_that_fails_is_5_and_stays_listed(self, command: InProcess, tmp_path: Path) -> None:
        (tmp_path / "distributed.py").write_text("raise ImportError('it is half installed')")
        code, error = command.refusal("cluster", "create", "broken", "--env", f"PYTHONPATH={tmp_path}")
        assert (code, error["code"]) == (5, "ClusterFailed")
        assert "it is half installed" in error["message"]
        assert command.answer("cluster", "show", "broken")["state"] == "failed"
        listed = command("cluster", "list").stdout
        assert "✗ failed" in listed
        assert command("cluster", "stop", "broken").returncode == 0

    def test_a_cluster_on_hold_is_5_until_it_is_released(self, command: InProcess) -> None:
        id_ = command.answer("cluster", "create", "paused", "--workers", "0")["id"]
        with_queue(lambda queue: queue.hold(f"ClusterId == {id_}", "held by the test"))
        code, error = command.refusal("cluster", "scale", "paused", "1", "--wait")
        assert (code, error["code"]) == (5, "ClusterFailed")
        assert error["message"].startswith("The cluster 'paused' is on hold. ")
        assert "✗ held" in command("cluster", "list").stdout
        followed = command("cluster", "logs", "paused", "--follow")
        assert "is on hold" in followed.stderr
        assert command("cluster", "release", "paused").stdout == (
            "The cluster 'paused' starts again, with new workers.\n"
        )
        assert command.answer("cluster", "scale", "paused", "1", "--wait")["state"] == "running"

    def test_what_is_not_in_time_is_1_and_goes_on(self, command: InProcess) -> None:
        command("cluster", "create", "slow", "--workers", "0", "--memory", "10 GB")
        code, error = command.refusal("cluster", "scale", "slow", "100", "--wait", "--timeout", "1")
        assert (code, error["code"]) == (1, "NotInTime")
        assert command.answer("cluster", "show", "slow")["workers"] == 100

    def test_ctrl_c_ends_a_wait_and_not_the_cluster(self, command: InProcess) -> None:
        command("cluster", "create", "wait", "--workers", "0", "--memory", "10 GB")
        process = begin("cluster", "scale", "wait", "100", "--wait")
        try:
            assert process.stderr is not None
            assert "100" in process.stderr.readline(), "it waits, and says for what"
            ctrl_c(process)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
        assert process.returncode == 130
        assert out == ""
        assert "Traceback" not in err
        assert err.endswith("Stopped waiting; the cluster 'wait' keeps running.\n")
        assert command.answer("cluster", "show", "wait")["workers"] == 100

    def test_ctrl_c_ends_a_followed_log_quietly(self, command: InProcess) -> None:
        command("cluster", "create", "tail", "--workers", "0")
        process = begin("cluster", "logs", "tail", "-f")
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            ctrl_c(process)
            _, err = process.communicate(timeout=120)
        finally:
            process.kill()
        assert (process.returncode, err) == (130, "")
        assert first
