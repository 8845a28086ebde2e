"""axe, which knows what WCAG asks of a page, as far as a machine can tell."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

_RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def violations(page: Any, *ignored: str) -> list[str]:
    """Return what axe finds in a page as it is now, each with where; rules that are `ignored` are Gradio's own."""
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}  {node['failureSummary'][:200]}"
        for each in found
        if each["id"] not in ignored
        for node in each["nodes"]
    ]
