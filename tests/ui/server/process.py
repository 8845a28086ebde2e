"""A service in a process of its own, for tests: `python -m tests.ui.server.process STORE`. Prints its address.

Its model says twenty words, a tenth of a second apart, and that it is the process it is.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.app import build_app
from assistant.chat_models import ToolChoice
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.settings import load_settings
from retrieval.encoders import HashingEncoder
from ui.logs import set_up_logs
from ui.server.serving import Site, serve

WORDS = 20


class Slow:
    name = "slow"
    tuned = False

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        for _ in range(WORDS):
            time.sleep(0.1)
            yield "hello "
        yield "there."


def main() -> None:
    settings = load_settings(store=Path(sys.argv[1]), chat_model="scripted", log_format="json")
    shop = build_app(settings, Slow(), HashingEncoder())
    set_up_logs(settings)
    patience = float(os.environ.get("PATIENCE", "20"))
    serve(Site(shop), "127.0.0.1", 0, patience, lambda address: print(address, flush=True))


if __name__ == "__main__":
    main()
