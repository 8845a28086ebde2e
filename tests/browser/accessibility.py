"""What axe finds on a page."""

from typing import Any

import pytest

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Any, context: Any = None, but: tuple[str, ...] = ()) -> list[str]:
    """Return each violation of WCAG 2.2 AA or of axe's best practices as its rule and the elements, but for some rules."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -e '.[dev]'")
    # Motion would be measured in its middle.
    page.wait_for_timeout(250)
    found = axe.Axe().run(page, context, {"runOnly": _TAGS, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[(node['target'], node['failureSummary']) for node in each['nodes']]}"
        for each in found
        if each["id"] not in but
    ]
