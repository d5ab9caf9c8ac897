"""Where tasks run, and what surrounds them: folder, modules, permissions, settings, variables, sockets."""

from __future__ import annotations

import multiprocessing.connection
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudpickle
import dask.config
import pytest

from af_lab.home import af_lab_home
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import client_of, connected

pytestmark = pytest.mark.pool
# The workers do not find the tests.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

HELPER = """
def doubled(x):
    return 2 * x
"""
PROLOGUE = [
    "# A comment, and what follows it counts as well.",
    "export FROM_PROLOGUE=yes OVERRIDDEN=prologue",
    "source ./facility.sh",
    "if true; then",
    "    export PATH=/of/the/prologue:$PATH",
    "fi",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a user's notebook, with a long name, a blank and a letter that is not ASCII."""
    folder = tmp_path / "größe von Müll 4"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "selections.py").write_text(HELPER, encoding="utf-8")
    (folder / "facility.sh").write_text("export FROM_FACILITY=sourced\n", encoding="utf-8")
    before = os.umask(0o027)
    yield folder
    os.umask(before)


def write_relative(name: str) -> str:
    with open(name, "w", encoding="utf-8") as file:
        file.write("written by a task")
    return os.getcwd()


def surroundings() -> dict[str, Any]:
    first = dict(
        line.partition("=")[::2]
        for line in Path("/proc/self/environ").read_bytes().decode(errors="replace").split("\0")
    )
    return {
        "folder": os.getcwd(),
        "variables": dict(os.environ),
        # As they were when the process that the workers are forked from was started.
        "first": first,
        "chunk": dask.config.get("array.chunk-size"),
        "threshold": dask.config.get("distributed.scheduler.worker-saturation"),
    }


def socket_of_a_library() -> str:
    """Make a socket as libraries of users do by `multiprocessing`."""
    with multiprocessing.connection.Listener(family="AF_UNIX") as listener:
        return str(listener.address)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def allocate_and_free() -> int:
    """Return the bytes that stay in memory after half a GB was freed."""
    before = resident()
    # Too small for memory maps of their own.
    many = [bytearray(20_000) for _ in range(25_000)]
    del many
    return resident() - before


async def test_tasks_find_what_the_notebook_finds(
    manager: ClusterManager, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    far = tmp_path / ("long-" * 30)
    far.mkdir()
    spec: dict[str, Any] = {
        "name": "around",
        "workers": 1,
        # Longer than the name of a socket may be.
        "variables": {"TMPDIR": str(far), "OVERRIDDEN": "user"},
    }
    settings = {"array.chunk-size": "7 MiB", "distributed.scheduler.worker-saturation": 1.7}
    with dask.config.set({**settings, "jobqueue.htcondor.job-script-prologue": PROLOGUE}):
        await manager.create(make_spec(spec))
    kept = set(af_lab_home().glob("clusters/*/*"))
    async with client_of(manager, "around") as client:
        await connected(manager, "around", 1)

        # Files and modules beside the notebook; the scheduler imports the module as well.
        assert await client.submit(write_relative, "made by a task.txt") == str(folder)
        assert stat.S_IMODE((folder / "made by a task.txt").stat().st_mode) == 0o640
        import selections  # type: ignore[import-not-found]

        assert await client.submit(selections.doubled, 21) == 42
        assert await client.run_on_scheduler(os.getcwd) == str(folder)

        found = await client.submit(surroundings)
        assert (found["chunk"], found["threshold"]) == ("7 MiB", 1.7)
        on_scheduler = await client.run_on_scheduler(surroundings)
        assert (on_scheduler["chunk"], on_scheduler["threshold"]) == ("7 MiB", 1.7)
        variables = found["variables"]
        assert variables["FROM_PROLOGUE"] == "yes"
        assert variables["FROM_FACILITY"] == "sourced"
        assert variables["OVERRIDDEN"] == "user"
        assert variables["PATH"].startswith("/of/the/prologue:")
        assert found["first"]["MALLOC_TRIM_THRESHOLD_"] == "65536"

        assert await client.submit(socket_of_a_library)
        assert await client.submit(allocate_and_free) < 100e6

    # Nothing of a user's lies where the keys are.
    new = set(af_lab_home().glob("clusters/*/*")) - kept
    assert {path.name for path in new} <= {"reason.txt", "starts.json", "scratch", "timeline.jsonl"}
