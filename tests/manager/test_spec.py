from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from af_lab.errors import SpecError
from af_lab.manager.ads import decode_spec, encode_spec
from af_lab.manager.spec import check_workers, make_spec


def test_defaults_come_from_the_configuration() -> None:
    spec = make_spec({})
    assert (spec.name, spec.workers, spec.cores, spec.memory) == ("default", 2, 1, 2_000_000_000)
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
        ("memory", 5, "greater than or equal"),
        ("environment", {"path": "/nonexistent/python"}, "no Python"),
        ("environment", {"image": "x"}, "path"),
        ("colour", "blue", "no such field"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(field: str, value: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says) as caught:
        make_spec({field: value})
    assert field in str(caught.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        make_spec({"name": "a b", "cores": 0, "memory": "lots"})
    assert all(field in str(caught.value) for field in ("name", "cores", "memory"))


@pytest.mark.parametrize("bad", [-1, True, 1.0, "3", 100_001, None])
def test_a_number_of_workers_is_checked(bad: object) -> None:
    with pytest.raises(SpecError, match="from 0 to 100000"):
        check_workers(bad)


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


def test_a_specification_survives_an_ad_and_the_loss_of_its_python(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    spec = make_spec({"name": "a", "workers": 3, "environment": {"path": str(python)}})
    stored = encode_spec(spec)
    python.unlink()
    assert stored.isascii()
    assert decode_spec(stored) == spec
