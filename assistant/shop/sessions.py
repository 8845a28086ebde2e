"""One transaction on the shop's records, and the time that is written into them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assistant.errors import RecordsError

Clock = Callable[[], datetime]


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
