"""Figures that tests measure: printed, and shown at the end of `make test`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.plugins import FIGURE


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell a figure, with its aim if it has one."""

    def tell(text: str) -> None:
        print(text)
        record_property(FIGURE, text)

    return tell
