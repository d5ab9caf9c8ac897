"""The command in the process of the tests."""

from __future__ import annotations

from functools import partial

import pytest

from af_lab.condor.helper_connection import HelperConnection
from af_lab.manager import manager
from af_lab.manager.manager import ClusterManager
from tests.cli.support import InProcess


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, schedd_helper: HelperConnection, collector_helper: HelperConnection
) -> InProcess:
    """The command, run by the process of the tests."""
    # Each start of the command has a manager of its own, but not helpers, which take as long to start as it does.
    monkeypatch.setattr(manager, "ClusterManager", partial(ClusterManager, schedd_helper, collector_helper))
    return InProcess()
