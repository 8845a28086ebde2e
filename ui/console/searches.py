"""What shoppers look for, and what of it they don't find."""

from collections.abc import Sequence
from datetime import datetime

from assistant.shop.traces import SearchCount
from ui.console.lists import ago, nothing
from ui.gradio_markup import button, literal
from ui.texts import text


def searches_html(counts: Sequence[SearchCount], language: str, now: datetime | None = None) -> str:
    """Return the words as a table; a tap on those that found nothing takes them into the form for synonyms."""
    if not counts:
        return nothing(text("no_searches", language), text("no_searches_hint", language))
    most = max(count.times for count in counts)
    rows = "".join(_row(count, most, language, now) for count in counts)
    heads = "".join(
        f'<th scope="col">{text(name, language)}</th>' for name in ("col_words", "col_times", "col_without", "col_last")
    )
    return (
        f'<table class="sc-table"><thead><tr>{heads}<th><span class="st-unseen">{text("add_synonym", language)}</span>'
        f"</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(count: SearchCount, most: int, language: str, now: datetime | None) -> str:
    share = 100 * count.times / most
    found = 100 * (count.times - count.without_hits) / count.times
    add = ""
    if count.without_hits:
        add = button(text("add_synonym", language), "st-plain", name=count.words, act="synonym", key=count.words)
    return (
        f'<tr{" class=sc-unmet" if count.without_hits else ""}><th scope="row">{literal(count.words) or "–"}'
        f'<span class="sc-bar" style="--share:{share:.0f}%;--found:{found:.0f}%"></span></th>'
        f"<td>{count.times}</td><td>{count.without_hits or '–'}</td><td>{ago(count.last, language, now)}</td>"
        f"<td>{add}</td></tr>"
    )
