"""Money in whole minor units (cents, or yen itself), as commerce protocols write it."""

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources

from retrieval.schema import Money


def to_minor_units(money: Money) -> int:
    """Return the amount in minor units: 1999 for $19.99, 1999 for ¥1,999 (JPY).

    Raises `ValueError` for a fraction of a minor unit.
    """
    amount = money.amount.scaleb(minor_digits(money.currency))
    if amount != amount.to_integral_value():
        raise ValueError(f"{money.amount} {money.currency} is not a whole number of the currency's smallest unit.")
    return int(amount)


def from_minor_units(amount: int, currency: str) -> Money:
    """Return the money that this many minor units are."""
    return Money(amount=Decimal(amount).scaleb(-minor_digits(currency)), currency=currency)


def minor_digits(currency: str) -> int:
    """Return how many decimals the currency has (ISO 4217): 2 unless the table says otherwise."""
    return _exceptions().get(currency, 2)


@cache
def _exceptions() -> dict[str, int]:
    text = resources.files("retrieval").joinpath("minor_units.toml").read_text(encoding="utf-8")
    return {currency: int(digits) for digits, currencies in tomllib.loads(text).items() for currency in currencies}
