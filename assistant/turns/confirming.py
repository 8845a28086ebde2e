"""Changes: proposed, put to the customer in full, and made after a yes to that very question. Code decides here.

What was asked for and isn't proposed yet is an errand (`errands.py`); of several the next one follows when the one
before is settled.
"""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from assistant.chat_models.tool_format import new_call_id
from assistant.errors import Refused, ToolError
from assistant.schema import (
    ConfirmationRequested,
    Conversation,
    Errand,
    Event,
    Proposal,
    ToolCall,
    ToolCallStarted,
    ToolResult,
)
from assistant.telling.phrases import phrase
from assistant.telling.replies import plain_reply
from assistant.turns.ending import complete, name_shown
from assistant.turns.errands import answered, errand_of, gets_on, recounted
from assistant.turns.toolbox import Toolbox
from assistant.turns.turn import ERROR, Turn, customer_texts


def ask(toolbox: Toolbox, turn: Turn, proposal: Proposal, unanswered: Sequence[ToolCall] = ()) -> Iterator[Event]:
    """End the turn with a question. Calls behind the proposal are answered, not run; changes come after it."""
    for call in unanswered:
        yield ToolCallStarted(call=call)
        yield toolbox.answer(turn, call, False, f"{ERROR} not run, because a change waits for the customer's yes.")
        if call.name in toolbox.tools and toolbox.tools[call.name].writes:
            turn.conversation.errands.append(errand_of(call))
    yield from name_shown(turn)
    question = phrase("asked_to_confirm", turn.conversation.language, summary=proposal.summary)
    yield turn.say(turn.gap() + question)
    turn.record()
    yield ConfirmationRequested(proposal=proposal)


def settle(toolbox: Toolbox, turn: Turn, accepted: bool) -> Generator[Event, None, bool]:
    """Apply or drop the pending proposal; tell whether the next change waits for a yes. The model isn't asked."""
    conversation = turn.conversation
    proposal = conversation.pending
    if proposal is None or not accepted:
        conversation.pending = None
        yield turn.say(phrase("not_done", conversation.language))
        return (yield from _next_errand(toolbox, turn))
    call = ToolCall(id=new_call_id(), name=proposal.tool, arguments=proposal.arguments)
    turn.record((call,))
    yield ToolCallStarted(call=call)
    try:
        # The proposal's id is the idempotency key: the same yes twice does it once.
        result = toolbox.tools[proposal.tool].apply(toolbox.context_of(conversation), proposal, proposal.id)
    except ToolError as error:
        conversation.pending = None
        yield toolbox.answer(turn, call, False, f"{ERROR} {error}")
        # What it was proposed for held a moment ago; the error's own words are the model's to read.
        changed = phrase("changed_meanwhile", conversation.language)
        reason = error.told(conversation.language) if isinstance(error, Refused) else changed
        yield turn.say(phrase("cannot", conversation.language, reason=reason))
    else:
        # Not before: where the records don't answer, the proposal waits on for another yes.
        conversation.pending = None
        yield from toolbox.keep(turn, call, result)
        yield turn.say(plain_reply(result, conversation.language))
        if toolbox.context.records.outbox.told:
            yield turn.say(turn.gap() + phrase("awaits_shop", conversation.language))
    return (yield from _next_errand(toolbox, turn))


def go_on_with(toolbox: Toolbox, turn: Turn, errand: Errand) -> Generator[Event, None, bool]:
    """Put the message into the slot that was asked for; tell whether that answered it.

    The model isn't asked. Where the message is no answer, or the change can't be made with it, nothing is done.
    """
    tool, said = toolbox.tools[errand.tool], customer_texts(turn.conversation)[-1]
    arguments = answered(errand, said, tool.spec)
    if arguments is None:
        return False
    if tool.writes:
        return (yield from _propose(toolbox, turn, errand.tool, arguments))
    outcome = _tried(toolbox, turn, errand, arguments)
    if outcome is None and (counted := recounted(errand, said, tool.spec)):
        arguments, outcome = counted, _tried(toolbox, turn, errand, counted)
    if outcome is None:
        return False
    call = ToolCall(id=new_call_id(), name=errand.tool, arguments=arguments)
    turn.record((call,))
    yield ToolCallStarted(call=call)
    yield from toolbox.take_in(turn, call, outcome)
    yield from complete(turn)
    return True


def _tried(toolbox: Toolbox, turn: Turn, errand: Errand, arguments: dict[str, Any]) -> ToolResult | ToolError | None:
    """Run the errand's tool; return what came of it, None where that is no further than before."""
    try:
        return toolbox.tools[errand.tool].run(toolbox.context_of(turn.conversation), arguments)
    except Refused as error:
        return error
    except ToolError as error:
        return error if gets_on(errand, arguments, error.missing) else None


def was_just_asked(conversation: Conversation, proposal: Proposal) -> bool:
    """Tell whether the last thing the customer read before this message was the question about the proposal."""
    before = next((message for message in reversed(conversation.messages[:-1]) if message.role == "assistant"), None)
    return before is not None and proposal.summary in before.content


def asking(language: str) -> str:
    """Return how the question begins that asks for a yes."""
    return phrase("asked_to_confirm", language, summary="\0").split("\0")[0]


def _propose(toolbox: Toolbox, turn: Turn, name: str, arguments: dict[str, Any]) -> Generator[Event, None, bool]:
    """Propose a change of which all is known, without asking the model; tell whether the customer was asked."""
    proposal = toolbox.try_proposing(toolbox.context_of(turn.conversation), name, arguments)
    if proposal is None:
        return False
    call = ToolCall(id=new_call_id(), name=name, arguments=arguments)
    turn.record((call,))
    yield ToolCallStarted(call=call)
    yield toolbox.wait(turn, call, proposal)
    yield from ask(toolbox, turn, proposal)
    return True


def _next_errand(toolbox: Toolbox, turn: Turn) -> Generator[Event, None, bool]:
    """Propose the next of the changes that were asked for together; tell whether there is one."""
    errands = turn.conversation.errands
    while errands and turn.conversation.pending is None:
        errand = errands.pop(0)
        if (yield from _propose(toolbox, turn, errand.tool, errand.known)):
            return True
    return False
