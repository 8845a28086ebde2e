"""One talk of fifty turns: does a turn get slower, and does the talk stay inside the model's context?"""

import time
from statistics import median, quantiles
from typing import Any

from assistant.app import App, build_app
from assistant.prompting import load_prompt, window
from assistant.schema import TurnFailed, TurnRefused
from assistant.settings import Settings
from assistant.testing.turns import MESSAGES
from assistant.tools import ALL_TOOLS, specs_of

_TURNS = 50
_CUSTOMER = "C001"
_CONTEXT = 32_768
"""Tokens that the embedded model can read."""


def measure(settings: Settings) -> dict[str, Any]:
    app = build_app(settings)
    app.agent.warm_up()
    conversation = app.start_conversation(_CUSTOMER)
    seconds: list[float] = []
    tokens: list[int] = []
    failed = 0
    for turn in range(_TURNS):
        started = time.perf_counter()
        *_, ending = app.agent.reply(conversation, MESSAGES[turn % len(MESSAGES)])
        seconds.append(time.perf_counter() - started)
        failed += isinstance(ending, TurnFailed | TurnRefused)
        tokens.append(_tokens(app, conversation.messages))
    return {
        "model": app.chat_model.name,
        "turns": _TURNS,
        "failed": failed,
        "first_ten": _seconds(seconds[:10]),
        "last_ten": _seconds(seconds[-10:]),
        "all": _seconds(seconds),
        "prompt_tokens_after_10": tokens[9],
        "prompt_tokens_most": max(tokens),
        "context_tokens": _CONTEXT,
    }


def _tokens(app: App, messages: Any) -> int:
    """Return what the model would read in the next step, tools and fixed prompt included."""
    model: Any = app.chat_model
    specs = specs_of(ALL_TOOLS, True)
    return int(model.count_tokens(model.render([*load_prompt(), *window(messages)], specs)))


def _seconds(values: list[float]) -> dict[str, float]:
    p95 = quantiles(values, n=20, method="inclusive")[-1]
    return {"p50": round(median(values), 3), "p95": round(p95, 3)}
