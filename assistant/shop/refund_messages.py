"""Money that goes back is told by a message of its own: whoever pays it out isn't always who looks after orders."""

from sqlalchemy.orm import Session

from assistant.schema import OutboxMessage
from assistant.shop.order_rows import refund_from_row
from assistant.shop.outbox import Outbox
from assistant.shop.tables import RefundRow

_KIND = "refund.requested"


def tell_refund(session: Session, outbox: Outbox, row: RefundRow) -> None:
    """Let the shop's own system know of money that is to be paid out now; once, however often it is called.

    What waits for its items isn't told yet, and what is on a gift card already no more.
    """
    if row.state == "requested":
        data = {"order_id": row.order_id, "refund": refund_from_row(row).model_dump(mode="json")}
        # Under a name of its own: an order whose change is confirmed isn't open for the sake of its money.
        outbox.write(session, f"refund_{row.key}", _KIND, row.key, data)


def settle_refund(session: Session, message: OutboxMessage) -> None:
    """Note that money is paid out, where the confirmed message was about that."""
    if message.type == _KIND:
        row = session.get(RefundRow, message.record_id)
        if row is not None:
            row.state = "paid"
