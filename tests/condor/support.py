"""What the tests of HTCondor access share that is no fixture."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from af_lab.playground.installation import find_installation
from af_lab.playground.personal_pool import PersonalPool
from af_lab.playground.sizing import PoolSize

SLEEP = {
    "universe": "vanilla",
    "executable": "/bin/sleep",
    "arguments": '"600"',
    "transfer_executable": "false",
    "should_transfer_files": "NO",
    "My.AfLabSchema": "1",
}


@dataclass(frozen=True)
class ConfiguredPool(PersonalPool):
    """A pool with settings of its own."""

    settings: Mapping[str, str] = field(default_factory=dict)

    def _write_config(self, size: PoolSize) -> None:
        super()._write_config(size)
        with self.config.open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in self.settings.items())


@contextmanager
def configured_pool(size: PoolSize, settings: Mapping[str, str]) -> Iterator[ConfiguredPool]:
    """Start a pool with settings of its own, and end it whatever happens."""
    installation = find_installation()
    if installation is None:
        pytest.skip("needs HTCondor's daemons: run `af-lab pool run --temporary pytest`")
    folder = Path(tempfile.mkdtemp(prefix="af-lab-pool-"))
    pool = ConfiguredPool("configured", folder, installation, settings)
    try:
        pool.start(size, outlives=False)
        yield pool
    finally:
        pool.stop()
        shutil.rmtree(folder)


def use_pool(pool: PersonalPool, patch: pytest.MonkeyPatch) -> None:
    """Let this process and the helpers it starts use a pool."""
    for name in ("CONDOR_CONFIG", "PATH"):
        patch.setenv(name, pool.environment()[name])
