"""Whether the customer, or a tool's result, has said what a model puts into a change.

A small model fills a slot with whatever it has read last: an example's size, a street in London. What nobody said is
taken as left out, so that it has its default or is asked for.
"""

from assistant.tools.tool import ToolContext
from retrieval.words import terms


def is_said(context: ToolContext, text: str) -> bool:
    """Tell whether all words of the text were said; outside a talk everything counts as said."""
    if not context.customer_texts:
        return True
    results = (message.content for message in context.transcript if message.role == "tool")
    said = set(terms(" ".join((*context.customer_texts, *results))))
    return set(terms(text)) <= said
