"""The demo shop's coupons: one of each kind, and one that is over."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from assistant.schema import Coupon


def demo_coupons(today: date) -> list[Coupon]:
    """Return the coupons, the dates counted from `today`."""
    start_of_day = datetime.combine(today, time(), UTC)
    return [
        Coupon(code="WELCOME10", kind="percent", value=Decimal(10)),
        Coupon(code="TAKE20", kind="amount", value=Decimal(20), currency="USD", minimum=Decimal(100)),
        Coupon(code="STORY15", kind="percent", value=Decimal(15), categories=("Picture books", "Books")),
        Coupon(
            code="FIRST50",
            kind="amount",
            value=Decimal(5),
            currency="USD",
            uses=50,
            ends_at=start_of_day + timedelta(days=60),
        ),
        Coupon(code="SUMMER", kind="percent", value=Decimal(25), ends_at=start_of_day - timedelta(days=30)),
    ]
