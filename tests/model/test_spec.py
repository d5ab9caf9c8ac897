from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import dask.config
import pytest

from af_lab.errors import SpecError
from af_lab.model.ads import decode_spec, encode
from af_lab.model.spec import Adapt, check_adapt, check_workers, make_spec


def test_defaults_come_from_the_configuration() -> None:
    spec = make_spec({})
    assert (spec.name, spec.workers, spec.cores, spec.memory) == ("default", 2, 1, 2_000_000_000)
    assert (spec.adapt, spec.gpus, spec.arch, spec.sites, spec.idle_timeout) == (None, 0, None, (), 3600)
    with dask.config.set({"af-lab.cluster.idle-timeout": None, "af-lab.worker.cores": 4}):
        assert (make_spec({}).idle_timeout, make_spec({}).cores) == (None, 4)
    assert Path(spec.environment.path).samefile(sys.executable)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "a/b", "letters, digits"),
        ("name", "a\n", "letters, digits|newline"),
        ("name", "x" * 64, "1 to 63"),
        ("name", "", "1 to 63"),
        ("name", ".hidden", "first a letter or digit"),
        ("workers", -1, "greater than or equal to 0"),
        ("workers", 2.5, "integer"),
        ("workers", "2", "integer"),
        ("workers", True, "integer"),
        ("cores", 0, "greater than or equal to 1"),
        ("memory", "lots", "'2 GB'"),
        ("memory", 5, "at least 128 MB is allowed"),
        ("disk", "2000 TB", "at most 1 PB is allowed"),
        ("workers", 100_001, "less than or equal to 100000"),
        ("adapt", (3, 1), "the minimum 3 is above the maximum 1"),
        ("adapt", (-1, 1), "greater than or equal to 0"),
        ("adapt", (0, 100_001), "less than or equal to 100000"),
        ("adapt", {"minimum": 1}, "maximum: field required"),
        ("adapt", 5, r"such as \(0, 20\)"),
        ("gpus", -1, "greater than or equal to 0"),
        ("gpus", True, "integer"),
        ("arch", "sparc", "x86_64, aarch64, ppc64le are allowed"),
        ("sites", ["nowhere"], "there is no site 'nowhere'; there are: none"),
        ("sites", "nowhere", "tuple"),
        ("environment", {"path": "/nonexistent/python"}, "no Python at '/nonexistent/python'"),
        ("environment", {"image": "x"}, "with a kernel's name, or .* with the path"),
        ("environment", {"kernel": "none-such"}, "no kernel 'none-such'; there are: "),
        ("environment", {"kernel": "python3", "colour": "blue"}, "no such field"),
        ("environment", sys.executable, "with a kernel's name, or .* with the path"),
        ("variables", {"A B": "x"}, "letters, digits and '_' are allowed"),
        ("variables", {"A": "x\0"}, "zero byte"),
        ("variables", {"A": 1}, "string"),
        ("variables", {"_CONDOR_JOB_AD": "x"}, "set by HTCondor"),
        ("submit", {"executable": "x"}, "cannot be set; allowed are accounting_group, .* '\\+Name'"),
        ("submit", {"+Owner": "x"}, "set by af_lab or HTCondor"),
        ("submit", {"+AfLabName": "x"}, "set by af_lab or HTCondor"),
        ("submit", {"my.aflabscheduler": 7}, "set by af_lab or HTCondor"),
        ("submit", {"+Two Words": "x"}, "cannot be set"),
        ("submit", {"priority": "high"}, "type int"),
        ("submit", {"nice_user": 1}, "type bool"),
        ("submit", {"accounting_group": "a\nb"}, "letters, digits"),
        ("submit", {"+Note": "a\nb"}, "without control characters"),
        ("submit", {"+Note": "$$(Memory)"}, "without control characters"),
        ("submit", {"+Note": "a\\b"}, "without control characters, backslashes"),
        ("submit", {"+Note": float("nan")}, "finite number"),
        ("submit", {"+Note": 2**63}, "64 bits"),
        ("idle_timeout", "soon", "write '2 h', '30 min' or a number of seconds"),
        ("idle_timeout", 0, "greater than or equal to 1"),
        ("time", "30 s", "greater than or equal to 60"),
        ("time", "all day", "write '2 h', '30 min' or a number of seconds"),
        ("idle_timeout", True, "write '2 h'"),
        ("colour", "blue", "no such field"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(field: str, value: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says) as caught:
        make_spec({field: value})
    assert field in str(caught.value)


def test_a_fixed_number_and_a_range_exclude_each_other() -> None:
    with pytest.raises(SpecError, match=r"give workers, .* or adapt, .*; not both"):
        make_spec({"workers": 1, "adapt": (0, 1)})


def test_the_value_of_a_variable_is_not_told_when_it_is_wrong() -> None:
    with pytest.raises(SpecError, match="not shown") as caught:
        make_spec({"variables": {"TOKEN": "hidden-one\0", "OTHER": "hidden-two"}})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("~/x509", "/home/a/x509"),
        ("~", "/home/a"),
        ("$HOME/x", "/home/a/x"),
        ("${HOME}", "/home/a"),
        ("/x:~/lib:$HOME/lib", "/x:/home/a/lib:/home/a/lib"),
        ("~root/x", f"{os.path.expanduser('~root')}/x"),
        ("~no-such-user/x", "~no-such-user/x"),
        ("FILE:${HOME}/cc", "FILE:/home/a/cc"),
        ("pa$$HOME", "pa$$HOME"),
        ("say $HOME", "say $HOME"),
        ("$HOMELY/x", "$HOMELY/x"),
        ("a~/x", "a~/x"),
    ],
)
def test_a_path_in_a_variable_may_begin_with_the_home_folder(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: str
) -> None:
    monkeypatch.setenv("HOME", "/home/a")
    assert make_spec({"variables": {"A": value}}).variables == {"A": expected}


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        make_spec({"name": "a b", "cores": 0, "memory": "lots"})
    assert all(field in str(caught.value) for field in ("name", "cores", "memory"))


