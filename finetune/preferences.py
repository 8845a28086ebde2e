"""Pairs of answers, one to be preferred: the right tool over a wrong one, and grounded words over ungrounded ones.

Made of a training set. What is wrong is what the model does wrong: it talks where a tool is due, calls a search where
none is, takes a neighbouring tool, leaves an argument out; and in words it tells of products of another talk, which the
same check that runs in the shop finds to have no evidence.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from assistant.chat_models.tool_format import answer_text, render_chat
from assistant.prompting import system_prompts
from assistant.schema import Message, ToolCall, Value
from assistant.tools import ALL_TOOLS, specs_of
from finetune.errors import TrainingDataError

_NEIGHBOURS = {
    "search_products": "recommend_products", "recommend_products": "search_products", "get_order": "list_orders",
    "list_orders": "get_purchase_history", "get_purchase_history": "list_orders",
    "return_delivered_items": "search_policies", "exchange_delivered_items": "return_delivered_items",
    "change_pending_order_items": "exchange_delivered_items", "cancel_pending_order": "get_order",
    "search_policies": "hand_over_to_human", "hand_over_to_human": "search_policies",
    "similar_products": "search_products", "add_to_cart": "get_product", "get_product": "search_products",
}  # fmt: skip
"""What a call is mistaken for."""
_TALK = {"en": "I can help with that. What exactly are you looking for?", "zh": "我可以帮您。请问您具体想要什么？"}


class Pair(Value):
    """What the model reads, the answer to be preferred, and the other one."""

    prompt: str
    chosen: str
    rejected: str


def preference_pairs(lines: Path, seed: int) -> list[Pair]:
    """Read a training set and pair each answer with a worse one. Raises TrainingDataError where there is none."""
    entries = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines() if line.strip()]
    rng = random.Random(seed)
    prompts = system_prompts()
    words = [message for entry in entries for message in _spoken(entry)]
    pairs = []
    for entry in entries:
        messages = [Message.model_validate(message) for message in entry["messages"]]
        for place in entry["learned"]:
            worse = _worse(messages, place, entry, words, rng)
            if worse is None:
                continue
            pairs.append(
                Pair(
                    prompt=prompts[entry["known"]] + render_chat(messages[:place]),
                    chosen=answer_text(messages[place]),
                    rejected=answer_text(worse),
                )
            )
    if not pairs:
        raise TrainingDataError(f"{lines.name} holds no answer of which there is a worse one.")
    rng.shuffle(pairs)
    return pairs


def _worse(
    messages: Sequence[Message], place: int, entry: Mapping[str, object], words: Sequence[str], rng: random.Random
) -> Message | None:
    """Return an answer that should not be given."""
    answer, asked = messages[place], messages[place - 1]
    if not answer.tool_calls:
        if asked.role == "tool":
            others = [text for text in words if text != answer.content]
            return Message(role="assistant", content=rng.choice(others)) if others else None
        return _calling("search_products", {"query": asked.content})
    call = answer.tool_calls[0]
    if rng.random() < 0.3:
        return Message(role="assistant", content=_TALK["zh" if entry.get("language") == "zh" else "en"])
    neighbour = _NEIGHBOURS.get(call.name)
    if neighbour is None:
        return Message(role="assistant", content=_TALK["zh" if entry.get("language") == "zh" else "en"])
    return _calling(neighbour, _arguments(neighbour, call, asked.content, bool(entry["known"])))


def _arguments(name: str, call: ToolCall, text: str, known: bool) -> dict[str, object]:
    """Return arguments that the other tool takes: those of the call that it has too, else the message."""
    spec = next((spec for spec in specs_of(ALL_TOOLS, known) if spec.name == name), None)
    properties = spec.parameters["properties"] if spec else {}
    shared: dict[str, object] = {key: value for key, value in call.arguments.items() if key in properties}
    missing = [key for key in (spec.parameters["required"] if spec else []) if key not in shared]
    return shared | dict.fromkeys(missing, text)


def _calling(name: str, arguments: dict[str, object]) -> Message:
    return Message(role="assistant", content="", tool_calls=(ToolCall(id="1", name=name, arguments=arguments),))


def _spoken(entry: Mapping[str, list[dict[str, object]]]) -> Iterator[str]:
    """Yield what is said on a tool's result."""
    for place in entry["learned"]:
        message = entry["messages"][int(str(place))]
        before = entry["messages"][int(str(place)) - 1]
        if before["role"] == "tool" and message.get("content"):
            yield str(message["content"])
