"""The gift cards that customers hold."""

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from assistant.schema import GiftCard, Money
from assistant.shop.changes import Changes, Outcome
from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import GiftCardRow


class GiftCards:
    """The gift cards in the shop's records, each seen by its own customer only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, *cards: GiftCard) -> Changes:
        """Write cards, over those of the same id; an unknown customer is a RecordsError and writes none of them."""
        with writing(self._engine) as session:
            return Changes.of([_put(session, card) for card in cards])

    def list(self, customer_id: str) -> tuple[GiftCard, ...]:
        """Return the customer's cards, by id."""
        own = select(GiftCardRow).where(GiftCardRow.customer_id == customer_id).order_by(GiftCardRow.id)
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(own))


def _put(session: Session, card: GiftCard) -> Outcome:
    row = session.get(GiftCardRow, card.id)
    before = None if row is None else _from_row(row)
    if before == card:
        return "unchanged"
    session.merge(
        GiftCardRow(
            id=card.id,
            customer_id=card.customer_id,
            balance=card.balance.amount,
            currency=card.balance.currency,
        )
    )
    return "added" if before is None else "changed"


def _from_row(row: GiftCardRow) -> GiftCard:
    balance = Money(amount=row.balance, currency=row.currency)
    return GiftCard(id=row.id, customer_id=row.customer_id, balance=balance)
