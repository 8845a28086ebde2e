from decimal import Decimal
from typing import Any

import pytest

from assistant.errors import ToolError
from assistant.tools.narrowing import Narrowing, narrow
from retrieval.schema import Filters, Money, Product, ProductTexts


class Shop:
    """The three questions that narrowing asks of a catalogue, over a made-up shop."""

    def categories(self) -> list[str]:
        return ["Hiking boots", "Tents"]

    def departments(self) -> list[str]:
        return ["Footwear", "Outdoor"]

    def brands(self) -> list[str]:
        return ["Fernhollow", "Karvik"]

    def has_attribute(self, name: str, value: str) -> bool:
        return (name.casefold(), value.casefold()) in {("colour", "red"), ("颜色", "红色"), ("size", "42")}


def narrowed(said: str, **arguments: Any) -> Narrowing:
    given: dict[str, Any] = dict.fromkeys(("category", "brand", "min_price", "max_price", "min_rating", "in_stock"))
    return narrow(Shop(), "boots", **given | {"attributes": {}} | arguments, said=[said])  # type: ignore[arg-type]


@pytest.mark.parametrize("said", ["a tent for 4 people", "4人帐篷", "shoes in size 4", "for a 4 year old"])
def test_a_number_that_counts_something_is_no_price(said: str) -> None:
    assert narrowed(said, max_price=Decimal(4)).filters == Filters()
    assert narrowed(f"{said} under 4", max_price=Decimal(4)).filters.max_price == 4


def test_a_price_that_was_named_holds() -> None:
    assert narrowed("boots under $1,200 please", max_price=Decimal(1200)).filters.max_price == 1200
    assert narrowed("between fifty and eighty", min_price=Decimal(50), max_price=Decimal(80)).filters.min_price == 50
    assert narrowed("两百元以内", max_price=Decimal(200)).filters.max_price == 200


def test_limits_that_nobody_named_are_dropped() -> None:
    narrowing = narrowed(
        "any boots?",
        min_price=Decimal(10),
        max_price=Decimal(100),
        brand="Nike",
        category="Tents",
        min_rating=4.0,
        in_stock=True,
        attributes={"colour": "red"},
    )
    assert narrowing.filters.empty
    assert narrowing.text == "boots" and narrowing.note is None


def test_one_number_for_both_ends_is_the_upper_one() -> None:
    filters = narrowed("max 80", min_price=Decimal(80), max_price=Decimal(80)).filters
    assert (filters.min_price, filters.max_price) == (None, 80)


@pytest.mark.parametrize(
    "said", ["boots under $80", "boots, 80 dollars at most", "80元以下的靴子", "boots cheaper than 80"]
)
def test_an_upper_limit_given_as_the_lower_one_is_put_right(said: str) -> None:
    filters = narrowed(said, min_price=Decimal(80)).filters
    assert (filters.min_price, filters.max_price) == (None, 80)


@pytest.mark.parametrize(
    "said",
    [
        "not more than 80",
        "给妈妈的围巾，80美元以内",
        "80 or less",
        "no more than $80 please",
        "up to 80",
        "a scarf, not a cent over 80",
        "it can't be over $80",
        "围巾，一分都不能超过80",
    ],
)
def test_an_upper_limit_stays_one(said: str) -> None:
    filters = narrowed(said, max_price=Decimal(80)).filters
    assert (filters.min_price, filters.max_price) == (None, 80)


def test_a_lower_limit_stays_one() -> None:
    assert narrowed("boots over 80", min_price=Decimal(80)).filters.min_price == 80
    assert narrowed("boots over 80", max_price=Decimal(80)).filters.min_price == 80
    assert narrowed("no less than 80 for boots", max_price=Decimal(80)).filters.min_price == 80
    assert narrowed("nothing under 80 please", min_price=Decimal(80)).filters.min_price == 80
    assert narrowed("靴子不低于80", max_price=Decimal(80)).filters.min_price == 80


