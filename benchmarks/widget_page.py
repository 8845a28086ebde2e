"""What the widget costs the demo shop's first page and a product's, as a phone loads them."""

import statistics
from typing import Any

from assistant.chat_models.scripted import SilentModel
from assistant.settings import Settings
from assistant.testing.stage import copy_shop
from tests.browser.chromium import CHROMIUM, FLAGS, PHONE
from tests.browser.serving import serve
from ui.widget.bundle import build_widget

_ROUNDS = 7
# Lighthouse's simulated slow 4G and its processor of a middling phone.
_LINE = {"latency": 150, "downloadThroughput": 1.6 * 1024 * 1024 / 8, "uploadThroughput": 750 * 1024 / 8}
_SLOWER = 4
_OBSERVER = """
const measured = window.measured = { lcp: 0, cls: 0, blocked: 0 };
function watch(type, take) {
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
}
watch("largest-contentful-paint", (entry) => { measured.lcp = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) measured.cls += entry.value; });
watch("longtask", (entry) => { measured.blocked += Math.max(0, entry.duration - 50); });
"""


def measure(settings: Settings) -> dict[str, Any]:
    """Load each page `_ROUNDS` times with an empty cache; return the medians, and the sizes of the files."""
    from playwright.sync_api import sync_playwright

    assert CHROMIUM is not None, "Debian's chromium is not installed: apt-get install chromium"
    widget = build_widget()
    figures: dict[str, Any] = {
        "gzipped_bytes": {
            "loader": len(widget.loader.gzipped),
            **{f"panel_{language}": len(panel.gzipped) for language, panel in widget.panels.items()},
        },
        "rounds": _ROUNDS,
        "line": "150 ms, 1.6 Mbit/s, processor slowed 4 times",
    }
    with (
        copy_shop(settings, SilentModel()) as copy,
        serve(copy, settings, SilentModel()) as shop,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        figures["chromium"] = browser.version
        for page in ("", "products/trail-shoes-01"):
            rounds: dict[str, list[dict[str, float]]] = {"with": [], "without": []}
            _load(browser, f"{shop.address}/demo-shop/{page}")
            # In turn, so that a busy moment falls on both.
            for _ in range(_ROUNDS):
                rounds["with"].append(_load(browser, f"{shop.address}/demo-shop/{page}"))
                rounds["without"].append(_load(browser, f"{shop.address}/demo-shop/{page}?without-widget"))
            figures[f"/demo-shop/{page}"] = {
                name: {key: round(statistics.median(each[key] for each in loads), 3) for key in loads[0]}
                for name, loads in rounds.items()
            }
        browser.close()
    return figures


def _load(browser: Any, address: str) -> dict[str, float]:
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {"offline": False, **_LINE})
    line.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    fetched: list[float] = []
    line.on("Network.loadingFinished", lambda event: fetched.append(event["encodedDataLength"]))
    page.add_init_script(_OBSERVER)
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(1500)
    told = page.evaluate(
        """() => ({ ...measured, loaded: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd })"""
    )
    context.close()
    return {
        "requests": len(fetched),
        "kilobytes": sum(fetched) / 1000,
        "dom_content_loaded_ms": told["loaded"],
        "largest_contentful_paint_ms": told["lcp"],
        "cumulative_layout_shift": told["cls"],
        "total_blocking_ms": told["blocked"],
    }
