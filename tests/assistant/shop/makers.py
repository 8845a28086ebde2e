"""What the tests of the shop's records are made from."""

from datetime import UTC, date, datetime
from decimal import Decimal

from assistant.schema import Address, Customer, Money, Order, OrderLine, OrderStatus, PaymentMethod, Product
from retrieval.schema import ProductTexts, Variant

HOME = Address(name="Ann", line1="1 Elm Street", city="Boise", region="ID", postcode="83702", country="US")
VISA = PaymentMethod(id="V", kind="card", label="Visa ending in 4242")


def make_customer(customer_id: str, language: str = "en") -> Customer:
    email = f"{customer_id}@example.com"
    return Customer(
        id=customer_id, name=customer_id.title(), email=email, language=language, address=HOME, payment_methods=(VISA,)
    )


def make_order(order_id: str, status: OrderStatus, day: int, customer_id: str = "ann") -> Order:
    line = OrderLine(
        product_id="tents-01",
        variant_id="tents-01-moss",
        title="Tent",
        options={"colour": "moss"},
        quantity=2,
        price=usd("19.90"),
    )
    return Order(
        id=order_id,
        customer_id=customer_id,
        status=status,
        placed_at=datetime(2026, 3, day, 14, 30, tzinfo=UTC),
        lines=(line, line.model_copy(update={"title": "Peg", "options": {}, "quantity": 1, "price": usd("0.10")})),
        shipping=usd("5.95"),
        total=usd("45.85"),
        payment_method=VISA,
        address=HOME,
        expected_on=date(2026, 3, 15),
    )


def make_product(type_id: str, number: int) -> Product:
    product_id = f"{type_id}-{number:02}"
    price = usd(f"{number * 12}.90")
    variants = tuple(
        Variant(
            id=f"{product_id}-{colour}-{size}",
            title=f"{product_id}, {colour}, {size}",
            options={"colour": colour, "size": size},
            price=price if size != "L" else price + usd("3.00"),
            stock=4,
        )
        for colour in ("moss", "sand")
        for size in ("S", "M", "L")
    )
    return Product(
        id=product_id,
        texts={
            "en": ProductTexts(title=f"{product_id} title", short_name=f"Model {product_id}"),
            "zh": ProductTexts(title=f"{product_id} 标题", short_name=f"型号 {product_id}"),
        },
        price=price,
        stock=24,
        attributes={"for": "kids" if number == 6 else "unisex"},
        variants=variants,
    )


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")
