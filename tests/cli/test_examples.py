"""The commands `af-lab examples ...`."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import af_lab
from af_lab.cli import examples
from af_lab.cli.main import cli
from af_lab.errors import ClusterNotFound
from af_lab.gallery.examples import list_examples
from af_lab.notebook import api


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AF_LAB_HOME", str(tmp_path / "home"))


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["examples", *words])


def answer(*words: str) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_lists_the_notebooks() -> None:
    done = run("list")
    assert done.exit_code == 0
    for example in list_examples():
        assert example.id in done.stdout
    assert [example["id"] for example in answer("list")] == [example.id for example in list_examples()]


def test_says_what_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: [])
    done = run("list")
    assert "needs" in done.stdout
    assert 'pip install "af-lab[examples]"' in done.stderr
    first = answer("list")[0]
    assert first["missing"] == first["needs"]


def test_copies_notebooks(tmp_path: Path) -> None:
    name = list_examples()[0].id
    done = run("copy", name, "--to", str(tmp_path / "mine"))
    assert done.exit_code == 0
    assert done.stdout.split() == [str(tmp_path / "mine" / f"{name}.ipynb")]
    run("copy", "--to", str(tmp_path / "mine"))
    assert {path.stem for path in (tmp_path / "mine").iterdir()} == {example.id for example in list_examples()}


def test_copies_nothing_if_one_does_not_exist(tmp_path: Path) -> None:
    done = run("copy", list_examples()[0].id, "nonsense", "--to", str(tmp_path / "mine"))
    assert done.exit_code == 1
    assert "'nonsense'" in done.stderr
    assert not (tmp_path / "mine").exists()


def test_lists_datasets() -> None:
    done = run("data")
    assert done.exit_code == 0
    assert "single-muon" in done.stdout
    assert "53,446,198" in done.stdout
    assert answer("data")["ttbar"]["generated"]["process"] == "ttbar"


def test_makes_datasets() -> None:
    done = run("data", "zll", "wjets", "--events", "2000")
    assert done.exit_code == 0
    files = [line for line in done.stdout.splitlines() if line.endswith(".root")]
    assert len(files) == 4
    assert all(Path(file).is_file() for file in files)
    made = answer("data", "zll", "wjets", "--events", "2000")
    assert [file for one in made for file in one["files"]] == files


def test_makes_nothing_if_one_does_not_exist(tmp_path: Path) -> None:
    done = run("data", "zll", "nonsense")
    assert done.exit_code == 1
    assert "'nonsense'" in done.stderr
    assert not (tmp_path / "home").exists()


def test_says_what_to_install_for_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "DATA_NEEDS", ("numpy", "no_such_module"))
    done = run("data", "zll")
    assert done.exit_code == 1
    assert "no_such_module" in done.stderr
    assert 'pip install "af-lab[examples]"' in done.stderr


def test_the_examples_are_imported_only_when_needed() -> None:
    program = "import sys, af_lab.cli.examples; print({name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for package in ("af_lab_examples", "dask", "distributed", "numpy", "pydantic", "uproot"):
        assert f"'{package}'" not in done.stdout


@pytest.mark.pool
@pytest.mark.usefixtures("no_clusters_left")
def test_makes_datasets_on_a_cluster() -> None:
    with af_lab.cluster("makers", workers=1):
        made = answer("data", "ttbar", "--events", "3000", "--cluster", "makers")
    assert all(Path(file).is_file() for file in made[0]["files"])
    assert made == answer("data", "ttbar", "--events", "3000")


def test_a_cluster_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(name: str) -> None:
        raise ClusterNotFound(f"You have no cluster {name!r}.")

    monkeypatch.setattr(api, "connect", connect)
    done = run("data", "ttbar", "--cluster", "nonsense")
    assert done.exit_code == 3
    assert "'nonsense'" in done.stderr
