"""The agent's events on the wire, one server-sent event each."""

from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent

from assistant.schema import Event, TurnRefused
from ui.server.turns import LiveTurn


async def streamed(turn: LiveTurn | TurnRefused, after: int = 0) -> AsyncIterator[ServerSentEvent]:
    """Yield the events of a turn behind number `after`: the number as id, the type as event, itself as data."""
    if isinstance(turn, TurnRefused):
        yield _sent(1, turn)
        return
    async for number, event in turn.read(after):
        yield _sent(number, event)


def _sent(number: int, event: Event) -> ServerSentEvent:
    return ServerSentEvent(id=str(number), event=event.type, data=event)
