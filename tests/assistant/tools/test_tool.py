from dataclasses import replace
from decimal import Decimal

import pytest

from assistant.errors import ToolError
from assistant.schema import Calculated
from assistant.tools import ALL_TOOLS, ToolContext, tool
from assistant.tools.calculator import calculate

CONTEXT = ToolContext(catalogue=None, records=None, policies=None)  # type: ignore[arg-type]


def test_the_tools_are_those_that_the_house_plan_names() -> None:
    assert [(each.name, each.writes) for each in ALL_TOOLS] == [
        ("search_products", False),
        ("get_product", False),
        ("compare_products", False),
        ("recommend_products", False),
        ("similar_products", False),
        ("goes_with", False),
        ("add_to_cart", False),
        ("change_cart", False),
        ("show_cart", False),
        ("apply_coupon", False),
        ("estimate_delivery", False),
        ("advise_size", False),
        ("identify_customer", False),
        ("get_purchase_history", False),
        ("list_orders", False),
        ("get_order", False),
        ("cancel_pending_order", True),
        ("change_pending_order_address", True),
        ("change_pending_order_items", True),
        ("change_pending_order_payment", True),
        ("return_delivered_items", True),
        ("exchange_delivered_items", True),
        ("get_account", False),
        ("change_saved_address", True),
        ("get_preferences", False),
        ("set_preference", False),
        ("search_policies", False),
        ("hand_over_to_human", False),
        ("calculate", False),
    ]


def test_the_search_takes_the_arguments_of_the_plan() -> None:
    parameters = ALL_TOOLS[0].spec.parameters
    assert set(parameters["properties"]) == {
        "query", "min_price", "max_price", "category", "brand", "min_rating", "in_stock", "attributes",
    }  # fmt: skip
    assert parameters["required"] == ["query"]


def test_an_undocumented_argument_is_an_error_at_import() -> None:
    with pytest.raises(TypeError, match="'number' of the tool double"):

        @tool()
        def double(context: ToolContext, number: float) -> Calculated:
            """Double a number."""
            return Calculated(expression="", value=Decimal(number) * 2)


def test_a_tool_without_a_docstring_is_an_error_at_import() -> None:
    with pytest.raises(TypeError, match="no docstring"):

        @tool()
        def nothing(context: ToolContext) -> Calculated:
            return Calculated(expression="", value=Decimal(0))


@pytest.mark.parametrize("arguments", [{}, {"expression": "1", "extra": 2}, {"expression": ["1"]}])
def test_wrong_arguments_are_told_to_the_model(arguments: dict[str, object]) -> None:
    with pytest.raises(ToolError, match="calculate was called wrongly"):
        calculate.run(CONTEXT, arguments)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("3 * 19.99 + 4.50", "64.47"),
        ("$149.00 - $99.50", "49.50"),
        ("1,200 / 4", "300"),
        ("-(2 - 5)", "3"),
        ("200 * 15%", "30.00"),
    ],
)
def test_sums_are_exact(expression: str, value: str) -> None:
    result = calculate.run(replace(CONTEXT, customer_texts=(expression,)), {"expression": expression})
    assert isinstance(result, Calculated)
    assert result.value == Decimal(value)


@pytest.mark.parametrize(
    "expression",
    ["", "two plus two", "1 / 0", "2 ** 9999999", "__import__('os')", "(" * 90 + "1", "1" * 300, "True + 1", "[1]"],
)
def test_what_is_no_arithmetic_is_told_to_the_model(expression: str) -> None:
    with pytest.raises(ToolError):
        calculate.run(CONTEXT, {"expression": expression})
