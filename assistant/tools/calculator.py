"""Sums for the model, which cannot be trusted with them."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException

from assistant.errors import ToolError
from assistant.schema import Calculated
from assistant.tools.tool import ToolContext, tool

_MAX_LENGTH = 200
_OPERATIONS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@tool()
def calculate(context: ToolContext, expression: str) -> Calculated:
    """Work out a sum of prices or numbers.

    Args:
        expression: Arithmetic, such as '3 * 19.99 + 4.50'.
    """
    cleaned = expression.replace("$", "").replace(",", "").replace("×", "*").replace("÷", "/").replace("%", "/100")
    if len(cleaned) > _MAX_LENGTH:
        raise ToolError("The expression is too long. Split it.")
    try:
        value = _value(ast.parse(cleaned.strip(), mode="eval").body)
    except (SyntaxError, ValueError, DecimalException, RecursionError):
        raise ToolError(f"'{expression}' is not arithmetic. Use numbers with + - * / and brackets.") from None
    return Calculated(expression=expression, value=value)


def _value(node: ast.expr) -> Decimal:
    """Evaluate exactly: decimals, the four operations and brackets. Raises ValueError for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(ast.dump(node))
