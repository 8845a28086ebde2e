"""What the shop's figures are made of: how long a turn took, and which products it showed."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0036"

_TIMES = ("seconds", "first_card", "first_word")


def upgrade() -> None:
    """Make the columns, fill them from the traces that are there, and make the table."""
    for name in _TIMES:
        op.add_column("traces", sa.Column(name, sa.Float(), nullable=True))
    traces = sa.table("traces", sa.column("id"), sa.column("document"), *(sa.column(name) for name in _TIMES))
    connection = op.get_bind()
    for trace_id, document in connection.execute(sa.select(traces.c.id, traces.c.document)).all():
        told = json.loads(document)
        times = {name: told.get(name) for name in _TIMES}
        connection.execute(traces.update().where(traces.c.id == trace_id).values(times))
    op.create_table(
        "trace_showings",
        sa.Column("attribution_id", sa.String(64), primary_key=True),
        sa.Column("product_id", sa.String(200), primary_key=True),
        sa.Column(
            "trace_id", sa.String(64), sa.ForeignKey("traces.id", ondelete="CASCADE"), nullable=False, index=True
        ),
    )
    op.create_index("interactions_of_showing", "interactions", ["attribution_id", "product_id"])
