"""How long a customer waits; the same measurement as `shelftalk bench turns`."""

from typing import Any

from assistant.app import build_app
from assistant.settings import Settings
from assistant.testing.turns import measure_turns

_ROUNDS = 3


def measure(settings: Settings) -> dict[str, Any]:
    app = build_app(settings)
    app.agent.warm_up()
    return {"model": app.chat_model.name, **measure_turns(app, _ROUNDS)}
