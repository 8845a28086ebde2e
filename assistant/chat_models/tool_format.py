"""The tool format of the shipped model: how tools are told and calls written, and the grammar that keeps them valid.

Calls are written as in Qwen2.5's chat template. Tools are told as signatures, which take half the tokens of the JSON
schemas that the template would write.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from pydantic_core import from_json

from assistant.schema import Message, ToolCall, ToolSpec

OPENING = "<tool_call>\n"
ASSISTANT = "<|im_start|>assistant\n"
_TOLD = """# Tools

<tools>
{tools}
</tools>

To call a tool, write a JSON object with its name and arguments within <tool_call></tool_call> tags:
<tool_call>
{{"name": <tool-name>, "arguments": <arguments-object>}}
</tool_call>"""
_TYPES = {
    "string": "",
    "integer": ": int",
    "number": ": number",
    "boolean": ": bool",
    "array": ": list",
    "object": ": map",
}


def template_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return the messages as a chat template takes them."""
    rendered = []
    for message in messages:
        entry: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.tool_calls:
            entry["tool_calls"] = [
                {"type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in message.tool_calls
            ]
        rendered.append(entry)
    return rendered


def template_tools(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Return the tools as a chat template takes them."""
    return [{"type": "function", "function": tool.model_dump()} for tool in tools]


def render_chat(messages: Sequence[Message]) -> str:
    """Return the messages as Qwen2.5's chat template writes them, up to where the assistant is to go on.

    Written out here, so that training and the engine read the same bytes without either's template engine.
    """
    return before_the_next(messages) + ASSISTANT


def before_the_next(messages: Sequence[Message]) -> str:
    """Return the chat up to where the customer's next message, whatever it says, will begin."""
    return "".join(map(_turn, _with_joined_results(messages)))


def answer_text(answer: Message) -> str:
    """Return what the model has to write, behind `render_chat`, to say `answer`."""
    return _turn(answer).removeprefix(ASSISTANT)


def _turn(message: Message) -> str:
    # A turn that a customer or a catalogue writes into a text is words, and opens nothing.
    content = message.content.replace("<|", "< |") if message.role == "user" else message.content
    parts = [content] if content else []
    for call in message.tool_calls:
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        parts.append(f'<tool_call>\n{{"name": "{call.name}", "arguments": {arguments}}}\n</tool_call>')
    return f"<|im_start|>{message.role}\n" + "\n".join(parts) + "<|im_end|>\n"


def _with_joined_results(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with tool results as the user's, those of one step in one message."""
    joined: list[Message] = []
    for position, message in enumerate(messages):
        if message.role != "tool":
            joined.append(message)
            continue
        content = f"<tool_response>\n{message.content}\n</tool_response>"
        if position and messages[position - 1].role == "tool":
            content = f"{joined.pop().content}\n{content}"
        joined.append(Message(role="user", content=content))
    return joined


def with_tools(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[Message]:
    """Return the messages, whose first is the system's, with the tools told at its end."""
    if not tools:
        return list(messages)
    system, *rest = messages
    told = _TOLD.format(tools="\n".join(map(signature, tools)))
    return [system.model_copy(update={"content": f"{system.content}\n\n{told}"}), *rest]


def signature(tool: ToolSpec) -> str:
    """Return a tool as one line: its name and arguments, '?' behind those that may be left out, and what it is for."""
    properties, required = tool.parameters["properties"], tool.parameters["required"]
    arguments = ", ".join(
        f"{name}{'' if name in required else '?'}{_TYPES[schema['type']]}" for name, schema in properties.items()
    )
    lines = [f"{name}: {schema['description']}" for name, schema in properties.items()]
    return " ".join([f"{tool.name}({arguments}): {tool.description}", *lines])


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema as constrained decoding wants it: no unknown arguments, and an end to every list and object.

    Texts are left without a greatest length: with one, the grammar takes ten times longer to compile.
    """
    match schema.get("type"):
        case "array":
            return {"type": "array", "items": strict(schema["items"]), "maxItems": 8}
        case "object" if "properties" in schema:
            properties = {name: strict(inner) for name, inner in schema["properties"].items()}
            return {
                "type": "object",
                "properties": properties,
                "required": schema["required"],
                "additionalProperties": False,
            }
        case "object":
            return {
                "type": "object",
                "additionalProperties": strict(schema["additionalProperties"]),
                "maxProperties": 4,
            }
        case kind:
            return {"type": kind}


def parse_call(text: str) -> ToolCall | None:
    """Return the call that `text` holds, in or out of its tags, or None.

    A call that broke off inside a text, because a small model repeated itself, is read up to there.
    """
    body = text.replace(OPENING.strip(), "").split("</tool_call>")[0].strip().removeprefix("```json").strip("`\n ")
    try:
        call = from_json(body, allow_partial="trailing-strings")
    except ValueError:
        return None
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return None
    arguments = call.get("arguments", {})
    return ToolCall(id=new_call_id(), name=call["name"], arguments=arguments) if isinstance(arguments, dict) else None


def new_call_id() -> str:
    """Return a fresh id for a tool call."""
    return f"call_{uuid4().hex[:12]}"
