"""Debian's chromium for the tests, and pages that say what went wrong in them."""

import shutil
from dataclasses import dataclass, field
from typing import Any

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, TABLET, PHONE = (
    {"width": width, "height": height} for width, height in ((1280, 800), (768, 1024), (360, 740))
)


@dataclass
class Visit:
    """A page, what it asked the network for, and what went wrong in it."""

    page: Any
    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def open_page(browser: Any, size: dict[str, int] | None = None, **context: Any) -> Visit:
    """Open an empty page of a new visitor's; it is closed with the browser."""
    page = browser.new_context(viewport=size or DESKTOP, **{"locale": "en-US", **context}).new_page()
    page.set_default_timeout(30_000)
    visit = Visit(page)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("pageerror", lambda error: visit.problems.append(str(error)))
    page.on("console", lambda said: said.type == "error" and visit.problems.append(said.text))
    return visit
