"""A session's turns as the messages of a gr.Chatbot."""

import json
from typing import Any

from ui.gradio_markup import literal, literal_lines, prose
from ui.gradio_session import Session, Step, TurnView
from ui.texts import text, text_or

ChatMessage = dict[str, Any]

_LONGEST_SHOWN = 4000


def chat_messages(session: Session) -> list[ChatMessage]:
    """Return the talk so far: the greeting, and each turn's words, what it rests on and how it came about."""
    return [message for message, _ in _told(session)]


def turn_at(session: Session, index: int) -> TurnView | None:
    """Return the turn that the message at `index` of the talk is from; None for the greeting."""
    told = _told(session)
    return told[index][1] if 0 <= index < len(told) else None


def thumbs(session: Session) -> list[str | None]:
    """Return what was thought of each answer on the screen, in order, as a gr.Chatbot wants it."""
    answers: list[TurnView | None] = []
    before = "user"
    for message, turn in _told(session):
        if message["role"] == "assistant" and before == "user":
            answers.append(turn)
        before = message["role"]
    names = {"up": "Like", "down": "Dislike", None: None}
    return [names[session.ratings.get(turn.number) if turn else None] for turn in answers]


def _told(session: Session) -> list[tuple[ChatMessage, TurnView | None]]:
    """Return each message with the turn it is from."""
    told: list[tuple[ChatMessage, TurnView | None]] = [(_message("assistant", prose(session.greeting)), None)]
    for turn in session.turns:
        if turn.said.strip():
            told.append((_message("user", _shopper(turn.said)), turn))
        told.extend((_message("assistant", content), turn) for content in _answer(turn, session.language))
    return told


def _answer(turn: TurnView, language: str) -> list[str]:
    """Return the parts of an answer; each stays what it is while the next ones come."""
    if turn.by is not None:
        who = literal(turn.by or text("colleague", language))
        return [f'<p class="st-from">{who}</p><p>{literal_lines(turn.text)}</p>']
    parts = [prose(turn.text)] if turn.text.strip() else []
    if not turn.over:
        return [*parts, _progress(turn, language)]
    if turn.stopped:
        parts.append(f'<p class="st-note">{text("stopped", language)}</p>')
    if turn.ticket and turn.ticket not in turn.text:
        ticket = f"<strong>{literal(turn.ticket)}</strong>"
        parts.append(f'<p class="st-note st-ticket">{text("ticket", language, ticket=ticket)}</p>')
    if turn.sources:
        parts.append(_sources(turn, language))
    if turn.steps:
        parts.append(_steps(turn, language))
    return parts


def _progress(turn: TurnView, language: str) -> str:
    running = [step.name for step in turn.steps if step.ok is None]
    thinking = text("thinking", language)
    words = text_or(f"running_{running[-1]}", thinking, language) if running else thinking
    return f'<p class="st-busy"><span class="st-dots" aria-hidden="true"><i></i><i></i><i></i></span>{words}</p>'


def _sources(turn: TurnView, language: str) -> str:
    titles = ", ".join(dict.fromkeys(passage.title for passage in turn.sources))
    passages = "".join(
        f"<li><strong>{literal(passage.title)}</strong><p>{literal_lines(passage.text)}</p></li>"
        for passage in turn.sources
    )
    summary = f"{text('sources', language)}: {literal(titles)}"
    return f'<details class="st-fold st-sources"><summary>{summary}</summary><ul>{passages}</ul></details>'


def _steps(turn: TurnView, language: str) -> str:
    count = len(turn.steps)
    parts = [text("how", language), text("step" if count == 1 else "steps", language, count=count)]
    if turn.seconds:
        parts.append(text("seconds", language, seconds=f"{turn.seconds:.1f}"))
    steps = "".join(_step(step, language) for step in turn.steps)
    return f'<details class="st-fold st-steps"><summary>{" · ".join(parts)}</summary><ol>{steps}</ol></details>'


def _step(step: Step, language: str) -> str:
    failed = f' <em class="st-failed">{text("failed_step", language)}</em>' if step.ok is False else ""
    title = text_or(f"tool_{step.name}", literal(step.name), language)
    arguments = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in step.arguments.items())
    return (
        f"<li><strong>{title}</strong>{failed}<br><code>{literal(f'{step.name}({arguments})')}</code>"
        f"<p>{literal_lines(step.content)}</p></li>"
    )


def _shopper(said: str) -> str:
    shown = said if len(said) <= _LONGEST_SHOWN else said[:_LONGEST_SHOWN] + "…"
    return literal_lines(shown)


def _message(role: str, content: str) -> ChatMessage:
    return {"role": role, "content": content}
