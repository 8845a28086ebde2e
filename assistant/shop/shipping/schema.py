"""The shipping table as values."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, field_validator, model_validator

from assistant.schema import Value
from retrieval.schema import CurrencyCode

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Cost(Value):
    """What a way costs from an order value, or a weight, on."""

    from_value: Decimal = Field(default=Decimal(0), ge=0)
    from_kg: Decimal = Field(default=Decimal(0), ge=0)
    cost: Decimal = Field(ge=0)


class Way(Value):
    """One way to have something brought. `days` are working days after it has left: at least, at most."""

    name: dict[str, str] = Field(min_length=1, description="What it is called, by language.")
    days: tuple[int, int]
    costs: tuple[Cost, ...] = Field(min_length=1, description="Of those that fit the order, the last one counts.")
    cut_off: time | None = Field(default=None, description="Its own hour, where it isn't the shop's.")
    only: tuple[str, ...] = Field(default=(), description="Categories and departments that it is for; none: all.")
    never: tuple[str, ...] = Field(default=(), description="Categories and departments that don't go this way.")

    @field_validator("days")
    @classmethod
    def _in_order(cls, days: tuple[int, int]) -> tuple[int, int]:
        if not 0 <= days[0] <= days[1]:
            raise ValueError(f"days {list(days)} are not 'at least, at most'")
        return days


class Zone(Value):
    """Where the ways go. A zone without beginnings of postcodes is all of its countries."""

    countries: tuple[Country, ...] = Field(min_length=1)
    postcodes: tuple[str, ...] = Field(default=(), description="How its postcodes begin.")
    form: str | None = Field(default=None, description="How a postcode of it looks, where nobody names the country.")
    ways: tuple[Way, ...] = Field(min_length=1)

    @field_validator("form")
    @classmethod
    def _is_an_expression(cls, form: str | None) -> str | None:
        try:
            re.compile(form or "")
        except re.error as error:
            raise ValueError(f"'{form}' is no regular expression: {error}") from None
        return form


class ShippingTable(Value):
    """All of `shipping.toml`."""

    currency: CurrencyCode = "USD"
    timezone: str = "UTC"
    cut_off: time = Field(default=time(12), description="What is ordered before it leaves on the same working day.")
    working_days: tuple[Weekday, ...] = Field(default=("Mon", "Tue", "Wed", "Thu", "Fri"), min_length=1)
    holidays: tuple[str, ...] = Field(default=(), description="Days without work: 'MM-DD' every year, or 'YYYY-MM-DD'.")
    weight: str = Field(default="weight", description="The attribute that holds a product's weight.")
    zones: tuple[Zone, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"'{name}' is no time zone; write one such as 'America/New_York'") from None
        return name

    @field_validator("holidays")
    @classmethod
    def _are_days(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for day in days:
            try:
                date.fromisoformat(day) if len(day) > 5 else datetime.strptime(f"2000-{day}", "%Y-%m-%d")
            except ValueError:
                raise ValueError(f"'{day}' is no day; write '12-25' or '2026-04-03'") from None
        return days

    @model_validator(mode="after")
    def _ways_are_free_at_last(self) -> Self:
        for zone in self.zones:
            for way in zone.ways:
                if way.costs[0].from_value or way.costs[0].from_kg:
                    raise ValueError("the first cost of a way has to hold for every order: leave from_* out of it")
        return self