def test_a_limit_left_in_the_search_words_holds() -> None:
    given: dict[str, Any] = dict.fromkeys(("category", "brand", "min_price", "max_price", "min_rating", "in_stock"))
    narrowing = narrow(Shop(), "boots $80", **given, attributes={}, said=["boots under $80"])  # type: ignore[arg-type]
    assert narrowing.filters.max_price == 80
    narrowing = narrow(Shop(), "iPhone 15 case", **given, attributes={}, said=["iPhone 15 case"])  # type: ignore[arg-type]
    assert narrowing.filters.empty


def test_ends_given_the_wrong_way_round_are_put_right() -> None:
    filters = narrowed("from 20 to 45", min_price=Decimal(45), max_price=Decimal(20)).filters
    assert (filters.min_price, filters.max_price) == (20, 45)


@pytest.mark.parametrize(("given", "held"), [("hiking boot", "Hiking boots"), ("HIKING BOOTS", "Hiking boots")])
def test_a_category_is_found_give_or_take_a_plural(given: str, held: str) -> None:
    assert narrowed(f"show me {given}", category=given).filters.category == held


def test_a_category_is_found_when_the_customer_named_one_of_it() -> None:
    assert narrowed("a hiking boot, please", category="Hiking boots").filters.category == "Hiking boots"


def test_a_department_will_do_for_a_category() -> None:
    filters = narrowed("footwear on sale?", category="footwear").filters
    assert (filters.category, filters.department) == (None, "Footwear")


def test_a_brand_that_is_not_sold_is_said_so() -> None:
    narrowing = narrowed("Nike boots", brand="Nike")
    assert narrowing.filters.brand is None
    assert narrowing.note == "The shop has no brand 'Nike'; these are other brands."
    assert narrowed("fernhollow boots", brand="fernhollow").filters.brand == "Fernhollow"


def test_attributes_hold_where_some_product_has_them_and_are_words_otherwise() -> None:
    narrowing = narrowed(
        "red boots in 42, vegan", attributes={"color": "red", "size": "42", "kind": "vegan", "fit": ""}
    )
    assert narrowing.filters.attributes == {"colour": "red", "size": "42"}
    assert narrowing.text == "boots vegan"
    assert narrowed("红色的靴子", attributes={"颜色": "红色"}).filters.attributes == {"颜色": "红色"}


def test_in_stock_and_rating_hold_when_they_were_asked_for() -> None:
    filters = narrowed("what is in stock with at least 4 stars?", in_stock=True, min_rating=4.0).filters
    assert (filters.in_stock, filters.min_rating) == (True, 4.0)


def test_a_rating_beyond_five_is_told_to_the_model() -> None:
    with pytest.raises(ToolError, match="1 to 5"):
        narrowed("rated 9", min_rating=9.0)


def shown(*prices: str) -> tuple[Product, ...]:
    texts = {
        "en": ProductTexts(title="Karvik Boots", short_name="Karvik"),
        "zh": ProductTexts(title="靴子", short_name="靴子"),
    }
    money = [Money(amount=Decimal(price), currency="USD") for price in prices]
    return tuple(Product(id=str(price), texts=texts, price=price) for price in money)


@pytest.mark.parametrize("given", [None, Decimal(500), Decimal(60)])
@pytest.mark.parametrize("said", ["cheaper?", "something less expensive please", "便宜点的", "más baratas"])
def test_cheaper_is_cheaper_than_what_was_shown(said: str, given: Decimal | None) -> None:
    filters = narrowed(said, max_price=given, shown=shown("80", "60", "120")).filters
    assert (filters.min_price, filters.max_price) == (None, Decimal("59.99"))


def test_cheaper_than_an_amount_is_that_amount() -> None:
    assert narrowed("cheaper than 100", max_price=Decimal(100), shown=shown("80")).filters.max_price == 100


@pytest.mark.parametrize("products", [(), shown()])
def test_cheaper_than_nothing_is_no_limit(products: tuple[Product, ...]) -> None:
    assert narrowed("cheaper boots", shown=products).filters.max_price is None


def test_a_new_thing_is_not_measured_by_the_old_one() -> None:
    tents = [
        product.model_copy(update={"texts": {"en": ProductTexts(title="Tent", short_name="T")}})
        for product in shown("9")
    ]
    assert narrowed("cheaper boots", shown=tents).filters.max_price is None
