"""Sums for the model, which cannot be trusted with them."""

import ast
import operator
import re
from collections.abc import Callable
from decimal import Decimal, DecimalException

from assistant.errors import ToolError
from assistant.grounding.numbers import values
from assistant.schema import Calculated, ProductDetails
from assistant.tools.tool import ToolContext, tool

_MAX_LENGTH = 200
_SMALL_COUNT = 12
_NUMERALS = "一二三四五六七八九"
_DISCOUNT = re.compile(rf"([{_NUMERALS}]{{1,2}}|[1-9]\d?(?:\.\d)?)\s*折")
_OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@tool()
def calculate(context: ToolContext, expression: str) -> Calculated | ProductDetails:
    """Work out a sum of prices or numbers.

    Args:
        expression: Arithmetic, such as '3 * 19.99 + 4.50'.
    """
    cleaned = expression.replace("$", "").replace(",", "").replace("×", "*").replace("÷", "/").replace("%", "/100")
    if len(cleaned) > _MAX_LENGTH:
        raise ToolError("The expression is too long. Split it.")
    try:
        parsed = ast.parse(cleaned.strip(), mode="eval").body
        value = _value(parsed)
    except (SyntaxError, ValueError, DecimalException, RecursionError):
        if product := next((each for each in context.shown if each.id in expression), None):
            # 'tents-01.price': what is wanted is no sum.
            return ProductDetails(product=product)
        raise ToolError(f"'{expression}' is not arithmetic. Use numbers with + - * / and brackets.") from None
    if strange := sorted(_numbers(parsed) - _known(context)):
        raise ToolError(
            f"Nobody named {strange[0]}. Calculate only with numbers of the customer's or of tool results, "
            "or answer without a sum."
        )
    return Calculated(expression=expression, value=value)


def _numbers(node: ast.expr) -> set[Decimal]:
    """Return the numbers of the expression that must come from somewhere; a small count may be anybody's word."""
    found = {Decimal(str(part.value)) for part in ast.walk(node) if isinstance(part, ast.Constant)}
    return {number for number in found if number > _SMALL_COUNT or number != number.to_integral_value()}


def _known(context: ToolContext) -> set[Decimal]:
    """Return the numbers of the talk so far and of its results, also as shares of a hundred: 20 off is times 0.8.

    A Chinese discount tells what is left in tenths: 八折 and 8折 are times 0.8, 八五折 and 85折 times 0.85.
    """
    texts = [message.content for message in context.transcript if message.role in ("user", "tool")]
    texts += context.customer_texts
    said = {number for text in texts for number in values(text)}
    shares = {share for number in said if number <= 100 for share in (number / 100, 1 - number / 100, 1 + number / 100)}
    left = {_left(match[1]) for text in texts for match in _DISCOUNT.finditer(text)}
    return said | shares | left | {Decimal(100)}


def _left(tenths: str) -> Decimal:
    """Return what is left of a price: 0.8 for 八 or 8, 0.85 for 八五, 85 or 8.5."""
    digits = "".join(str(_NUMERALS.index(sign) + 1) if sign in _NUMERALS else sign for sign in tenths)
    return Decimal(f"0.{digits.replace('.', '')}")


def _value(node: ast.expr) -> Decimal:
    """Evaluate exactly: decimals, the four operations and brackets. Raises ValueError for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(ast.dump(node))
