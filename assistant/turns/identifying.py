"""Finding out who a guest is, from their own words; and calling a person where they can't prove it."""

from collections.abc import Iterator

from assistant.chat_models.tool_format import new_call_id
from assistant.schema import Event, ToolCall
from assistant.telling.phrases import phrase
from assistant.tools.handover import hand_over_to_human
from assistant.tools.identity import identify_customer, proof_in_words
from assistant.turns.toolbox import Toolbox
from assistant.turns.turn import Turn


def identify(toolbox: Toolbox, turn: Turn) -> Iterator[Event]:
    """Find out who a guest is whose words are proof enough, without asking the model."""
    if proof := proof_in_words(toolbox.context_of(turn.conversation)):
        yield from _run(toolbox, turn, identify_customer.name, proof)


def is_unproven(toolbox: Toolbox, turn: Turn) -> bool:
    """Tell whether the customer has had all the tries to prove who they are, and no person knows yet."""
    conversation = turn.conversation
    return conversation.ticket_id is None and conversation.wrong_tries >= toolbox.context.rules().identity.tries


def hand_over_unproven(toolbox: Toolbox, turn: Turn) -> Iterator[Event]:
    """Call a person, as the model would."""
    reason = phrase("identity_unproven", turn.conversation.language)
    yield from _run(toolbox, turn, hand_over_to_human.name, {"reason": reason})


def _run(toolbox: Toolbox, turn: Turn, name: str, arguments: dict[str, str]) -> Iterator[Event]:
    call = ToolCall(id=new_call_id(), name=name, arguments=arguments)
    turn.record((call,))
    yield from toolbox.run(turn, call)
