"""What a customer's records hold in the end, by our tools and by the benchmark's own rules, in one form."""

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from assistant.schema import Address, Order
from assistant.shop.records import ShopRecords
from assistant.testing.tau.tasks import Action, Benchmark
from assistant.testing.tau.world import address_of, order_id_of

State = dict[str, Any]
_PENNY = Decimal("0.01")


def recorded_state(records: ShopRecords, customer_id: str) -> State:
    """Return the customer's end state in our records."""
    customer = records.customers.get(customer_id)
    return {
        "address": _place(customer.address),
        "balances": {card.id: card.balance.amount for card in records.gift_cards.list(customer_id)},
        "orders": {order.id: _order_state(records, order) for order in records.orders.list(customer_id)},
    }


def reference_state(benchmark: Benchmark, customer_id: str, actions: Iterable[Action]) -> State:
    """Return the customer's end state after the reference actions, by the rules of the benchmark's own tools.

    They are written down here once more, and simply, on its own data: our tools are checked against them.
    """
    user = copy.deepcopy(benchmark.database["users"][customer_id])
    orders = {number: copy.deepcopy(benchmark.database["orders"][number]) for number in user["orders"]}
    for action in actions:
        _ACTIONS[action.name](benchmark, user, orders.get(action.arguments.get("order_id", ""), {}), action.arguments)
    methods = user["payment_methods"].values()
    return {
        "address": _place(address_of(user["address"], "")),
        "balances": {item["id"]: _amount(item["balance"]) for item in methods if item["source"] == "gift_card"},
        "orders": {order_id_of(number): _expected(order) for number, order in orders.items()},
    }


def _order_state(records: ShopRecords, order: Order) -> State:
    returns, exchanges = records.returns.of_order(order.id, order.customer_id)
    variants = [line.variant_id for line in order.lines]
    settled = order.status == "cancelled" and not records.orders.refunds(order.id, order.customer_id)
    paid = [] if settled else records.orders.payments(order.id, order.customer_id)
    waiting = Counter[str]()
    for refund in records.orders.refunds(order.id, order.customer_id):
        # Money that waits for the items hasn't moved.
        waiting[refund.method.id] += refund.amount.amount if refund.state == "awaiting_items" else 0  # type: ignore[assignment]
    totals = {method.id: amount for method, amount in paid}
    net = {name: totals.get(name, Decimal(0)) + waiting[name] for name in {*totals, *waiting}}
    return {
        "status": order.status,
        "reason": order.cancel_reason if order.cancel_reason else None,
        "lines": [(line.product_id, line.variant_id, line.price.amount) for line in order.lines],
        "address": _place(order.address),
        "paid": {name: amount for name, amount in net.items() if amount},
        "returned": [
            (sorted(_repeated(variants, request.lines)), request.refund_to.id, request.fee.amount)
            for request in returns
        ],
        "exchanged": [
            (
                sorted(variants[line.position] or "" for line in request.lines),
                sorted(line.variant_id for line in request.lines),
                request.method.id,
                request.difference.amount,
            )
            for request in exchanges
        ],
    }


def _repeated(variants: list[str | None], lines: Iterable[Any]) -> Iterable[str]:
    for line in lines:
        yield from [variants[line.position] or ""] * line.quantity


def _place(address: Address) -> tuple[str | None, ...]:
    return (address.line1, address.line2, address.city, address.region, address.postcode, address.country)


# -- the benchmark's rules, on its own data ----------------------------------------------------------------------------


def _expected(order: Mapping[str, Any]) -> State:
    status = order["status"]
    net: dict[str, Decimal] = {}
    for entry in order["payment_history"]:
        sign = 1 if entry["transaction_type"] == "payment" else -1
        method = entry["payment_method_id"]
        net[method] = net.get(method, Decimal(0)) + sign * _amount(entry["amount"])
    back = (
        [(sorted(order["return_items"]), order["return_payment_method_id"], Decimal(0))]
        if "return_items" in order
        else []
    )
    swapped = (
        [
            (
                sorted(order["exchange_items"]),
                sorted(order["exchange_new_items"]),
                order["exchange_payment_method_id"],
                _amount(order["exchange_price_difference"]),
            )
        ]
        if "exchange_items" in order
        else []
    )
    return {
        "status": {"processed": "processing"}.get(status, status),
        "reason": order.get("cancel_reason") if order.get("ours") else None,
        "lines": [(item["product_id"], item["item_id"], _amount(item["price"])) for item in order["items"]],
        "address": _place(address_of(order["address"], "")),
        "paid": {} if status == "cancelled" else {name: amount for name, amount in net.items() if amount},
        "returned": back,
        "exchanged": swapped,
    }


