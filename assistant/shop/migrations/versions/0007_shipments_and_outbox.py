"""Shipments with their scans, what the shop's own system is told and tells, and the life of a ticket."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0046"


def upgrade() -> None:
    """Make the tables and the columns."""
    op.create_table(
        "shipments",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("order_id", sa.String(64), sa.ForeignKey("orders.id", ondelete="CASCADE"), nullable=False),
        sa.Column("carrier", sa.String(100), nullable=True),
        sa.Column("tracking_number", sa.String(100), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("positions", sa.JSON(), nullable=False),
    )
    op.create_index("ix_shipments_order_id", "shipments", ["order_id"])
    op.create_table(
        "shipment_scans",
        sa.Column("shipment_id", sa.String(128), sa.ForeignKey("shipments.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("at", sa.DateTime(), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("place", sa.String(200), nullable=True),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(140), primary_key=True),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("record_id", sa.String(64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
    )
    op.create_index("outbox_due", "outbox", ["state", "next_at"])
    op.create_index("ix_outbox_record_id", "outbox", ["record_id"])
    op.create_table(
        "shop_updates",
        sa.Column("id", sa.String(140), primary_key=True),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.add_column("tickets", sa.Column("taken_by", sa.String(200), nullable=True))
    op.add_column("tickets", sa.Column("summary", sa.Text(), nullable=False, server_default=""))
    op.add_column("tickets", sa.Column("closed_at", sa.DateTime(), nullable=True))
    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("ticket", sa.Integer(), sa.ForeignKey("tickets.number", ondelete="CASCADE"), nullable=False),
        sa.Column("sender", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_ticket_messages_ticket", "ticket_messages", ["ticket"])
