"""Calling a human: an action with a ticket, never a phrase."""

from assistant.schema import HandedOver
from assistant.tools.tool import ToolContext, tool


@tool()
def hand_over_to_human(context: ToolContext, reason: str) -> HandedOver:
    """Let a human colleague take over: for complaints, wishes for a person, and what no tool can do.

    Args:
        reason: What the colleague should know, in one sentence.
    """
    ticket = context.records.tickets.open(context.conversation_id, context.customer_id, reason, context.transcript)
    return HandedOver(ticket=ticket)
