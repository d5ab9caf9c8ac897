"""Creations that meet each other, and creators that are killed on the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from af_lab.home import af_lab_home
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from tests.faults.support import connected
from tests.support import jobs_left, until

pytestmark = pytest.mark.pool

# Makes the cluster that its first argument describes, once it is told to; prints what came of it.
CREATOR = """
import asyncio, json, sys
from af_lab.errors import ClusterExists
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec

{preparation}
manager = ClusterManager()
# The helper process starts, so that all creators are equally fast afterwards.
asyncio.run(manager.clusters())
print("ready", flush=True)
sys.stdin.readline()
try:
    print(asyncio.run(manager.create(make_spec(json.loads(sys.argv[1])))).info.id)
except ClusterExists as error:
    print(f"ClusterExists: {{error}}")
"""


@contextmanager
def creators(*programs: tuple[str, dict[str, object]]) -> Iterator[list[subprocess.Popen[str]]]:
    """Start processes that prepare themselves and then make clusters, and let them go all at once."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CREATOR.format(preparation=textwrap.dedent(preparation)), json.dumps(spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for preparation, spec in programs
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.mark.parametrize("many", [2, 5])
async def test_of_processes_that_create_one_name_at_once_one_makes_it(manager: ClusterManager, many: int) -> None:
    with creators(*[("", {"name": "contested", "workers": 1})] * many) as processes:
        said = [process.communicate(timeout=240)[0].strip() for process in processes]
    (made,) = (int(words) for words in said if words.isdigit())
    refused = [words for words in said if words.startswith("ClusterExists: You already have a cluster 'contested'")]
    assert len(refused) == many - 1, said

    await manager.wait_until_running("contested")
    await connected(manager, "contested", 1)
    assert [(info.name, info.id) for info in await manager.clusters() if info.exists] == [("contested", made)]

    async def alone() -> bool:
        return await jobs_left(manager.queue) == 2

    await until(alone, "no job but the scheduler and its worker is left")


# How a creator is killed: by itself, at that very moment.
KILLED = """
import os, signal, time
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.queue import Queue
from af_lab.manager import manager as module

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def after(function):
    return lambda *given: (function(*given), die())

def during_submission(number, seconds):
    call = HelperConnection.call
    def called(self, method, **params):
        answer = call(self, method, **params)
        if method == "submit":
            submissions.append(method)
            if len(submissions) == number:
                time.sleep(seconds)
                die()
        return answer
    HelperConnection.call = called

def after_submission(number):
    submit = Queue.submit
    async def submitted(self, *given):
        made = await submit(self, *given)
        submissions.append(made)
        if len(submissions) == number:
            die()
        return made
    Queue.submit = submitted

def blind_until_submission():
    query = Queue.query
    async def seen(self, *given, **more):
        return await query(self, *given, **more) if submissions else []
    Queue.query = seen

submissions = []
"""
WHOLE, NOTHING, EITHER = {"whole"}, {"nothing"}, {"whole", "nothing"}
STEPS = {
    "before-anything": ("module.make_files = die", NOTHING),
    "folder-made": ("module.make_files = after(module.make_files)", NOTHING),
    "scheduler-being-submitted": ("during_submission(1, 0)", EITHER),
    "scheduler-being-submitted-for-5-ms": ("during_submission(1, 0.005)", EITHER),
    "scheduler-being-submitted-for-15-ms": ("during_submission(1, 0.015)", EITHER),
    "scheduler-submitted": ("after_submission(1)", WHOLE),
    "name-checked": ("module.submit_workers = die", WHOLE),
    "workers-being-submitted": ("during_submission(2, 0.005)", WHOLE),
    "workers-submitted": ("after_submission(2)", WHOLE),
}


async def test_a_creator_killed_at_any_step_leaves_a_whole_cluster_or_none(manager: ClusterManager) -> None:
    folders = set((af_lab_home() / "clusters").glob("*"))
    programs = [(KILLED + hook, {"name": name, "workers": 1}) for name, (hook, _) in STEPS.items()]
    with creators(*programs) as processes:
        ends = {name: process.wait(timeout=120) for name, process in zip(STEPS, processes, strict=True)}
    assert ends == dict.fromkeys(STEPS, -signal.SIGKILL)
    made = set((af_lab_home() / "clusters").glob("*")) - folders
    assert len(made) == len(STEPS) - 1, "all but the first came to the folder"

    outcomes = {}
    listed = {info.name for info in await manager.clusters()}
    for name in STEPS:
        if name in listed:
            await manager.wait_until_running(name)
            await connected(manager, name, 1)
        outcomes[name] = "whole" if name in listed else "nothing"
    assert {name: outcome for name, outcome in outcomes.items() if outcome not in STEPS[name][1]} == {}

    async def nothing_else() -> bool:
        return await jobs_left(manager.queue) == 2 * len(listed)

    await until(nothing_else, "there is nothing but schedulers and their workers")


async def test_a_creator_killed_before_it_saw_that_the_name_is_taken_leaves_the_other_cluster_alone(
    manager: ClusterManager,
) -> None:
    made = (await manager.create(make_spec({"name": "taken", "workers": 1}))).info
    program = f"{KILLED}\nblind_until_submission()\nafter_submission(1)"
    with creators((program, {"name": "taken", "workers": 1})) as (process,):
        assert process.wait(timeout=120) == -signal.SIGKILL

    async def left_first_thing() -> bool:
        others = [(info.state, info.reason) for info in await manager.clusters() if info.id != made.id]
        return others == [("ended", f"The name 'taken' was taken by job {made.id}.0 a moment earlier.")]

    await until(left_first_thing, "the second cluster has left by itself")
    await connected(manager, "taken", 1)
    assert (await manager.get("taken")).id == made.id
