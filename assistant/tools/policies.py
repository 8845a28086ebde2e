"""What the shop's own texts say: returns, shipping, payment, warranty and the rest."""

from assistant.errors import ToolError
from assistant.schema import PoliciesFound
from assistant.tools.tool import ToolContext, tool


@tool()
def search_policies(context: ToolContext, question: str) -> PoliciesFound:
    """Look up the shop's rules: returns, exchanges, shipping, payment, warranty, privacy, gift cards, price match.

    Args:
        question: The shopper's question.
    """
    passages = context.policies.search(question, context.language, k=2)
    if not passages:
        raise ToolError("The shop's policies say nothing about this. Offer to hand over to a human.")
    return PoliciesFound(question=question, passages=tuple(passages))
