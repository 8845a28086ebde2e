"""Run by Alembic for each upgrade, on the connection and in the transaction that `upgrade_records` has open."""

from alembic import context

from assistant.shop.migrations import VERSION_TABLE
from assistant.shop.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    # SQLite changes a column by copying its table.
    render_as_batch=True,
)
context.run_migrations()
