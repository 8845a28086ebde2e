"""Calling a human: an action with a ticket, never a phrase."""

from assistant.schema import HandedOver
from assistant.tools.tool import ToolContext, tool

_QUOTED = 3
"""Of the customer's messages, the last so many stand in a ticket's summary."""
_LONGEST = 200


@tool()
def hand_over_to_human(context: ToolContext, reason: str) -> HandedOver:
    """Let a human colleague take over: for complaints, wishes for a person, and what no tool can do.

    Args:
        reason: What the colleague should know, in one sentence.
    """
    ticket = context.records.tickets.open(
        context.conversation_id, context.customer_id, reason, context.transcript, summary_of(context, reason)
    )
    return HandedOver(ticket=ticket)


def summary_of(context: ToolContext, reason: str) -> str:
    """Return what a person reads first: why, who, what was asked last, what was done and what was refused."""
    calls = [call for message in context.transcript for call in message.tool_calls]
    answers = {m.tool_call_id: m.content for m in context.transcript if m.role == "tool"}
    refused = [answers[call.id] for call in calls if answers.get(call.id, "").startswith("Error:")]
    lines = [reason, f"Customer: {context.customer_id or 'not known'}"]
    lines += [f"Said: {text[:_LONGEST]}" for text in context.customer_texts[-_QUOTED:]]
    done = dict.fromkeys(call.name for call in calls)
    lines += [f"Looked up or done: {', '.join(done)}"] if done else []
    lines += [f"Refused: {text[:_LONGEST]}" for text in refused[-_QUOTED:]]
    return "\n".join(lines)
