"""The files of a cluster are their owner's alone, whatever others prepared and however careless the owner is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from af_lab.errors import AfLabError
from af_lab.manager.cleanup import remove_old_folders
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder, clusters_of

NOBODY = 65534
# Tries to do something with each path that it is given, and tells with which it could.
INTRUDER = """
for path; do
    if cat "$path" >&2 || ls "$path" >&2 || test -e "$path" || : >> "$path" || : > "$path/planted" \\
        || ln "$path" /tmp/af-lab-linked-$$ || mv "$path" "$path-moved"; then echo "$path"; fi
done 2> /dev/null
"""


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that everybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="af-lab-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def made(home: Path) -> ClusterFolder:
    return ClusterFolder.create(home, make_credentials("x"))


def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    folder = made(tmp_path / "new" / "home")
    folder.write_address("tls://h:1")
    for path in [folder.path.parent.parent, folder.path.parent, folder.path, *folder.path.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_another_user_gets_at_nothing(reachable: Path) -> None:
    folder = made(reachable / "home")
    open_file = reachable / "open"
    open_file.write_text("x")
    open_file.chmod(0o644)
    paths = [folder.path.parent.parent, folder.path.parent, folder.path, *folder.path.rglob("*")]

    def intrude(*asked: Path) -> list[str]:
        command = ["/bin/sh", "-c", INTRUDER, "intruder", *map(str, asked)]
        try:
            done = subprocess.run(
                command, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, timeout=60
            )
        except PermissionError as error:
            pytest.skip(f"this test cannot become another user: {error}")
        return done.stdout.splitlines()

    assert intrude(open_file) == [str(open_file)], "the intruder does what it can"
    assert intrude(*paths) == [str(reachable / "home")], "that it exists is all that can be seen"


def test_a_home_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)
    with pytest.raises(AfLabError, match=r"Other users can write to .*chmod 700"):
        made(home)
    home.chmod(0o1777)
    made(home)
    home.chmod(0o700)
    made(home)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is where somebody made it before, in a home like /tmp."""
    home = tmp_path / "home"
    made(home)
    victim = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: victim)
    with pytest.raises(AfLabError, match="AF_LAB_HOME"):
        clusters_of(home)


async def test_old_folders_are_not_removed_through_somebody_elses_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "of-the-victim" / "precious"
    precious.mkdir(parents=True)
    os.utime(precious, (0, 0))
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "clusters").symlink_to(precious.parent)
    monkeypatch.setenv("AF_LAB_HOME", str(home))
    owner = os.geteuid()
    lstat = Path.lstat

    def planted(path: Path) -> os.stat_result:
        # The link belongs to another user than what it points to.
        found = lstat(path)
        return os.stat_result((*found[:4], owner + 1, *found[5:])) if stat.S_ISLNK(found.st_mode) else found

    monkeypatch.setattr(Path, "lstat", planted)
    with pytest.raises(AfLabError, match="own files in it"):
        await remove_old_folders([])
    assert precious.exists()


@pytest.mark.parametrize("plant", [Path.symlink_to, Path.hardlink_to])
def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path, plant: object) -> None:
    folder = made(tmp_path / "home")
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder.contact.unlink()
    assert callable(plant)
    plant(folder.contact, victim)
    folder.write_address("tls://h:1")
    assert victim.read_text() == "precious"
    assert folder.read_address() == "tls://h:1"
    assert not folder.contact.is_symlink()


def test_nobody_can_know_a_name_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names, replace = [], Path.replace

    def noted(path: Path, target: Path) -> Path:
        names.append(path.name)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        return replace(path, target)

    folders = [made(tmp_path / "home") for _ in range(3)]
    monkeypatch.setattr(Path, "replace", noted)
    before = os.umask(0)
    try:
        for _ in range(10):
            for folder in folders:
                folder.write_address("tls://h:1")
    finally:
        os.umask(before)
    assert len(set(names)) == 30
    assert len({folder.path.name for folder in folders}) == 3
    assert all(len(folder.path.name) == 32 for folder in folders)
