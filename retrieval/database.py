"""The shop's one database: products here, records in the layer above, behind the same engine."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError

from retrieval.errors import CatalogueError

DATABASE_FILE = "shop.sqlite"


def open_database(store_or_url: Path | str) -> Engine:
    """Open the database of a store folder, made if need be, or the one at an SQLAlchemy URL.

    Raises `CatalogueError` when a file is there that is not a database.
    """
    text = str(store_or_url)
    engine = create_engine(text if "://" in text else _url_of_store(Path(store_or_url)))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    _check(engine)
    return engine


def _url_of_store(store: Path) -> str:
    store.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{store / DATABASE_FILE}"


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # WAL lets shoppers read while an import writes; a writer waits for another one instead of failing at once.
    for setting in ("busy_timeout = 30000", "journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {setting}")


def _check(engine: Engine) -> None:
    try:
        with engine.connect():
            return
    except DatabaseError as error:
        engine.dispose()
        if engine.dialect.name != "sqlite":
            where = engine.url.render_as_string(hide_password=True)
            raise CatalogueError(
                f"The database {where} does not answer ({error.orig}). Start it, or mend its URL."
            ) from error
        name = make_url(str(engine.url)).database or "the database"
        raise CatalogueError(
            f"{name} cannot be read as a database ({error.orig}). "
            "Restore it from a backup, or move it away and import the catalogue again."
        ) from error
