"""Orders: seen by their customer alone, cancelled once, and only while they are what the canceller saw."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from assistant.errors import RecordsError, ToolError
from assistant.schema import Order
from assistant.shop.orders import Orders
from assistant.shop.records import ShopRecords
from assistant.shop.tables import IdempotencyKeyRow
from tests.assistant.shop.makers import make_order, usd


def test_an_order_comes_back_as_it_was_written(records: ShopRecords) -> None:
    order = make_order("B2", "shipped", day=9)

    assert records.orders.get("B2", "ann") == order
    assert str(records.orders.get("B2", "ann").lines[0].price) == "$19.90"


def test_somebody_elses_order_is_as_if_it_did_not_exist(records: ShopRecords) -> None:
    with pytest.raises(ToolError) as foreign:
        records.orders.get("B1", "bob")
    with pytest.raises(ToolError) as missing:
        records.orders.get("B9", "bob")

    assert str(foreign.value).replace("B1", "B9") == str(missing.value)
    assert "No order B1 belongs to this customer." in str(foreign.value)


def test_orders_are_listed_newest_first_and_only_ones_own(records: ShopRecords) -> None:
    assert [order.id for order in records.orders.list("ann")] == ["B2", "B1"]
    assert [order.id for order in records.orders.list("ann", limit=1)] == ["B2"]
    assert records.orders.list("bob") == ()


def test_cancelling_changes_status_reason_and_version(records: ShopRecords) -> None:
    cancelled = records.orders.cancel("B1", "ann", "too late", version=1, idempotency_key="k")

    assert (cancelled.status, cancelled.cancel_reason, cancelled.version) == ("cancelled", "too late", 2)
    assert cancelled.expected_on is None
    assert records.orders.get("B1", "ann") == cancelled
    assert records.orders.get("B2", "ann").status == "shipped"


def test_the_same_key_again_returns_the_order_and_changes_nothing(records: ShopRecords) -> None:
    first = records.orders.cancel("B1", "ann", "too late", version=1, idempotency_key="k")
    second = records.orders.cancel("B1", "ann", "another reason", version=1, idempotency_key="k")

    assert second == first


def test_another_key_on_a_cancelled_order_is_refused(records: ShopRecords) -> None:
    records.orders.cancel("B1", "ann", "too late", version=1, idempotency_key="k")

    with pytest.raises(ToolError, match="already cancelled"):
        records.orders.cancel("B1", "ann", "too late", version=2, idempotency_key="other")


@pytest.mark.parametrize(
    ("order_id", "customer_id", "version", "words"),
    [
        ("B1", "ann", 7, "has changed since"),
        ("B2", "ann", 1, "is shipped; only an order that is pending"),
        ("B1", "bob", 1, "No order B1 belongs"),
        ("B9", "ann", 1, "No order B9 belongs"),
    ],
)
def test_a_refused_cancellation_writes_nothing(
    records: ShopRecords, engine: Engine, order_id: str, customer_id: str, version: int, words: str
) -> None:
    before = records.orders.list("ann")

    with pytest.raises(ToolError, match=words):
        records.orders.cancel(order_id, customer_id, "why", version, idempotency_key="k")

    assert records.orders.list("ann") == before
    assert _keys(engine) == 0


def test_a_key_is_good_for_one_order_of_one_customer(records: ShopRecords) -> None:
    records.orders.add(make_order("B3", "pending", day=3), make_order("B4", "pending", day=3, customer_id="bob"))
    records.orders.cancel("B1", "ann", "why", version=1, idempotency_key="k")

    for order_id, customer_id in (("B3", "ann"), ("B4", "bob")):
        with pytest.raises(ToolError, match="used for another change"):
            records.orders.cancel(order_id, customer_id, "why", version=1, idempotency_key="k")
        assert records.orders.get(order_id, customer_id).status == "pending"


def test_another_customer_learns_nothing_from_a_used_key(records: ShopRecords) -> None:
    records.orders.cancel("B1", "ann", "why", version=1, idempotency_key="k")

    with pytest.raises(ToolError) as error:
        records.orders.cancel("B1", "bob", "why", version=1, idempotency_key="k")
    assert "cancelled" not in str(error.value)


def test_two_threads_with_one_key_cancel_once(records: ShopRecords, engine: Engine) -> None:
    results = _at_once(engine, ["k", "k", "k", "k"])

    assert {type(result) for result in results} == {Order}
    assert {result.version for result in results if isinstance(result, Order)} == {2}
    assert _keys(engine) == 1


def test_two_threads_with_two_keys_cancel_once_and_one_is_refused(records: ShopRecords, engine: Engine) -> None:
    results = _at_once(engine, ["k", "l"])

    assert sorted(type(result).__name__ for result in results) == ["Order", "ToolError"]
    assert records.orders.get("B1", "ann").version == 2


def test_an_order_of_nobody_is_refused_and_so_are_its_companions(records: ShopRecords) -> None:
    with pytest.raises(RecordsError, match=r"(?i)foreign key"):
        records.orders.add(make_order("B3", "pending", day=3), make_order("B4", "pending", day=3, customer_id="eve"))

    with pytest.raises(ToolError):
        records.orders.get("B3", "ann")


def test_an_order_has_one_currency(records: ShopRecords) -> None:
    mixed = make_order("B3", "pending", day=3)
    euros = usd("5.95").model_copy(update={"currency": "EUR"})

    with pytest.raises(ValueError, match="mixes currencies"):
        records.orders.add(mixed.model_copy(update={"shipping": euros}))


def _at_once(engine: Engine, keys: list[str]) -> list[Order | ToolError]:
    start = Barrier(len(keys))

    def cancel(key: str) -> Order | ToolError:
        start.wait()
        try:
            return Orders(engine).cancel("B1", "ann", "why", version=1, idempotency_key=key)
        except ToolError as error:
            return error

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(cancel, keys))


def _keys(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(IdempotencyKeyRow)) or 0
