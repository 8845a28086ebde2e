"""Coupons from a table or JSON Lines, one a row."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from assistant.schema import Coupon
from assistant.shop.coupons import plain_code
from assistant.shop.importers.rows import read_moment, read_rows
from retrieval.importers.records import Columns, Record
from retrieval.importers.values import BrokenValue, read_count, read_number, read_price, read_texts
from retrieval.schema import RowError

COUPON_FIELDS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "Code"),
    "kind": ("kind", "type", "Type", "Value Type"),
    "value": ("value", "Value", "percent", "amount"),
    "currency": ("currency", "Currency"),
    "minimum": ("minimum", "Minimum"),
    "starts_at": ("starts_at", "Start"),
    "ends_at": ("ends_at", "End"),
    "uses": ("uses", "Uses", "usage_limit"),
    "categories": ("categories", "Categories"),
}
"""Our fields, and what their columns may be called besides."""

_KINDS: Mapping[str, Literal["percent", "amount"]] = {
    "percent": "percent",
    "percentage": "percent",
    "%": "percent",
    "amount": "amount",
    "fixed": "amount",
    "fixed amount": "amount",
}


def read_coupons(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Coupon | RowError]:
    """Yield each row's coupon, or what is wrong with the row. `mapping` renames: our field → theirs.

    The value says by itself what it is, '15%' or '5.00 USD', or the columns kind and currency do. A day as the end
    counts whole. Raises `CatalogueError` for what is no such file.
    """
    columns = Columns(COUPON_FIELDS, mapping or {}, "a coupon")
    codes: set[str] = set()
    for record in read_rows(path, columns):
        if isinstance(record, RowError):
            yield record
            continue
        try:
            coupon = _read(columns, record)
            if coupon.code in codes:
                raise BrokenValue(columns.name(record, "code"), f"'{coupon.code}' stands in an earlier row already.")
            codes.add(coupon.code)
            yield coupon
        except BrokenValue as error:
            yield record.error(error)


def _read(columns: Columns, record: Record) -> Coupon:
    kind, value, currency = _worth(columns, record)
    minimum = _minimum(columns, record, currency)
    starts_at = read_moment(columns, record, "starts_at") if columns.text(record, "starts_at") else None
    ends_at = _end(columns, record)
    if starts_at and ends_at and starts_at >= ends_at:
        raise BrokenValue(columns.name(record, "ends_at"), "the coupon ends before it begins.")
    try:
        return Coupon(
            code=plain_code(columns.needed(record, "code")),
            kind=kind,
            value=value,
            currency=minimum[1] if minimum and currency is None else currency,
            minimum=minimum[0] if minimum else None,
            starts_at=starts_at,
            ends_at=ends_at,
            uses=read_count(columns.value(record, "uses"), columns.name(record, "uses")),
            categories=read_texts(columns.value(record, "categories"), columns.name(record, "categories")),
        )
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0]) if problem["loc"] else "value"
        raise BrokenValue(columns.name(record, field), f"{problem['msg'].removeprefix('Value error, ')}.") from None


def _worth(columns: Columns, record: Record) -> tuple[Literal["percent", "amount"], Decimal, str | None]:
    """Return what the coupon takes off: the kind, the number, and the currency of an amount."""
    text, name = columns.needed(record, "value"), columns.name(record, "value")
    given = (columns.text(record, "kind") or "").casefold().replace("_", " ")
    if given and given not in _KINDS:
        raise BrokenValue(columns.name(record, "kind"), f"'{given}' is neither percent nor amount.")
    currency = columns.text(record, "currency")
    if text.endswith("%") or _KINDS.get(given) == "percent":
        if _KINDS.get(given) == "amount":
            raise BrokenValue(name, f"'{text}' is no amount, as the kind says it is.")
        number = read_number(text.removesuffix("%").strip(), name)
        return "percent", number or Decimal(0), currency.upper() if currency else None
    price = read_price(text, currency, name, columns.name(record, "currency"))
    assert price is not None
    return "amount", price.amount, price.currency


def _minimum(columns: Columns, record: Record, currency: str | None) -> tuple[Decimal, str] | None:
    """Return from which order value on the coupon counts, and in which currency."""
    given = columns.value(record, "minimum")
    price = read_price(given, currency, columns.name(record, "minimum"), columns.name(record, "currency"))
    return (price.amount, price.currency) if price else None


def _end(columns: Columns, record: Record) -> datetime | None:
    text = columns.text(record, "ends_at")
    if not text:
        return None
    moment = read_moment(columns, record, "ends_at")
    try:
        date.fromisoformat(text)
    except ValueError:
        return moment
    return moment + timedelta(days=1)
