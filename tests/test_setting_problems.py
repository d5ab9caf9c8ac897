"""What is wrong with the settings is found before Dask merges them, and told with its file or variable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import dask.config
import pytest
import yaml

from af_lab import config
from af_lab.errors import SettingError
from af_lab.jobs import sites
from af_lab.jobs.sites import setting_problems
from af_lab.setting_kinds import KINDS
from af_lab.setting_problems import Source, find_problems

DEFAULTS: dict[str, Any] = yaml.safe_load((Path(config.__file__).parent / "af_lab.yaml").read_text())

WRONG: dict[str, list[Any]] = {
    "condor.timeout": ["soon", 0, True, None, [], "-1 s"],
    "scheduler.poll": ["soon", 0, True, None, [], "-1 s"],
    "cluster.idle-timeout": ["0 s", "never", {}],
    "cluster.workers": ["2", 2.0, -1, 100_001, True, None],
    "limits.cores": ["many", -1, 2.5, float("nan")],
    "scheduler.ports": ["a-b", "2-1", "0", 70_000, [20_000, 20_100]],
    "scheduler.interface": [5, "", "a\nb"],
    "worker.memory": ["lots", "1 MB", "1e999 GB", None, True],
    "worker.preload": ["coffea", [1], {}],
    "sites": [["a"], "a", 5],
}


def leaves(section: dict[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in section.items():
        found |= leaves(value, f"{above}{name}.") if isinstance(value, dict) and value else {above + name: value}
    return found


def found_in(*given: Any) -> list[tuple[str, str | None, bool]]:
    sources = [Source(f"/etc/dask/{index}.yaml", {"af-lab": section}) for index, section in enumerate(given)]
    return [(problem.key, problem.source, problem.is_unknown) for problem in find_problems(sources)]


def test_every_setting_has_a_check_that_its_default_passes() -> None:
    assert set(leaves(DEFAULTS["af-lab"])) == set(KINDS)
    assert find_problems([Source("af_lab.yaml", DEFAULTS)]) == []


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in WRONG.items() for value in values])
def test_a_wrong_value_is_told_with_its_source(key: str, value: Any) -> None:
    section: Any = value
    for part in reversed(key.split(".")):
        section = {part: section}
    assert found_in(section) == [(f"af-lab.{key}", "/etc/dask/0.yaml", False)]


@pytest.mark.parametrize("value", [5, [], ["a"], "soon", True])
@pytest.mark.parametrize("name", ["condor", "limits", "worker"])
def test_a_section_that_is_none_is_told(name: str, value: Any) -> None:
    assert found_in({name: value}) == [(f"af-lab.{name}", "/etc/dask/0.yaml", False)]
    assert found_in(value) == [("af-lab", "/etc/dask/0.yaml", False)]


@pytest.mark.parametrize(
    ("section", "key", "words"),
    [
        ({"wroker": {"cores": 2}}, "wroker", "the nearest name is af-lab.worker."),
        ({"worker": {"corse": 2}}, "worker.corse", "the nearest name is af-lab.worker.cores."),
        ({"idle_timeout": "1 h"}, "idle_timeout", "the nearest name is af-lab.cluster.idle-timeout."),
        ({"condor.timeout": 5}, "condor.timeout", "write 'condor' as a section, and 'timeout' in it."),
        ({"condor": {"x": 5}}, "condor.x", "allowed are timeout."),
        ({"sites": {"a": {"requirement": "true"}}}, "sites.a.requirement", "the nearest name is requirements."),
        ({"sites": {"a": {"colour": 1}}}, "sites.a.colour", "a site has requirements, label, submit."),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(section: Any, key: str, words: str) -> None:
    (problem,) = find_problems([Source("/f.yaml", {"af-lab": section})])
    assert (problem.key, problem.is_unknown) == (f"af-lab.{key}", True)
    assert problem.message.endswith(words)
    assert "/f.yaml" in problem.message


@pytest.mark.parametrize("name", ["aflab", "af_lab_condor", "af-lab.condor.timeout", "af-labs"])
def test_a_misspelled_section_is_told(name: str) -> None:
    (problem,) = find_problems([Source("/f.yaml", {name: {}, "distributed": {}, "labextension": {}})])
    assert problem.is_unknown
    assert name in problem.message


def test_what_is_right_is_no_problem() -> None:
    assert (
        found_in({"cluster": {"idle_timeout": None, "workers": 0}, "condor": None, "worker": {"memory": 2**30}}) == []
    )
    assert found_in(None) == []
    assert found_in({"scheduler": {"ports": 20_000}, "sites": {"A_b": {"requirements": True}}}) == []


def test_a_wrong_value_that_another_file_overrides_has_no_effect() -> None:
    wrong, right = {"condor": {"timeout": "soon"}}, {"condor": {"timeout": 5}}
    assert found_in(wrong, right) == []
    assert found_in(right, wrong) == [("af-lab.condor.timeout", "/etc/dask/1.yaml", False)]


def test_a_wrong_setting_refuses_itself_and_what_it_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"condor": {"timeout": "soon"}, "limits": 5, "wroker": {}}
    monkeypatch.setattr(config, "_SOURCES", (Source("/f.yaml", {"af-lab": given}),))
    with dask.config.set({"af-lab.condor.timeout": "soon"}):
        for key in ("condor.timeout", "condor", "limits.cores", "limits"):
            with pytest.raises(SettingError, match=r"/f\.yaml"):
                config.get(key)
        with pytest.raises(SettingError):
            config.seconds("condor.timeout")
        assert config.usable("condor.timeout") == DEFAULTS["af-lab"]["condor"]["timeout"]
        assert config.get("worker") == DEFAULTS["af-lab"]["worker"]
    with dask.config.set({"af-lab.condor.timeout": 5, "af-lab.limits.cores": 7}):
        assert (config.get("condor.timeout"), config.get("limits.cores")) == (5, 7), "a program has set them"


def test_each_wrong_site_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"good": {"requirements": "true"}, "no_way": {"label": "x"}, "worse": {"requirements": "1", "submit": [1]}}
    monkeypatch.setattr(config, "_SOURCES", (Source("/f.yaml", {"af-lab": {"sites": given}}),))
    with dask.config.set({"af-lab.sites": given}):
        told = {problem.key: problem.source for problem in setting_problems()}
        assert told == {"af-lab.sites.no_way": "/f.yaml", "af-lab.sites.worse": "/f.yaml"}
        with pytest.raises(SettingError, match="no_way"):
            sites.configured()


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("af-lab: {condor: [", {}),
        ("- a list", {}),
        ("{}", {"DASK_AF_LAB": "5", "DASK_AF_LAB__CONDOR__TIMEOUT": "5"}),
        ("{}", {"DASK_INTERNAL_INHERIT_CONFIG": "x"}),
    ],
)
def test_a_configuration_that_dask_cannot_read_is_one_error(
    tmp_path: Path, text: str, variables: dict[str, str]
) -> None:
    (tmp_path / "wrong.yaml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "af_lab", "cluster", "list"],
        env={"DASK_CONFIG": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("af-lab: Dask cannot read its configuration: ")
    assert "Traceback" not in done.stderr
    assert "wrong.yaml" in done.stderr or variables
