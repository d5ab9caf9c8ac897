"""No string of the configuration's user part does more than it says: not at HTCondor, and not in a shell.

The exception is ``job-script-prologue``, which is shell by its definition; to HTCondor it is a string like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dask.config
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from af_lab.errors import SpecError
from af_lab.jobs import sites
from af_lab.manager.manager import ClusterManager
from af_lab.manager.quotas import check_new
from af_lab.model.spec import make_spec
from af_lab.worker.arguments import worker_arguments
from tests.security.support import (
    DryRun,
    Place,
    configured,
    dry_run,
    expandable,
    few,
    hostile,
    kept,
    mostly_kept,
    unsafe,
)
from tests.support import jobs_left

pytestmark = pytest.mark.pool

JOBQUEUE = "jobqueue.htcondor"
# What af_lab itself decides about a worker job, as it stands in the ad, and HTCondor's own spellings of it.
OWN = (
    *("AfLabSchema", "Arguments", "Cmd", "EncryptInputFiles", "Err", "Iwd", "JobBatchName", "JobUniverse"),
    *("MaxRequestMemory", "NextRequestMemory", "OnExitHold", "OnExitHoldReason", "OnExitHoldSubCode", "Out"),
    *("RemoveKillSig", "RequestCpus", "RequestDisk", "RequestMemory", "ShouldTransferFiles", "StreamErr", "StreamOut"),
    *("TransferExecutable", "TransferInput", "TransferOutput", "TransformOnEvict", "UserLog", "WhenToTransferOutput"),
    *("ClusterId", "ProcId", "JobStatus", "Owner"),
)
COMMANDS = (
    *("universe", "executable", "args", "arguments", "arguments2", "allow_arguments_v1", "initialdir", "initial_dir"),
    *("iwd", "job_iwd", "output", "stdout", "error", "stderr", "log", "user_log", "input", "getenv", "get_env"),
    *("stream_output", "stream_error", "should_transfer_files", "when_to_transfer_output", "transfer_output_files"),
    *("transfer_input_files", "encrypt_input_files", "transfer_executable", "request_cpus", "RequestMemory"),
    *("request_disk", "retry_request_memory_increase", "retry_request_memory_max"),
    *("on_exit_hold", "on_exit_hold_subcode", "on_exit_hold_reason", "remove_kill_sig", "batch_name", "Queue", "Step"),
    *("Cluster", "ClusterId", "Process", "ProcId", "DOLLAR", "include", "if", "error", "warning"),
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile | st.integers(), inner, max_size=3),
    max_leaves=4,
)


@pytest.fixture(autouse=True)
def macros(monkeypatch: pytest.MonkeyPatch) -> None:
    expandable(monkeypatch)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.make(tmp_path / "home")


def job_with(place: Place, fields: Mapping[str, Any] | None = None, **values: Any) -> DryRun | None:
    """Return a worker job under a configuration of dask-jobqueue's; None if af_lab refuses it."""
    with configured(JOBQUEUE, **values):
        try:
            return dry_run(place.worker(make_spec(fields or {})))
        except SpecError:
            return None


def harmless(place: Place) -> DryRun:
    return dry_run(place.worker(make_spec({})))


@few
@given(mostly_kept)
@example("1\nMy.Evil = 1")
def test_the_value_of_a_directive_changes_nothing_else(place: Place, value: str) -> None:
    before = harmless(place)
    for directive, attributes in (
        ("+FromFacility", {"FromFacility"}),
        ("concurrency_limits", {"ConcurrencyLimits"}),
        ("environment", {"Environment"}),
    ):
        job = job_with(place, job_extra_directives={directive: value})
        if job is not None and job.ad:
            assert before.changed(job) <= attributes


@few
@given(mostly_kept)
@example("a\\")
@example("a\\ ")
@example("$(dollar)")
def test_a_text_in_a_directive_is_as_it_was_given_or_refused(place: Place, value: str) -> None:
    written = value.replace('"', '\\"')
    job = job_with(place, job_extra_directives={"+FromFacility": f'"{written}"', "description": f"x{value}"})
    if job is None:
        assert unsafe(value.replace("$$(ClusterId)", "")) or value.rstrip().endswith("\\")
    elif job.ad:
        # The number of the job itself may stand there.
        assert job.string("FromFacility") == value.replace("$(ClusterId)", "1")
        assert job.string("JobDescription") == f"x{value}".replace("$(ClusterId)", "1").rstrip()


@few
@given(hostile)
def test_the_key_of_a_directive_is_one_name_or_refused(place: Place, key: str) -> None:
    for spelled in (key, f"+{key}", f"batch{key}", f"My.X{key}"):
        if not re.fullmatch(r"(\+|My\.)?[A-Za-z_][A-Za-z0-9_]*", spelled):
            assert job_with(place, job_extra_directives={spelled: "1"}) is None


