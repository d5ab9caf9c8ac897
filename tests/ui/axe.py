"""Axe, which looks for what some users of a page could not use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

RUN = "places => axe.run({ include: places }, { resultTypes: ['violations'] })"


def check(page: Page, *places: str) -> None:
    """Fail, with a list of what is wrong, if axe has anything against parts of a page.

    Parameters
    ----------
    page
        The page.
    *places
        CSS selectors; each has to find something.
    """
    for place in places:
        assert page.locator(place).count() > 0, f"there is no {place}"
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    violations = page.evaluate(RUN, list(places))["violations"]
    assert not violations, "\n\n".join(map(told, violations))


def told(violation: dict[str, Any]) -> str:
    """Return the rule that is broken, where, and what to do."""
    lines = [f"{violation['id']} ({violation['impact']}): {violation['help']}"]
    for node in violation["nodes"]:
        summary = node["failureSummary"].replace("\n", "\n    ")
        lines.append(f"  {node['target']}\n    {node['html'][:200]}\n    {summary}")
    return "\n".join(lines)