def _cancel(benchmark: Benchmark, user: Any, order: Any, arguments: Mapping[str, Any]) -> None:
    for entry in order["payment_history"]:
        _credit(user, entry["payment_method_id"], _amount(entry["amount"]))
    order.update(status="cancelled", cancel_reason=arguments["reason"], ours=True)


def _move(benchmark: Benchmark, user: Any, order: Any, arguments: Mapping[str, Any]) -> None:
    order["address"] = {name: arguments[name] for name in order["address"]}


def _move_user(benchmark: Benchmark, user: Any, order: Any, arguments: Mapping[str, Any]) -> None:
    user["address"] = {name: arguments[name] for name in user["address"]}


def _change_items(benchmark: Benchmark, user: Any, order: Any, arguments: Mapping[str, Any]) -> None:
    difference, changed = Decimal(0), []
    for old, new in zip(arguments["item_ids"], arguments["new_item_ids"], strict=True):
        item = next(item for item in order["items"] if item["item_id"] == old)
        variant = benchmark.database["products"][item["product_id"]]["variants"][new]
        difference += _amount(variant["price"]) - _amount(item["price"])
        changed.append((item, new, variant))
    if not _covers(user, arguments["payment_method_id"], difference):
        return
    for item, new, variant in changed:
        item.update(item_id=new, price=variant["price"], options=variant["options"])
    _pay(order, user, arguments["payment_method_id"], difference)


def _change_payment(benchmark: Benchmark, user: Any, order: Any, arguments: Mapping[str, Any]) -> None:
    (paid,) = order["payment_history"]
    amount, before = _amount(paid["amount"]), paid["payment_method_id"]
    if not _covers(user, arguments["payment_method_id"], amount):
        return
    _pay(order, user, arguments["payment_method_id"], amount)
    _pay(order, user, before, -amount)


def _return(benchmark: Benchmark, user: Any, order: Any, arguments: Mapping[str, Any]) -> None:
    order["return_items"], order["return_payment_method_id"] = arguments["item_ids"], arguments["payment_method_id"]


def _exchange(benchmark: Benchmark, user: Any, order: Any, arguments: Mapping[str, Any]) -> None:
    difference = Decimal(0)
    for old, new in zip(arguments["item_ids"], arguments["new_item_ids"], strict=True):
        item = next(item for item in order["items"] if item["item_id"] == old)
        variant = benchmark.database["products"][item["product_id"]]["variants"][new]
        difference += _amount(variant["price"]) - _amount(item["price"])
    if not _covers(user, arguments["payment_method_id"], difference):
        return
    order.update(
        exchange_items=arguments["item_ids"],
        exchange_new_items=arguments["new_item_ids"],
        exchange_payment_method_id=arguments["payment_method_id"],
        exchange_price_difference=str(difference),
    )


def _covers(user: Any, method_id: str, amount: Decimal) -> bool:
    """Tell whether a gift card holds enough; an action that one doesn't cover changes nothing."""
    method = user["payment_methods"][method_id]
    return method["source"] != "gift_card" or _amount(method["balance"]) >= amount


def _pay(order: Any, user: Any, method_id: str, amount: Decimal) -> None:
    """Charge a positive amount, give back a negative one; gift cards are settled at once."""
    if amount:
        kind = "payment" if amount > 0 else "refund"
        entry = {"transaction_type": kind, "amount": str(abs(amount)), "payment_method_id": method_id}
        order["payment_history"].append(entry)
        _credit(user, method_id, -amount)


def _credit(user: Any, method_id: str, amount: Decimal) -> None:
    method = user["payment_methods"][method_id]
    if method["source"] == "gift_card":
        method["balance"] = str(_amount(method["balance"]) + amount)


def _amount(number: object) -> Decimal:
    return Decimal(str(number)).quantize(_PENNY)


_ACTIONS = {
    "cancel_pending_order": _cancel,
    "modify_pending_order_address": _move,
    "modify_pending_order_items": _change_items,
    "modify_pending_order_payment": _change_payment,
    "modify_user_address": _move_user,
    "return_delivered_order_items": _return,
    "exchange_delivered_order_items": _exchange,
}