@pytest.mark.parametrize("value", ['"evil"', "evil", "1", "true", "../../evil"])
def test_no_spelling_of_a_directive_replaces_what_is_af_labs_own(place: Place, value: str) -> None:
    before = harmless(place)
    spelled = [prefix + name for name in OWN for prefix in ("", "+", "My.", "MY.")]
    spelled += [prefix + name.lower() for name in OWN for prefix in ("+", "my.")] + [*COMMANDS]
    accepted = []
    for key in spelled:
        with configured(JOBQUEUE, job_extra_directives={key: value}):
            try:
                place.worker(make_spec({}))
            except SpecError:
                continue
            accepted.append(key)
    assert "universe" in accepted
    for key in accepted:
        job = job_with(place, job_extra_directives={key: value})
        assert job is not None
        # What HTCondor refuses comes to nothing.
        assert not job.ad or not before.changed(job) & {*OWN}, key


def test_requirements_of_the_facility_are_added_to_those_of_the_specification(place: Place) -> None:
    with configured("af-lab", sites={"north": {"requirements": 'Name =?= "north"'}}):
        for key, value in (("requirements", "HasCvmfs"), ("Requirements", "HasCvmfs")):
            job = job_with(place, {"sites": ["north"]}, job_extra_directives={key: value})
            assert job is not None
            assert all(part in job.ad["Requirements"] for part in ("(HasCvmfs)", '(Name =?= "north")'))


@few
@given(st.lists(mostly_kept, max_size=3), mostly_kept, mostly_kept)
@pytest.mark.filterwarnings("ignore:extra has been renamed:FutureWarning")
def test_words_for_the_worker_reach_python_as_they_are(
    place: Place, words: list[str], interface: str, folder: str
) -> None:
    spec = {"environment": {"path": str(place.python)}}
    for name in ("worker_extra_args", "extra"):
        job = job_with(place, spec, interface=interface, local_directory=folder, **{name: words})
        if job is None:
            assert any(map(unsafe, (*words, interface, folder)))
            continue
        seen, _ = place.start_worker(make_spec(spec), job)
        assert not harmless(place).changed(job)
        expected = ["--local-directory", folder, *words, "--interface", interface]
        assert seen[-len(expected) :] == expected


@few
@given(st.lists(mostly_kept, min_size=1, max_size=3))
def test_modules_to_preload_reach_python_as_they_are(place: Place, modules: list[str]) -> None:
    spec = make_spec({"environment": {"path": str(place.python)}})
    with configured("af-lab", **{"worker.preload": modules}):
        try:
            job = dry_run(place.worker(spec))
        except SpecError:
            assert any(map(unsafe, modules))
            return
    seen, _ = place.start_worker(spec, job)
    assert seen[-2:] == ["--preload-modules", ",".join(modules)]


@few
@given(mostly_kept)
def test_a_prologue_is_shell_but_nothing_else(place: Place, line: str) -> None:
    job = job_with(place, job_script_prologue=[line])
    if job is None:
        assert unsafe(line)
        return
    if line.strip():
        assert f"\n{line}\ntrap - ERR\n" in place.folder.worker_program.read_bytes().decode()
    assert not harmless(place).changed(job)


@few
@given(
    st.sampled_from(
        (
            *("job_extra_directives", "job_extra", "worker_extra_args", "extra", "env_extra", "job_script_prologue"),
            *("interface", "local_directory", "death_timeout", "log_directory", "header_skip"),
        )
    ),
    anything,
)
@example("extra", False)
@example("worker_extra_args", True)
@pytest.mark.filterwarnings("ignore:.*has been renamed.*:FutureWarning")
def test_whatever_is_wrong_with_dask_jobqueues_settings_is_a_spec_error(place: Place, name: str, value: Any) -> None:
    job = job_with(place, **{name: value})
    if job is not None and job.ad and name not in ("job_extra_directives", "job_extra"):
        assert not harmless(place).changed(job)


@few
@given(
    st.sampled_from(
        (
            *("cluster.workers", "cluster.idle-timeout", "worker.cores", "worker.memory", "worker.disk"),
            *("worker.preload", "worker.death-timeout", "sites"),
        )
    ),
    anything,
)
@example("cluster.workers", "1\ninclude command : touch made-by-a-stranger")
@example("worker.cores", "1\nMy.Evil = 1")
def test_whatever_is_wrong_with_af_labs_settings_is_a_spec_error(place: Place, name: str, value: Any) -> None:
    before = harmless(place), dry_run(place.scheduler(make_spec({})))
    with configured("af-lab", **{name.replace("-", "_"): value}):
        try:
            spec = make_spec({})
            after = dry_run(place.worker(spec)), dry_run(place.scheduler(spec))
        except SpecError:
            return
    assert [set(job.ad) for job in after] == [set(job.ad) for job in before]


