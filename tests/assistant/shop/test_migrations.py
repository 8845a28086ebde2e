"""A store of an earlier version opens after an upgrade, and keeps what it holds."""

from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, Table, insert, inspect, text

from assistant.errors import RecordsError
from assistant.shop import migrations
from assistant.shop.migrations import VERSION_TABLE, upgrade_records
from assistant.shop.order_rows import order_to_row
from assistant.shop.records import open_records
from assistant.shop.tables import Base
from tests.assistant.shop.makers import make_customer, make_order

SCRIPTS = ScriptDirectory(str(Path(migrations.__file__).parent))


def make_first_version(engine: Engine) -> None:
    """Make the tables as they were before there were versions."""
    first = SCRIPTS.get_revision("0001")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        first.module.upgrade()


def test_a_store_from_before_there_were_versions_keeps_what_it_holds(empty: Engine) -> None:
    make_first_version(empty)
    open_records(empty).customers.add(make_customer("ann"))
    upgrade_records(empty)
    records = open_records(empty)
    assert records.customers.get("ann") == make_customer("ann")
    assert records.audit.list() == ()


def test_orders_of_the_first_version_keep_their_lines(empty: Engine) -> None:
    make_first_version(empty)
    open_records(empty).customers.add(make_customer("ann"))
    order = make_order("B1", "pending", 2)
    _insert_as_they_were(empty, [order_to_row(order), *order_to_row(order).lines], order_id="B1")
    upgrade_records(empty)
    assert open_records(empty).orders.get("B1", "ann") == order


def _insert_as_they_were(engine: Engine, rows: Sequence[Base], order_id: str) -> None:
    """Insert rows with only those columns that the tables have."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        for row in rows:
            table = tables.tables[row.__tablename__]
            columns = type(row).__table__.columns
            values = {name: getattr(row, name) for name in set(table.columns.keys()) & set(columns.keys())}
            values |= {"order_id": order_id} if "order_id" in values else {}
            # With the program's own types: the database's say nothing of amounts and moments.
            connection.execute(
                insert(Table(table.name, MetaData(), *[columns[name]._copy() for name in values])).values(values)
            )


def test_the_steps_lead_to_the_tables_that_the_program_has(empty: Engine) -> None:
    make_first_version(empty)
    upgrade_records(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True, "include_object": _ours}
        )
        assert compare_metadata(context, Base.metadata) == []


def _ours(found: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    return not (kind == "table" and name == VERSION_TABLE)


def test_a_new_store_is_of_the_newest_version_and_a_second_upgrade_changes_nothing(empty: Engine) -> None:
    for _ in range(2):
        upgrade_records(empty)
        with empty.connect() as connection:
            version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
        assert version == [SCRIPTS.get_current_head()]


def test_a_store_of_a_newer_version_is_refused_and_left_alone(empty: Engine) -> None:
    upgrade_records(empty)
    with empty.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(RecordsError, match="version 9999"):
        upgrade_records(empty)
    assert inspect(empty).has_table("customers")


def test_a_step_that_fails_leaves_the_store_as_it_was(empty: Engine) -> None:
    make_first_version(empty)
    with empty.begin() as connection:
        # In the way of the second step's index, which comes after its table.
        connection.execute(text("CREATE INDEX audit_of_customer ON customers (name)"))
    with pytest.raises(RecordsError, match="audit_of_customer"):
        upgrade_records(empty)
    assert not inspect(empty).has_table("audit")
    assert not inspect(empty).has_table(VERSION_TABLE)


def test_several_processes_may_upgrade_at_once(empty: Engine) -> None:
    make_first_version(empty)
    failed: list[BaseException] = []

    def upgrade() -> None:
        try:
            upgrade_records(empty)
        except RecordsError as error:
            failed.append(error)

    threads = [Thread(target=upgrade) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert inspect(empty).has_table("audit")
