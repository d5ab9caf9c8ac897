"""The memory of a job's processes: anonymous and shared pages, of all of them, each page once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from af_lab.worker import job_memory
from af_lab.worker.job_memory import JobMemory, own_cgroup

MB = 2**20
MARK = {"_CONDOR_ANCESTOR_1": "2:3:4", "_CONDOR_SLOT": "slot1_1"}

# Each holds its memory until its input ends.
SAY = "print('ready', flush=True); sys.stdin.read()"
ALLOCATE = f"import sys; content = b'x' * (100 * 2**20); {SAY}"
IN_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ALLOCATE!r}])"
IN_A_GRANDCHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {IN_A_CHILD!r}])"
SHARED = (
    "import mmap, sys; content = mmap.mmap(-1, 100 * 2**20); content.write(b'x' * (50 * 2**20)); "
    f"content.write(b'x' * (50 * 2**20)); {SAY}"
)
# Children that are forks share the memory of their parent.
FORKED = f"import os, sys; content = b'x' * (100 * 2**20); [os.fork() or sys.stdin.read() for _ in range(2)]; {SAY}"
MAPPED = "import mmap, sys; f = open({0!r}); maps = [mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) for _ in range(3)]; "
READ = f"[sum(each[::4096]) for each in maps]; {SAY}"


@contextmanager
def running(code: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program until it has its memory."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(autouse=True)
def search_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_memory, "WALK_EVERY", 0.0)
    monkeypatch.setattr(job_memory, "STRAYS_EVERY", 0.0)
    monkeypatch.setattr(job_memory, "own_cgroup", lambda: None)


def exact(memory: JobMemory) -> float:
    return memory.total(memory.processes())


@pytest.mark.parametrize(
    "code",
    [ALLOCATE, IN_A_CHILD, IN_A_GRANDCHILD, SHARED, FORKED],
    ids=["allocated", "by a child", "by a grandchild", "shared", "shared with forks"],
)
def test_what_a_process_and_its_children_allocate_counts_once(code: str) -> None:
    memory = JobMemory({})
    before, at_most_before = exact(memory), memory.at_most()
    with running(code):
        assert 100 * MB < exact(memory) - before < 140 * MB
        assert memory.at_most() - at_most_before > 100 * MB
        if code == FORKED:
            assert memory.at_most() - at_most_before > 300 * MB, "the bound counts each"
            assert memory.at_most() >= exact(memory)


def test_the_pages_of_a_file_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"x" * (100 * MB))
    memory = JobMemory({})
    before, at_most_before = exact(memory), memory.at_most()
    with running(MAPPED.format(str(file)) + READ) as process:
        resident = Path(f"/proc/{process.pid}/statm").read_text().split()[1]
        assert int(resident) * os.sysconf("SC_PAGE_SIZE") > 300 * MB
        assert exact(memory) - before < 40 * MB
        assert memory.at_most() - at_most_before < 40 * MB


def test_a_process_whose_parents_ended_counts_if_it_is_of_the_job() -> None:
    ours, theirs = JobMemory(MARK), JobMemory({**MARK, "_CONDOR_ANCESTOR_1": "2:3:5"})
    nobodys = JobMemory({})
    before = exact(ours), exact(theirs), exact(nobodys)
    orphan = f"import os; os.fork() and os._exit(0); {ALLOCATE}"
    with running(orphan, **MARK) as parent:
        parent.wait()
        after = exact(ours), exact(theirs), exact(nobodys)
        found = [one for one in ours.processes() if one.memory > 100 * MB and one.pid != os.getpid()]
        assert [one.parent for one in found] == [0]
        assert found[0].pid != parent.pid
    assert after[0] - before[0] > 100 * MB
    assert after[1] - before[1] < 40 * MB
    assert after[2] - before[2] < 40 * MB


def test_a_child_that_still_runs_in_the_memory_of_its_parent_does_not_count_twice() -> None:
    """As each program does until its file is loaded, which may take long from a slow file system."""
    twin = (
        "import ctypes, sys; content = b'x' * (100 * 2**20); libc = ctypes.CDLL(None); "
        "stack = ctypes.create_string_buffer(2**16); top = ctypes.addressof(stack) + 2**16 & ~15; "
        # CLONE_VM | SIGCHLD: another process with the same memory, which only waits.
        f"assert libc.clone(libc.pause, ctypes.c_void_p(top), 0x100 | 17, None) > 0; {SAY}"
    )
    memory = JobMemory({})
    before = exact(memory)
    with running(twin):
        assert 100 * MB < exact(memory) - before < 140 * MB


def test_looking_at_the_memory_is_cheap() -> None:
    memory = JobMemory({})
    memory.at_most()
    begun = time.process_time()
    for _ in range(20):
        memory.at_most()
    assert (time.process_time() - begun) / 20 < 0.05


def cgroup(tmp_path: Path, members: dict[int, str], *, stat: bool = True) -> Callable[[], Path | None]:
    """Make what the kernel shows of a cgroup and its members; return what `own_cgroup` makes of it."""
    folder, proc = tmp_path / "fs/htcondor/slot1_1", tmp_path / "proc"
    (folder / "inner").mkdir(parents=True)
    (proc / "self").mkdir(parents=True)
    (proc / "self/cgroup").write_text("4:memory:/else\n0::/htcondor/slot1_1\n")
    if stat:
        (folder / "memory.stat").write_text("anon 1000\nfile 5\nshmem 24\nanon_thp 7\n")
    (folder / "cgroup.procs").write_text("")
    (folder / "inner/cgroup.procs").write_text("".join(f"{pid}\n" for pid in members))
    for pid, name in members.items():
        (proc / str(pid)).mkdir()
        (proc / str(pid) / "comm").write_text(f"{name}\n")
    return lambda: own_cgroup(proc, tmp_path / "fs")


@pytest.mark.parametrize(
    ("members", "stat", "is_own"),
    [
        ({5: "python3", 6: "sh"}, True, True),
        ({5: "python3", 6: "sh"}, False, False),  # the root of all, or without control of memory
        ({5: "python3", 4: "condor_starter"}, True, False),
        ({0: "unseen", 5: "python3"}, True, False),
    ],
)
def test_a_cgroup_counts_if_it_is_the_jobs_own(
    tmp_path: Path, members: dict[int, str], stat: bool, is_own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = cgroup(tmp_path, members, stat=stat)
    assert (own() is not None) is is_own
    monkeypatch.setattr(job_memory, "own_cgroup", own)
    memory = JobMemory({})
    assert (memory.at_most() == 1024) is is_own
    assert (memory.total([]) == 1024) is is_own
