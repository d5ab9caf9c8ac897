"""After the last test of a run: no secret of any cluster that was made in it stands in any file but its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

MARKER = f"marker-{uuid4().hex}"
"""Tests that give secret values to the variables of a cluster put this into them; it is another one in each run."""

ANY_KEY = b"PRIVATE KEY-----"

# Where each cluster keeps its secrets.
KEEPERS = ("scheduler.pem", "worker.pem", "http-secret", "environment.sh")


def secrets_of(folders: Iterable[Path]) -> dict[str, bytes]:
    """Return what must not be found, by what it is: the keys and HTTP secrets below some folders, and the marker."""
    secrets = {"the marker of variables": MARKER.encode()}
    for folder in folders:
        for keeper in folder.rglob("http-secret"):
            cluster = keeper.parent
            secrets[f"the HTTP secret of {cluster}"] = keeper.read_bytes()
            for name in ("scheduler.pem", "worker.pem"):
                lines = (cluster / name).read_bytes().partition(b"PRIVATE KEY-----\n")[2].splitlines()
                # They hold the private number; the rest is public.
                secrets |= {f"{name} of {cluster}, line {index}": lines[index] for index in (0, 1)}
    return secrets


def found_in(text: bytes, secrets: Mapping[str, bytes]) -> list[str]:
    """Return which of the secrets stand in a text."""
    return [what for what, secret in secrets.items() if secret in text]


def found_below(folders: Iterable[Path], secrets: Mapping[str, bytes]) -> list[str]:
    """Return which of the secrets, and of any keys, stand in files below some folders; their keepers do not count."""
    secrets = {"some private key": ANY_KEY, **secrets}
    found = []
    for path in files_below(folders):
        try:
            content = path.read_bytes()
        except OSError:
            # It went in the meantime, or is the daemons' alone.
            continue
        found += [f"{path} has {what}" for what in found_in(content, secrets)]
    return found


def files_below(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the files below some folders that are no cluster's keepers of secrets; links are not followed."""
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in names:
                path = Path(parent, name)
                if name not in KEEPERS and path.is_file() and not path.is_symlink():
                    yield path


def pool_folders() -> list[Path]:
    """Return where the daemons of the pool keep logs, the queue, what was in it, and the jobs' scratch folders."""
    if "CONDOR_CONFIG" not in os.environ:
        return []
    asked = subprocess.run(
        ["condor_config_val", "LOG", "SPOOL", "EXECUTE"], capture_output=True, text=True, check=True, timeout=60
    )
    return [Path(line) for line in asked.stdout.splitlines()]


@pytest.fixture(scope="session", autouse=True)
def no_secret_is_left_in_any_file(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Search the pool's files, and all that was written in folders of the run, when the last test is over."""
    yield
    made = [own_home, tmp_path_factory.getbasetemp()]
    found = found_below([*pool_folders(), *made], secrets_of(made))
    assert not found, "secrets were written into files:\n" + "\n".join(found)
