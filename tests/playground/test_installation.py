"""Finding HTCondor where it may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from af_lab.playground import installation
from af_lab.playground.installation import examine, find_installation, installations
from tests.playground.support import make_installation

pytestmark = pytest.mark.usefixtures("nothing_installed")


def test_none() -> None:
    assert find_installation() is None


def test_on_path_through_a_link(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    release_dir = make_installation(tmp_path / "opt")
    links = tmp_path / "links"
    links.mkdir()
    (links / "condor_master").symlink_to(release_dir / "sbin" / "condor_master")
    monkeypatch.setenv("PATH", f"{links}:/usr/bin:/bin")
    found = find_installation()
    assert found is not None
    assert found.release_dir == release_dir
    assert found.origin == "PATH"
    assert found.version == "25.1.2"
    assert (found.bin, found.sbin) == (release_dir / "bin", release_dir / "sbin")
    assert (found.libexec, found.lib) == (release_dir / "libexec", release_dir / "lib" / "condor")


@pytest.mark.parametrize("libexec", ["libexec", "libexec/condor", "lib/condor/libexec"])
def test_layouts(tmp_path: Path, libexec: str) -> None:
    found = examine(make_installation(tmp_path / "opt", libexec=libexec), "here")
    assert found is not None
    assert found.libexec == tmp_path / "opt" / libexec


def test_release_dir_of_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    release_dir = make_installation(tmp_path / "opt")
    config = tmp_path / "condor_config"
    config.write_text(f"RELEASE_DIR = /nowhere\n  Release_Dir={release_dir}  \nLOCAL_DIR = $(RELEASE_DIR)\n")
    monkeypatch.setenv("CONDOR_CONFIG", str(config))
    found = find_installation()
    assert found is not None
    assert (found.release_dir, found.origin) == (release_dir, "CONDOR_CONFIG")


def test_conda_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONDA_PREFIX", str(make_installation(tmp_path / "conda")))
    found = find_installation()
    assert found is not None
    assert found.origin == "conda environment"


@pytest.mark.parametrize("name", ["usr", "environment"])
def test_installed_by_af_lab(tmp_path: Path, name: str) -> None:
    make_installation(tmp_path / "home" / "condor" / name)
    found = find_installation()
    assert found is not None
    assert found.origin == "installed by af-lab"


@pytest.mark.parametrize(
    ("version", "bindings", "usable"),
    [
        ("10.9.0", "23.10.29", False),
        ("23.9.6", "23.10.29", True),
        ("23.9.6", "24.0.24", False),
        ("23.9.6", "25.14.1", False),
        ("25.14.1", "23.10.29", True),
    ],
)
def test_daemons_that_the_bindings_cannot_work_with_are_passed_over_but_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, bindings: str, usable: bool
) -> None:
    monkeypatch.setattr(installation, "bindings_version", lambda: bindings)
    old = make_installation(tmp_path / "old", version=version)
    monkeypatch.setenv("PATH", f"{old / 'sbin'}:/usr/bin:/bin")
    assert (find_installation() is not None) is usable
    assert [one.version for one in installations()] == [version]
    if usable:
        return
    make_installation(tmp_path / "home" / "condor" / "usr")
    found = find_installation()
    assert found is not None
    assert found.version == "25.1.2"


def test_one_that_does_not_run_is_none(tmp_path: Path) -> None:
    release_dir = make_installation(tmp_path / "opt")
    (release_dir / "bin" / "condor_version").write_text("#!/nowhere/sh\n")
    assert examine(release_dir, "here") is None
