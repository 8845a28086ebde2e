"""What the shop's own texts say: returns, shipping, payment, warranty and the rest."""

from assistant.errors import ToolError
from assistant.schema import PoliciesFound
from assistant.tools.tool import ToolContext, tool
from retrieval.words import terms


@tool()
def search_policies(context: ToolContext, question: str) -> PoliciesFound:
    """Look up the shop's rules: returns, exchanges, shipping, payment, warranty, privacy, gift cards, price match.

    Args:
        question: The shopper's question.
    """
    for wording in _wordings(question, context):
        if passages := context.policies.search(wording, context.language, k=2):
            answer = context.policies.answer(wording, passages[0])
            return PoliciesFound(question=wording, passages=tuple(passages), answer=answer)
    raise ToolError("The shop's policies say nothing about this. Offer to hand over to a human.")


def _wordings(question: str, context: ToolContext) -> list[str]:
    """Return what to look up, best first.

    A question without a word of the message was asked at another time, or is a translation into the policies' language.
    """
    message = " ".join(context.customer_texts[-1:])
    translated = context.language not in context.policies.passages
    if not message or translated or set(terms(question)) & set(terms(message)):
        return [question]
    return [message, question]
