"""Who a guest is from one visit to the next: a random id, signed by HMAC so that nobody can take another's."""

import hashlib
import hmac
import time
from uuid import uuid4

import jwt

from ui.auth import TokenRefused

_ALGORITHM = "HS256"
_AUDIENCE = "shelftalk-visitor"
_DAYS = 180


class Visitors:
    """Issues and checks the ids of visitors."""

    def __init__(self, key: str) -> None:
        # A key of its own, so that no token made for another purpose is ever a visitor's, nor the other way round.
        self._key = hmac.new(key.encode(), _AUDIENCE.encode(), hashlib.sha256).digest()

    def issue(self, visitor_id: str | None = None) -> str:
        """Return a signed id, a new one unless it is given; it is taken for 180 days."""
        now = int(time.time())
        claims = {"sub": visitor_id or uuid4().hex, "aud": _AUDIENCE, "iat": now, "exp": now + _DAYS * 86_400}
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def visitor_id(self, token: str) -> str:
        """Return the id that was signed. Raises TokenRefused for anything else."""
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], audience=_AUDIENCE, options={"require": ["exp", "sub"]}
            )
        except jwt.InvalidTokenError as error:
            raise TokenRefused(
                f"The visitor's id is not one that this shop gave out ({error}). Ask GET /v1/visitor for a new one."
            ) from error
        return str(claims["sub"])
