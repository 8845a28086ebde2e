"""What was wrong with answers: sentences that were held back, with why, and what shoppers thought."""

from collections.abc import Sequence
from datetime import datetime

from assistant.shop.feedback import FeedbackEntry
from assistant.shop.traces import Trace
from ui.console.lists import ago, badge, nothing
from ui.gradio_markup import button, literal
from ui.texts import text


def held_back_html(traces: Sequence[Trace], language: str, now: datetime | None = None) -> str:
    """Return the sentences that no customer read, newest first, each with why and the way to its conversation."""
    if not traces:
        return nothing(text("none_held", language), text("none_held_hint", language))
    items = "".join(
        f"<li><s>{literal(each.sentence)}</s><p>{literal(each.reason)}</p>"
        f"<footer>{ago(trace.at, language, now)} {_read(trace.conversation_id, language)}</footer></li>"
        for trace in traces
        for each in trace.held_back
    )
    return f'<section class="sc-entries"><h2>{text("held_title", language)}</h2><ul>{items}</ul></section>'


def feedback_html(entries: Sequence[FeedbackEntry], language: str) -> str:
    """Return the thumbs, newest first, with what was written beside them."""
    if not entries:
        return nothing(text("no_feedback", language), text("no_feedback_hint", language))
    items = "".join(
        f'<li class="sc-{entry.rating}">{badge(text(f"thumb_{entry.rating}", language), f"sc-mark-{entry.rating}")}'
        f"<p>{literal(entry.comment) or text('no_comment', language)}</p>"
        f"<footer>{text('of_turn', language, turn=entry.turn)} {_read(entry.conversation_id, language)}</footer></li>"
        for entry in entries
    )
    return f'<section class="sc-entries"><h2>{text("feedback_title", language)}</h2><ul>{items}</ul></section>'


def _read(conversation_id: str, language: str) -> str:
    return button(text("read_talk", language), "st-link sc-read", act="talk", key=conversation_id)
