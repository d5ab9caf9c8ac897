"""Installing HTCondor: whole or not at all, and once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from af_lab.errors import PlaygroundError
from af_lab.playground import conda, condor_debian
from af_lab.playground.install import ensure_installation
from af_lab.playground.install_progress import Progress, Silent
from af_lab.playground.installation import find_installation
from tests.playground.support import make_installation
from tests.support import wait

pytestmark = pytest.mark.usefixtures("nothing_installed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def debian(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Debian whose package is the layout of an installation."""
    monkeypatch.setattr(condor_debian, "possible", lambda: True)
    monkeypatch.setattr(condor_debian, "install", lambda folder, progress: make_installation(folder / "usr"))


def _folders(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if path.is_dir() and not path.is_symlink()]


def test_installs_once(home: Path) -> None:
    first = ensure_installation(Silent())
    assert first.release_dir == home / "condor" / "usr"
    assert ensure_installation(Silent()) == first
    assert len(_folders(home)) == 1


def test_what_fails_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, progress: Progress) -> Path:
        make_installation(folder / "usr")
        raise PlaygroundError("the network went away")

    monkeypatch.setattr(condor_debian, "install", fail)
    with pytest.raises(PlaygroundError, match="the network went away"):
        ensure_installation(Silent())
    assert find_installation() is None
    assert _folders(home) == []


def test_what_does_not_run_is_not_taken(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condor_debian, "install", lambda folder, progress: folder)
    with pytest.raises(PlaygroundError, match="condor_version"):
        ensure_installation(Silent())
    assert _folders(home) == []


def test_what_is_too_old_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condor_debian, "install", lambda folder, progress: make_installation(folder / "usr", "23.4.0"))
    with pytest.raises(PlaygroundError, match=r"needs 23\.9"):
        ensure_installation(Silent())


def test_leftovers_of_a_killed_installation_are_removed(home: Path) -> None:
    (home / "htcondor-killed").mkdir(parents=True)
    (home / "condor").symlink_to("htcondor-killed")
    ensure_installation(Silent())
    assert not (home / "htcondor-killed").exists()
    assert len(_folders(home)) == 1


_SLOWLY = """
import sys, time
from pathlib import Path
from af_lab.playground import condor_debian
from af_lab.playground.install import ensure_installation
from af_lab.playground.install_progress import Silent
from tests.playground.support import make_installation

folder = Path(sys.argv[1])

def install(target, progress):
    (folder / f"began-{sys.argv[2]}").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    return make_installation(target / "usr")

class Waiting(Silent):
    def step(self, number, total, title):
        (folder / f"waits-{sys.argv[2]}").touch()

condor_debian.possible = lambda: True
condor_debian.install = install
print(ensure_installation(Waiting()).release_dir)
"""


def test_two_at_once_install_once(home: Path, tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _SLOWLY, tmp_path, name],
            env=os.environ | {"PYTHONPATH": root},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    try:
        wait(lambda: list(tmp_path.glob("began-*")) and list(tmp_path.glob("waits-*")), "one installs, one waits")
        (tmp_path / "go").touch()
        said = [process.communicate(timeout=240)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert said == [f"{home / 'condor' / 'usr'}\n"] * 2
    assert len(list(tmp_path.glob("began-*"))) == 1
    assert len(_folders(home)) == 1


def test_without_apt_conda_is_asked(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "micromamba"
    program.parent.mkdir()
    model = make_installation(tmp_path / "model")
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncp -r {model} "$4"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setattr(condor_debian, "possible", lambda: False)
    found = ensure_installation(Silent())
    assert found.release_dir == home / "condor" / "environment"
    asked = (tmp_path / "asked").read_text()
    assert "--channel conda-forge" in asked
    assert asked.endswith(" htcondor\n")


def test_a_refusal_of_conda_is_shown(tmp_path: Path) -> None:
    program = tmp_path / "conda"
    program.write_text("#!/bin/sh\necho no such channel >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(PlaygroundError, match="no such channel"):
        conda.install(str(program), tmp_path, Silent())


def test_without_any_way_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condor_debian, "possible", lambda: False)
    monkeypatch.setattr(conda, "program", lambda: None)
    with pytest.raises(PlaygroundError, match="the package 'condor'"):
        ensure_installation(Silent())


@pytest.mark.parametrize("command", ["status", "stop"])
def test_asking_after_a_pool_installs_nothing(command: str, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "af_lab", "pool", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "af-lab pool install" in done.stderr
    assert not (home / "condor").exists()
