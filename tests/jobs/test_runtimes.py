"""The Python of a cluster, asked in the environment of its jobs before anything is submitted."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from af_lab.errors import EnvironmentMismatch
from af_lab.jobs import questions
from af_lab.jobs.environments import PathEnvironment
from af_lab.jobs.runtimes import Runtime, examine
from af_lab.jobs.versions import own_versions
from af_lab.manager.manager import ClusterManager
from af_lab.model.spec import make_spec
from af_lab.notebook.version_check import check_cluster, check_spec
from tests.jobs.pythons import add_kernel, bare_python, kernel_of, python_with, script
from tests.support import jobs_left


async def probe(path: str, directory: str = "/") -> Runtime:
    return await examine(PathEnvironment(path=path), directory)


async def test_this_python_has_what_a_cluster_needs() -> None:
    found = await probe(sys.executable)
    assert (found.python, found.versions) == (sys.executable, own_versions())


async def test_another_path_of_this_python_is_asked_and_answers_the_same(tmp_path: Path) -> None:
    found = await probe(script(tmp_path / "python", f'exec {sys.executable} "$@"'))
    assert (found.python, found.versions) == (sys.executable, own_versions())


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
    monkeypatch.setattr(questions, "TIMEOUT", 0.5)
    with pytest.raises(EnvironmentMismatch, match=r"did not answer within 0\.5 s"):
        await probe(script(tmp_path / "python", "exec sleep 100"))


async def test_a_python_with_another_version_is_refused_to_those_who_would_use_it_from_here(tmp_path: Path) -> None:
    spec = make_spec({"name": "old", "environment": {"path": python_with(tmp_path, "distributed", "2024.1.0")}})
    with pytest.raises(EnvironmentMismatch, match=r"'old' .*: distributed \S+ here, 2024\.1\.0 in the cluster"):
        await check_spec(spec)


@pytest.mark.pool
async def test_nothing_is_submitted_for_a_python_that_lacks_something(manager: ClusterManager, tmp_path: Path) -> None:
    spec = make_spec({"name": "bare", "environment": {"path": bare_python(tmp_path)}})
    with pytest.raises(EnvironmentMismatch, match="lacks what a cluster needs: af-lab"):
        await manager.create(spec)
    assert await jobs_left(manager.queue) == 0


@pytest.mark.pool
async def test_nothing_is_submitted_for_a_python_with_another_af_lab(manager: ClusterManager, tmp_path: Path) -> None:
    python = python_with(tmp_path, "af_lab", "0.0.9")
    with pytest.raises(EnvironmentMismatch, match=r"has af_lab 0\.0\.9, .* -m pip install af-lab=="):
        await manager.create(make_spec({"name": "older", "environment": {"path": python}}))
    assert await jobs_left(manager.queue) == 0


@pytest.mark.pool
async def test_a_cluster_tells_the_versions_of_its_own_python(
    manager: ClusterManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    python = python_with(tmp_path, "distributed", "2024.1.0")
    add_kernel(tmp_path / "jupyter", "of-another-year", kernel_of(python))
    environment = {"kernel": "of-another-year"}
    info = (await manager.create(make_spec({"name": "old", "workers": 0, "environment": environment}))).info
    found, own = info.environment, own_versions()
    assert (found.kernel, found.path) == ("of-another-year", sys.executable)
    assert (found.python, found.dask, found.distributed) == (own.python, own.dask, "2024.1.0")
    with pytest.raises(EnvironmentMismatch, match=r"2024\.1\.0 in the cluster"):
        check_cluster(info)


async def test_a_shim_means_the_python_of_the_users_folder(tmp_path: Path) -> None:
    """A program that chooses by the current folder, as pyenv and others install one."""
    shim = script(
        tmp_path / "shims" / "python",
        'if [ -f "$PWD/.version" ]; then export CHOSEN=here; exec ' + f'{sys.executable} "$@"; fi',
        'echo "no version is set here" >&2; exit 127',
    )
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / ".version").touch()
    found = await probe(shim, str(tmp_path / "analysis"))
    assert (found.python, found.variables["CHOSEN"]) == (sys.executable, "here")
    with pytest.raises(EnvironmentMismatch, match="no version is set here"):
        await probe(shim, str(tmp_path))


async def test_a_wrappers_variables_go_along(tmp_path: Path) -> None:
    found = await probe(python_with(tmp_path, "distributed", "2024.1.0"))
    assert found.python == sys.executable
    assert found.versions.distributed == "2024.1.0"
    assert found.variables["PYTHONPATH"] == str(tmp_path)


async def test_what_is_imported_counts_and_not_what_metadata_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_over = tmp_path / "distributed-2020.1.0.dist-info"
    left_over.mkdir()
    (left_over / "METADATA").write_text("Metadata-Version: 2.1\nName: distributed\nVersion: 2020.1.0\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert importlib.metadata.version("distributed") == "2020.1.0"
    assert (await probe(sys.executable)).versions == own_versions()
    wrapper = script(tmp_path / "bin" / "python", f'exec {sys.executable} "$@"')
    assert (await probe(wrapper)).versions == own_versions()


async def test_other_packages_in_a_job_than_here_are_told_with_both_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python_with(tmp_path, "distributed", "2024.1.0")
    # As if it had been set after this Python had started.
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EnvironmentMismatch, match=rf"distributed is \S+ here, {tmp_path}/distributed/\S+ in a job"):
        await probe(sys.executable)


async def test_a_package_that_cannot_be_imported_is_told_with_its_error(tmp_path: Path) -> None:
    wrapper = python_with(tmp_path, "distributed", "2026.8.0")
    (tmp_path / "distributed" / "__init__.py").write_text("import no_such_module\n")
    with pytest.raises(EnvironmentMismatch, match=r"cannot import distributed: .*No module named 'no_such_module'"):
        await probe(wrapper)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_sitecustomize_may_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        f"import atexit, sys\nprint('welcome', file=sys.{stream})\natexit.register(print, 'bye', file=sys.{stream})\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert (await probe(sys.executable)).versions == own_versions()
    assert (await probe(script(tmp_path / "python", f'exec {sys.executable} "$@"'))).versions == own_versions()


@pytest.mark.parametrize("way", ["export PYTHONNOUSERSITE=1; exec {} ", "exec {} -s ", "exec {} -I "])
async def test_no_user_site_packages_in_jobs_where_there_are_none_here(tmp_path: Path, way: str) -> None:
    found = await probe(script(tmp_path / "python", way.format(sys.executable) + '"$@"'))
    assert found.variables["PYTHONNOUSERSITE"] == "1"


async def test_this_python_is_known_by_each_of_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where Jupyter was started by `python3`, and a path names `python` beside it."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("ROOTSYS", "/opt/root")
    monkeypatch.setenv("OF_THE_KERNEL", "yes")
    kernel = kernel_of(sys.executable, env={"ROOTSYS": "/opt/root", "OF_THE_KERNEL": "yes"})
    add_kernel(tmp_path, "mine", kernel)
    monkeypatch.setattr(sys, "executable", str(Path(sys.executable).with_name("python3")))
    found = await examine(make_spec({}).environment, "/")
    assert (found.versions, found.variables["OF_THE_KERNEL"]) == (own_versions(), "yes")
