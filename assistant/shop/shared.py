"""What the processes that serve one shop must agree on: keys that they made themselves, and tokens given up."""

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Engine, delete

from assistant.errors import RecordsError
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import RevokedTokenRow, SharedSecretRow

_BYTES = 32


class Shared:
    """The shop's own keys and the tokens that are no longer taken."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def secret(self, name: str) -> str:
        """Return the key called `name`, making it the first time, whichever process comes first."""
        try:
            with writing(self._engine) as session:
                row = session.get(SharedSecretRow, name)
                if row is not None:
                    return row.value
                made = SharedSecretRow(name=name, value=secrets.token_hex(_BYTES))
                session.add(made)
                session.flush()
                return made.value
        except RecordsError:
            # Another process was first; if it is something else, it comes again here.
            with transaction(self._engine) as session:
                row = session.get(SharedSecretRow, name)
                if row is None:
                    raise
                return row.value

    def revoke(self, token: str, expires_at: datetime) -> None:
        """Take a token no longer, and forget those that have expired by themselves."""
        with writing(self._engine) as session:
            session.execute(delete(RevokedTokenRow).where(RevokedTokenRow.expires_at < self._clock()))
            session.merge(RevokedTokenRow(token=_hashed(token), expires_at=expires_at))

    def is_revoked(self, token: str) -> bool:
        """Tell whether the token was given up."""
        with transaction(self._engine) as session:
            return session.get(RevokedTokenRow, _hashed(token)) is not None


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
