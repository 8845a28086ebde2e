"""The tables of the shop's records. Importing this package makes `Base.metadata` know all of them."""

from assistant.shop.tables.base import Amount, Base, UtcDateTime
from assistant.shop.tables.behaviour import InteractionRow, ShowingRow
from assistant.shop.tables.carts import CartLineRow, CartRow, CouponRow, CouponUseRow
from assistant.shop.tables.operation import (
    AuditRow,
    IdempotencyKeyRow,
    OutboxRow,
    RateCounterRow,
    RevokedTokenRow,
    SharedSecretRow,
    ShopUpdateRow,
)
from assistant.shop.tables.orders import (
    ExchangeRow,
    OrderChangeRow,
    OrderLineRow,
    OrderRow,
    PaymentRow,
    RefundRow,
    ReturnRow,
    ShipmentRow,
    ShipmentScanRow,
)
from assistant.shop.tables.people import (
    AddressRow,
    ConsentRow,
    CustomerRow,
    GiftCardRow,
    PaymentMethodRow,
    PreferenceRow,
)
from assistant.shop.tables.talks import (
    ConversationRow,
    FeedbackRow,
    TicketMessageRow,
    TicketRow,
    TraceRow,
    TraceSearchRow,
    TraceShowingRow,
)

__all__ = [
    "AddressRow",
    "Amount",
    "AuditRow",
    "Base",
    "CartLineRow",
    "CartRow",
    "ConsentRow",
    "ConversationRow",
    "CouponRow",
    "CouponUseRow",
    "CustomerRow",
    "ExchangeRow",
    "FeedbackRow",
    "GiftCardRow",
    "IdempotencyKeyRow",
    "InteractionRow",
    "OrderChangeRow",
    "OrderLineRow",
    "OrderRow",
    "OutboxRow",
    "PaymentMethodRow",
    "PaymentRow",
    "PreferenceRow",
    "RateCounterRow",
    "RefundRow",
    "ReturnRow",
    "RevokedTokenRow",
    "SharedSecretRow",
    "ShipmentRow",
    "ShipmentScanRow",
    "ShopUpdateRow",
    "ShowingRow",
    "TicketMessageRow",
    "TicketRow",
    "TraceRow",
    "TraceSearchRow",
    "TraceShowingRow",
    "UtcDateTime",
]
