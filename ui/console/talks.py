"""The conversations, and one of them read along: what was said, looked up, and held back."""

import json
from collections.abc import Sequence
from datetime import datetime

from assistant.shop.talks import SaidLine, TalkSummary
from assistant.shop.traces import Trace, TracedCall
from ui.console.lists import ago, badge, item_html, nothing
from ui.gradio_markup import literal, literal_lines
from ui.texts import text

_LINE = 110


def talks_html(talks: Sequence[TalkSummary], chosen: str | None, language: str, now: datetime | None = None) -> str:
    """Return the list of conversations, that which is open marked."""
    if not talks:
        return nothing(text("no_talks", language), text("no_talks_hint", language))
    items = "".join(
        item_html(
            "talk", talk.id, talk.id == chosen, talk.customer or text("guest", language), ago(talk.at, language, now),
            talk.said[:_LINE], _badges(talk, language),
        )
        for talk in talks
    )  # fmt: skip
    return f'<ul class="sc-list" aria-label="{text("tab_talks", language)}">{items}</ul>'


def talk_html(
    who: str, traces: Sequence[Trace], said: Sequence[SaidLine], language: str, answers: Sequence[SaidLine] = ()
) -> str:
    """Return a whole conversation: from its traces where there are any, else as far as `said` goes.

    `answers` are what a person and the customer wrote to each other after the hand-over.
    """
    if not traces and not said:
        return nothing(text("no_talk", language), text("no_talk_hint", language))
    placed = [(trace.at, _turn(trace, language)) for trace in traces]
    placed += [(line.at, _words(line.role, line.text, language)) for line in answers if line.at]
    turns = "".join(made for _, made in sorted(placed, key=lambda each: each[0]))
    if not traces:
        turns = "".join(_words(line.role, line.text, language) for line in said) + turns
    count = text("turn" if len(traces) == 1 else "turns", language, count=len(traces))
    return (
        f'<article class="sc-talk"><header><h2>{literal(who)}</h2><p>{count}</p></header>'
        f'<div class="sc-turns" role="log" aria-label="{literal(who)}">{turns}</div></article>'
    )


def _badges(talk: TalkSummary, language: str) -> str:
    marks = [badge(text("turn" if talk.turns == 1 else "turns", language, count=talk.turns))]
    if talk.ticket:
        marks.append(badge(text(f"ticket_{talk.ticket}", language), "sc-warn"))
    if talk.held_back:
        marks.append(badge(text("badge_held", language, count=talk.held_back), "sc-soft"))
    if talk.downs:
        marks.append(badge(text("badge_downs", language, count=talk.downs), "sc-bad"))
    if talk.failed:
        marks.append(badge(text("badge_failed", language), "sc-bad"))
    return f'<span class="sc-badges">{"".join(marks)}</span>'


def _turn(trace: Trace, language: str) -> str:
    said = _words("user", trace.said, language) if trace.said.strip() else ""
    held = "".join(
        f'<div class="sc-held"><b>{text("held_back", language)}</b><s>{literal(each.sentence)}</s>'
        f"<p>{literal(each.reason)}</p></div>"
        for each in trace.held_back
    )
    reply = _words("assistant", trace.reply, language) if trace.reply.strip() else ""
    calls = "".join(_call(call) for call in trace.calls)
    looked_up = f'<ul class="sc-calls">{calls}</ul>' if calls else ""
    failed = f'<p class="sc-failed">{literal(trace.error)}</p>' if trace.error else ""
    when, took = f"{trace.at:%Y-%m-%d %H:%M} UTC", text("took", language, time=f"{trace.seconds:.1f}")
    about = literal(f"{when} · {took} · {trace.surface} · shelftalk trace {trace.id[:8]}")
    return f'<section class="sc-turn">{said}{looked_up}{held}{reply}{failed}<p class="sc-about">{about}</p></section>'


def _call(call: TracedCall) -> str:
    arguments = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call.arguments.items())
    found = "" if call.results is None else f" → {call.results}"
    look = "" if call.ok else ' class="sc-not-ok"'
    made = f"<code>{literal(f'{call.name}({arguments})')}</code>"
    return f"<li{look}>{made}{found} <small>{call.milliseconds} ms</small></li>"


def _words(role: str, words: str, language: str) -> str:
    who = {"user": "by_customer", "assistant": "by_assistant", "human": "by_human"}[role]
    return f'<div class="sc-said sc-{role}"><b>{text(who, language)}</b><p>{literal_lines(words)}</p></div>'
