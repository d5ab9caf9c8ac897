"""Texts of attributes follow one rule wherever they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from af_lab import config
from af_lab.errors import SettingError, SpecError
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


@pytest.fixture
def place(tmp_path: Path) -> Place:
    for name in ("data", "other data", "x509up"):
        (tmp_path / name).write_text("", encoding="utf-8")
    return Place.make(tmp_path / "home")


def described(place: Place, submit: dict[str, Any], folder: Path, **fields: Any) -> dict[str, str]:
    return dict(place.worker(make_spec({"submit": submit, "directory": str(folder), **fields})))


def test_requirements_are_added_wherever_they_stand(place: Place, tmp_path: Path) -> None:
    north = {"n": {"requirements": "North =?= true", "submit": {"requirements": "HasDisk", "rank": "Mips"}}}
    with (
        configured("af-lab", sites=north),
        configured("jobqueue.htcondor", job_extra_directives={"Requirements": "TARGET.A || TARGET.B", "rank": "0"}),
    ):
        found = described(place, {"requirements": "TARGET.C || TARGET.D"}, tmp_path, sites=["n"], arch="aarch64")
    assert found["requirements"] == (
        '(TARGET.A || TARGET.B) && (TARGET.Arch == "aarch64") && ((North =?= true)) && (HasDisk) '
        "&& (TARGET.C || TARGET.D)"
    )
    assert [value for key, value in found.items() if key.lower() == "rank"] == ["Mips"]


@pytest.mark.pool
def test_condor_submit_reads_what_was_meant(place: Place, tmp_path: Path) -> None:
    ad = dry_run(described(place, {"requirements": 'TARGET.Name == "a$b"', "rank": "Mips"}, tmp_path)).ad
    assert '(TARGET.Name == "a$b")' in ad["Requirements"]
    assert ad["Rank"] == "Mips"


def test_files_are_sent_with_their_whole_paths(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with_files = {"transfer_input_files": f"data, {tmp_path / 'other data'}", "x509userproxy": "~/x509up"}
    found = described(place, with_files, tmp_path)
    alone = described(place, {}, tmp_path)
    more = [str(tmp_path / "data"), str(tmp_path / "other data")]
    assert found["transfer_input_files"] == ", ".join([alone["transfer_input_files"], *more])
    assert found["x509userproxy"] == str(tmp_path / "x509up")
    assert found["encrypt_input_files"] == alone["encrypt_input_files"]
    program = place.folder.worker_program.read_text(encoding="utf-8")
    assert program.count("ln -sfn") == 0, "of the cluster without files, which was made last"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"requirements": "true) || (true"}, "requirements: .* is not an expression"),
        ({"requirements": "Memory >"}, "requirements: .* is not an expression"),
        ({"requirements": "  "}, "requirements: a text is missing"),
        ({"requirements": True}, "requirements takes a value of the type str"),
        ({"rank": "a b"}, "rank: .* is not an expression"),
        ({"rank": "Mips\nqueue 5"}, "rank: .* has the character"),
        ({"requirements": "$$(Memory) > 1"}, r"requirements: .* has '\$\$'"),
        ({"x509userproxy": "a\nqueue 5"}, "x509userproxy: .* has the character"),
        ({"transfer_input_files": "absent"}, "transfer_input_files: there is no file '.*/absent'"),
        ({"transfer_input_files": "https://x/y"}, "transfer_input_files: there is no file"),
        ({"transfer_input_files": "data, data"}, "another file 'data'; rename yours"),
        ({"transfer_input_files": "home/../contact.json"}, "another file 'contact.json'; rename yours"),
        ({"x509userproxy": "absent"}, "x509userproxy: there is no file '.*/absent'"),
        ({"+Requirements": "true"}, "is set by af_lab or HTCondor"),
        ({"Rank": "Mips"}, "'Rank' cannot be set; allowed are .*rank, requirements, transfer_input_files, x509"),
    ],
)
def test_what_cannot_be_submitted_is_told_before(place: Place, tmp_path: Path, given: Any, says: str) -> None:
    (tmp_path / "contact.json").write_text("", encoding="utf-8")
    with pytest.raises(SpecError, match=says):
        described(place, given, tmp_path)
