"""The sentences of a policy that are quoted to a customer."""

from pathlib import Path

import pytest

from assistant.schema import Passage
from assistant.shop.policies import Policies

RETURNS = """# Returns

## Window

Changed your mind? Almost anything can come back within 30 days. Seeds can't, once they were opened. Books have a year.
Wondering about gifts? They can come back until January.
"""


@pytest.fixture
def policies(tmp_path: Path) -> Policies:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "returns.md").write_text(RETURNS)
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "returns.md").write_text(
        "# 退货\n\n## 期限\n\n30 天内可以退货。拆封的种子不能退。图书一年内可退。\n"
    )
    return Policies(tmp_path)


def answer(policies: Policies, question: str, language: str = "en") -> str:
    return policies.answer(question, policies.search(question, language)[0])


def test_the_rule_is_quoted_where_no_sentence_says_more_of_the_question(policies: Policies) -> None:
    assert answer(policies, "how do returns work").startswith("Almost anything can come back within 30 days.")


def test_the_sentence_with_the_questions_own_words_comes_first(policies: Policies) -> None:
    assert answer(policies, "can I return opened seeds").startswith("Seeds can't")
    assert "拆封的种子不能退。" in answer(policies, "拆封的种子能退货吗", "zh")


def test_no_answer_holds_a_question_of_the_policys_own(policies: Policies) -> None:
    for question in ("changed my mind, can I return it", "return of gifts", "returns of books"):
        assert "?" not in answer(policies, question)


def test_an_answer_is_whole_sentences_and_short() -> None:
    text = " ".join(f"Rule {number} holds for all that was bought in the shop at any time." for number in range(20))
    passage = Passage(source="rules", title="Rules: All", text=text)
    told = Policies(Path("nowhere")).answer("what holds", passage)
    assert told.endswith(".") and told in text and len(told) <= 260


def test_policies_that_were_replaced_meanwhile_still_answer(policies: Policies) -> None:
    passage = policies.search("returns", "en")[0]
    other = passage.model_copy(update={"text": "Other words than the file has now."})
    assert policies.answer("returns", other) == "Other words than the file has now."
