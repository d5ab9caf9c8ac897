"""The Python of a cluster: found by its kernel or path, and looked at before anything is submitted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from af_lab.errors import EnvironmentMismatch, SpecError
from af_lab.jobs import versions
from af_lab.jobs.versions import Versions, mismatches, own_versions, probe
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from af_lab.notebook.version_check import check_cluster, check_spec
from tests.support import jobs_left

HERE = Versions(python="3.12.4", dask="2026.8.0", distributed="2026.8.0", af_lab="0.1.0")


def script(path: Path, *lines: str) -> str:
    """Write a program that a shell runs, and return its path."""
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o700)
    return str(path)


def bare_python(folder: Path) -> str:
    """This Python without any package."""
    return script(folder / "python", f'exec {sys.executable} -I -S "$@"')


def python_with(folder: Path, package: str, version: str) -> str:
    """This Python with another version of a package, as far as it tells."""
    name = f"{package.replace('-', '_')}-{version}.dist-info"
    (folder / name).mkdir()
    (folder / name / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    return script(folder / "python", f'PYTHONPATH={folder} exec {sys.executable} "$@"')


async def test_this_python_has_what_a_cluster_needs() -> None:
    assert await probe(sys.executable) == own_versions()


async def test_another_path_of_this_python_is_asked_and_answers_the_same(tmp_path: Path) -> None:
    assert await probe(script(tmp_path / "python", f'exec {sys.executable} "$@"')) == own_versions()


async def test_a_python_that_lacks_packages_is_told_with_their_names(tmp_path: Path) -> None:
    lacking = "af-lab, dask, distributed, htcondor"
    with pytest.raises(EnvironmentMismatch, match=rf"lacks .*: {lacking}. Install it with `.*python -m pip install"):
        await probe(bare_python(tmp_path))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        pytest.param(["exit 0"], "it printed nothing", id="silent"),
        pytest.param(["echo 'Segmentation fault.' >&2; exit 139"], "Segmentation fault. A cluster", id="crashes"),
        pytest.param(["echo 'unknown option -P' >&2; exit 2"], "unknown option -P", id="too old"),
        pytest.param(["echo hello"], "it printed nothing", id="no Python"),
        pytest.param(["echo 5"], "it printed nothing", id="a number"),
    ],
)
async def test_a_program_that_is_no_python_is_told(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(EnvironmentMismatch, match=f"does not run: {says}"):
        await probe(script(tmp_path / "python", *lines))


@pytest.mark.parametrize("content", ["no program at all", "#!/nonexistent/python\n"])
async def test_a_file_that_cannot_be_executed_is_told(tmp_path: Path, content: str) -> None:
    python = tmp_path / "python"
    python.write_text(content)
    python.chmod(0o700)
    with pytest.raises(EnvironmentMismatch, match="does not run"):
        await probe(str(python))


async def test_a_python_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "TIMEOUT", 0.5)
    with pytest.raises(EnvironmentMismatch, match=r"did not answer within 0\.5 s"):
        await probe(script(tmp_path / "python", "exec sleep 100"))


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (HERE.as_dict(), []),
        ({}, []),
        ({"python": "3.12.11", "dask": "2026.8.1", "distributed": "2026.8.1", "af_lab": "0.2.0"}, []),
        ({"python": "3.11.4"}, ["python 3.12.4 here, 3.11.4 in the cluster"]),
        ({"python": "3.1.4"}, ["python 3.12.4 here, 3.1.4 in the cluster"]),
        (
            {"dask": "2026.7.0", "distributed": "2025.8.0"},
            ["dask 2026.8.0 here, 2026.7.0 in the cluster", "distributed 2026.8.0 here, 2025.8.0 in the cluster"],
        ),
    ],
)
def test_minor_versions_decide_whether_two_environments_understand_each_other(
    theirs: dict[str, str], told: list[str]
) -> None:
    assert mismatches(HERE, theirs) == told


async def test_a_python_with_another_version_is_refused_to_those_who_would_use_it_from_here(tmp_path: Path) -> None:
    spec = make_spec({"name": "old", "environment": {"path": python_with(tmp_path, "distributed", "2024.1.0")}})
    with pytest.raises(EnvironmentMismatch, match=r"'old' .*: distributed \S+ here, 2024\.1\.0 in the cluster"):
        await check_spec(spec)


def add_kernel(data: Path, name: str, content: Any) -> None:
    """Install a kernel below a folder that may stand in JUPYTER_PATH."""
    folder = data / "kernels" / name
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(content if isinstance(content, str) else json.dumps(content))


def kernel_of(python: str, **more: Any) -> dict[str, Any]:
    return {"argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "A", **more}


def path_of(kernel: str) -> str:
    return make_spec({"environment": {"kernel": kernel}}).environment.path


def test_a_kernel_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", f"{tmp_path / 'first'}:{tmp_path / 'second'}")
    (tmp_path / "bin").mkdir()
    own, other = (script(tmp_path / "bin" / name) for name in ("python", "python3.13"))
    add_kernel(tmp_path / "second", "analysis", kernel_of(other, language="Python"))
    assert path_of("analysis") == other
    add_kernel(tmp_path / "first", "analysis", kernel_of(own))
    assert path_of("analysis") == own, "the first folder wins, as it does for Jupyter"


def test_a_kernel_without_a_path_runs_what_jupyter_would_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    add_kernel(tmp_path, "own", kernel_of("python3"))
    assert Path(path_of("own")).samefile(sys.executable)
    searched = script(tmp_path / "python-of-the-experiment")
    add_kernel(tmp_path, "searched", kernel_of("python-of-the-experiment"))
    assert path_of("searched") == searched


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(
            kernel_of("/usr/bin/R", language="R"), "is a kernel for R; a cluster needs a Python kernel", id="R"
        ),
        pytest.param(kernel_of("/nonexistent/python"), "there is no Python at '/nonexistent/python'", id="gone"),
        pytest.param("{", "cannot be read", id="broken"),
        pytest.param("[]", "cannot be read", id="no object"),
        pytest.param({"argv": []}, "cannot be read", id="empty"),
    ],
)
def test_a_kernel_that_cannot_hold_a_cluster_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any, says: str
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    add_kernel(tmp_path, "special", content)
    with pytest.raises(SpecError, match=says):
        path_of("special")


def test_an_unknown_kernel_is_refused_with_those_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    add_kernel(tmp_path, "analysis", kernel_of(sys.executable))
    with pytest.raises(SpecError, match=r"there is no kernel 'analyses'; there are: .*analysis"):
        path_of("analyses")


@pytest.mark.pool
async def test_nothing_is_submitted_for_a_python_that_lacks_something(manager: ClusterManager, tmp_path: Path) -> None:
    spec = make_spec({"name": "bare", "environment": {"path": bare_python(tmp_path)}})
    with pytest.raises(EnvironmentMismatch, match="lacks what a cluster needs: af-lab"):
        await manager.create(spec)
    assert await jobs_left(manager.queue) == 0


@pytest.mark.pool
async def test_nothing_is_submitted_for_a_python_with_another_af_lab(manager: ClusterManager, tmp_path: Path) -> None:
    python = python_with(tmp_path, "af-lab", "0.0.9")
    with pytest.raises(EnvironmentMismatch, match=r"has af_lab 0\.0\.9, .* -m pip install af-lab=="):
        await manager.create(make_spec({"name": "older", "environment": {"path": python}}))
    assert await jobs_left(manager.queue) == 0


@pytest.mark.pool
async def test_a_cluster_tells_the_versions_of_its_own_python(manager: ClusterManager, tmp_path: Path) -> None:
    python = python_with(tmp_path, "distributed", "2024.1.0")
    environment = {"kernel": "of-another-year", "path": python}
    info = (await manager.create(make_spec({"name": "old", "workers": 0, "environment": environment}))).info
    found, own = info.environment, own_versions()
    assert (found.kernel, found.path) == ("of-another-year", python)
    assert (found.python, found.dask, found.distributed) == (own.python, own.dask, "2024.1.0")
    with pytest.raises(EnvironmentMismatch, match=r"2024\.1\.0 in the cluster"):
        check_cluster(info)
