"""The gift cards that customers hold."""

from sqlalchemy import Engine, select

from assistant.schema import GiftCard, Money
from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import GiftCardRow


class GiftCards:
    """The gift cards in the shop's records, each seen by its own customer only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, *cards: GiftCard) -> None:
        """Write cards, over those of the same id; an unknown customer is a RecordsError and writes none of them."""
        with writing(self._engine) as session:
            for card in cards:
                session.merge(
                    GiftCardRow(
                        id=card.id,
                        customer_id=card.customer_id,
                        balance=card.balance.amount,
                        currency=card.balance.currency,
                    )
                )

    def list(self, customer_id: str) -> tuple[GiftCard, ...]:
        """Return the customer's cards, by id."""
        own = select(GiftCardRow).where(GiftCardRow.customer_id == customer_id).order_by(GiftCardRow.id)
        with transaction(self._engine) as session:
            return tuple(
                GiftCard(
                    id=row.id,
                    customer_id=row.customer_id,
                    balance=Money(amount=row.balance, currency=row.currency),
                )
                for row in session.scalars(own)
            )
