"""Files that need a pool come first, and of these the ones with slow tests: the short ones fill the gaps at the end."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    need_pool = {item.path for item in items if "pool" in item.keywords}
    slow = {item.path for item in items if "slow" in item.keywords}
    items.sort(key=lambda item: (item.path not in need_pool, item.path not in slow))
