"""Tokens a second, time to the first word and resident memory: `embedded` beside `local`, over the same weights.

Each model runs in a process of its own, so that memory is its own as well.
"""

import json
import resource
import subprocess
import sys
import time
from typing import Any

from assistant.app import chat_model_options
from assistant.chat_models import DEFAULT_MODEL, ChatModel, load_chat_model
from assistant.chat_models.embedded import EmbeddedModel
from assistant.prompting import load_prompt
from assistant.schema import Message
from assistant.settings import Settings, load_settings
from assistant.tools import ALL_TOOLS, specs_of

_QUESTION = "Tell me in about a hundred words how to choose hiking boots."
_KINDS = ("embedded", "local")


def measure(settings: Settings) -> dict[str, Any]:
    return {kind: _in_own_process(kind) for kind in _KINDS}


def _in_own_process(kind: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.chat_models", kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _measure_one(kind: str) -> dict[str, Any]:
    settings = load_settings(chat_model=kind, max_tokens=96)
    options = chat_model_options(settings)
    if kind == "local":
        (gguf_file,) = (settings.models / DEFAULT_MODEL).glob("*.gguf")
        options = options.model_copy(update={"model": str(gguf_file)})
    started = time.perf_counter()
    model = load_chat_model(kind, options)
    loaded = time.perf_counter() - started
    cold = _generate(model)
    warm = _generate(model)
    if isinstance(model, EmbeddedModel):
        # A process of its own is counted at its end.
        model.close()
    # Linux gives the peak in KiB.
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = sum(resource.getrusage(who).ru_maxrss for who in whose) / 2**20
    return {"load_seconds": round(loaded, 1), "cold": cold, "warm": warm, "peak_memory_gib": round(peak, 2)}


def _generate(model: ChatModel) -> dict[str, float]:
    """Time one answer after the assistant's own prompt; tokens are counted in pieces of the stream."""
    messages = [*load_prompt(), Message(role="user", content=_QUESTION)]
    started = time.perf_counter()
    first = None
    pieces = 0
    for _ in model.stream(messages, specs_of(ALL_TOOLS, True), "none"):
        first = first or time.perf_counter() - started
        pieces += 1
    total = time.perf_counter() - started
    first = first or total
    rate = (pieces - 1) / (total - first) if pieces > 1 else 0.0
    return {"first_token_seconds": round(first, 3), "tokens_per_second": round(rate, 1), "pieces": pieces}


if __name__ == "__main__":
    print(json.dumps(_measure_one(sys.argv[1])))