@pytest.mark.parametrize("bad", [-1, True, 1.0, "3", 100_001, None])
def test_a_number_of_workers_is_checked(bad: object) -> None:
    with pytest.raises(SpecError, match="from 0 to 100000"):
        check_workers(bad)


@pytest.mark.parametrize(("minimum", "maximum"), [(2, 1), (-1, 1), (0, 100_001), (None, 1), ("0", 1), (0.5, 1)])
def test_a_range_of_workers_is_checked(minimum: object, maximum: object) -> None:
    with pytest.raises(SpecError, match=r"minimum|maximum"):
        check_adapt(minimum, maximum)


def test_a_range_may_be_written_as_a_pair() -> None:
    spec = make_spec({"adapt": (1, 20)})
    assert spec.adapt == make_spec({"adapt": {"minimum": 1, "maximum": 20}}).adapt == Adapt(minimum=1, maximum=20)
    assert spec.first_workers == 1
    assert make_spec({"adapt": {"maximum": 20}}).first_workers == 0


def test_durations_may_be_written_as_people_do() -> None:
    durations = {text: make_spec({"idle_timeout": text}).idle_timeout for text in ("90 s", "10 min", "2 h", "1d")}
    assert durations == {"90 s": 90, "10 min": 600, "2 h": 7200, "1d": 86_400}
    assert make_spec({"idle_timeout": 30}).idle_timeout == 30
    assert [make_spec(given).time for given in ({}, {"time": "2 h"}, {"time": None})] == [None, 7200, None]
    assert make_spec({"idle_timeout": None}).idle_timeout is None


def test_sizes_may_be_written_as_people_do() -> None:
    assert make_spec({"memory": "2 GB"}).memory == 2_000_000_000
    assert make_spec({"memory": "1 GiB"}).memory == 2**30


def test_an_environment_may_be_its_folder_or_any_of_its_pythons(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "python3"):
        (programs / name).symlink_to(os.path.realpath(sys.executable))
    asked = [tmp_path, programs / "python3", programs / "python"]
    found = {make_spec({"environment": {"path": str(path)}}).environment.path for path in asked}
    assert found == {str(programs / "python")}


def test_only_what_was_asked_for_can_differ() -> None:
    big = make_spec({"memory": "4 GB"})
    assert make_spec({}).differences(big) == []
    (difference,) = make_spec({"memory": "2 GB"}).differences(big)
    assert difference == "memory: asked for 2 GB, the cluster has 4 GB"


def test_differences_are_told_in_words_for_every_part_of_the_shape(tmp_path: Path) -> None:
    sites = {"north": {"requirements": "true"}, "south": {"requirements": "false"}}
    with dask.config.set({"af-lab.sites": sites}):
        asked = make_spec(
            {
                "gpus": 1,
                "arch": "aarch64",
                "sites": ["south", "north"],
                "variables": {"A": "secret", "B": "secret"},
                "submit": {"priority": 5},
                "time": "3 h",
            }
        )
    found = make_spec({"variables": {"A": "other"}})
    assert asked.differences(found) == [
        "gpus: asked for 1, the cluster has 0",
        "arch: asked for aarch64, the cluster has none",
        "sites: asked for north, south, the cluster has none",
        "variables: asked for A, B, the cluster has A",
        "submit: asked for priority=5, the cluster has none",
        "time: asked for 10800 s, the cluster has none",
    ]


def test_what_may_be_changed_later_and_the_values_of_variables_are_not_part_of_the_shape() -> None:
    asked = make_spec({"workers": 5, "variables": {"A": "one"}, "idle_timeout": "2 h"})
    assert asked.differences(make_spec({"adapt": (0, 9), "variables": {"A": "two"}})) == []


def test_a_kernel_and_the_path_of_its_python_are_the_same_shape() -> None:
    kernel = make_spec({"environment": {"kernel": "python3"}})
    assert kernel.differences(make_spec({"environment": {"path": sys.executable}})) == []


def test_a_specification_survives_an_ad_and_the_loss_of_its_python(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    given = {"name": "a", "adapt": (0, 3), "environment": {"path": str(python)}, "submit": {"+Note": 'a "b" $(c)'}}
    with dask.config.set({"af-lab.sites": {"gone": {"requirements": "true"}}}):
        spec = make_spec({**given, "sites": ["gone"], "idle_timeout": None})
    stored = encode(spec.model_dump(mode="json"))
    python.unlink()
    assert stored.isascii()
    assert decode_spec(stored) == spec


def test_the_values_of_variables_do_not_stand_in_an_ad() -> None:
    spec = make_spec({"variables": {"TOKEN": "hidden"}})
    assert "hidden" not in spec.model_dump_json()
    assert decode_spec(encode(spec.model_dump(mode="json"))).variables == {"TOKEN": ""}