@few
@given(st.sampled_from(["", "1", "-x", " ", '"', "\n", "$(A)"]), kept, hostile)
def test_a_site_is_exactly_what_was_configured_or_refused(place: Place, name: str, text: str, label: str) -> None:
    literal = '"' + text.replace('"', '\\"') + '"'
    given_sites = {f"s{name}": {"requirements": f"Name =?= {literal}", "label": label}}
    before = harmless(place)
    with configured("af-lab", sites=given_sites):
        try:
            spec = make_spec({"sites": list(given_sites)})
            job = dry_run(place.worker(spec))
        except SpecError:
            assert not re.fullmatch("[A-Za-z0-9_.@-]*", name) or set(text) & {"\\", '"', "$"} or "])" in text
            return
        assert before.changed(job) == {"Requirements", "AfLabSite"}
        assert f"Name =?= {literal}" in job.ad["Requirements"]
        assert job.string("AfLabSite") == f"$$([{sites.site_expression()}])"


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        # HTCondor would take it for the end of the expression that tells the site, and hold the job.
        ("s", '(split(Name)[0]) =?= "a"'),
        ("s", 'Name =?= "])"'),
        ("s", ["true"]),
        ('a"b', "true"),
        ("a b", "true"),
        ("$(A)", "true"),
        ("", "true"),
        ("x" * 64, "true"),
    ],
)
def test_a_site_that_htcondor_would_take_for_something_else_is_refused(name: str, requirements: object) -> None:
    with configured("af-lab", sites={name: {"requirements": requirements}}), pytest.raises(SpecError, match="site"):
        make_spec({})


@few
@given(hostile)
def test_requirements_of_a_site_change_nothing_else(place: Place, text: str) -> None:
    with configured("af-lab", sites={"s": {"requirements": f"true{text}"}}):
        try:
            job = dry_run(place.worker(make_spec({"sites": ["s"]})))
        except SpecError:
            return
    if job.ad:
        assert harmless(place).changed(job) == {"Requirements", "AfLabSite"}


@given(hostile, anything)
def test_submit_commands_of_a_site_are_checked_as_a_users_are(key: str, value: Any) -> None:
    for submit in ({key: value}, {"+Note": value}, {"executable": "/bin/false"}, value):
        with configured("af-lab", sites={"s": {"requirements": "true", "submit": submit}}):
            try:
                (site,) = sites.configured().values()
            except SpecError:
                continue
            make_spec({"submit": site.submit})


@given(hostile)
def test_no_word_of_the_configuration_takes_a_workers_keys_or_opens_its_pages(value: str) -> None:
    """The words of ``worker-extra-args`` that would do so are replaced."""
    evil = [
        *(f"--tls-cert={value}", "--tls-key=x", "--tls-ca-file", "x", "--protocol", "tcp", "--dashboard"),
        *("--dashboard-address", ":8787", "--no-nanny", "--scheduler-file", "x", "--preload", "mine"),
    ]
    given_words = ["contact.json", "--name", "x", *evil]
    job = {"ClusterId": "7", "ProcId": "3", "RequestCpus": "1"}
    words = worker_arguments(given_words, "tls://h:1", job, {"Memory": "4224"}, Path("/files"), "/scratch")
    assert words[words.index("--tls-cert") + 1] == "/files/worker.pem"
    once = ("--tls-cert", "--tls-key", "--tls-ca-file", "--dashboard-address")
    assert [words.count(name) for name in once] == [1, 1, 1, 1]
    assert {"--no-dashboard", "--nanny"} <= set(words)
    assert not {"--tls-key=x", "--protocol", "--dashboard", ":8787", "--no-nanny", "--scheduler-file"} & set(words)
    assert words[-2:] == ["--preload", "mine"], "a module of the facility's is loaded still"


@pytest.mark.parametrize("limit", ["clusters", "workers", "cores"])
@pytest.mark.parametrize("value", ["many", [1], {"a": 1}, True, -1, float("nan"), 2.5])
def test_a_limit_that_is_no_number_is_a_spec_error(limit: str, value: Any) -> None:
    with configured("af-lab", **{f"limits.{limit}": value}), pytest.raises(SpecError, match=f"limits.{limit}"):
        check_new(make_spec({}), [])


@pytest.mark.parametrize(
    "settings",
    [
        {f"{JOBQUEUE}.job-extra-directives": {"+X": "1\ninclude command : touch made-by-a-stranger"}},
        {f"{JOBQUEUE}.job-extra-directives": {"ProcId": "../../../x"}},
        {"af-lab.worker.cores": "1\nqueue 5"},
    ],
)
async def test_nothing_is_made_under_a_configuration_that_is_refused(
    manager: ClusterManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path))
    with dask.config.set(settings), pytest.raises(SpecError):
        await manager.create(make_spec({"name": "refused"}))
    assert not list(tmp_path.glob("clusters/*"))
    assert not await jobs_left(manager.queue)
