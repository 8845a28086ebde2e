"""The model's own process: `python -m assistant.chat_models.engine_process FOLDER TEMPERATURE`.

A step of the pipeline keeps Python from doing anything else, so that beside it in one process a search takes seconds.
Messages are JSON documents, one a line: requests on the standard input, what becomes of them on the standard output.
The process ends with its input.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any

import openvino_genai as ov

from assistant.chat_models.batch import Batch, Request
from assistant.chat_models.line import Rank

_KV_CACHE_GIB = 1
_BATCHED_TOKENS = 256
"""Tokens of a step: as long as a step takes, whoever has just come waits, and whoever writes stands still."""


def load_pipeline(folder: Path) -> ov.ContinuousBatchingPipeline:
    """Return the pipeline of a model's folder. Raises RuntimeError for one that cannot be loaded."""
    scheduler = ov.SchedulerConfig()
    scheduler.enable_prefix_caching = True
    scheduler.cache_size = _KV_CACHE_GIB
    scheduler.max_num_batched_tokens = _BATCHED_TOKENS
    return ov.ContinuousBatchingPipeline(str(folder), scheduler, "CPU")


def serve(pipeline: Any, requests: IO[str], answers: IO[str], temperature: float = 0) -> None:
    """Answer until the requests end, and with them the process."""
    # Its end is its parent's to choose, who lets turns finish first: a terminal and systemd signal all processes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lock = threading.Lock()

    def tell(number: int | None, what: list[int] | str | None) -> None:
        with lock:
            print(json.dumps([number, what]), file=answers, flush=True)

    batch = Batch(pipeline, tell, temperature)
    tell(None, None)
    for line in requests:
        match json.loads(line):
            case ["join", number, prompt, max_tokens, rank, calls]:
                batch.join(Request(number, prompt, max_tokens, Rank(rank), tuple(map(tuple, calls))))
            case ["cancel", number]:
                batch.cancel(number)
            case ["look", change]:
                batch.look(change)
    # The step under way needn't be waited for.
    os._exit(0)


def main() -> None:
    """Load the model and serve; what goes wrong before is told as the first answer."""
    # What a library prints is no answer of ours.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        pipeline = load_pipeline(Path(sys.argv[1]))
    except RuntimeError as error:
        print(json.dumps([None, str(error)]), file=answers, flush=True)
        return
    serve(pipeline, sys.stdin, answers, float(sys.argv[2]))


if __name__ == "__main__":
    main()
