"""Places for turns: who waits is served by visitor, and is told how long it will be."""

import threading
import time

from ui.server.places import Places, Ticket


def claimed(places: Places, visitor: str) -> Ticket:
    return places.claim(visitor)[0]


def test_one_visitor_cannot_take_all_places() -> None:
    places = Places(count=4, each=2)
    mine = [claimed(places, "ann") for _ in range(5)]
    assert [ticket.given.is_set() for ticket in mine] == [True, True, False, False, False]
    assert claimed(places, "bob").given.is_set()


def test_a_free_place_goes_round_the_visitors() -> None:
    places = Places(count=1, each=1, longest_wait=1000)
    first = claimed(places, "ann")
    line = {name: claimed(places, name[:3]) for name in ("ann1", "ann2", "ann3", "bob1", "eve1", "bob2")}
    order = []
    held = first
    for _ in range(len(line)):
        with places.held(held):
            pass
        ((name, held),) = [(name, ticket) for name, ticket in line.items() if ticket.given.is_set()]
        order.append(name)
        del line[name]
    assert order == ["ann1", "bob1", "eve1", "ann2", "bob2", "ann3"]


def test_the_outlook_grows_with_the_line_and_with_how_long_turns_take() -> None:
    places = Places(count=2, each=2, longest_wait=12)
    first = [claimed(places, "a"), claimed(places, "b")]
    outlooks = [places.claim(name)[1] for name in "cdef"]
    assert [(outlook.ahead, outlook.seconds) for outlook in outlooks if outlook] == [(0, 4), (1, 8), (2, 12), (3, 16)]
    assert [places.admits(outlook) for outlook in outlooks if outlook] == [True, True, True, False]
    assert places.waiting == 3, "who would wait too long isn't in the line"
    for ticket in first:
        with places.held(ticket):
            pass
    outlook = places.claim("g")[1]
    assert outlook is not None
    assert outlook.seconds < 8, "turns that took no time at all"


def test_who_stops_waiting_leaves_the_line() -> None:
    places = Places(count=1, longest_wait=60)
    held = claimed(places, "a")
    waiting, stopped = claimed(places, "b"), threading.Event()
    threading.Timer(0.1, stopped.set).start()
    began = time.monotonic()
    assert not places.wait(waiting, stopped)
    assert time.monotonic() - began < 5
    assert places.waiting == 0
    with places.held(held):
        pass
    assert places.taken == 0
    assert claimed(places, "c").given.is_set()


def test_the_wait_is_bounded() -> None:
    places = Places(count=1, longest_wait=1)
    for _ in range(20):
        with places.held(claimed(places, "a")):
            pass
    claimed(places, "a")
    ticket, outlook = places.claim("b")
    assert outlook is not None
    assert places.admits(outlook)
    began = time.monotonic()
    assert not places.wait(ticket, threading.Event())
    assert 0.9 < time.monotonic() - began < 5
    assert places.waiting == 0
