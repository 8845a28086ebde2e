"""The engine under the embedded model, over a pipeline that is slow on purpose: who is read when many ask at once."""

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from assistant.chat_models.line import Line, Rank
from assistant.errors import ChatModelError

pytest.importorskip("openvino_genai")

from assistant.chat_models.batch import Batch, Request
from assistant.chat_models.engine import Engine
from tests.assistant.chat_models.slow_engine import STEP, SlowPipeline

_COMMAND = [sys.executable, "-m", "tests.assistant.chat_models.slow_engine"]


class Desk:
    """A batch, and when each request's first token and end came."""

    def __init__(self, temperature: float = 0) -> None:
        self.pipeline = SlowPipeline()
        self.texts: dict[int, str] = {}
        self.first: dict[int, float] = {}
        self.ended: dict[int, float] = {}
        self.batch = Batch(self.pipeline, self._tell, temperature)

    def ask(self, prompt: str, rank: Rank, tokens: int = 5) -> int:
        number = len(self.texts) + 1
        self.texts[number] = ""
        self.batch.join(Request(number, prompt, tokens, rank))
        return number

    def _tell(self, number: int, what: list[int] | str | None) -> None:
        if isinstance(what, list):
            self.first.setdefault(number, time.monotonic())
            self.texts[number] += "".join(map(chr, what))
        else:
            self.ended[number] = time.monotonic()


@contextmanager
def slow_desk(temperature: float = 0) -> Iterator[Desk]:
    desk = Desk(temperature)
    try:
        yield desk
    finally:
        desk.batch.close()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


def test_only_a_temperature_makes_the_model_sample_and_then_never_twice_alike() -> None:
    for temperature in (0, 0.7):
        with slow_desk(temperature) as desk:
            numbers = [desk.ask(prompt, Rank.FIRST) for prompt in ("one", "two")]
            until(lambda desk=desk, numbers=numbers: all(number in desk.ended for number in numbers))
            sampled, _, seeds = zip(*desk.pipeline.sampling, strict=True)
            assert set(sampled) == {temperature > 0}
            assert len(set(seeds)) == (2 if temperature else 1)


def test_whoever_has_seen_nothing_goes_before_words_that_came_earlier() -> None:
    with slow_desk() as desk:
        desk.batch.look(1)
        busy = desk.ask("b" * 20, Rank.FIRST, tokens=30)
        until(lambda: desk.pipeline.begun)
        words = [desk.ask(letter * 300, Rank.WORDS) for letter in "vw"]
        time.sleep(5 * STEP)
        desk.batch.look(1)
        card = desk.ask("c" * 20, Rank.FIRST)
        for number in (busy, card):
            until(lambda number=number: number in desk.ended)
            desk.batch.look(-1)
        until(lambda: len(desk.ended) == 4)
        assert desk.pipeline.begun[:2] == ["b" * 20, "c" * 20], "the words came before it, and wait"
        assert desk.first[card] < min(desk.first[number] for number in words)
        assert [desk.texts[number] for number in (card, *words)] == ["c" * 5, "v" * 5, "w" * 5]


def test_words_that_stood_back_long_enough_begin_all_the_same() -> None:
    line: Line[str] = Line(patience=0.05)
    line.look(1)
    line.join("words", Rank.WORDS)
    assert line.take(busy=True, ahead=False) == []
    assert line.take(busy=False, ahead=False) == ["words"], "it wakes by itself"


def test_between_two_requests_of_one_who_has_seen_nothing_no_words_begin() -> None:
    line: Line[str] = Line(patience=60)
    line.join("words", Rank.WORDS)
    line.look(1)
    assert line.take(busy=True, ahead=False) == []
    threading.Timer(0.05, line.join, ("call", Rank.FIRST)).start()
    assert line.take(busy=False, ahead=False) == ["call"]
    line.look(-1)
    assert line.take(busy=False, ahead=False) == ["words"]


