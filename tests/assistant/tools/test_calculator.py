"""Sums, and only of numbers that somebody named."""

from decimal import Decimal

import pytest

from assistant.errors import ToolError
from assistant.schema import Calculated, Message
from assistant.tools.calculator import calculate
from assistant.tools.tool import ToolContext

RESULT = Message(role="tool", content="1. Moss Candle | $19.99 | in stock [candles-01]", tool_call_id="1")


def worked_out(expression: str, *said: str) -> Decimal:
    context = ToolContext(None, None, None, customer_texts=said, transcript=(RESULT,))  # type: ignore[arg-type]
    result = calculate.run(context, {"expression": expression})
    assert isinstance(result, Calculated)
    return result.value


@pytest.mark.parametrize(
    ("expression", "said", "value"),
    [
        ("3 * 19.99", "three of them, please", "59.97"),
        ("19.99 + 4.50", "and $4.50 for the card", "24.49"),
        ("19.99 * 0.8", "I have a code for 20% off", "15.992"),
        ("50 - 2 * $19.99", "what is left of my $50?", "10.02"),
        ("250 * 4", "四个，每个250元", "1000"),
        ("19.99 * 15%", "plus 15 % tip", "2.9985"),
        ("19.99 * 0.8", "打八折是多少", "15.992"),
        ("19.99 * 0.85", "八五折呢", "16.9915"),
        ("19.99 * 0.7", "7折多少钱", "13.993"),
        ("19.99 * 0.95", "9.5折", "18.9905"),
    ],
)
def test_numbers_of_the_talk_and_of_results_are_added_up(expression: str, said: str, value: str) -> None:
    assert worked_out(expression, said) == Decimal(value)


@pytest.mark.parametrize("expression", ["3 * 150", "19.99 * 0.7", "19.98 + 1"])
def test_a_number_that_nobody_named_is_no_part_of_a_sum(expression: str) -> None:
    with pytest.raises(ToolError, match="Nobody named"):
        worked_out(expression, "do you match prices?")


@pytest.mark.parametrize("expression", ["10 / 0", "2 ** 9", "price", "", "1 +", "9" * 201])
def test_what_is_no_sum_is_refused(expression: str) -> None:
    with pytest.raises(ToolError, match=r"not arithmetic|too long"):
        worked_out(expression, "10 0 2 9 1")
