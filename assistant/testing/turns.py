"""How long a customer waits: for the first card, the first word and the end of a turn."""

import time
from collections.abc import Callable
from statistics import median, quantiles

from assistant.app import App
from assistant.schema import ProductsShown, TextDelta

# Ten things that shoppers say, one conversation each: searches with and without limits, orders, policies, small talk.
MESSAGES = (
    "hi there",
    "I'm looking for a warm blanket for the sofa",
    "trail shoes under 120 dollars",
    "do you have a quiet keyboard?",
    "a birthday present for a six year old, up to 40",
    "where is my last order?",
    "what is the status of A1002?",
    "how can I return something that doesn't fit?",
    "有没有500元以内的蓝牙耳机？",
    "运费怎么算？",
)
_CUSTOMER = "C001"


def measure_turns(
    app: App, repeat: int = 1, progress: Callable[[str, int, int], None] = lambda stage, done, total: None
) -> dict[str, float]:
    """Play each message `repeat` times in a fresh conversation; return seconds (p50, p95) over all of them.

    The first-card figures are over the turns that showed a card.
    """
    cards: list[float] = []
    words: list[float] = []
    ends: list[float] = []
    for position, message in enumerate(MESSAGES * repeat):
        progress("Taking turns", position, len(MESSAGES) * repeat)
        started = time.perf_counter()
        card = word = None
        for event in app.agent.reply(app.start_conversation(_CUSTOMER), message):
            elapsed = time.perf_counter() - started
            card = elapsed if card is None and isinstance(event, ProductsShown) else card
            word = elapsed if word is None and isinstance(event, TextDelta) else word
        ends.append(time.perf_counter() - started)
        words += [word] if word is not None else []
        cards += [card] if card is not None else []
    return {
        "turns": len(ends),
        "turns_with_cards": len(cards),
        **_percentiles("first_card", cards),
        **_percentiles("first_word", words),
        **_percentiles("turn", ends),
    }


def _percentiles(name: str, seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {f"{name}_p50": round(seconds[0], 3), f"{name}_p95": round(seconds[0], 3)} if seconds else {}
    p95 = quantiles(seconds, n=20, method="inclusive")[-1]
    return {f"{name}_p50": round(median(seconds), 3), f"{name}_p95": round(p95, 3)}
