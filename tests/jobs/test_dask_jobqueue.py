"""What importing dask-jobqueue does to a process, and which of its settings count."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import dask.config
import pytest

from af_lab.jobs import dask_jobqueue
from af_lab.jobs.dask_jobqueue import unused_settings, warn_of_unused_settings

PROGRAM = """
import signal, threading
before = signal.getsignal(signal.SIGINT)
{statement}
assert signal.getsignal(signal.SIGINT) is before, signal.getsignal(signal.SIGINT)
assert signal.signal.__name__ == "signal"
"""
IN_MAIN = "import af_lab.manager.manager"
IN_THREAD = """
failed = []
def load():
    try:
        import af_lab.manager.manager
    except BaseException as error:
        failed.append(error)
thread = threading.Thread(target=load)
thread.start()
thread.join()
assert not failed, failed
"""


@pytest.mark.parametrize("statement", [IN_MAIN, IN_THREAD], ids=["main thread", "another thread"])
def test_an_interrupt_stays_what_it_was(statement: str) -> None:
    program = PROGRAM.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("settings", "unused"),
    [
        ({}, []),
        ({"cores": 8, "memory": "16 GB", "disk": "1 GB", "processes": 2}, ["cores", "disk", "memory", "processes"]),
        ({"log_directory": "/logs", "submit-command-extra": ["-spool"]}, ["log-directory", "submit-command-extra"]),
        ({"scheduler-options": {"port": 1}, "python": "/p", "name": "mine"}, ["name", "python", "scheduler-options"]),
        ({"walltime": "3 h"}, ["walltime"]),
        ({"cores": None, "scheduler-options": {}, "name": "dask-worker"}, []),
        ({"death-timeout": 30, "interface": "eth0", "local-directory": "/x", "worker-extra-args": ["-v"]}, []),
        ({"job-script-prologue": ["true"], "env-extra": ["true"], "job-extra-directives": {"+A": 1}}, []),
    ],
)
def test_settings_that_do_not_count_are_named(settings: dict[str, Any], unused: list[str]) -> None:
    with dask.config.set({"jobqueue.htcondor": dask.config.get("jobqueue.htcondor") | settings}):
        assert unused_settings() == unused


def test_they_are_named_once() -> None:
    dask_jobqueue._warn.cache_clear()
    with dask.config.set({"jobqueue.htcondor.cores": 8, "jobqueue.htcondor.log-directory": "/logs"}):
        with pytest.warns(UserWarning, match=r"do not count for clusters of af_lab: cores, log-directory\."):
            warn_of_unused_settings()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warn_of_unused_settings()
