"""Checks a page that a browser shows with axe-core, the library most accessibility tools use."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "api/pages/node_modules/axe-core/axe.min.js"

SERIOUS = {"serious", "critical"}
"""What keeps people out; axe's smaller findings are matters of taste."""


def serious_findings(page: Page) -> list[str]:
    """Return what axe-core finds serious on the page as it is now, each with where and why."""
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:200]} — {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
