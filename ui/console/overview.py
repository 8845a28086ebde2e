"""How it is going: the tiles, and for each chart a title that says what is in it."""

from collections.abc import Sequence

from assistant.shop.insights import Busy, Funnel, Overview, Thumbs
from ui.texts import text


def tiles_html(seen: Overview, waiting: int, language: str) -> str:
    """Return the numbers that one looks at first; `waiting` customers want a person now."""
    thumbs = seen.ups + seen.downs
    tiles = [
        ("conversations", str(seen.conversations), text("tile_turns", language, count=seen.turns), False),
        ("waiting", str(waiting), text("tile_hand_overs", language, count=seen.hand_overs), waiting > 0),
        ("first_word", _seconds(seen.word_half), text("tile_card", language, time=_seconds(seen.card_half)), False),
        ("whole_turn", _seconds(seen.turn_half), text("tile_most", language, time=_seconds(seen.turn_most)), False),
        ("not_found", _share(seen.without_hits, seen.searches), text("tile_searches", language, count=seen.searches),
         False),
        ("held_back", str(seen.held_back), text("tile_held", language, share=_rate(seen.held_back, seen.turns)), False),
        ("thumbs_up", _share(seen.ups, thumbs), text("tile_thumbs", language, count=thumbs), False),
        ("failed", str(seen.failed), text("tile_failed", language, share=_share(seen.failed, seen.turns)),
         seen.failed > 0),
    ]  # fmt: skip
    shown = "".join(
        f'<div class="sc-tile{" sc-urgent" if urgent else ""}"><dt>{text(f"tile_name_{name}", language)}</dt>'
        f"<dd><strong>{number}</strong><span>{about}</span></dd></div>"
        for name, number, about, urgent in tiles
    )
    return f'<dl class="sc-tiles" lang="{language}">{shown}</dl>'


def busy_title(busy: Sequence[Busy], step: str, language: str) -> str:
    """Say when most was asked."""
    if not busy:
        return text("no_turns", language)
    most = max(busy, key=lambda each: each.turns)
    when = f"{most.at:%d %b}" if step == "day" else f"{most.at:%d %b, %H:%M}"
    if language == "zh":
        when = f"{most.at.month}月{most.at.day}日" + ("" if step == "day" else f" {most.at:%H:%M}")
    return text("busiest", language, when=when, count=most.turns)


def waits_title(seen: Overview, language: str) -> str:
    """Say how long half of the shoppers wait."""
    if seen.word_half is None:
        return text("no_waits", language)
    return text("wait_is", language, time=_seconds(seen.word_half), most=_seconds(seen.turn_most))


def funnel_title(funnel: Funnel, language: str) -> str:
    """Say what came of what was shown."""
    if not funnel.shown:
        return text("no_showings", language)
    return text("funnel_is", language, shown=f"{funnel.shown:,}", in_cart=funnel.in_cart, bought=funnel.bought)


def thumbs_title(thumbs: Sequence[Thumbs], language: str) -> str:
    """Say how many of the thumbs point up."""
    ups, downs = sum(each.ups for each in thumbs), sum(each.downs for each in thumbs)
    if not ups + downs:
        return text("no_thumbs", language)
    return text("thumbs_are", language, ups=ups, count=ups + downs)


def title_html(title: str, hint: str) -> str:
    """Return a chart's heading, and what it counts."""
    return f'<div class="sc-title"><h2>{title}</h2><p>{hint}</p></div>'


def _seconds(time: float | None) -> str:
    return "–" if time is None else f"{time:.1f} s"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _rate(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else "–"
