import pytest

from assistant.chat_models.tool_format import parse_call, strict, template_messages
from assistant.schema import Message, ToolCall
from assistant.tools import ALL_TOOLS


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>\n{"name": "get_order", "arguments": {"order_id": "A1"}}\n</tool_call>',
        '{"name": "get_order", "arguments": {"order_id": "A1"}}\n',
        '```json\n{"name": "get_order", "arguments": {"order_id": "A1"}}\n```',
    ],
)
def test_a_call_is_read_in_and_out_of_its_tags(text: str) -> None:
    call = parse_call(text)
    assert call is not None
    assert (call.name, call.arguments) == ("get_order", {"order_id": "A1"})


def test_a_call_that_broke_off_inside_a_text_is_read_up_to_there() -> None:
    call = parse_call('{"name": "search_policies", "arguments": {"question": "returns returns retu')
    assert call is not None
    assert call.arguments == {"question": "returns returns retu"}


@pytest.mark.parametrize(
    "text", ["", "Hello!", '{"arguments": {}}', '{"name": "x", "arguments": 3}', "[1, 2]", '{"name']
)
def test_what_is_no_call_is_none(text: str) -> None:
    assert parse_call(text) is None


def test_every_tool_schema_has_an_end_and_no_unknown_arguments() -> None:
    for tool in ALL_TOOLS:
        schema = strict(tool.spec.parameters)
        assert schema["additionalProperties"] is False
        for inner in schema["properties"].values():
            assert inner["type"] != "array" or inner["maxItems"] > 0
            assert inner["type"] != "object" or inner["maxProperties"] > 0


def test_calls_go_to_the_template_as_it_takes_them() -> None:
    call = ToolCall(id="1", name="get_order", arguments={"order_id": "A1"})
    (message,) = template_messages([Message(role="assistant", content="", tool_calls=(call,))])
    assert message["tool_calls"] == [
        {"type": "function", "function": {"name": "get_order", "arguments": {"order_id": "A1"}}}
    ]
