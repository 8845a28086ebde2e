"""One transaction on the shop's records, and the time that is written into them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assistant.errors import RecordsError

Clock = Callable[[], datetime]

_LONGEST_WAIT = 120.0
"""Seconds that a writer waits for those of its own process before it; they go on one after the other."""
_pens: dict[str, threading.Lock] = {}
"""By database file: SQLite has one writer, and lets who waits look again now and then, the lucky one first."""


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Open a session whose work is kept when the block ends well and undone when it doesn't.

    What the database refuses becomes a RecordsError that names the database.
    """
    try:
        with Session(engine) as session, session.begin():
            yield session
    except SQLAlchemyError as error:
        where = engine.url.render_as_string(hide_password=True)
        cause = str(getattr(error, "orig", None) or error)
        raise RecordsError(f"The shop's records in {where} did not answer: {cause}.") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Open a transaction that writes; nothing that it reads changes before it ends.

    On SQLite it is the only one of its file from its first line on, after those of this process that came before. What
    takes long, and other transactions that write, don't belong inside.
    """
    if engine.dialect.name != "sqlite":
        with transaction(engine) as session:
            yield session
        return
    pen = _pens.setdefault(str(engine.url.database), threading.Lock())
    if not pen.acquire(timeout=_LONGEST_WAIT):
        raise RecordsError(f"The shop's records in {engine.url.database} did not answer: too many write at once.")
    try:
        with transaction(engine) as session:
            # Else it would read first and write later, and be refused where somebody wrote in between.
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session
    finally:
        pen.release()
