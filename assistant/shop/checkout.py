"""Links to the shop's checkout: the cart's id in them is signed, so that nobody opens a cart by guessing."""

from datetime import timedelta
from pathlib import Path

import jwt
from sqlalchemy import Engine

from assistant.shop.rules import WatchedRules
from assistant.shop.sessions import utc_now
from assistant.shop.shared import Shared

_LASTS = timedelta(days=30)
_ALGORITHM = "HS256"


class CheckoutLinks:
    """Makes the link for a cart as `policy.toml` says."""

    def __init__(self, store: Path, engine: Engine) -> None:
        self._rules = WatchedRules(store)
        # Now, and not in the middle of a cart's transaction: making the key is a transaction of its own.
        self._key = Shared(engine).secret("carts")

    def __call__(self, cart_id: str) -> str | None:
        """Return the link to check the cart out; None where the shop has no page for it."""
        template = self._rules.current().cart.checkout_url
        return template.replace("{cart}", self.token_of(cart_id)) if template else None

    def token_of(self, cart_id: str) -> str:
        """Return the signed id of a cart."""
        return jwt.encode({"cart": cart_id, "exp": utc_now() + _LASTS}, self._key, algorithm=_ALGORITHM)


def cart_of_token(token: str, key: str) -> str | None:
    """Return the id of the cart that a link's token is for; None for one that is forged or too old."""
    try:
        found = jwt.decode(token, key, algorithms=[_ALGORITHM])
    except jwt.InvalidTokenError:
        return None
    cart_id = found.get("cart")
    return cart_id if isinstance(cart_id, str) else None
