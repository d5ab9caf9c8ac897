"""What the tests of HTCondor access share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from af_lab.condor.helper_connection import HelperConnection
from tests.support import LIMIT


@pytest.fixture
def collector() -> Iterator[HelperConnection]:
    connection = HelperConnection(LIMIT)
    yield connection
    connection.close()
