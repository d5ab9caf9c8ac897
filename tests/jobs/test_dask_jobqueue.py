"""What importing dask-jobqueue does to a process."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
