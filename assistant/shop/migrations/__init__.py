"""How the records' tables came to be, step by step, so that a store of an earlier version opens after an upgrade.

A change of `assistant/shop/tables/` comes with a file in versions/, named by its number and what it does; a test
compares the two.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from assistant.errors import RecordsError
from assistant.shop.tables import Base

VERSION_TABLE = "records_version"
_FIRST = "0001"
_LOCK = 7_151_001
"""Any number, the same in every process: PostgreSQL's advisory lock for who upgrades."""


def upgrade_records(engine: Engine) -> None:
    """Bring the records' tables to this version, in one transaction: made where there are none, else changed in steps.

    Raises RecordsError where the database refuses, or was made by a newer version.
    """
    try:
        # By hand, since Python's SQLite driver begins no transaction before a change of tables.
        with engine.connect() as connection:
            _take_turn(connection)
            _upgrade(connection)
            connection.commit()
    except SQLAlchemyError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise RecordsError(f"The tables of the shop's records cannot be made in {where}: {error}") from error


def _take_turn(connection: Connection) -> None:
    """Let one process at a time look and upgrade."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _upgrade(connection: Connection) -> None:
    scripts = ScriptDirectory(str(Path(__file__).parent))
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    version = context.get_current_revision()
    if version == scripts.get_current_head():
        return
    if version is None and not inspect(connection).has_table("customers"):
        Base.metadata.create_all(connection)
        context.stamp(scripts, "head")
        return
    if version is not None and version not in {script.revision for script in scripts.walk_revisions()}:
        raise RecordsError(
            f"The shop's records are of version {version}, which this program doesn't know: it is older than they are. "
            "Install the newer version again."
        )
    if version is None:
        # Made before there were versions.
        context.stamp(scripts, _FIRST)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
