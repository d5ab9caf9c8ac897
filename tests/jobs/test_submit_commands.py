"""Texts of attributes follow one rule wherever they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from af_lab import config
from af_lab.errors import SettingError
from af_lab.jobs.submit_commands import directive_value, unquoted
from af_lab.model.spec import make_spec
from af_lab.setting_problems import Source
from tests.security.support import DryRun, Place, configured, dry_run

WAYS: list[Callable[[Place, str, Any], DryRun]] = []


def way(written: Callable[[Place, str, Any], DryRun]) -> Callable[[Place, str, Any], DryRun]:
    WAYS.append(written)
    return written


@way
def in_a_specification(place: Place, name: str, value: Any) -> DryRun:
    return dry_run(place.worker(make_spec({"submit": {name: value}})))


@way
def in_a_site(place: Place, name: str, value: Any) -> DryRun:
    with configured("af-lab", sites={"s": {"requirements": "true", "submit": {name: value}}}):
        return dry_run(place.worker(make_spec({"sites": ["s"]})))


@way
def in_the_section_of_dask_jobqueue(place: Place, name: str, value: Any) -> DryRun:
    with configured("jobqueue.htcondor", job_extra_directives={name: value}):
        return dry_run(place.worker(make_spec({})))


@pytest.mark.pool
@pytest.mark.parametrize("written", WAYS)
def test_a_text_is_the_same_with_and_without_quotes(tmp_path: Path, written: Callable[..., DryRun]) -> None:
    place = Place.make(tmp_path / "home")
    for value in ("tomorrow", '"tomorrow"'):
        for name in ("+JobFlavour", "My.JobFlavour", "MY.JobFlavour"):
            assert written(place, name, value).ad["JobFlavour"] == '"tomorrow"'
    assert written(place, "+Project", '"a b; c"').ad["Project"] == '"a b; c"'
    assert written(place, "+Project", '"1"').ad["Project"] == '"1"'
    assert written(place, "+MaxRuntime", 3600).ad["MaxRuntime"] == "3600"
    assert written(place, "+WantNorth", True).ad["WantNorth"].lower() == "true"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ('"tomorrow"', "tomorrow"),
        ('""', ""),
        ('"', '"'),
        ('"a" or "b"', '"a" or "b"'),
        ("tomorrow", "tomorrow"),
        (3, 3),
    ],
)
def test_only_one_text_in_quotes_loses_them(value: Any, plain: Any) -> None:
    assert unquoted({"+A": value}) == {"+A": plain}
    assert unquoted({"accounting_group": value}) == {"accounting_group": value}


@pytest.mark.parametrize("value", ["true", "False", "undefined", "RequestMemory / 2", "MY.X", "(X)", "1", 1, '"x"'])
def test_other_expressions_of_dask_jobqueue_stay_expressions(value: Any) -> None:
    assert directive_value("+A", value) == value


def test_a_word_of_a_command_is_no_text() -> None:
    assert directive_value("rank", "Mips") == "Mips"
    assert directive_value("+A", "Mips") == '"Mips"'


@pytest.mark.parametrize("setting", ["job-extra-directives", "job-extra", "job_extra_directives"])
@pytest.mark.parametrize("section", [{"htcondor": ["+A = 1"]}, ["+A = 1"], None])
def test_a_list_of_directives_is_not_dropped_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, section: Any
) -> None:
    wrong = Source("/wrong.yaml", {"jobqueue": section or {"htcondor": {setting: ["+A = 1"]}}})
    right = Source("/right.yaml", {"jobqueue": {"htcondor": {"job-extra-directives": {"+A": 1}, "job-extra": {}}}})
    place = Place.make(tmp_path / "home")
    monkeypatch.setattr(config, "_SOURCES", (right, wrong))
    with pytest.raises(SettingError, match=r"in /wrong\.yaml must be a mapping .*'\+A = 1'"):
        place.worker(make_spec({}))
    monkeypatch.setattr(config, "_SOURCES", (wrong, right))
    place.worker(make_spec({}))
