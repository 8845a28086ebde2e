"""People and orders that a scripted conversation brings along, so that it plays in any shop with such products."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from pydantic import Field

from assistant.schema import Customer, GiftCard, Money, Order, OrderLine, OrderStatus, Value
from assistant.shop.records import ShopRecords

_NOON = time(12, tzinfo=UTC)


class GivenOrder(Value):
    """An order; its days are counted from the day on which the conversation is played."""

    id: str
    customer: str
    status: OrderStatus
    placed_days_ago: int = Field(ge=0)
    delivered_days_ago: int | None = Field(default=None, ge=0)
    expected_in_days: int | None = None
    lines: tuple[OrderLine, ...] = Field(min_length=1)
    shipping: Money
    paid_with: str = Field(description="The id of one of the customer's payment methods.")
    carrier: str | None = None
    tracking_number: str | None = None
    cancel_reason: str | None = None

    def order(self, customer: Customer, today: date) -> Order:
        """Return the order as the records hold it; it goes to the customer's address."""

        def ago(days: int | None) -> date | None:
            return None if days is None else today - timedelta(days=days)

        goods = sum((line.price.amount * line.quantity for line in self.lines), Decimal())
        methods = {method.id: method for method in customer.payment_methods}
        return Order(
            id=self.id,
            customer_id=customer.id,
            status=self.status,
            placed_at=datetime.combine(today - timedelta(days=self.placed_days_ago), _NOON),
            lines=self.lines,
            shipping=self.shipping,
            total=Money(amount=goods + self.shipping.amount, currency=self.shipping.currency),
            payment_method=methods.get(self.paid_with, customer.payment_methods[0]),
            address=customer.address,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            expected_on=None if self.expected_in_days is None else today + timedelta(days=self.expected_in_days),
            delivered_on=ago(self.delivered_days_ago),
            cancel_reason=self.cancel_reason,
        )


class Given(Value):
    """What is put into the records of the shop before the first turn."""

    customers: tuple[Customer, ...] = ()
    gift_cards: tuple[GiftCard, ...] = ()
    orders: tuple[GivenOrder, ...] = ()

    def put(self, records: ShopRecords, today: date) -> None:
        """Write the people and their orders into the records. Raises RecordsError where one is there already."""
        records.customers.add(*self.customers)
        records.gift_cards.put(*self.gift_cards)
        people = {customer.id: customer for customer in self.customers}
        records.orders.add(*(order.order(people[order.customer], today) for order in self.orders))
