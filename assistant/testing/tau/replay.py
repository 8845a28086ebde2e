"""The reference actions as calls of our tools: what a perfect model would do."""

from typing import Any

from assistant.errors import ToolError
from assistant.schema import Proposal
from assistant.testing.tau.tasks import Action, Task
from assistant.tools import ALL_TOOLS, ToolContext

_TOOLS = {tool.name: tool for tool in ALL_TOOLS}


def our_call(action: Action) -> tuple[str, dict[str, Any]]:
    """Return the tool, and its arguments, that do what a writing action of the benchmark does."""
    given = action.arguments
    match action.name:
        case "cancel_pending_order":
            return "cancel_pending_order", {"order_id": given["order_id"], "reason": given["reason"]}
        case "modify_pending_order_address":
            return "change_pending_order_address", {"order_id": given["order_id"], **_address(given)}
        case "modify_user_address":
            return "change_saved_address", _address(given)
        case "modify_pending_order_payment":
            return "change_pending_order_payment", {
                "order_id": given["order_id"],
                "pay_with": given["payment_method_id"],
            }
        case "return_delivered_order_items":
            return "return_delivered_items", {
                "order_id": given["order_id"],
                "items": given["item_ids"],
                "refund_to": given["payment_method_id"],
            }
        case "modify_pending_order_items" | "exchange_delivered_order_items":
            exchange = action.name.startswith("exchange")
            return "exchange_delivered_items" if exchange else "change_pending_order_items", {
                "order_id": given["order_id"],
                "changes": _changes(given["item_ids"], given["new_item_ids"]),
                "pay_with": given["payment_method_id"],
            }
    raise ValueError(f"The action {action.name} writes nothing.")


def propose(context: ToolContext, action: Action) -> Proposal:
    """Return the proposal that stands for a writing action. Raises ToolError where our tools refuse it."""
    name, arguments = our_call(action)
    return _TOOLS[name].propose(context, arguments)


def replay(context: ToolContext, task: Task) -> list[str]:
    """Do a task's writing actions, each with a yes; return what was refused."""
    refused = []
    for action in task.writes:
        try:
            proposal = propose(context, action)
            _TOOLS[proposal.tool].apply(context, proposal, proposal.id)
        except ToolError as error:
            refused.append(f"{action.name}: {error}")
    return refused


def _address(given: dict[str, Any]) -> dict[str, str]:
    names = {"line1": "address1", "line2": "address2", "city": "city", "region": "state", "postcode": "zip"}
    return {ours: given[theirs] for ours, theirs in names.items() if given[theirs]} | {"country": given["country"]}


def _changes(old: list[str], new: list[str]) -> dict[str, str]:
    """Return the pairs; a second piece of the same variant is called the other one."""
    changes: dict[str, str] = {}
    for item, wanted in zip(old, new, strict=True):
        while item in changes:
            item = f"other {item}"
        changes[item] = wanted
    return changes
