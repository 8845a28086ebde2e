"""Lists that one taps on, times as people say them, and what an empty page says."""

from datetime import UTC, datetime

from ui.gradio_markup import literal
from ui.texts import text

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def ago(at: datetime, language: str, now: datetime | None = None) -> str:
    """Return how long ago something was."""
    seconds = max(0, ((now or datetime.now(UTC)) - at).total_seconds())
    if seconds < _MINUTE:
        return text("ago_now", language)
    if seconds < _HOUR:
        return text("ago_minutes", language, count=int(seconds // _MINUTE))
    if seconds < _DAY:
        return text("ago_hours", language, count=int(seconds // _HOUR))
    return text("ago_days", language, count=int(seconds // _DAY))


def item_html(act: str, key: str, chosen: bool, title: str, when: str, line: str, badges: str = "") -> str:
    """Return one entry of a list: a button that opens it. `badges` is made already; the rest may be anybody's."""
    current = ' aria-current="true"' if chosen else ""
    below = f"<p>{literal(line)}</p>" if line else ""
    return (
        f'<li><button type="button" class="sc-item" data-act="{act}" data-key="{literal(key)}"{current}>'
        f"<span><strong>{literal(title)}</strong><small>{literal(when)}</small></span>{below}{badges}</button></li>"
    )


def badge(words: str, look: str = "") -> str:
    """Return a small mark."""
    return f'<em class="sc-badge {look}">{literal(words)}</em>'


def nothing(title: str, hint: str) -> str:
    """Return what a page shows that has nothing to show."""
    return f'<div class="sc-nothing"><h2>{title}</h2><p>{hint}</p></div>'
