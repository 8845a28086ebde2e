"""What may be said after a search that found nothing."""

import pytest

from assistant.grounding import Grounder
from assistant.schema import Evidence, ProductsFound

NOTHING = Evidence(results=(ProductsFound(query="car tyres", products=(), limits={}),), customer_texts=("car tyres?",))


@pytest.mark.parametrize("text", ["Yes, we sell car tyres.", "We have car tyres.", "是的，我们有汽车轮胎。"])
def test_what_was_not_found_is_not_offered(text: str) -> None:
    verdict = Grounder().check(text, NOTHING)
    assert "The search found nothing of the kind." in {claim.reason for claim in verdict.claims_without_evidence}


@pytest.mark.parametrize(
    "text", ["I'm sorry, we don't sell car tyres.", "抱歉，没有汽车轮胎。", "I found nothing that fits."]
)
def test_a_no_may_be_said(text: str) -> None:
    assert Grounder().check(text, NOTHING).grounded
