"""A benchmark folder with one customer, made here: its form is tau-bench's, its content is ours."""

import gzip
import json
from pathlib import Path
from typing import Any

ADDRESS = {
    "address1": "1 Elm Street", "address2": "Flat 2", "city": "Boise", "country": "USA", "state": "ID", "zip": "83702",
}  # fmt: skip
ELSEWHERE = {**ADDRESS, "address1": "9 Hill Street", "address2": "", "city": "Salem", "state": "OR", "zip": "97301"}
LAMP = {
    "name": "Lamp",
    "product_id": "1",
    "variants": {
        "11": {"item_id": "11", "options": {"colour": "red"}, "available": True, "price": 20.5},
        "12": {"item_id": "12", "options": {"colour": "blue"}, "available": True, "price": 25.0},
        "13": {"item_id": "13", "options": {"colour": "grey"}, "available": False, "price": 21.0},
    },
}
USER = {
    "name": {"first_name": "Ann", "last_name": "Berg"},
    "address": ADDRESS,
    "email": "ann.berg@example.com",
    "payment_methods": {
        "credit_card_1": {"source": "credit_card", "id": "credit_card_1", "brand": "visa", "last_four": "4242"},
        "gift_card_7": {"source": "gift_card", "id": "gift_card_7", "balance": 30},
    },
    "orders": ["#W0000001", "#W0000002", "#W0000003"],
}


def order(number: str, status: str) -> dict[str, Any]:
    return {
        "order_id": number,
        "user_id": "ann_berg_1234",
        "address": ADDRESS,
        "items": [{"name": "Lamp", "product_id": "1", "item_id": "11", "price": 20.5, "options": {"colour": "red"}}],
        "status": status,
        "fulfillments": [],
        "payment_history": [
            {"transaction_type": "payment", "amount": 20.5, "payment_method_id": "credit_card_1"},
        ],
    }


def action(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def task(number: int, reason: str, *actions: dict[str, Any], said: tuple[str, ...] = ()) -> dict[str, Any]:
    known = {"reason_for_call": reason, "known_info": "You are Ann Berg in zip code 83702."}
    wanted = {"actions": list(actions), "communicate_info": list(said)}
    return {"id": number, "user_scenario": {"instructions": known}, "evaluation_criteria": wanted}


PENDING, DELIVERED, PACKED = "#W0000001", "#W0000002", "#W0000003"
SWAP = {"item_ids": ["11"], "new_item_ids": ["12"]}
TASKS = [
    task(1, "You want to cancel order #W0000001.", action("cancel_pending_order", order_id=PENDING, reason="no longer needed")),
    task(
        2,
        "You want the lamp in blue, and to live elsewhere.",
        action("modify_pending_order_items", order_id=PENDING, payment_method_id="gift_card_7", **SWAP),
        action("modify_user_address", user_id="ann_berg_1234", **ELSEWHERE),
    ),
    task(3, "You return the lamp.", action("return_delivered_order_items", order_id=DELIVERED, item_ids=["11"], payment_method_id="gift_card_7")),
    task(4, "You swap the lamp.", action("exchange_delivered_order_items", order_id=DELIVERED, payment_method_id="credit_card_1", **SWAP)),
    task(5, "You pay by gift card.", action("modify_pending_order_payment", order_id=PENDING, payment_method_id="gift_card_7")),
    task(6, "You want it sent elsewhere.", action("modify_pending_order_address", order_id=PENDING, **ELSEWHERE)),
    task(7, "You want to know what the lamp costs.", said=("20.5",)),
]  # fmt: skip


def write_benchmark(folder: Path, tasks: list[dict[str, Any]] = TASKS) -> Path:
    folder.mkdir(exist_ok=True)
    orders = {
        PENDING: order(PENDING, "pending"),
        DELIVERED: order(DELIVERED, "delivered"),
        PACKED: order(PACKED, "processed"),
    }
    database = {"products": {"1": LAMP}, "users": {"ann_berg_1234": USER}, "orders": orders}
    write_json(folder / "tau2_db.json.gz", database)
    write_json(folder / "tau2_tasks_dev.json.gz", tasks)
    (folder / "tau2_policy.md").write_text("# Returns\n\nDelivered orders can be returned.\n")
    return folder


def write_json(path: Path, content: Any) -> None:
    path.write_bytes(gzip.compress(json.dumps(content).encode()))
