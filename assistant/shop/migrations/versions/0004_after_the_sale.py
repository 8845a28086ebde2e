"""Payments, gift cards, returns and exchanges; whether the items of an order were changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables and the column; the orders that are there were not changed."""
    # Not as a batch: on SQLite that drops the old table, and with it, by cascade, the lines of every order.
    op.add_column("orders", sa.Column("items_changed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "payments",
        sa.Column("key", sa.String(128), primary_key=True),
        _order(),
        sa.Column("amount", sa.String(32), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("method", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_payments_order_id", "payments", ["order_id"])
    op.create_table(
        "gift_cards",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("customer_id", sa.String(64), sa.ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
        sa.Column("balance", sa.String(32), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
    )
    op.create_index("ix_gift_cards_customer_id", "gift_cards", ["customer_id"])
    op.create_table(
        "returns",
        sa.Column("id", sa.String(128), primary_key=True),
        _order(),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("refund", sa.String(32), nullable=False),
        sa.Column("fee", sa.String(32), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("refund_to", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_returns_order_id", "returns", ["order_id"])
    op.create_table(
        "exchanges",
        sa.Column("id", sa.String(128), primary_key=True),
        _order(),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("difference", sa.String(32), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("method", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_exchanges_order_id", "exchanges", ["order_id"])


def _order() -> sa.Column[str]:
    return sa.Column("order_id", sa.String(64), sa.ForeignKey("orders.id", ondelete="CASCADE"), nullable=False)
