"""The demo shop's 150 customers: mostly in the United States, a few in Canada, the United Kingdom and China."""

import random
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.schema import Address, Customer, GiftCard, Money, PaymentMethod

CUSTOMERS = 150
_CARDS = ("Visa", "Visa", "Mastercard", "Mastercard", "American Express")


def demo_customers(seed: int) -> list[Customer]:
    """Return the customers C001 … C150; the first six are always the same people."""
    rng = random.Random(f"people {seed}")
    taken = {customer.name for customer in STORY_CUSTOMERS}
    numbers = range(len(STORY_CUSTOMERS) + 1, CUSTOMERS + 1)
    return [*STORY_CUSTOMERS, *(_customer(f"C{number:03}", rng, taken) for number in numbers)]


def demo_gift_cards(customers: Iterable[Customer], seed: int) -> list[GiftCard]:
    """Return what is left on the customers' gift cards, 5 to 120 dollars each."""
    rng = random.Random(f"gift cards {seed}")
    return [
        GiftCard(
            id=method.id,
            customer_id=customer.id,
            balance=Money(amount=Decimal(rng.randint(20, 480)) / 4, currency="USD"),
        )
        for customer in customers
        for method in customer.payment_methods
        if method.kind == "gift_card"
    ]


def _customer(customer_id: str, rng: random.Random, taken: set[str]) -> Customer:
    country = rng.choices(("US", "CA", "GB", "CN"), weights=(85, 6, 5, 4))[0]
    # Some of those who read Chinese live in the United States.
    chinese = country == "CN" or (country == "US" and rng.random() < 0.06)
    name, latin = _chinese_name(rng, taken) if chinese else _name(rng, taken)
    return Customer(
        id=customer_id,
        name=name,
        email=f"{latin}@example.com",
        language="zh" if chinese else "en",
        address=_chinese_address(name, rng) if country == "CN" else _address(name, country, rng),
        payment_methods=_payment_methods(customer_id, rng),
    )


def _name(rng: random.Random, taken: set[str]) -> tuple[str, str]:
    while True:
        given, family = rng.choice(_data()["given"]), rng.choice(_data()["family"])
        name = f"{given} {family}"
        if name not in taken:
            taken.add(name)
            return name, f"{given}.{family}".lower()


def _chinese_name(rng: random.Random, taken: set[str]) -> tuple[str, str]:
    while True:
        (family, family_latin), (given, given_latin) = (
            rng.choice(_data()["chinese_family"]),
            rng.choice(_data()["chinese_given"]),
        )
        if family + given not in taken:
            taken.add(family + given)
            return family + given, f"{given_latin}.{family_latin}".lower()


def _address(name: str, country: str, rng: random.Random) -> Address:
    city, region, postcode = rng.choice(_data()[country])
    return Address(
        name=name,
        line1=f"{rng.randint(3, 2400) if country == 'US' else rng.randint(2, 240)} {rng.choice(_data()['streets'])}",
        line2=rng.choice(_data()["flats"]) if rng.random() < 0.3 else None,
        city=city,
        region=region,
        postcode=postcode,
        country=country,
    )


def _chinese_address(name: str, rng: random.Random) -> Address:
    city, region, postcode, street = rng.choice(_data()["CN"])
    home = f"{rng.randint(1, 18)}号楼{rng.randint(1, 24)}0{rng.randint(1, 4)}室"
    return Address(
        name=name,
        line1=f"{street}{rng.randint(10, 900)}号{home}",
        city=city,
        region=region,
        postcode=postcode,
        country="CN",
    )


def _payment_methods(customer_id: str, rng: random.Random) -> tuple[PaymentMethod, ...]:
    card = PaymentMethod(
        id=f"{customer_id}-card", kind="card", label=f"{rng.choice(_CARDS)} ending in {rng.randint(0, 9999):04}"
    )
    paypal = PaymentMethod(id=f"{customer_id}-paypal", kind="paypal", label="PayPal")
    gift = PaymentMethod(
        id=f"{customer_id}-gift", kind="gift_card", label=f"Gift card ending in {rng.randint(0, 9999):04}"
    )
    return rng.choices(((card,), (card, paypal), (paypal,), (card, gift)), weights=(55, 20, 15, 10))[0]


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("people.yaml").read_text(encoding="utf-8"))
    return data


def _story_customer(
    number: int, name: str, email: str, language: str, home: tuple[str, str, str | None, str, str], *labels: str
) -> Customer:
    line1, city, region, postcode, country = home
    kinds = {"PayPal": "paypal", "Gift card": "gift_card"}
    methods = [
        {"id": f"C{number:03}-{place}", "kind": kinds.get(label.partition(" ending")[0], "card"), "label": label}
        for place, label in enumerate(labels, 1)
    ]
    return Customer(
        id=f"C{number:03}",
        name=name,
        email=f"{email}@example.com",
        language=language,
        address=Address(name=name, line1=line1, city=city, region=region, postcode=postcode, country=country),
        payment_methods=tuple(PaymentMethod.model_validate(method) for method in methods),
    )


# Tests, scripted conversations and the demo's customer picker know these by id.
STORY_CUSTOMERS = (
    _story_customer(
        1, "Maya Lindqvist", "maya.lindqvist", "en",
        ("1418 Juniper Street", "Portland", "OR", "97205", "US"), "Visa ending in 4242", "PayPal",
    ),
    _story_customer(
        2, "Andre Whitfield", "andre.whitfield", "en",
        ("77 Prospect Street", "Providence", "RI", "02906", "US"), "Mastercard ending in 8810",
    ),
    _story_customer(
        3, "Hannah Okonkwo", "hannah.okonkwo", "en",
        ("905 Linden Avenue", "Minneapolis", "MN", "55408", "US"), "Visa ending in 1207", "Gift card ending in 3316",
    ),
    _story_customer(
        4, "Tyler Reyes", "tyler.reyes", "en",
        ("2210 Clover Lane", "Austin", "TX", "78704", "US"), "PayPal",
    ),
    _story_customer(
        5, "陈雨", "yu.chen", "zh",
        ("延安西路1088号6号楼1203室", "上海市", "上海市", "200052", "CN"), "Visa ending in 6688",
    ),
    _story_customer(
        6, "Priya Raman", "priya.raman", "en",
        ("31 Harbor Drive", "Seattle", "WA", "98103", "US"), "Mastercard ending in 5521",
    ),
)  # fmt: skip
