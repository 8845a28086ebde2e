"""Who a visitor is, by a token that the shop's own page signed: a JWT whose `sub` is the customer's id."""

import logging
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from assistant.errors import AssistantError, SettingsError
from assistant.shop.customers import Customers

_SHARED = ("HS256",)
_PUBLIC = ("RS256", "ES256", "EdDSA")
_SHORTEST_KEY = 32
"""Bytes of a shared key, as many as its hash has (RFC 7518, section 3.2)."""
_LEEWAY = 30
"""Seconds by which two machines' clocks may differ."""


_log = logging.getLogger(__name__)


class TokenRefused(AssistantError):
    """A token doesn't prove who somebody is; says why."""


class Tokens:
    """Checks tokens against the shop's key.

    With a shared key they are signed by HS256; with a public key in PEM, by RS256, ES256 or EdDSA. The algorithm is
    never taken from the token alone: 'none' is no signature, and a public key is no shared secret.
    """

    def __init__(self, key: str) -> None:
        """Take the shop's key; one that is too short, or no key, is a SettingsError."""
        self._key, self._algorithms = key, _PUBLIC if key.lstrip().startswith("-----BEGIN") else _SHARED
        if self._algorithms == _SHARED and len(key.encode()) < _SHORTEST_KEY:
            raise SettingsError(
                f"SHELFTALK_TOKEN_KEY has fewer than {_SHORTEST_KEY} bytes. Make one with: openssl rand -hex 32"
            )
        if self._algorithms == _PUBLIC:
            try:
                load_pem_public_key(key.encode())
            except ValueError as error:
                raise SettingsError(f"SHELFTALK_TOKEN_KEY is no public key in PEM: {error}.") from error

    def customer_id(self, token: str) -> str:
        """Return the customer's id that the token proves. Raises TokenRefused, also for one that never expires."""
        return str(self._claims(token)["sub"])

    def expires_at(self, token: str) -> datetime:
        """Return until when the token is good. Raises TokenRefused like `customer_id`."""
        return datetime.fromtimestamp(float(self._claims(token)["exp"]), UTC)

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=list(self._algorithms),
                leeway=_LEEWAY,
                options={"require": ["exp", "sub"], "verify_aud": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused("The token has expired. Load the shop's page again.") from error
        except jwt.InvalidTokenError as error:
            raise TokenRefused(f"The token is not one of this shop's: {error}.") from error
        return claims


def proven_customer(tokens: Tokens | None, customers: Customers, token: str | None) -> str | None:
    """Return the id of the customer whom a visitor's token proves; None, a guest, without a token that does."""
    if tokens is None or not token:
        return None
    try:
        customer_id = tokens.customer_id(token)
    except TokenRefused as error:
        _log.warning("a token was refused: %s", error)
        return None
    return customer_id if customers.find(customer_id) else None
