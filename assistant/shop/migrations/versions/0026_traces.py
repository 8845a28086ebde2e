"""What was done in each turn."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "traces",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(64), nullable=False, index=True),
        sa.Column("customer_id", sa.String(64), nullable=True, index=True),
        sa.Column("visitor_id", sa.String(64), nullable=True, index=True),
        sa.Column("at", sa.DateTime(), nullable=False, index=True),
        sa.Column("ended", sa.String(30), nullable=False),
        sa.Column("held_back", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
    )
    op.create_table(
        "trace_searches",
        sa.Column("trace_id", sa.String(64), sa.ForeignKey("traces.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
    )
