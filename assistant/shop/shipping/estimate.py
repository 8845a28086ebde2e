"""What bringing a parcel costs and when it comes, by the shop's table."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from assistant.schema import DeliveryOption, Money, Product
from assistant.shop.shipping.schema import ShippingTable, Way, Zone

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEIGHT = re.compile(r"(\d+(?:\.\d+)?)\s*(kg|g|lb|lbs|oz|千克|公斤|克)(?![a-z])", re.IGNORECASE)
_KILOGRAMS = {
    "kg": Decimal(1), "千克": Decimal(1), "公斤": Decimal(1), "g": Decimal("0.001"), "克": Decimal("0.001"),
    "lb": Decimal("0.45359237"), "lbs": Decimal("0.45359237"), "oz": Decimal("0.028349523125"),
}  # fmt: skip
_LONGEST_WAIT = 60
"""Days within which a shop works again."""


@dataclass(frozen=True)
class Parcel:
    """What is sent: its products, each with its pieces, and what it is worth, where that is known."""

    products: tuple[tuple[Product, int], ...] = ()
    value: Decimal | None = None


def find_zone(table: ShippingTable, postcode: str, country: str | None = None) -> Zone | None:
    """Return the first zone that a postcode is in, None where the shop doesn't deliver.

    Where nobody names the country, a postcode belongs to the zones whose `form` it has.
    """
    plain = plain_postcode(postcode)
    for zone in table.zones:
        in_country = country.upper() in zone.countries if country else _has_form(zone, postcode)
        if in_country and (not zone.postcodes or plain.startswith(tuple(map(plain_postcode, zone.postcodes)))):
            return zone
    return None


def estimate(
    table: ShippingTable, zone: Zone, parcel: Parcel, now: datetime, language: str
) -> tuple[DeliveryOption, ...]:
    """Return the ways that the parcel can go in a zone, the cheapest first."""
    kilograms = sum((_weight(product, table.weight) * pieces for product, pieces in parcel.products), Decimal(0))
    options = []
    for way in zone.ways:
        if not _goes(way, [product for product, _ in parcel.products]):
            continue
        leaves = _leaves(table, way, now)
        free = [cost.from_value for cost in way.costs if cost.cost == 0 and cost.from_value and not cost.from_kg]
        options.append(
            DeliveryOption(
                name=way.name.get(language) or next(iter(way.name.values())),
                cost=Money(amount=_cost(way, parcel.value or Decimal(0), kilograms), currency=table.currency),
                earliest=_working_day(table, leaves, way.days[0]),
                latest=_working_day(table, leaves, way.days[1]),
                free_from=Money(amount=min(free), currency=table.currency) if free else None,
            )
        )
    return tuple(sorted(options, key=lambda option: (option.cost.amount, option.latest)))


def order_before(table: ShippingTable, zone: Zone, now: datetime) -> datetime | None:
    """Return the moment of today until which an order leaves today; None where that is over, or nobody works."""
    local = now.astimezone(ZoneInfo(table.timezone))
    until = datetime.combine(local.date(), _cut_off(table, zone.ways[0]), local.tzinfo)
    return until if _works(table, local.date()) and local < until else None


def plain_postcode(postcode: str) -> str:
    """Return a postcode in capitals, without spaces and hyphens."""
    return re.sub(r"[\s-]", "", postcode).upper()


def _has_form(zone: Zone, postcode: str) -> bool:
    return zone.form is not None and re.fullmatch(zone.form, postcode.strip(), re.IGNORECASE) is not None


def _goes(way: Way, products: Iterable[Product]) -> bool:
    groups = [{name.casefold() for name in (product.category, product.department) if name} for product in products]
    only, never = ({name.casefold() for name in names} for names in (way.only, way.never))
    if any(never & group for group in groups):
        return False
    return not only or any(only & group for group in groups)


def _cost(way: Way, value: Decimal, kilograms: Decimal) -> Decimal:
    fitting = [cost for cost in way.costs if value >= cost.from_value and kilograms >= cost.from_kg]
    return fitting[-1].cost


def _weight(product: Product, attribute: str) -> Decimal:
    """Return a product's weight in kilograms; one that isn't known counts as none."""
    match = _WEIGHT.search(product.attributes.get(attribute, ""))
    return Decimal(match[1]) * _KILOGRAMS[match[2].lower()] if match else Decimal(0)


def _leaves(table: ShippingTable, way: Way, now: datetime) -> date:
    local = now.astimezone(ZoneInfo(table.timezone))
    today = local.date()
    if _works(table, today) and local.timetz().replace(tzinfo=None) < _cut_off(table, way):
        return today
    return _working_day(table, today, 1)


def _cut_off(table: ShippingTable, way: Way) -> time:
    return way.cut_off or table.cut_off


def _working_day(table: ShippingTable, day: date, number: int) -> date:
    """Return the working day that comes `number` working days after `day`."""
    for _ in range(number):
        day = next(later for ahead in range(1, _LONGEST_WAIT) if _works(table, later := day + timedelta(days=ahead)))
    return day


def _works(table: ShippingTable, day: date) -> bool:
    on_holiday = {day.isoformat(), f"{day:%m-%d}"} & set(table.holidays)
    return _WEEKDAYS[day.weekday()] in table.working_days and not on_holiday
