"""What is looked up of a shop's policies, and what is not."""

from pathlib import Path

import pytest

from assistant.errors import ToolError
from assistant.schema import PoliciesFound
from assistant.shop.policies import Policies
from assistant.tools.policies import search_policies
from assistant.tools.tool import ToolContext


@pytest.fixture
def policies(tmp_path: Path) -> Policies:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "returns.md").write_text("# Returns\n\n## Window\n\nSend it back within 30 days.\n")
    (tmp_path / "en" / "gifts.md").write_text("# Gift cards\n\n## Validity\n\nA gift card never expires.\n")
    return Policies(tmp_path)


def found(policies: Policies, question: str, said: str, language: str = "en") -> tuple[str, str]:
    context = ToolContext(None, None, policies, customer_texts=("do gift cards expire", said), language=language)  # type: ignore[arg-type]
    result = search_policies.run(context, {"question": question})
    assert isinstance(result, PoliciesFound)
    return result.question, result.passages[0].source


def test_the_models_wording_is_looked_up_where_it_is_of_this_message(policies: Policies) -> None:
    question = "How many days for returns?"
    assert found(policies, question, "whats with returns") == (question, "returns")


def test_a_question_of_an_earlier_message_is_not_asked_again(policies: Policies) -> None:
    assert found(policies, "Do gift cards expire?", "send back within days") == ("send back within days", "returns")


def test_a_message_that_the_policies_say_nothing_of_leaves_the_models_wording(policies: Policies) -> None:
    question = "Do gift cards expire?"
    assert found(policies, question, "oh really") == (question, "gifts")


def test_a_translation_is_not_taken_for_an_earlier_question(policies: Policies) -> None:
    question = "Do gift cards expire?"
    assert found(policies, question, "caducan las tarjetas, within 30 days", "es") == (question, "gifts")


def test_nothing_found_is_told_to_the_model(policies: Policies) -> None:
    with pytest.raises(ToolError, match="say nothing about this"):
        found(policies, "zebra", "zebra")
