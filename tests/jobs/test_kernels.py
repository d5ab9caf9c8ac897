"""Kernels of Jupyter, by their names: which Python they start."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from af_lab.errors import EnvironmentMismatch, SpecError
from af_lab.jobs import started_kernels
from af_lab.jobs.kernels import kernels_of
from af_lab.jobs.runtimes import Runtime, examine
from af_lab.model.spec import make_spec
from tests.jobs.pythons import add_kernel, kernel_of, script


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
        pytest.param({"argv": []}, "has no command", id="empty"),
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


async def runtime_of(kernel: str, directory: Path) -> Runtime:
    return await examine(make_spec({"environment": {"kernel": kernel}}).environment, str(directory))


async def test_a_kernels_own_variables_reach_its_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("BASE", "/base")
    env = {"ROOTSYS": "/opt/root", "LD_LIBRARY_PATH": "${BASE}/lib", "ANALYSIS": "dimuon", "PYTHONNOUSERSITE": "x"}
    add_kernel(tmp_path, "root", kernel_of(sys.executable, env=env))
    variables = (await runtime_of("root", tmp_path)).variables
    expected = env | {"LD_LIBRARY_PATH": "/base/lib"}
    assert {name: variables[name] for name in env} == expected


def test_a_notebook_finds_the_variables_of_its_own_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    add_kernel(tmp_path, "mine", kernel_of(sys.executable, env={"ROOTSYS": "/opt/root", "PATH": "/a:${PATH}"}))
    add_kernel(tmp_path, "other", kernel_of(sys.executable, env={"ROOTSYS": "/opt/other"}))
    add_kernel(tmp_path, "broken", "{")
    environment = {"ROOTSYS": "/opt/root", "PATH": "/a:/bin", "TOKEN": "secret"}
    assert kernels_of(sys.executable, environment) == {"ROOTSYS": "/opt/root", "PATH": "/a:/bin"}


@pytest.mark.parametrize(
    "launcher",
    [
        pytest.param(["{sh}", "activate-and-run"], id="a shell script"),
        pytest.param(["{python}", "-m", "the_runner", "/prefix", "/prefix/envs/x"], id="a module"),
        pytest.param(["env", "ACTIVATED=x"], id="env"),
    ],
)
async def test_a_launcher_is_started_once_and_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, launcher: list[str]
) -> None:
    """A kernel that a program starts: what it really is counts, and the program is not run with arguments of ours."""
    started = tmp_path / "starts"
    shell = script(
        tmp_path / "wrapper", f"echo started >> {started}", "export ACTIVATED=x", "shift", 'echo activating; exec "$@"'
    )
    (tmp_path / "the_runner.py").write_text(
        "import os, sys\nprint('activating', flush=True)\nos.environ['ACTIVATED'] = 'x'\n"
        f"open({str(started)!r}, 'a').write('started\\n')\nos.execv(sys.argv[3], sys.argv[3:])\n"
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    words = [word.format(sh=shell, python=sys.executable) for word in launcher]
    add_kernel(tmp_path, "launched", kernel_of(sys.executable, *words))
    found = await runtime_of("launched", tmp_path)
    assert found.python == sys.executable
    assert found.variables["ACTIVATED"] == "x"
    assert not [name for name in found.variables if name.startswith("JPY_")]
    again = await runtime_of("launched", tmp_path)
    assert again == found
    if started.exists():
        assert started.read_text().splitlines() == ["started"], "the answer is kept"
        # The kernel's description changes.
        os.utime(tmp_path / "kernels" / "launched" / "kernel.json", (1, 1))
        assert await runtime_of("launched", tmp_path) == found
        assert len(started.read_text().splitlines()) == 2


async def test_a_launcher_that_fails_says_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    failing = script(tmp_path / "run-in-container", 'echo "FATAL: no image /images/x.sif" >&2; exit 255')
    add_kernel(tmp_path, "failing", kernel_of(sys.executable, failing))
    with pytest.raises(EnvironmentMismatch, match=r"'failing' did not start .*FATAL: no image .*environment=\{'path'"):
        await runtime_of("failing", tmp_path)


async def test_a_launcher_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setattr(started_kernels, "TIMEOUT", 3.0)
    add_kernel(tmp_path, "hanging", kernel_of(sys.executable, script(tmp_path / "wait", "exec sleep 1000")))
    with pytest.raises(EnvironmentMismatch, match=r"'hanging' did not answer within 3 s"):
        await runtime_of("hanging", tmp_path)


async def test_a_kernel_whose_port_was_taken_meanwhile_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its ports are chosen before it starts."""
    started = tmp_path / "starts"
    failing_first = script(
        tmp_path / "wrapper",
        f"echo started >> {started}",
        f'[ "$(wc -l < {started})" -gt 1 ] || {{ echo "zmq.error.ZMQError: Address already in use" >&2; exit 1; }}',
        'exec "$@"',
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    add_kernel(tmp_path, "unlucky", kernel_of(sys.executable, failing_first))
    assert (await runtime_of("unlucky", tmp_path)).python == sys.executable
    assert started.read_text().splitlines() == ["started"] * 2
