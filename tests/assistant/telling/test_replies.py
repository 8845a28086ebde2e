from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from assistant.schema import (
    Address,
    Order,
    OrderDetails,
    OrderLine,
    Passage,
    PaymentMethod,
    PoliciesFound,
    ProductsFound,
)
from assistant.telling.phrases import phrase
from assistant.telling.replies import currency_remark, joined, plain_reply
from retrieval.schema import Money, Product, ProductTexts


def product(name: str, price: str | None) -> Product:
    money = Money(amount=Decimal(price), currency="USD") if price else None
    return Product(id=name.lower(), texts={"en": ProductTexts(title=f"Acme {name}", short_name=name)}, price=money)


def order(status: str) -> Order:
    price = Money(amount=Decimal("10.00"), currency="USD")
    return Order.model_validate(
        {
            "id": "A7",
            "customer_id": "C1",
            "status": status,
            "placed_at": datetime(2026, 5, 1, tzinfo=UTC),
            "lines": (OrderLine(product_id="p", title="Mug", quantity=1, price=price),),
            "shipping": price,
            "total": price + price,
            "payment_method": PaymentMethod(id="m", kind="card", label="Visa ending in 1111"),
            "address": Address(name="A", line1="1", city="X", postcode="1", country="US"),
            "carrier": "Parcelway",
            "tracking_number": "PW1",
            "expected_on": date(2026, 5, 9),
            "delivered_on": date(2026, 5, 8) if status == "delivered" else None,
        }
    )


@pytest.mark.parametrize("status", ["pending", "processing", "shipped", "delivered", "cancelled", "returned"])
@pytest.mark.parametrize("language", ["en", "zh", "es"])
def test_every_status_has_a_sentence_in_every_language(status: str, language: str) -> None:
    text = plain_reply(OrderDetails(order=order(status)), language)
    assert "A7" in text and "None" not in text and "{" not in text
    assert ("2026-05-09" in text) == (status in {"pending", "processing", "shipped"})


def test_an_unknown_price_is_not_claimed() -> None:
    text = plain_reply(ProductsFound(query="q", products=(product("Mug", "9.50"), product("Cup", None))), "en")
    assert text == "Here is what I found: Mug ($9.50) and Cup."


def test_nothing_within_the_price_names_the_closest() -> None:
    found = ProductsFound(query="q", products=(), closest_price=Money(amount=Decimal("39"), currency="USD"))
    assert "$39.00" in plain_reply(found, "en")


@pytest.mark.parametrize(
    ("said", "remarked"), [("shoes under 200元", True), ("shoes under $200", False), ("shoes under 200", False)]
)
def test_another_currency_is_remarked_on(said: str, remarked: bool) -> None:
    found = ProductsFound(query="q", products=(product("Mug", "9.50"),))
    assert (currency_remark(found, said, "en") is not None) == remarked


def test_names_are_joined_as_the_language_does() -> None:
    assert joined(["a", "b", "c"], "en") == "a, b and c"
    assert joined(["a", "b", "c"], "zh") == "a、b和c"
    assert joined([], "en") == ""


def test_a_language_without_phrases_falls_back_and_an_unknown_phrase_is_an_error() -> None:
    assert phrase("not_done", "fr") == phrase("not_done", "en")
    with pytest.raises(KeyError):
        phrase("no_such_phrase", "en")


def test_a_policy_is_told_by_the_sentences_that_answer_and_says_where_it_stands() -> None:
    passage = Passage(source="returns", title="Returns: How long", text="Send it back within 30 days. Keep the box.")
    found = PoliciesFound(question="how long", passages=(passage,), answer="Send it back within 30 days.")
    assert plain_reply(found, "en") == "Send it back within 30 days. (Our policy, “Returns: How long”)"
    assert "（见“Returns: How long”）" in plain_reply(found, "zh")
