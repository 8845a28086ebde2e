"""The engine under the embedded model, at this end: a process of its own, started here and again should it die."""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import openvino_genai as ov

from assistant.chat_models.line import Rank
from assistant.errors import ChatModelError
from assistant.turns.turn_context import check_stopped, count_usage

_LOOK_UP = 0.1
"""Seconds after which a turn that waits for a token looks whether it is still wanted."""
_GONE = "The model's process ended in the middle of its work. It starts again with the next message."
_log = logging.getLogger(__name__)

_Tokens = queue.Queue[list[int] | str | None]


def load_engine(folder: Path, temperature: float = 0) -> "Engine":
    """Start the model in a folder, and wait until it is loaded. Raises ChatModelError."""
    # This very code, whatever else is called so where the process starts.
    command = [sys.executable, "-P", "-m", "assistant.chat_models.engine_process", str(folder), str(temperature)]
    try:
        return Engine(command, ov.Tokenizer(str(folder)))
    except (ChatModelError, RuntimeError) as error:
        told = f"{folder} cannot be loaded ({error}). Remove the folder and run: shelftalk setup"
        raise ChatModelError(told) from error


class Engine:
    """Asks the process that `command` starts. Safe to call from many threads."""

    def __init__(self, command: Sequence[str], tokenizer: Any) -> None:
        self._command = list(command)
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._count = 0
        self._process = _Process(self._command)

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` is."""
        return int(self._tokenizer.encode(text).input_ids.shape[1])

    @contextmanager
    def looking(self, rank: Rank) -> Iterator[None]:
        """Say that somebody has seen nothing yet, from the first of their requests to the end of the last."""
        if rank is not Rank.FIRST:
            yield
            return
        process = self._running()
        process.send("look", 1)
        try:
            yield
        finally:
            process.send("look", -1)

    def generate(
        self, prompt: str, max_tokens: int, rank: Rank = Rank.FIRST, calls: Sequence[tuple[str, str]] = ()
    ) -> Iterator[str]:
        """Yield text as it is written; with `calls`, a call of one of these tools, names and arguments' JSON schemas.

        Closing the iterator cancels the request. Raises ChatModelError, also where the process dies.
        """
        count_usage(calls=1, tokens_read=self.count_tokens(prompt))
        process, number = self._running(), self._next_number()
        tokens = process.expect(number)
        process.send("join", number, prompt, max_tokens, rank, calls)
        try:
            yield from self._decode(tokens)
        finally:
            process.forget(number)

    def read_ahead(self, prompt: str) -> None:
        """Have a prompt read once nobody waits for an answer; who comes in between doesn't wait for its end."""
        if self._process.is_alive:
            self._process.send("join", self._next_number(), prompt, 1, Rank.AHEAD, ())

    @property
    def process_id(self) -> int:
        """The number that the system knows the model's process by."""
        return self._process.id

    def close(self) -> None:
        """Let the process end."""
        self._process.close()

    def _next_number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def _running(self) -> "_Process":
        """Return the process, another one where it has died. Raises ChatModelError where that doesn't start."""
        with self._lock:
            if not self._process.is_alive:
                self._process = _Process(self._command)
            return self._process

    def _decode(self, tokens: _Tokens) -> Iterator[str]:
        ids: list[int] = []
        told = 0
        eos = self._tokenizer.get_eos_token_id()
        while (new := _next(tokens)) is not None:
            if isinstance(new, str):
                raise ChatModelError(f"The embedded model failed: {new}")
            ids += [token for token in new if token != eos]
            count_usage(tokens_written=len(new))
            text = str(self._tokenizer.decode(ids, skip_special_tokens=False))
            # A character may be spread over tokens: wait until it is whole.
            if not text.endswith("\ufffd") and len(text) > told:
                yield text[told:]
                told = len(text)


def _environment() -> dict[str, str]:
    """Return an environment in which Python finds the packages that this process has."""
    found = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, found))}


def _next(tokens: _Tokens) -> list[int] | str | None:
    """Wait for what comes next of a request. Raises TurnStopped as soon as nobody wants it any more."""
    while True:
        check_stopped()
        try:
            return tokens.get(timeout=_LOOK_UP)
        except queue.Empty:
            continue


class _Process:
    """One run of the model's process, and who waits for what of it."""

    def __init__(self, command: list[str]) -> None:
        """Raises ChatModelError with what the process says before it is ready."""
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=_environment()
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._waiting: dict[int, _Tokens] = {}
        self.is_alive = True
        self._ear = threading.Thread(target=self._hear, name="embedded-model", daemon=True)
        first = self._answers.readline()
        if not first or json.loads(first)[1] is not None:
            self.close()
            self._answers.close()
            raise ChatModelError(json.loads(first)[1] if first else "its process ended while it was loaded")
        self._ear.start()

    @property
    def id(self) -> int:
        """The system's number of it."""
        return self._process.pid

    def expect(self, number: int) -> _Tokens:
        """Return where the tokens of a request arrive: ids, why it broke off, None at the end."""
        tokens: _Tokens = queue.Queue()
        with self._lock:
            self._waiting[number] = tokens
            if not self.is_alive:
                tokens.put(_GONE)
        return tokens

    def forget(self, number: int) -> None:
        """Nobody waits for a request any more."""
        with self._lock:
            unfinished = self._waiting.pop(number, None) is not None
        if unfinished:
            self.send("cancel", number)

    def send(self, *message: object) -> None:
        """Send a message; to a process that has died none goes."""
        try:
            # A lock of its own: a full pipe keeps nobody from hearing.
            with self._sending:
                print(json.dumps(message), file=self._requests, flush=True)
        except (BrokenPipeError, ValueError):
            # Whoever waits for an answer hears of it from `_hear`.
            return

    def close(self) -> None:
        """Let it end with what it is asked."""
        self.is_alive = False
        with suppress(BrokenPipeError):
            self._requests.close()
        self._process.wait()
        if self._ear.is_alive():
            self._ear.join()

    def _hear(self) -> None:
        for line in self._answers:
            number, what = json.loads(line)
            with self._lock:
                tokens = self._waiting.get(number)
                if what is None:
                    self._waiting.pop(number, None)
            if tokens is not None:
                tokens.put(what)
        expected = not self.is_alive
        with self._lock:
            self.is_alive = False
            for tokens in self._waiting.values():
                tokens.put(_GONE)
        self._answers.close()
        code = self._process.wait()
        if not expected:
            with suppress(BrokenPipeError):
                self._requests.close()
            _log.error("the model's process ended with code %s", code)
