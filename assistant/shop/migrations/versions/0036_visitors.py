"""Whose a guest's conversation is, and what processes that serve one shop share: keys, given-up tokens, counters."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0026"


def upgrade() -> None:
    """Add the column, and make the tables."""
    op.add_column("conversations", sa.Column("visitor_id", sa.String(64), nullable=True))
    op.create_index("ix_conversations_visitor_id", "conversations", ["visitor_id"])
    op.create_table(
        "shared_secrets",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )
    op.create_table(
        "revoked_tokens",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
    )
    op.create_index("ix_revoked_tokens_expires_at", "revoked_tokens", ["expires_at"])
    op.create_table(
        "rate_counters",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
    )
    op.create_index("ix_rate_counters_expires_at", "rate_counters", ["expires_at"])
