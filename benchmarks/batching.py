"""What the embedded model gains by working on several conversations in one batch: 1, 2, 4 and 8 at once."""

import statistics
import threading
import time
from typing import Any

from assistant.app import build_app
from assistant.chat_models.embedded import EmbeddedModel
from assistant.schema import Message
from assistant.settings import Settings

_ASKED = "Tell me all that I should know before I buy a tent, in many words."
_ROUNDS = 3


def measure(settings: Settings) -> dict[str, Any]:
    app = build_app(settings)
    model = app.chat_model
    if not isinstance(model, EmbeddedModel):
        raise SystemExit("This measures the embedded model: SHELFTALK_CHAT_MODEL=embedded.")
    app.agent.warm_up()
    alone = _at_once(model, 1)
    figures = {"1_at_once": alone}
    for count in (2, 4, 8):
        together = _at_once(model, count)
        figures[f"{count}_at_once"] = together | {"times_one": round(together["tokens_s"] / alone["tokens_s"], 2)}
    return {"model": model.name, "tokens_each": settings.max_tokens, **figures}


def _at_once(model: EmbeddedModel, count: int) -> dict[str, Any]:
    rounds = [_round(model, count, number) for number in range(_ROUNDS)]
    return {
        "tokens_s": round(statistics.median(rate for rate, _ in rounds), 1),
        "first_token_s": round(statistics.median(first for _, first in rounds), 2),
    }


def _round(model: EmbeddedModel, count: int, number: int) -> tuple[float, float]:
    """Return the tokens a second of all together, and the median wait for the first."""
    written, firsts = [0] * count, [0.0] * count
    began = time.perf_counter()

    def write(position: int) -> None:
        said = ""
        prompt = [Message(role="user", content=f"({number}.{position}) {_ASKED}")]
        for piece in model.stream(prompt, (), "none"):
            firsts[position] = firsts[position] or time.perf_counter() - began
            said += str(piece)
        written[position] = model.count_tokens(said)

    threads = [threading.Thread(target=write, args=(position,)) for position in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(written) / (time.perf_counter() - began), statistics.median(firsts)
