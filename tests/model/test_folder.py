"""A cluster's folder."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from af_lab.errors import AfLabError
from af_lab.home import af_lab_home
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder


def test_the_folder_is_its_owners_alone() -> None:
    folder = ClusterFolder.create(af_lab_home(), make_credentials("x"))
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder.path, *folder.path.rglob("*")]}
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes


def test_a_file_is_written_whole_or_not_at_all() -> None:
    folder = ClusterFolder.create(af_lab_home(), make_credentials("x"))
    assert folder.read_address() is None
    folder.write_address("tls://host:1")
    folder.write_address("tls://host:2")
    assert folder.read_address() == "tls://host:2"
    assert not list(folder.path.glob(".new-*"))


def test_where_modes_are_ignored_no_key_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fake of file systems such as EOS and CIFS, because only a mount by root or FUSE can ignore modes."""
    kept = Path.mkdir
    monkeypatch.setattr(Path, "chmod", lambda path, mode: None)
    monkeypatch.setattr(Path, "mkdir", lambda path, mode=0o755, **options: kept(path, 0o755, **options))
    with pytest.raises(AfLabError, match=rf"{tmp_path}/clusters keeps the permissions 0755 .* Set AF_LAB_HOME"):
        ClusterFolder.create(tmp_path, make_credentials("open"))
    assert list((tmp_path / "clusters").iterdir()) == []
