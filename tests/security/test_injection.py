"""No string of a specification does anything but stand where it belongs: not at HTCondor, and not in a shell."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from distributed import Client
from hypothesis import example, given
from hypothesis import strategies as st

from af_lab.condor.helper_connection import HelperConnection
from af_lab.errors import AfLabError, SpecError
from af_lab.jobs.submit_commands import unquoted
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import ClusterSpec, make_spec
from af_lab.model.spec_values import with_home
from tests.security.support import HOSTILE, Place, configured, dry_run, expandable, few, hostile, mostly_kept, unsafe
from tests.support import jobs_left, until

pytestmark = pytest.mark.pool

FIELDS = tuple(ClusterSpec.model_fields)
# A user may set them by a submit command of another name.
BY_COMMAND = {"AccountingGroup", "AcctGroup", "AcctGroupUser", "JobPrio", "MaxJobRetirementTime"}
BY_DASK_JOBQUEUE = {"DaskWorkerCores", "DaskWorkerDisk", "DaskWorkerMemory"}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile | st.sampled_from(["path", "kernel"]), inner),
    max_leaves=4,
)
NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
# What may stand in the name of a file.
part = mostly_kept.filter(lambda name: not set(name) & {"/", "\0"} and name.isprintable() and len(name.encode()) < 200)


@pytest.fixture(autouse=True)
def macros(monkeypatch: pytest.MonkeyPatch) -> None:
    expandable(monkeypatch)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.make(tmp_path / "home")


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Path]:
    """A folder for the places of many examples."""
    folder = tmp_path / "examples"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@given(st.sampled_from(FIELDS), anything)
@example("memory", "1e999 GB")
@example("idle_timeout", "1e999 h")
@example("environment", {"path": "~nobody-of-that-name/python"})
@example("environment", {"path": f"/{'x' * 5000}"})
@example("environment", {"kernel": "\ud800", "path": sys.executable})
@example("submit", {"priority": 10**30})
def test_whatever_is_wrong_with_a_field_is_a_spec_error(field: str, value: Any) -> None:
    with contextlib.suppress(SpecError):
        make_spec({field: value})


@given(hostile)
def test_no_hostile_name_is_accepted(value: str) -> None:
    for name in (value, f"a{value}", f"{value}a"):
        if not NAME.fullmatch(name):
            with pytest.raises(SpecError):
                make_spec({"name": name})


@given(hostile)
def test_what_has_to_exist_is_not_made_up(value: str) -> None:
    for field in (
        {"arch": value},
        {"sites": [value]},
        {"environment": {"kernel": value}},
        {"environment": {"path": f"/{value}/python"}},
    ):
        with pytest.raises(SpecError):
            make_spec(field)


@few
@given(part)
def test_the_path_of_a_python_is_the_same_to_everybody_or_refused(place: Place, crowded: Path, value: str) -> None:
    python = crowded / uuid4().hex / f"x{value}" / "python"
    harmless = dry_run(place.worker(make_spec({})))
    place = Place.make(crowded, python)
    try:
        spec = make_spec({"environment": {"path": str(python)}})
        description = place.worker(spec)
    except SpecError:
        assert unsafe(value)
        return
    job = dry_run(description)
    assert set(harmless.ad) == set(job.ad)
    words, _ = place.start_worker(spec, job)
    assert words[:5] == [str(python), "-P", "-m", "af_lab.worker", "contact.json"]
    words, _ = place.start_scheduler(spec)
    assert words == [str(python), "-P", "-m", "af_lab.runner"]


@few
@given(st.dictionaries(st.from_regex(r"V_[A-Za-z0-9_]{0,8}", fullmatch=True), hostile, min_size=1, max_size=3))
def test_variables_reach_the_processes_alone_and_as_they_are(place: Place, variables: dict[str, str]) -> None:
    harmless = make_spec({"environment": {"path": str(place.python)}, "variables": dict.fromkeys(variables, "x")})
    try:
        spec = make_spec({"environment": {"path": str(place.python)}, "variables": variables})
    except SpecError:
        assert any(not value.isprintable() for value in variables.values())
        return
    job = dry_run(place.worker(spec))
    seen_by_worker = place.start_worker(spec, job)
    assert not dry_run(place.worker(harmless)).changed(job), "nothing of them stands in a worker job's ad"
    assert place.scheduler(spec) == place.scheduler(harmless), "nor in the scheduler job's"
    for _, seen in (seen_by_worker, place.start_scheduler(spec)):
        assert {name: seen[name] for name in variables} == {name: with_home(text) for name, text in variables.items()}


@given(hostile)
def test_only_names_are_names_of_variables(value: str) -> None:
    if not re.fullmatch("[A-Za-z0-9_]*", value):
        with pytest.raises(SpecError):
            make_spec({"variables": {f"A{value}": "x"}})


@few
@given(st.lists(mostly_kept, min_size=1, max_size=4))
def test_the_values_of_attributes_are_as_they_were_given_or_refused(place: Place, values: list[str]) -> None:
    given_values = {f"+Note{index}": value for index, value in enumerate(values)}
    harmless = dry_run(place.worker(make_spec({})))
    accepted = {}
    for name, value in given_values.items():
        try:
            make_spec({"submit": {name: value}})
        except SpecError:
            assert unsafe(value) or "\\" in value
        else:
            accepted[name] = value
    job = dry_run(place.worker(make_spec({"submit": accepted})))
    assert harmless.changed(job) == {name[1:] for name in accepted}
    assert {name: job.string(name[1:]) for name in accepted} == unquoted(accepted)


@few
@given(hostile)
def test_no_hostile_key_is_accepted(place: Place, key: str) -> None:
    for spelled in (key, f"+{key}", f"My.{key}", f"+Note{key}", f"priority{key}"):
        if not spelled.replace("_", "").removeprefix("+").removeprefix("My.").isidentifier() or not key.isascii():
            with pytest.raises(SpecError):
                make_spec({"submit": {spelled: 1}})


@few
@given(st.sampled_from(["accounting_group", "accounting_group_user", "concurrency_limits"]), hostile)
def test_no_hostile_value_of_a_submit_command_is_accepted(command: str, value: str) -> None:
    if not all(c.isascii() and (c.isalnum() or c in "_.@:,-") for c in value):
        with pytest.raises(SpecError):
            make_spec({"submit": {command: value}})


@few
@given(st.sampled_from(["requirements", "rank"]), mostly_kept, st.booleans())
def test_an_expression_changes_nothing_else(place: Place, command: str, value: str, in_text: bool) -> None:
    expression = f'TARGET.Name == "{value}"' if in_text else f"true {value}"
    try:
        spec = make_spec({"submit": {command: expression}})
    except SpecError:
        return
    harmless, job = (dry_run(place.worker(one)) for one in (make_spec({}), spec))
    assert job.ad, f"condor_submit refuses {expression!r}: {job.said}"
    assert harmless.changed(job) <= {command.capitalize()}
    for own in ("TARGET.Arch", "TARGET.Memory >= RequestMemory"):
        assert own in job.ad["Requirements"]


@few
@given(part)
def test_the_names_of_sent_files_are_the_same_to_htcondor_or_refused(crowded: Path, place: Place, value: str) -> None:
    folder = crowded / uuid4().hex
    folder.mkdir()
    name = f"x{value}"
    (folder / name).write_text("", encoding="utf-8")
    harmless = dry_run(place.worker(make_spec({})))
    try:
        spec = make_spec({"submit": {"transfer_input_files": name}, "directory": str(folder)})
        job = dry_run(place.worker(spec))
    except SpecError:
        assert unsafe(value) or set(value) & {"\\", ","} or name.strip() != name
        return
    assert job.string("TransferInput") == f"{harmless.string('TransferInput')},{folder / name}"
    assert harmless.changed(job) <= {"TransferInput", "TransferInputSizeMB", "Arguments"}


@few
@given(part)
@example("\\")
@example('\\"')
@example("$(dollar)")
@example("a,b")
def test_the_paths_of_a_cluster_are_the_same_to_htcondor_or_refused(crowded: Path, value: str) -> None:
    home = crowded / uuid4().hex / f"x{value}"
    home.parent.mkdir()
    place, spec = Place.make(home), make_spec({})
    try:
        worker, scheduler = dry_run(place.worker(spec)), dry_run(place.scheduler(spec))
    except SpecError:
        assert unsafe(value) or set(value) & {"\\", ","}
        return
    folder = place.folder
    transferred = [folder.contact, folder.authority, folder.worker_certificate, folder.environment]
    transferred += [folder.worker_program, folder.dask_settings]
    assert worker.string("Iwd") == scheduler.string("Iwd") == str(folder.path)
    assert worker.string("UserLog") == scheduler.string("UserLog") == str(folder.events)
    assert worker.string("Out") == worker.string("Err") == str(folder.logs / "worker-1.0.out")
    assert scheduler.string("Out") == scheduler.string("Err") == str(folder.logs / "scheduler.out")
    assert worker.string("Cmd") == scheduler.string("Cmd") == "/bin/sh"
    assert scheduler.words() == [folder.scheduler_program.name]
    assert worker.string("TransferInput") == ",".join(map(str, transferred))


def test_the_bindings_and_the_schedd_keep_hostile_strings_too(place: Place, connection: HelperConnection) -> None:
    """What condor_submit has been asked above goes through the helper once, into a real queue."""
    notes, words = {}, [value for value in HOSTILE if not unsafe(value)]
    for index, value in enumerate(HOSTILE):
        try:
            make_spec({"submit": {f"+Note{index}": f"a{value}b"}})
        except SpecError:
            continue
        notes[f"+Note{index}"] = f"a{value}b"
    with configured("jobqueue.htcondor", worker_extra_args=words):
        description = place.worker(make_spec({"submit": notes})) | {"hold": "true"}
    made = connection.call("submit", description=description, count=1).result()
    constraint = f"ClusterId == {made['cluster']}"
    try:
        (ad,) = connection.call("query", constraint=constraint, projection=[], limit=-1).result()
    finally:
        connection.call("act", action="Remove", constraint=constraint, reason="the test ended").result()
    harmless = dry_run(place.worker(make_spec({})) | {"hold": "true"})
    assert {name: ad[name[1:]] for name in notes} == notes
    assert ad["Arguments"] == dry_run(description).string("Arguments")
    assert "Evil" not in ad
    assert harmless.ad.keys() - ad.keys() <= {"HoldReason"}, "nothing of the job was swallowed"
    assert len(notes) > 40


async def test_a_cluster_lives_in_a_folder_with_an_odd_name(
    manager: ClusterManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "a 'b' \"c\" $(AFLABMACRO) `d` $HOME; #é *"))
    value = "line 1\n$(AFLABMACRO) $HOME 'x' \"y\" \\"
    await manager.create(make_spec({"name": "odd", "workers": 1, "variables": {"ODD": value}}))
    info = await manager.wait_until_running("odd")
    folder = await manager.folder("odd")
    assert folder.path.is_relative_to(tmp_path)
    async with Client(info.scheduler_address, security=folder.security(), asynchronous=True) as client:
        await client.wait_for_workers(1, timeout=90)
        (seen,) = (await client.run(_variable)).values()
    assert seen == value


def _variable() -> str | None:
    import os

    return os.environ.get("ODD")


async def test_what_is_refused_leaves_nothing_behind(
    manager: ClusterManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "with, comma"
    monkeypatch.setenv("AF_LAB_HOME", str(home))
    with pytest.raises(SpecError, match="comma"):
        await manager.create(make_spec({"name": "refused"}))
    assert not list((home / "clusters").iterdir()), "neither a key"
    assert not await jobs_left(manager.queue), "nor a job"


async def test_no_hostile_word_to_the_manager_reaches_another_cluster(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "bystander", "workers": 0}))
    await manager.wait_until_running("bystander")
    before = await wanted(manager)
    words = ['" || true || "', 'x" || AfLabName =!= undefined || "', "bystander\n", "*", "../bystander", "$(X)", "a\0"]
    for word in words:
        for ask in (
            manager.get(word),
            manager.scale(word, 7),
            manager.shutdown(word),
            manager.logs(word),
            manager.remove_worker(word, "1.0"),
            manager.remove_worker("bystander", word),
            manager.release_worker("bystander", f"{before[0]}.0 || true"),
            manager.logs("bystander", worker=word),
            manager.logs("bystander", worker=f"../../{word}"),
            manager.logs("bystander", after=word),
        ):
            with pytest.raises(AfLabError):
                await ask
    assert await wanted(manager) == before


async def wanted(manager: ClusterManager) -> tuple[int, ...]:
    names = ["ClusterId", "AfLabWorkers", "AfLabGeneration", "JobStatus"]
    (ad,) = await manager.queue.query("AfLabName =!= undefined", names)
    return tuple(ad[name] for name in names)


async def test_no_attribute_that_a_job_has_by_itself_may_be_set(manager: ClusterManager) -> None:
    await manager.create(make_spec({"name": "ads", "workers": 1}))
    await manager.wait_until_running("ads")

    async def connected() -> bool:
        return (await manager.get("ads")).counts.connected == 1

    await until(connected, "the worker is connected")
    shown = await asyncio.to_thread(
        subprocess.run, ["condor_q", "-long"], capture_output=True, text=True, check=True, timeout=60
    )
    names = {line.partition(" = ")[0] for line in shown.stdout.splitlines() if " = " in line}
    assert {"AfLabScheduler", "RemoteHost", "Cmd"} <= names
    allowed = set()
    for name in names:
        try:
            make_spec({"submit": {f"my.{name.lower()}": 1}})
        except SpecError:
            continue
        allowed.add(name)
    assert allowed <= BY_COMMAND | BY_DASK_JOBQUEUE
