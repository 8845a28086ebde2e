"""Amounts, days and numbers of returns, carts and deliveries, wherever in a result they stand, and what they come to."""

import pytest

from assistant.grounding import Grounder
from assistant.schema import Evidence

ADDRESS = {"name": "Ida Moss", "line1": "4 Mill Lane", "city": "Leeds", "postcode": "LS1 4AB", "country": "GB"}
CARD = {"id": "p1", "kind": "card", "label": "Visa ending in 7781"}


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


ORDER = {
    "id": "A2207",
    "customer_id": "C9",
    "status": "delivered",
    "placed_at": "2026-11-18T10:00:00Z",
    "lines": [{"product_id": "rug-1", "title": "Fen Wool Rug", "quantity": 1, "price": usd("147.00")}],
    "shipping": usd("4.90"),
    "total": usd("151.90"),
    "payment_method": CARD,
    "address": ADDRESS,
}
RETURN = {
    "type": "return_requested",
    "order": ORDER,
    "request": {
        "id": "R-9014",
        "order_id": "A2207",
        "lines": [{"position": 0, "title": "Fen Wool Rug", "quantity": 1}],
        "refund": usd("142.00"),
        "fee": usd("5.00"),
        "refund_to": {"id": "p2", "kind": "card", "label": "Mastercard ending in 0417"},
        "at": "2026-11-26T09:00:00Z",
    },
}
NOTHING = {
    "type": "products_found",
    "query": "loom",
    "products": [],
    "limits": {"highest price": "USD 300"},
    "closest_price": usd("412.00"),
}
DELIVERY = {
    "type": "delivery_estimated",
    "postcode": "60614",
    "country": "US",
    "order_value": usd("210.00"),
    "order_before": "2026-10-06T14:00:00Z",
    "options": [
        {
            "name": "Standard",
            "cost": usd("29.00"),
            "earliest": "2026-10-12",
            "latest": "2026-10-15",
            "free_from": usd("250.00"),
        },
        {"name": "Express", "cost": usd("55.00"), "earliest": "2026-10-08", "latest": "2026-10-09"},
    ],
}


@pytest.mark.parametrize(
    ("result", "sentence", "holds"),
    [
        (RETURN, "There is a $5 fee.", True),
        (RETURN, "$142 goes back to your Mastercard ending in 0417.", True),
        (RETURN, "Your return is R-9014.", True),
        (RETURN, "There is a $6 fee.", False),
        (RETURN, "You'll get $147 back.", False),
        (RETURN, "There is a 5 euro fee.", False),
        (RETURN, "There is a $142 fee.", False),
        (RETURN, "You'll get 142 euros back.", False),
        (NOTHING, "The closest one costs $412.", True),
        (NOTHING, "The closest one costs 412 euros.", False),
        (DELIVERY, "With express delivery it comes to 265 euros in all.", False),
        (RETURN, "The $142.00 has already been paid out.", False),
        (RETURN, "It goes back to your Mastercard ending in 0418.", False),
        (DELIVERY, "Another $40 and standard delivery costs nothing.", True),
        (DELIVERY, "With express delivery it comes to $265 in all.", True),
        (DELIVERY, "Another $50 and standard delivery costs nothing.", False),
        (DELIVERY, "With express delivery it comes to $275 in all.", False),
        (DELIVERY, "Express delivery costs $29.00.", False),
    ],
)
def test_what_results_hold_and_what_it_comes_to(result: dict[str, object], sentence: str, holds: bool) -> None:
    evidence = Evidence.model_validate({"results": [result], "customer_texts": ["and now?"]})
    assert (not Grounder().check(sentence, evidence).claims_without_evidence) is holds


def test_the_words_of_a_search_are_no_evidence() -> None:
    """A model writes them itself: what it searched for isn't what was found."""
    found = {"type": "products_found", "query": "lamp R-8812", "products": [], "note": "Nothing that glows."}
    evidence = Evidence.model_validate({"results": [found, RETURN], "customer_texts": ["hm"]})
    claims = Grounder().check("Your return is R-8812.", evidence).claims_without_evidence
    assert [claim.text for claim in claims][:1] == ["R-8812"]
