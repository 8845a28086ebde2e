"""Who is asking: a customer by the token of the shop's page, else a visitor by a signed id, else an address."""

from dataclasses import dataclass

from fastapi import HTTPException

from assistant.settings import Settings
from assistant.shop.records import ShopRecords
from ui.auth import TokenRefused, Tokens
from ui.server.visitors import Visitors


@dataclass(frozen=True)
class Caller:
    """Who is asking. A customer may have been a visitor before, and sends both."""

    customer_id: str | None
    visitor_id: str | None
    address: str

    @property
    def key(self) -> str:
        """What limits and the queue know the caller by."""
        return self.names[0]

    @property
    def is_nobody(self) -> bool:
        """Whether nothing but an address is known."""
        return self.customer_id is None and self.visitor_id is None

    @property
    def names(self) -> tuple[str, ...]:
        """All that the caller may be known by, the best proof first."""
        customer = (f"customer:{self.customer_id}",) if self.customer_id else ()
        visitor = (f"visitor:{self.visitor_id}",) if self.visitor_id else ()
        return (*customer, *visitor) or (f"address:{self.address}",)


class Callers:
    """Tells who is asking from what a request carries."""

    def __init__(self, settings: Settings, records: ShopRecords) -> None:
        """Take the keys of the settings; without one for visitors, the one that the shop's processes share."""
        token_key, visitor_key = settings.token_key, settings.visitor_key
        self._tokens = Tokens(token_key.get_secret_value()) if token_key else None
        self.visitors = Visitors(visitor_key.get_secret_value() if visitor_key else records.shared.secret("visitors"))
        self._records = records

    def caller(self, authorization: str | None, visitor: str | None, address: str) -> Caller:
        """Return who is asking. Raises HTTPException 401 for a token or a visitor's id that proves nothing."""
        try:
            visitor_id = self.visitors.visitor_id(visitor) if visitor else None
            return Caller(self._customer(authorization), visitor_id, address)
        except TokenRefused as error:
            raise HTTPException(401, str(error)) from None

    def sign_out(self, authorization: str | None) -> None:
        """Take the customer's token no longer, though it hasn't expired. Raises HTTPException 401 without one."""
        try:
            token = self._token(authorization)
            if token is None or self._tokens is None:
                raise TokenRefused("There is no token to give up.")
            self._records.shared.revoke(token, self._tokens.expires_at(token))
        except TokenRefused as error:
            raise HTTPException(401, str(error)) from None

    def _customer(self, authorization: str | None) -> str | None:
        token = self._token(authorization)
        if token is None or self._tokens is None:
            return None
        customer_id = self._tokens.customer_id(token)
        if self._records.shared.is_revoked(token):
            raise TokenRefused("The token was given up. Sign in on the shop's page again.")
        if self._records.customers.find(customer_id) is None:
            raise TokenRefused("The token names a customer whom the shop doesn't know.")
        return customer_id

    def _token(self, authorization: str | None) -> str | None:
        if authorization is None:
            return None
        kind, _, token = authorization.partition(" ")
        if kind.casefold() != "bearer" or self._tokens is None:
            raise TokenRefused("Only tokens of the shop's page are taken, and only where the shop has set a key.")
        return token
