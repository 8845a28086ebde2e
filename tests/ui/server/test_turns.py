"""Turns under way: readers that come late, leave, and come back."""

import asyncio
import threading
import time
from collections.abc import Generator
from typing import Any

from assistant.schema import Event, TextDelta
from ui.server.turns import LiveTurn, TurnOrder, Turns


def order(conversation: str, events: Generator[Event, None, None], **given: Any) -> TurnOrder:
    return TurnOrder(conversation, "visitor:v", "en", events, **given)


def words(count: int, pause: float = 0.0) -> Generator[Event, None, None]:
    for number in range(count):
        time.sleep(pause)
        yield TextDelta(text=str(number))


async def read(turn: LiveTurn, after: int = 0, most: int | None = None) -> list[int]:
    numbers = []
    async for number, _ in turn.read(after):
        numbers.append(number)
        if len(numbers) == most:
            break
    return numbers


def test_every_reader_gets_every_event_in_order() -> None:
    turn = Turns().start(order("c", words(40, 0.002)))
    assert turn is not None

    async def three() -> list[list[int]]:
        return await asyncio.gather(read(turn), read(turn), read(turn, after=30))

    assert asyncio.run(three()) == [list(range(1, 42)), list(range(1, 42)), list(range(31, 42))]


def test_one_turn_at_a_time_in_a_conversation() -> None:
    turns = Turns()
    first = turns.start(order("c", words(20, 0.01)))
    assert turns.start(order("c", words(1))) is None
    assert turns.start(order("another", words(1))) is not None
    assert first is not None
    asyncio.run(read(first))
    assert turns.start(order("c", words(1))) is not None


def test_a_turn_that_nobody_reads_is_broken_off_and_kept() -> None:
    closed, ended = threading.Event(), threading.Event()

    def endless() -> Generator[Event, None, None]:
        try:
            yield from words(100_000, 0.01)
        finally:
            closed.set()

    turn = Turns(grace=0.05).start(order("c", endless(), ended=ended.set))
    assert turn is not None
    asyncio.run(read(turn, most=2))
    assert closed.wait(5)
    assert ended.wait(5)


def test_a_reader_that_comes_back_keeps_the_turn_going() -> None:
    turn = Turns(grace=0.3).start(order("c", words(60, 0.01)))
    assert turn is not None
    asyncio.run(read(turn, most=2))
    assert asyncio.run(read(turn, after=2)) == list(range(3, 62))
