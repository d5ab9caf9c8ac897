"""A test that touches daemons runs a second time when it fails; each second run is recorded by name."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "pool" in item.keywords:
            item.add_marker(pytest.mark.flaky(reruns=1))