def test_reading_ahead_makes_way_at_once_and_is_taken_up_again() -> None:
    with slow_desk() as desk:
        desk.ask("a" * 2000, Rank.AHEAD, tokens=1)
        until(lambda: desk.pipeline.begun)
        came = time.monotonic()
        card = desk.ask("c" * 20, Rank.FIRST)
        until(lambda: card in desk.ended)
        assert desk.ended[card] - came < 100 * STEP, "what is read ahead takes 200 steps"
        assert "a" * 2000 not in desk.pipeline.read_whole
        until(lambda: desk.pipeline.begun.count("a" * 2000) == 2)
        until(lambda: "a" * 2000 in desk.pipeline.read_whole)


def test_what_was_to_be_read_ahead_is_dropped_once_its_message_is_here() -> None:
    with slow_desk() as desk:
        for prompt in ("talk one, ", "talk two, " * 100):
            desk.ask(prompt, Rank.AHEAD, tokens=1)
        until(lambda: desk.pipeline.begun)
        card = desk.ask("talk two, " * 100 + "message", Rank.FIRST)
        until(lambda: card in desk.ended)
        until(lambda: "talk one, " in desk.pipeline.read_whole)
        time.sleep(5 * STEP)
        assert desk.pipeline.begun.count("talk two, " * 100) <= 1


def test_a_crowds_oldest_readings_ahead_are_given_up() -> None:
    line: Line[int] = Line()
    for number in range(20):
        line.join(number, Rank.AHEAD)
    assert [line.take(busy=False, ahead=False) for _ in range(8)] == [[number] for number in range(19, 11, -1)]
    line.close()
    assert line.take(busy=False, ahead=False) is None


@contextmanager
def slow_engine() -> Iterator[Engine]:
    with closing(Engine(_COMMAND, SlowPipeline().get_tokenizer())) as engine:
        yield engine


def test_many_ask_one_process_and_each_gets_its_own() -> None:
    texts: queue.Queue[tuple[str, str]] = queue.Queue()
    with slow_engine() as engine:

        def ask(letter: str) -> None:
            with engine.looking(Rank.FIRST):
                texts.put((letter, "".join(engine.generate(letter * 5, 7))))

        threads = [threading.Thread(target=ask, args=(letter,)) for letter in "abcdé"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(texts.queue) == [(letter, letter * 7) for letter in "abcdé"]


def test_leaving_gives_the_place_back() -> None:
    with slow_engine() as engine:
        stream = engine.generate("c" * 10, 100_000)
        next(stream)
        stream.close()
        # In steps of ten characters nobody else would be read whole while it goes on without end.
        assert "".join(engine.generate("d" * 10, 3)) == "ddd"


def test_a_process_that_dies_in_mid_sentence_fails_its_turns_and_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    with slow_engine() as engine:
        first = engine.process_id
        streams = [engine.generate(letter * 10, 100_000) for letter in "ab"]
        for stream in streams:
            next(stream)
        os.kill(first, signal.SIGKILL)
        for stream in streams:
            with pytest.raises(ChatModelError, match="ended in the middle of its work"):
                list(stream)
        assert "".join(engine.generate("c" * 10, 3)) == "ccc"
        assert engine.process_id != first
        until(lambda: "the model's process ended with code -9" in caplog.text)


def test_it_ends_with_its_parent_and_not_before() -> None:
    with slow_engine() as engine:
        for signal_of_all in (signal.SIGINT, signal.SIGTERM):
            os.kill(engine.process_id, signal_of_all)
        assert "".join(engine.generate("c" * 10, 3)) == "ccc"
    with pytest.raises(ProcessLookupError):
        os.kill(engine.process_id, 0)


def test_a_process_that_cannot_load_says_why() -> None:
    says = "import sys; print('[null, \"the file is empty\"]')"
    with pytest.raises(ChatModelError, match="the file is empty"):
        Engine([sys.executable, "-c", says], None)
    with pytest.raises(ChatModelError, match="while it was loaded"):
        Engine([sys.executable, "-c", ""], None)
