"""Packages without root, from an archive on this disk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from af_lab.errors import PlaygroundError
from af_lab.playground.debian import INSTALLED, Apt, has_apt, mirrors, suite_of, unpack

pytestmark = pytest.mark.skipif(not has_apt(), reason="needs apt")


def _package(folder: Path, name: str, depends: str = "") -> None:
    """Build a package that holds one file of its own name."""
    tree = folder / name
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN").chmod(0o755)  # dpkg-deb takes no other
    (tree / "DEBIAN" / "control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: none\n"
        + (f"Depends: {depends}\n" if depends else "")
    )
    (tree / "usr" / "share").mkdir(parents=True)
    (tree / "usr" / "share" / name).write_text(name)
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, folder], check=True, capture_output=True)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with `af-lab-outer`, which needs `af-lab-inner` and the machine's `dpkg`."""
    archive = tmp_path / "archive"
    archive.mkdir()
    _package(archive, "af-lab-inner")
    _package(archive, "af-lab-outer", depends="af-lab-inner, dpkg")
    index = []
    for package in sorted(archive.glob("*.deb")):
        control = subprocess.run(["dpkg-deb", "-f", package], check=True, capture_output=True, text=True).stdout
        size = package.stat().st_size
        digest = subprocess.run(["sha256sum", package], check=True, capture_output=True, text=True).stdout.split()[0]
        index.append(f"{control}Filename: ./{package.name}\nSize: {size}\nSHA256: {digest}\n")
    (archive / "Packages").write_text("\n".join(index))
    return archive


def _apt(tmp_path: Path, archive: Path, installed: Path | None) -> Apt:
    return Apt(tmp_path / "apt", sources=f"deb [trusted=yes] copy:{archive} ./\n", installed=installed)


def test_downloads_what_is_missing_and_unpacks_it(tmp_path: Path, archive: Path) -> None:
    apt = _apt(tmp_path, archive, INSTALLED)
    apt.update()
    packages = apt.download("af-lab-outer")
    assert [package.name.partition("_")[0] for package in packages] == ["af-lab-inner", "af-lab-outer"]
    fractions: list[float] = []
    unpack(packages, tmp_path / "unpacked", fractions.append)
    assert (tmp_path / "unpacked/usr/share/af-lab-inner").read_text() == "af-lab-inner"
    assert fractions == [0, 0.5]


def test_with_nothing_installed_every_dependency_counts(tmp_path: Path, archive: Path) -> None:
    apt = _apt(tmp_path, archive, None)
    apt.update()
    with pytest.raises(PlaygroundError, match="could not fetch af-lab-outer"):
        apt.download("af-lab-outer")  # dpkg is not in the archive


def test_an_archive_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PlaygroundError, match="could not read the lists of packages"):
        _apt(tmp_path, tmp_path / "nowhere", None).update()


def test_a_damaged_package_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.deb"
    damaged.write_bytes(b"not a package")
    with pytest.raises(PlaygroundError, match=r"damaged\.deb could not be unpacked"):
        unpack([damaged], tmp_path / "unpacked")


def test_mirrors_of_this_machine_need_no_network(tmp_path: Path) -> None:
    for mirror in mirrors(tmp_path / "apt"):
        assert ":/" in mirror
        assert "/dists/" not in mirror


def test_suite_of_a_mirror() -> None:
    line = suite_of("ftp://mirror/debian", "unstable")
    assert line.startswith("deb ")
    assert line.endswith(" ftp://mirror/debian unstable main\n")
    assert suite_of("file:/mirror", "unstable").endswith(" copy:/mirror unstable main\n")
