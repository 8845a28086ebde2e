"""The model's batch: one pipeline, and the one thread in which many requests are read and written together."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import openvino_genai as ov
from openvino_genai import StructuredOutputConfig as Structured
from openvino_genai.py_openvino_genai import GenerationHandle

from assistant.chat_models.line import Line, Rank

Told = Callable[[int, list[int] | str | None], None]
"""Gets what becomes of a request, by its number: fresh ids, why it broke off, or None at its end."""


@dataclass(frozen=True)
class Request:
    """What is to be generated. `calls`: the tools of which one is to be called, a name and its arguments' JSON schema.

    `prompt` is the whole text that stands before, in the model's own format.
    """

    number: int
    prompt: str
    max_tokens: int
    rank: Rank
    calls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Place:
    """A request's place in the batch."""

    request: Request
    handle: GenerationHandle


class Batch:
    """Requests join between two steps, in the order of their line. Any thread may ask; `told` is called by one."""

    def __init__(self, pipeline: Any, told: Told, temperature: float = 0) -> None:
        self._pipeline = pipeline
        self._told = told
        self._temperature = temperature
        self._eos = pipeline.get_tokenizer().get_eos_token_id()
        self._line: Line[Request] = Line()
        self._wanted: set[int] = set()
        self._grammars: dict[tuple[tuple[str, str], ...], Structured] = {}
        self._count = 0
        threading.Thread(target=self._work, name="batch", daemon=True).start()

    def join(self, request: Request) -> None:
        """Let a request wait for its place."""
        self._wanted.add(request.number)
        self._line.join(request, request.rank)

    def cancel(self, number: int) -> None:
        """Nobody wants a request any more; after its end this does nothing."""
        self._wanted.discard(number)

    def look(self, change: int) -> None:
        """Count who has seen nothing yet: 1 for one more, -1 for one less."""
        self._line.look(change)

    def close(self) -> None:
        """Stop the thread."""
        self._line.close()

    def _work(self) -> None:
        places: list[_Place] = []
        while (due := self._line.take(_is_busy(places), ahead=bool(places))) is not None:
            if asked := [request.prompt for request in due if request.rank is not Rank.AHEAD]:
                places = [place for place in places if not self._set_back(place)]
                self._drop_ahead_of(asked)
            places += [self._begin(request) for request in due]
            try:
                self._pipeline.step()
            except RuntimeError as error:
                for place in places:
                    self._end(place.request.number, str(error))
                places.clear()
            places = [place for place in places if self._forward(place)]
            if not places and self._pipeline.has_non_finished_requests():
                # One more step lets go of what was cancelled, and of its place in the cache.
                self._pipeline.step()

    def _begin(self, request: Request) -> _Place:
        config = ov.GenerationConfig()
        config.max_new_tokens = request.max_tokens
        config.apply_chat_template = False
        config.do_sample = self._temperature > 0
        if config.do_sample:
            config.temperature = self._temperature
            # Left alone it would be the same for every request.
            config.rng_seed = random.getrandbits(31)
        config.set_eos_token_id(self._eos)
        if request.calls:
            config.structured_output_config = self._grammar(request.calls)
        # Numbers of its own: what was set back is begun a second time.
        self._count += 1
        return _Place(request, self._pipeline.add_request(self._count, request.prompt, config))

    def _drop_ahead_of(self, prompts: list[str]) -> None:
        """Read ahead no more what is read now."""
        self._line.drop_ahead(lambda ahead: any(prompt.startswith(ahead.prompt) for prompt in prompts))

    def _set_back(self, place: _Place) -> bool:
        """Put a reading ahead back into the line; what it has read so far stays in the cache."""
        if place.request.rank is not Rank.AHEAD:
            return False
        place.handle.cancel()
        self._line.join(place.request, Rank.AHEAD)
        return True

    def _forward(self, place: _Place) -> bool:
        """Hand on the new ids; tell whether more will come."""
        number = place.request.number
        if number not in self._wanted:
            place.handle.cancel()
            return False
        while place.handle.can_read():
            for output in place.handle.read().values():
                self._told(number, list(output.generated_ids))
        if place.handle.get_status() == ov.GenerationStatus.RUNNING:
            return True
        self._end(number, None)
        return False

    def _end(self, number: int, why: str | None) -> None:
        self._wanted.discard(number)
        self._told(number, why)

    def _grammar(self, calls: Sequence[tuple[str, str]]) -> Structured:
        """Return the grammar of one call of any of the tools, behind its beginning."""
        key = tuple(calls)
        if key not in self._grammars:
            rules = [
                Structured.Concat(
                    Structured.Concat(Structured.ConstString(f'{name}", "arguments": '), Structured.JSONSchema(schema)),
                    # The line's end belongs to it: the model's own last token here is "}}\n".
                    Structured.ConstString("}\n"),
                )
                for name, schema in key
            ]
            grammar = rules[0]
            for rule in rules[1:]:
                grammar = Structured.Union(grammar, rule)
            self._grammars[key] = Structured(compound_grammar=grammar)
        return self._grammars[key]


def _is_busy(places: list[_Place]) -> bool:
    return any(place.request.rank is not Rank.AHEAD for place in places)
