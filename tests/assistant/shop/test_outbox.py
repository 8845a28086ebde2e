"""The shop's own system: told of every change at least once, signed; what it tells is taken once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from assistant.errors import RecordsError, SettingsError, ToolError
from assistant.schema import ReturnedLine, Scan, Shipment
from assistant.shop.outbox import MOST_ATTEMPTS, wait_after
from assistant.shop.records import ShopRecords, open_records
from assistant.shop.updates import UpdateUnreadable
from assistant.shop.versioned import OrderWrite
from assistant.shop.webhooks import Sender, webhook_key
from tests.assistant.shop.makers import HOME, VISA, make_customer, make_order
from tests.receiving_shop import SECRET, ReceivingShop, receiving_shop


@pytest.fixture
def receiving() -> Iterator[ReceivingShop]:
    with receiving_shop() as shop:
        yield shop


@pytest.fixture
def told(engine: Engine) -> ShopRecords:
    """Records whose changes the shop's own system is told of: Ann with B1 (pending) and B2 (delivered)."""
    records = open_records(engine, told=True)
    records.customers.add(make_customer("ann"))
    records.orders.add(make_order("B1", "pending", day=2), make_order("B2", "delivered", day=9))
    return records


def hurry(engine: Engine) -> None:
    """Let the time pass that messages wait for."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET next_at = '2020-01-01 00:00:00.000000'"))


def test_a_change_is_told_with_the_change_itself(told: ShopRecords, receiving: ReceivingShop) -> None:
    told.orders.cancel("B1", "ann", "wrong size", 1, "k1")
    told.orders.cancel("B1", "ann", "wrong size", 1, "k1")
    assert told.outbox.unconfirmed("B1") == ("order.cancelled",)
    sender = Sender(told.outbox, receiving.url, SECRET)
    assert (sender.send_due(), sender.send_due()) == (2, 0)
    message = receiving.done["msg_k1"]
    assert message["type"] == "order.cancelled"
    assert message["data"]["order"]["status"] == "cancelled"
    assert message["data"]["refunds"][0]["amount"] == {"amount": "45.85", "currency": "USD"}
    assert [each.state for each in told.outbox.list()] == ["sent", "sent"]


def test_money_that_goes_back_is_told_apart_and_paid_once_the_shop_says_so(
    told: ShopRecords, receiving: ReceivingShop
) -> None:
    told.orders.cancel("B1", "ann", "wrong size", 1, "k1")
    Sender(told.outbox, receiving.url, SECRET).send_due()
    message = receiving.done["msg_refund_k1"]
    assert (message["type"], message["data"]["order_id"]) == ("refund.requested", "B1")
    assert message["data"]["refund"]["amount"] == {"amount": "45.85", "currency": "USD"}
    # The order stands when its own message is confirmed; the money is out when that one is.
    told.updates.take("u1", update("message.confirmed", message_id="msg_k1"))
    assert told.outbox.unconfirmed("B1") == ()
    assert [refund.state for refund in told.orders.refunds("B1", "ann")] == ["requested"]
    told.updates.take("u2", update("message.confirmed", message_id="msg_refund_k1"))
    assert [refund.state for refund in told.orders.refunds("B1", "ann")] == ["paid"]


def test_money_for_what_comes_back_is_told_when_it_has_come(told: ShopRecords) -> None:
    order = told.orders.get("B2", "ann")
    line = ReturnedLine(position=0, title=order.lines[0].title, quantity=1)
    nothing = order.total.model_copy(update={"amount": Decimal(0)})
    write = OrderWrite("request_return", "B2", "ann", order.version, "r1")
    told.returns.request_return(write, [line], order.total, nothing, VISA)
    assert [message.type for message in told.outbox.list()] == ["return.requested"]
    for number in (1, 2):
        told.updates.take(f"u{number}", update("return.updated", return_id="r1", state="received"))
    assert sorted(message.type for message in told.outbox.list()) == ["refund.requested", "return.requested"]
    told.updates.take("u3", update("return.updated", return_id="r1", state="closed"))
    assert [refund.state for refund in told.orders.refunds("B2", "ann")] == ["paid"]


def test_every_kind_of_change_is_told(told: ShopRecords) -> None:
    told.orders.change_address(OrderWrite("change_address", "B1", "ann", 1, "k1"), HOME)
    told.orders.change_payment(
        OrderWrite("change_payment", "B1", "ann", 2, "k2"), VISA.model_copy(update={"id": "W", "label": "Other"})
    )
    told.customers.change_address("ann", HOME, HOME.model_copy(update={"line1": "2 Oak Road"}))
    told.customers.change_address("ann", HOME, HOME.model_copy(update={"line1": "2 Oak Road"}))
    kinds = sorted(message.type for message in told.outbox.list())
    assert kinds == [
        "customer.address_changed",
        "order.address_changed",
        "order.payment_changed",
        "refund.requested",
    ]


def test_what_is_refused_or_undone_is_not_told(told: ShopRecords, engine: Engine) -> None:
    with pytest.raises(ToolError):
        told.orders.cancel("B2", "ann", "late", 1, "k1")
    assert told.outbox.list() == ()
    # Where the message cannot be written, the change isn't made either.
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO away"))
    with pytest.raises(RecordsError):
        told.orders.cancel("B1", "ann", "late", 1, "k2")
    assert told.orders.get("B1", "ann").status == "pending"
    assert told.orders.refunds("B1", "ann") == ()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO outbox"))
    assert told.orders.cancel("B1", "ann", "late", 1, "k2").status == "cancelled"
    assert len(told.outbox.list()) == 2


def test_nobody_is_told_where_nobody_is_to_be(records: ShopRecords) -> None:
    records.orders.cancel("B1", "ann", "late", 1, "k1")
    assert records.outbox.list() == ()
    assert records.outbox.unconfirmed("B1") == ()


def test_a_message_is_sent_until_it_arrives_and_done_once(
    told: ShopRecords, engine: Engine, receiving: ReceivingShop
) -> None:
    receiving.answers = [500, 599, 204]
    told.orders.change_address(OrderWrite("change_address", "B1", "ann", 1, "k1"), HOME)
    sender = Sender(told.outbox, receiving.url, SECRET)
    for attempts in (1, 2):
        assert sender.send_due() == 0
        (message,) = told.outbox.list()
        assert (message.state, message.attempts) == ("waiting", attempts)
        assert message.next_at > datetime.now(UTC)
        # Not before its time.
        assert sender.send_due() == 0
        hurry(engine)
    assert sender.send_due() == 1
    assert (receiving.calls, list(receiving.done)) == (3, ["msg_k1"])


def test_after_many_attempts_a_message_is_dead_until_somebody_sends_it_again(
    told: ShopRecords, engine: Engine, receiving: ReceivingShop
) -> None:
    told.orders.change_address(OrderWrite("change_address", "B1", "ann", 1, "k1"), HOME)
    gone = Sender(told.outbox, "http://127.0.0.1:9/nothing", SECRET)
    for _ in range(MOST_ATTEMPTS + 1):
        gone.send_due()
        hurry(engine)
    (message,) = told.outbox.list(["dead"])
    assert message.attempts == MOST_ATTEMPTS
    assert message.error
    assert told.outbox.resend() == 1
    assert Sender(told.outbox, receiving.url, SECRET).send_due() == 1
    with pytest.raises(RecordsError, match="No message has the id"):
        told.outbox.resend("msg_none")


def test_waits_grow_and_end() -> None:
    waits = [wait_after(attempts) for attempts in range(1, 40)]
    assert timedelta(seconds=5) <= waits[0] <= timedelta(seconds=7)
    assert waits[5] > waits[0] * 10
    assert max(waits) <= timedelta(hours=6) * 1.25


def test_several_senders_send_each_message_once(told: ShopRecords, receiving: ReceivingShop) -> None:
    told.orders.add(*[make_order(f"M{number}", "pending", 1) for number in range(30)])
    for number in range(30):
        told.orders.change_address(OrderWrite("change_address", f"M{number}", "ann", 1, f"key{number}"), HOME)
    senders = [Sender(told.outbox, receiving.url, SECRET) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        arrived = sum(pool.map(lambda sender: sender.send_due(), senders))
    assert (arrived, receiving.calls, len(receiving.done)) == (30, 30, 30)


def test_a_secret_that_is_none_is_told_at_once() -> None:
    with pytest.raises(SettingsError, match="base64"):
        webhook_key("not base64!")


# -- what the shop tells -----------------------------------------------------------------------------------------------


def update(kind: str, **data: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps({"type": kind, "data": data}, default=str))
    return told


def test_a_change_is_requested_until_the_shop_confirms_it(told: ShopRecords) -> None:
    told.orders.cancel("B1", "ann", "late", 1, "k1")
    assert told.updates.take("u1", update("message.confirmed", message_id="msg_k1"))
    assert not told.updates.take("u1", update("message.confirmed", message_id="msg_k1"))
    assert told.outbox.unconfirmed("B1") == ()


def test_a_change_that_the_shop_refuses_goes_to_a_person(told: ShopRecords) -> None:
    told.orders.change_address(OrderWrite("change_address", "B1", "ann", 1, "k1"), HOME)
    told.updates.take("u1", update("message.refused", message_id="msg_k1", reason="It has left already."))
    (ticket,) = told.tickets.waiting()
    assert "It has left already." in ticket.reason
    (message,) = told.outbox.list()
    assert (message.state, message.error) == ("refused", "It has left already.")


def test_orders_and_parcels_are_told_how_they_stand(told: ShopRecords) -> None:
    told.updates.take(
        "u1",
        update("order.updated", order_id="B1", status="shipped", carrier="Parcelway", tracking_number="PW1"),
    )
    order = told.orders.get("B1", "ann")
    assert (order.status, order.carrier, order.version) == ("shipped", "Parcelway", 2)
    seen = {"at": "2026-03-03T08:00:00Z", "state": "in_transit", "place": "Boise"}
    parcel = {"id": "S1", "order_id": "B1", "tracking_number": "PW1", "state": "in_transit", "scans": [seen]}
    told.updates.take("u2", update("shipment.updated", shipment=parcel))
    later = {"at": "2026-03-04T08:00:00Z", "state": "delivered", "place": None}
    told.updates.take("u3", update("shipment.updated", shipment=parcel | {"state": "delivered", "scans": [later]}))
    (shipment,) = told.shipments.of_order("B1", "ann")
    assert (shipment.state, [scan.state for scan in shipment.scans]) == ("delivered", ["in_transit", "delivered"])
    with pytest.raises(ToolError):
        told.shipments.of_order("B1", "bob")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"type": "order.updated"},
        {"type": "order.updated", "data": {"order_id": "NONE", "status": "shipped"}},
        {"type": "order.updated", "data": {"order_id": "B1", "status": "lost"}},
        {"type": "message.confirmed", "data": {"message_id": "msg_none"}},
        {"type": "something.else", "data": {}},
        {"type": "order.updated", "data": "B1"},
    ],
)
def test_an_update_that_cannot_be_read_changes_nothing_and_may_come_again(
    told: ShopRecords, wrong: dict[str, Any]
) -> None:
    with pytest.raises(UpdateUnreadable):
        told.updates.take("u1", wrong)
    assert told.orders.get("B1", "ann") == make_order("B1", "pending", day=2)
    assert told.updates.take("u1", update("order.updated", order_id="B1", status="processing"))


def test_the_same_update_twenty_times_at_once_is_done_once(told: ShopRecords) -> None:
    content = update("order.updated", order_id="B1", status="shipped")

    def tell(_: int) -> bool:
        try:
            return told.updates.take("u1", content)
        except RecordsError:
            return False

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(tell, range(20))) == 1
    assert told.orders.get("B1", "ann").version == 2


def test_shipments_are_kept(records: ShopRecords) -> None:
    scan = Scan(at=datetime(2026, 3, 10, 8, tzinfo=UTC), state="in_transit", place="Reno")
    shipment = Shipment(
        id="S1", order_id="B2", carrier="Parcelway", state="in_transit", expected_on=date(2026, 3, 12), scans=(scan,)
    )
    records.shipments.put(shipment)
    records.shipments.put(shipment)
    assert records.shipments.of_order("B2", "ann") == (shipment,)
    with pytest.raises(RecordsError):
        records.shipments.put(shipment.model_copy(update={"id": "S2", "order_id": "NONE"}))
