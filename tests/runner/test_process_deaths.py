"""What a worker process says before it dies is found in the log of its job, among what others say."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from af_lab.runner import process_deaths
from af_lab.runner.process_deaths import Death, Deaths, deaths_in

START = "2026-11-27 00:32:44,868 - distributed.worker - INFO -       Start worker at:      tls://192.0.2.2:37747\n"
TYPE = "Error in <TTreeReaderValueBase::GetBranchDataType()>: The branch Muon_pt of a.root has another type\n"
ABORT = "terminate called after throwing an instance of 'std::runtime_error'\n  what():  the answer is not here\n"
PYTHON = "Traceback (most recent call last):\n  File 'x.py', line 1\nMemoryError: no more\n"
STACKS = f"""
 *** Break *** segmentation violation
{"=" * 59}
There was a crash.
This is the entire stack trace of all threads:
{"=" * 59}
#0  0x00007f2023af1c17 in wait4 () at ../sysdeps/unix/sysv/linux/wait4.c:30
30\t../sysdeps/unix/sysv/linux/wait4.c: No such file or directory.
{"=" * 59}
The lines below might hint at the cause of the crash. If it is an error of ROOT, tell us.
{"=" * 59}
"""


def end(pid: int, how: str = "was killed by signal 11") -> str:
    return f"2026-11-27 00:32:45,013 - distributed.nanny - INFO - Worker process {pid} {how}\n"


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ("", []),
        (START + TYPE, []),
        (START + TYPE + end(5), [Death("5", "was killed by signal 11", TYPE.strip())]),
        (TYPE + STACKS + end(5), [Death("5", "was killed by signal 11", TYPE.strip())]),
        (STACKS + end(5), [Death("5", "was killed by signal 11", "")]),
        (ABORT + end(5), [Death("5", "was killed by signal 11", "what(): the answer is not here")]),
        (PYTHON + end(5, "exited with status 1"), [Death("5", "exited with status 1", "MemoryError: no more")]),
        ("some output\n" + end(5), [Death("5", "was killed by signal 11", "")]),
        (
            TYPE + end(5) + START + "fine\n" + end(6),
            [Death("5", "was killed by signal 11", TYPE.strip()), Death("6", "was killed by signal 11", "")],
        ),
        (
            STACKS + end(5) + START + TYPE + end(6),
            [Death("5", "was killed by signal 11", ""), Death("6", "was killed by signal 11", TYPE.strip())],
        ),
        ("Worker process 7 was killed by signal 11\n", []),
    ],
)
def test_each_process_has_its_own_words(log: str, found: list[Death]) -> None:
    assert deaths_in(log) == found


async def test_each_death_is_told_once_the_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_deaths, "PAUSE", 0.01)
    log, deaths = tmp_path / "worker-1.0.out", Deaths()
    assert await deaths.newest(log) is None
    log.write_text(TYPE + end(5) + START + ABORT + end(6))
    assert [(await deaths.newest(log)) for _ in range(3)] == [
        Death("6", "was killed by signal 11", "what(): the answer is not here"),
        Death("5", "was killed by signal 11", TYPE.strip()),
        None,
    ]


async def test_a_log_that_comes_later_is_waited_for(tmp_path: Path) -> None:
    log, deaths = tmp_path / "worker-1.0.out", Deaths()
    asking = asyncio.create_task(deaths.newest(log))
    await asyncio.sleep(0.1)
    log.write_text(end(5))
    assert await asking == Death("5", "was killed by signal 11", "")
