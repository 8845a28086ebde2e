"""What a task's customer wants, in words: a sentence to say, and the arguments that a tool would be called with."""

import re
from collections.abc import Mapping
from typing import Any

from assistant.schema import PaymentMethod, Value
from assistant.testing.tau.replay import our_call
from assistant.testing.tau.tasks import Action, Benchmark, Task

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_ZIP = re.compile(r"(?<![\w#])(\d{5})(?!\w)")
_NAME = re.compile(r"(?:[Yy]ou are|[Yy]ou're|name is|called)\s+([A-Z][a-z]+ [A-Z][a-z]+)")
_USER_ID = re.compile(r"\b([a-z]+)_([a-z]+)_\d{4}\b")
_ORDER = re.compile(r"#W\d{7}")


class Want(Value):
    """One change that the customer wants. `call` is the tool and its arguments in words."""

    action: Action
    sentence: str
    tool: str
    arguments: dict[str, Any]
    facts: dict[str, str]


class Identity(Value):
    """What the customer can prove who they are with."""

    name: str | None = None
    postcode: str | None = None
    email: str | None = None

    @property
    def is_enough(self) -> bool:
        """Whether it satisfies the benchmark's policy."""
        return self.email is not None or (self.name is not None and self.postcode is not None)


def identity_of(task: Task) -> Identity:
    """Return what the task's text says of who the customer is."""
    text = f"{task.known} {task.reason}"
    name, zip_code, email, user = (pattern.search(text) for pattern in (_NAME, _ZIP, _EMAIL, _USER_ID))
    from_id = f"{user[1].title()} {user[2].title()}" if user else None
    return Identity(
        name=from_id or (name[1] if name else None),
        postcode=zip_code[1] if zip_code else None,
        email=email[0] if email else None,
    )


def customer_of(benchmark: Benchmark, task: Task) -> str:
    """Return the id of the customer whom a task is about. Raises ValueError when nothing in it says."""
    for action in task.writes:
        if "user_id" in action.arguments:
            return str(action.arguments["user_id"])
        return str(benchmark.database["orders"][action.arguments["order_id"]]["user_id"])
    known = identity_of(task)
    for action in task.actions:
        if "email" in action.arguments:
            known = Identity(email=action.arguments["email"])
        elif "zip" in action.arguments:
            name = f"{action.arguments['first_name']} {action.arguments['last_name']}"
            known = Identity(name=name, postcode=action.arguments["zip"])
    email = (known.email or "").casefold()
    for user_id, user in benchmark.database["users"].items():
        name = f"{user['name']['first_name']} {user['name']['last_name']}"
        if user["email"].casefold() == email or (name, user["address"]["zip"]) == (known.name, known.postcode):
            return str(user_id)
    raise ValueError(f"Nobody knows who the customer of task {task.id} is.")


def wants_of(benchmark: Benchmark, task: Task, methods: Mapping[str, PaymentMethod]) -> list[Want]:
    """Return what the customer wants, in the order of the reference; `methods` are theirs by id."""
    return [_want(benchmark, action, methods) for action in task.writes]


def spoken(text: str) -> str:
    """Return what a task tells its customer in the customer's own voice."""
    swaps = [
        (r"\bYou are\b", "I am"),
        (r"\bYou've\b", "I've"),
        (r"\bYou're\b", "I'm"),
        (r"\bYou'd\b", "I'd"),
        (r"\bYou'll\b", "I'll"),
        (r"\bYourself\b", "myself"),
        (r"\bYours\b", "mine"),
        (r"\bYour\b", "my"),
        (r"(?<=to )you\b|(?<=for )you\b|(?<=with )you\b", "me"),
        (r"\bYou\b", "I"),
    ]
    for pattern, mine in swaps:
        text = re.sub(pattern, mine, text, flags=re.I)
    return text[:1].upper() + text[1:]


def known_orders(task: Task) -> set[str]:
    """Return the order numbers that the task's text names."""
    return set(_ORDER.findall(f"{task.reason} {task.known}"))


def _want(benchmark: Benchmark, action: Action, methods: Mapping[str, PaymentMethod]) -> Want:
    tool, arguments = our_call(action)
    given = action.arguments
    order = benchmark.database["orders"].get(given.get("order_id", ""), {})
    label = methods[given["payment_method_id"]].label if "payment_method_id" in given else ""
    number = given.get("order_id", "")
    address = ", ".join(given[name] for name in ("address1", "address2", "city", "state", "zip") if given.get(name))
    items = [_item(order, item) for item in given.get("item_ids", [])]
    facts = {"order": number, "method": label, "address": address, "items": ", ".join(items)}
    match action.name:
        case "cancel_pending_order":
            sentence = f"Please cancel order {number}, reason: {given['reason']}."
            facts["reason"] = given["reason"]
        case "modify_pending_order_address":
            sentence = f"Please send order {number} to {address} instead."
        case "modify_user_address":
            sentence = f"Please change my saved address to {address}."
        case "modify_pending_order_payment":
            sentence = f"Please let me pay order {number} with {label}."
            arguments |= {"pay_with": label}
        case "return_delivered_order_items":
            sentence = f"I want to return {_and(items)} from order {number}, with the refund to {label}."
            arguments |= {"items": items, "refund_to": label}
        case _:
            pairs = zip(given["item_ids"], given["new_item_ids"], strict=True)
            changes: dict[str, str] = {}
            for old, new in pairs:
                item = _item(order, old)
                changes[f"other {item}" if item in changes else item] = _new_options(benchmark, order, old, new)
            described = _and([f"{item} to {options}" for item, options in changes.items()])
            verb = "exchange" if action.name.startswith("exchange") else "change"
            sentence = f"I want to {verb} in order {number}: {described}. Use {label} for the difference."
            arguments |= {"changes": changes, "pay_with": label}
            facts["options"] = described
    return Want(action=action, sentence=sentence, tool=tool, arguments=arguments, facts=facts)


def _item(order: Mapping[str, Any], item_id: str) -> str:
    """Return an item's name, with its options where the order has another one of that name."""
    item = next(item for item in order["items"] if item["item_id"] == item_id)
    same = [other for other in order["items"] if other["name"] == item["name"] and other["item_id"] != item_id]
    return f"{item['name']} ({', '.join(item['options'].values())})" if same else item["name"]


def _new_options(benchmark: Benchmark, order: Mapping[str, Any], old: str, new: str) -> str:
    item = next(item for item in order["items"] if item["item_id"] == old)
    options = benchmark.database["products"][item["product_id"]]["variants"][new]["options"]
    changed = [f"{name} {value}" for name, value in options.items() if item["options"].get(name) != value]
    return ", ".join(changed) or "the same"


def _and(parts: list[str]) -> str:
    return " and ".join(parts)
