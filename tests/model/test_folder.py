"""A cluster's folder."""

from __future__ import annotations

import stat

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
