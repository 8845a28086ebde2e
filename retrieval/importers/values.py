"""A feed's single values: each reader returns None for an empty one and refuses a broken one."""

import csv
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from retrieval.importers import commerce_words
from retrieval.importers.commerce_words import Condition
from retrieval.schema import Money, RowError

_LARGEST_AMOUNT = Decimal(10) ** 12
_MOST_DECIMALS = 6
# The other signs stand for several currencies each, so they tell nothing.
_SIGNS = {"€": "EUR"}
_PRICE = re.compile(r"(?P<before>[A-Z]{3}|[$€£¥])?\s*(?P<amount>[^\sA-Z$€£¥]+)\s*(?P<after>[A-Z]{3}|[$€£¥])?")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+\.\d+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?")


class BrokenValue(ValueError):
    """A field of a row cannot be used: the column, and why."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message

    def at(self, file: str, row: int) -> RowError:
        """Return the error with its place in the feed."""
        return RowError(file=file, row=row, column=self.column, message=self.message)


def read_text(value: object, column: str) -> str | None:
    """Return the text without space around it; numbers and truth values are written as a shopper would."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(text for item in value if (text := read_text(item, column))) or None
    if isinstance(value, Mapping):
        raise BrokenValue(column, "holds a nested table where a text belongs.")
    if isinstance(value, Decimal):
        whole = value.is_finite() and abs(value) < _LARGEST_AMOUNT and value == value.to_integral_value()
        value = int(value) if whole else value
    return str(value).strip() or None


def read_price(value: object, currency: object, column: str, currency_column: str) -> Money | None:
    """Return a price from a number or such texts as '15.00', '15.00 USD' and '$15.00' with a currency beside it."""
    if isinstance(value, bool):
        raise BrokenValue(column, f"'{value}' is not a number.")
    text = read_text(value, column)
    if text is None:
        return None
    amount, written = _split_price(text, column)
    declared = (read_text(currency, currency_column) or "").upper()
    code = declared or written
    if not code:
        raise BrokenValue(currency_column, f"the price {text} has no currency. Add one, such as USD.")
    if not re.fullmatch("[A-Z]{3}", code):
        raise BrokenValue(currency_column, f"'{code}' is not a currency code of three letters, such as USD.")
    if written and written != code:
        raise BrokenValue(currency_column, f"the price says {written} and the currency {code}.")
    return Money(amount=amount, currency=code)


def read_number(value: object, column: str) -> Decimal | None:
    """Return a finite number."""
    if isinstance(value, bool):
        raise BrokenValue(column, f"'{value}' is not a number.")
    text = read_text(value, column)
    return None if text is None else _number(text, text, column)


def read_count(value: object, column: str) -> int | None:
    """Return a whole number that is not negative."""
    number = read_number(value, column)
    if number is None:
        return None
    if number < 0 or number != number.to_integral_value() or number > 2**31 - 1:
        raise BrokenValue(column, f"'{read_text(value, column)}' is not a whole number of 0 or more.")
    return int(number)


def read_rating(value: object, column: str) -> float | None:
    """Return a rating from 0 to 5."""
    number = read_number(value, column)
    if number is not None and not 0 <= number <= 5:
        raise BrokenValue(column, f"'{read_text(value, column)}' is not a rating from 0 to 5.")
    return None if number is None else float(number)


def read_texts(value: object, column: str) -> tuple[str, ...]:
    """Return several texts, from a list or from one text with commas between them (quoted where one holds a comma)."""
    if isinstance(value, list | tuple):
        return tuple(text for item in value if (text := read_text(item, column)))
    text = read_text(value, column)
    if text is None:
        return ()
    try:
        parts = next(csv.reader([text.replace("\n", " ")], skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise BrokenValue(column, f"cannot be split at its commas ({error}). Check its quotes.") from None
    return tuple(part.strip() for part in parts if part.strip())


def read_condition(value: object, column: str) -> Condition | None:
    """Return the condition: new, refurbished or used, also in other words for them."""
    text = read_text(value, column)
    condition = commerce_words.read_condition(text)
    if text is not None and condition is None:
        raise BrokenValue(column, f"'{text}' is not one of new, refurbished, used.")
    return condition


def read_availability(value: object, column: str) -> str | None:
    """Return in_stock, preorder, backorder or out_of_stock, also from other words for them."""
    text = read_text(value, column)
    availability = commerce_words.read_availability(text)
    if text is not None and availability is None:
        raise BrokenValue(column, f"'{text}' is not one of in_stock, preorder, backorder, out_of_stock.")
    return availability


def _split_price(text: str, column: str) -> tuple[Decimal, str]:
    parts = _PRICE.fullmatch(text)
    if parts is None or (parts["before"] and parts["after"]):
        raise BrokenValue(column, f"'{text}' is not a number. Fix it or drop the row.")
    amount = check_amount(_number(parts["amount"], text, column), column)
    sign = parts["before"] or parts["after"] or ""
    return amount, sign if sign.isalpha() else _SIGNS.get(sign, "")


def check_amount(amount: Decimal, column: str) -> Decimal:
    """Return the amount. Raises `BrokenValue` when no shop could charge it, or the store could not keep it exactly."""
    if not amount.is_finite() or amount < 0:
        raise BrokenValue(column, f"{amount} is below zero. Fix it or drop the row.")
    if amount > _LARGEST_AMOUNT or amount != amount.quantize(Decimal(1).scaleb(-_MOST_DECIMALS)):
        raise BrokenValue(column, f"{amount} is too large, or has more than {_MOST_DECIMALS} decimals.")
    return amount


def _number(text: str, whole: str, column: str) -> Decimal:
    bare = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    try:
        if _NUMBER.fullmatch(bare):
            return Decimal(bare)
    except InvalidOperation:
        pass
    hint = " Write decimals with a point." if re.fullmatch(r"[\d.]+,\d+", text) else ""
    raise BrokenValue(column, f"'{whole}' is not a number.{hint} Fix it or drop the row.")
