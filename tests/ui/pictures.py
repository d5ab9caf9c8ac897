"""Pictures of what the tests see."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page


def show(page: Page, name: str) -> None:
    """Keep a picture for the README and for who looks into a failure."""
    # Not in test-results: the next session of pytest empties that.
    folder = Path(os.environ.get("AF_LAB_SCREENSHOTS", "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", animations="disabled")
