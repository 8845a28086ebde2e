"""Events of guests, with source, conversation and showing; consent, preferences, and what was tried out."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables and the columns; of the events that are there only the shop itself can have been the source."""
    # Nothing refers to this table, so that SQLite may make it anew.
    with op.batch_alter_table("interactions") as batch:
        batch.alter_column("customer_id", existing_type=sa.String(64), nullable=True)
        batch.add_column(sa.Column("visitor_id", sa.String(64), nullable=True))
        batch.add_column(sa.Column("source", sa.String(20), nullable=False, server_default="shop"))
        batch.add_column(sa.Column("conversation_id", sa.String(64), nullable=True))
        batch.add_column(sa.Column("attribution_id", sa.String(64), nullable=True))
    op.create_index("interactions_of_visitor", "interactions", ["visitor_id", "at"])
    op.create_table(
        "consents",
        _customer(),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "preferences",
        _customer(),
        sa.Column("subject", sa.String(200), primary_key=True),
        sa.Column("liked", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "showings",
        sa.Column("attribution_id", sa.String(64), primary_key=True),
        sa.Column("product_id", sa.String(200), primary_key=True),
        sa.Column("at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_showings_product_id", "showings", ["product_id"])


def _customer() -> sa.Column[str]:
    return sa.Column("customer_id", sa.String(64), sa.ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
