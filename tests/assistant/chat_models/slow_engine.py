"""A pipeline that is slow on purpose; as a program the engine's process over it."""

import sys
import time
from types import SimpleNamespace
from typing import Any

import openvino_genai as ov

from assistant.chat_models.engine_process import serve

STEP = 0.01
_A_STEP_READS = 10


class SlowHandle:
    """A request in the pipeline: it is read in steps, then written a token a step, each of its own letter."""

    def __init__(self, prompt: str, tokens: int) -> None:
        self.prompt = prompt
        self.unread = len(prompt)
        self.tokens = tokens
        self.fresh: list[int] = []
        self.status = ov.GenerationStatus.RUNNING

    def can_read(self) -> bool:
        return bool(self.fresh)

    def read(self) -> dict[int, Any]:
        fresh, self.fresh = self.fresh, []
        return {0: SimpleNamespace(generated_ids=fresh)}

    def get_status(self) -> Any:
        return self.status

    def cancel(self) -> None:
        self.status = ov.GenerationStatus.CANCEL


class SlowPipeline:
    """Reads `_A_STEP_READS` characters a step, those who came first first, and writes a token for all who are read."""

    def __init__(self) -> None:
        self.running: list[SlowHandle] = []
        self.begun: list[str] = []
        self.read_whole: list[str] = []
        self.sampling: list[tuple[bool, float, int]] = []

    def get_tokenizer(self) -> Any:
        return SimpleNamespace(
            encode=lambda text: SimpleNamespace(input_ids=SimpleNamespace(shape=(1, len(text)))),
            decode=lambda ids, skip_special_tokens: "".join(map(chr, ids)),
            get_eos_token_id=lambda: 0,
        )

    def add_request(self, number: int, prompt: str, config: Any) -> SlowHandle:
        handle = SlowHandle(prompt, config.max_new_tokens)
        self.sampling.append((config.do_sample, config.temperature, config.rng_seed))
        self.running.append(handle)
        self.begun.append(prompt)
        return handle

    def has_non_finished_requests(self) -> bool:
        return bool(self.running)

    def step(self) -> None:
        time.sleep(STEP)
        self.running = [handle for handle in self.running if handle.status == ov.GenerationStatus.RUNNING]
        budget = _A_STEP_READS
        for handle in self.running:
            if not handle.unread:
                handle.fresh.append(ord(handle.prompt[0]))
                handle.tokens -= 1
                if not handle.tokens:
                    handle.status = ov.GenerationStatus.FINISHED
                continue
            now = min(budget, handle.unread)
            budget -= now
            handle.unread -= now
            if now and not handle.unread:
                self.read_whole.append(handle.prompt)


if __name__ == "__main__":
    serve(SlowPipeline(), sys.stdin, sys.stdout)
