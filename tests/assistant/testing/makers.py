"""What the tests of scripted conversations are made from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent

from assistant.chat_models import ToolChoice
from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.testing.files import ConversationFile, load_conversation
from assistant.testing.runner import RunResult, run_conversation
from assistant.testing.script import Script
from assistant.testing.stage import ShopCopy

CANDLES = """
about: A search for candles.
turns:
  - user: candles
    script:
      - call: {name: search_products, arguments: {query: candles}}
      - say: There is the {shown.1.short_name} for {shown.1.price}.
    expect: {tools: [search_products]}
"""


def write(folder: Path, text: str, name: str = "talk.yaml") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def conversation(folder: Path, text: str, name: str = "talk.yaml") -> ConversationFile:
    return load_conversation(write(folder, text, name))


def run(folder: Path, shop: ShopCopy, text: str) -> RunResult:
    """Run a conversation by its script."""
    script = Script()
    with shop.stage(ScriptedModel(script)) as stage:
        return run_conversation(conversation(folder, text), stage, script)


class EverySecond:
    """Searches for candles in every second conversation, and is silent in the others."""

    name = "every-second"
    tuned = False

    def __init__(self) -> None:
        self._conversations = 0

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        begins = bool(tools) and messages[-1].role == "user"
        self._conversations += begins
        if begins and self._conversations % 2:
            yield ToolCall(id=f"call-{self._conversations}", name="search_products", arguments={"query": "candles"})
