"""Who a customer is, proved in the conversation."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from assistant.errors import NotProven, ToolError
from assistant.schema import CustomerIdentified
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import open_records
from assistant.shop.rules import ShopRules, parse_shop_rules
from assistant.tools.identity import identify_customer, proof_in_words
from assistant.tools.tool import ToolContext
from tests.assistant.shop.makers import make_customer, make_order

RIGHT = {"email": "ann@example.com", "order_id": "A1"}
SAID = "I'm Ann, ann@example.com, 83702, order #a1, or bob@example.com, 99999 and A2"


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    engine: Engine = create_engine(f"sqlite:///{tmp_path / 'records.sqlite'}")
    upgrade_records(engine)
    records = open_records(engine)
    records.customers.add(make_customer("ann"), make_customer("bob"))
    records.orders.add(make_order("A1", "pending", 1), make_order("A2", "pending", 2, "bob"))
    return ToolContext(None, records, None, customer_texts=(SAID,))  # type: ignore[arg-type]


def identified(context: ToolContext, given: Mapping[str, str]) -> str:
    result = identify_customer.run(context, dict(given))
    assert isinstance(result, CustomerIdentified)
    return result.customer.id


@pytest.mark.parametrize(
    "given",
    [
        RIGHT,
        {"email": "ANN@example.com", "order_id": "#a1"},
        {"name": "ann", "postcode": "83 702", "order_id": "A1"},
        {"email": "ann@example.com", "name": "Ann", "order_id": "A1"},
    ],
)
def test_what_the_rules_name_is_proof(context: ToolContext, given: Mapping[str, str]) -> None:
    said = replace(context, customer_texts=(SAID, "83 702"))
    assert identified(said, given) == "ann"


@pytest.mark.parametrize(
    "given",
    [
        {"email": "ann@example.com", "order_id": "A2"},
        {"email": "bob@example.com", "order_id": "A1"},
        {"name": "Ann", "postcode": "99999", "order_id": "A1"},
        {"email": "ann@example.com", "postcode": "99999", "order_id": "A1"},
    ],
)
def test_one_wrong_thing_proves_nothing_and_the_answer_tells_not_which(
    context: ToolContext, given: Mapping[str, str]
) -> None:
    with pytest.raises(NotProven) as refused:
        identified(context, given)
    assert str(refused.value) == "This doesn't match a customer. Ask the customer to check it and give it once more."


def test_less_than_the_rules_ask_for_is_no_try(context: ToolContext) -> None:
    with pytest.raises(ToolError, match="e-mail address and an order number, or full name") as refused:
        identified(context, {"email": "ann@example.com"})
    assert not isinstance(refused.value, NotProven)


def test_a_shop_may_ask_for_an_address_alone(context: ToolContext) -> None:
    def lenient() -> ShopRules:
        return parse_shop_rules(b"[identity]\nproof = [['email']]")

    assert identified(replace(context, rules=lenient), {"email": "ann@example.com"}) == "ann"


def test_what_the_customer_never_said_is_no_proof(context: ToolContext) -> None:
    silent = replace(context, customer_texts=("Where is my order?",))
    with pytest.raises(ToolError, match="not enough") as refused:
        identified(silent, RIGHT)
    assert not isinstance(refused.value, NotProven)
    assert identified(context, {**RIGHT, "name": "John Doe", "postcode": "12345"}) == "ann"
    said = replace(context, customer_texts=("Where is A1?", "I'm ann@example.com."))
    assert identified(said, {"email": "customer@example.com", "order_id": "A1"}) == "ann"


def test_a_conversation_serves_one_customer_and_has_so_many_tries(context: ToolContext) -> None:
    with pytest.raises(ToolError, match="serves one customer"):
        identified(replace(context, customer_id="bob"), RIGHT)
    with pytest.raises(ToolError, match="too many wrong tries"):
        identified(replace(context, wrong_tries=3), RIGHT)


@pytest.mark.parametrize(
    ("texts", "proof"),
    [
        (("I'm ann@example.com, order #A1",), None),
        (("ann@example.com and A1001",), {"email": "ann@example.com", "order_id": "A1001"}),
        (("Where is order A1001?", "ann@example.com"), {"email": "ann@example.com", "order_id": "A1001"}),
        (("ann@example.com and A1001", "hello?"), None),
        (("It's Ann, 83702, for W-2040.",), {"name": "Ann", "postcode": "83702", "order_id": "W-2040"}),
        (("It's Annabel, 99999, for W-2040.",), None),
        (("hello",), None),
    ],
)
def test_proof_is_read_from_the_customers_own_words(
    context: ToolContext, texts: tuple[str, ...], proof: Mapping[str, str] | None
) -> None:
    assert proof_in_words(replace(context, customer_texts=texts)) == proof


def test_who_is_signed_in_or_has_tried_too_often_proves_nothing(context: ToolContext) -> None:
    said = replace(context, customer_texts=("ann@example.com and A1001",))
    assert proof_in_words(replace(said, customer_id="ann")) is None
    assert proof_in_words(replace(said, wrong_tries=3)) is None
