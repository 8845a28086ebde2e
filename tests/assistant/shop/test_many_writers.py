"""Two hundred who write at once, on SQLite and on PostgreSQL: money is counted before and after."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from assistant.errors import ToolError
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import ShopRecords, open_records
from assistant.shop.sessions import utc_now
from retrieval.database import open_database
from tests.assistant.shop.makers import make_customer, make_order

WRITERS = 200
ORDERS = 8


def paid_and_refunded(records: ShopRecords) -> tuple[Decimal, Decimal]:
    """Return what the customer still pays for, and what goes back."""
    orders = records.orders.list("ann")
    kept = sum((order.total.amount for order in orders if order.status != "cancelled"), Decimal(0))
    refunds = [refund for order in orders for refund in records.orders.refunds(order.id, "ann")]
    return kept, sum((refund.amount.amount for refund in refunds), Decimal(0))


def test_of_two_hundred_cancellations_each_order_keeps_one(engine: Engine) -> None:
    records = open_records(engine)
    records.customers.add(make_customer("ann"))
    records.orders.add(*[make_order(f"M{number}", "pending", 1) for number in range(ORDERS)])
    before, nothing = paid_and_refunded(records)
    assert nothing == 0

    def cancel(writer: int) -> str:
        # Each key is used five times, as by a browser that connects again and again.
        order_id, key = f"M{writer % ORDERS}", f"key-{writer % (WRITERS // 5)}"
        try:
            records.orders.cancel(order_id, "ann", f"writer {writer}", 1, key)
        except ToolError:
            return "refused"
        return "done"

    with ThreadPoolExecutor(max_workers=50) as pool:
        outcomes = Counter(pool.map(cancel, range(WRITERS)))

    kept, refunded = paid_and_refunded(records)
    assert kept == 0
    assert refunded == before
    # The first key of each order, as often as it came.
    assert outcomes == {"done": ORDERS * 5, "refused": WRITERS - ORDERS * 5}
    for number in range(ORDERS):
        (step,) = records.orders.history(f"M{number}", "ann")
        assert (step.status, step.version) == ("cancelled", 2)
        assert step.note == records.orders.get(f"M{number}", "ann").cancel_reason


def test_writers_of_one_process_go_on_one_after_the_other(tmp_path: Path) -> None:
    """SQLite is told to wait for nobody here, so a writer that comes while another one writes would be refused."""
    engine = open_database(tmp_path)
    upgrade_records(engine)
    engine.dispose()

    def impatient(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 0")

    event.listen(engine, "connect", impatient)
    records = open_records(engine)

    def write(writer: int) -> None:
        for number in range(10):
            records.rate_counters.add(f"writer {writer}", 600)
            records.shared.revoke(f"token {writer} {number}", utc_now())

    with ThreadPoolExecutor(max_workers=64) as pool:
        list(pool.map(write, range(64)))
    assert {records.rate_counters.get(f"writer {writer}")[0] for writer in range(64)} == {10}
    engine.dispose()
