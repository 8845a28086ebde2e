"""Many shoppers at once: what 1, 4, 16 and 64 of them wait for, with time to think and all in one moment.

The service runs as shops run it, in a process of its own; beside the embedded model a plain transformers model answers
the same in the same run. The environment says how many seconds a step lasts, LOAD_SECONDS=90, and who comes in each,
LOAD_SHOPPERS=1,4,16,64. `load_crowd` is the step of sixteen alone, as a shop runs and with words always whole.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.chat_models import DEFAULT_MODEL
from assistant.chat_models.adapters import SHIPPED
from assistant.settings import Settings
from benchmarks.results import save
from retrieval.weights import load_weights

_PORT = 7977
_THINK = (15.0, 45.0)
_THINK_ALONE = (3.0, 6.0)
"""Of the one shopper, whose turns nobody else's come between: so that there are enough of them."""
_BURST = 16
_CROWD = 16
_MOST_SLOW = 4
"""Shoppers of the transformers backend, which answers one generation at a time."""


def measure(settings: Settings) -> dict[str, Any]:
    seconds = float(os.environ.get("LOAD_SECONDS", "90"))
    shoppers = [int(count) for count in os.environ.get("LOAD_SHOPPERS", "1,4,16,64").split(",")]
    figures: dict[str, Any] = {
        "seconds_a_step": seconds, "think_seconds": _THINK, "think_seconds_alone": _THINK_ALONE,
        "embedded": {}, "transformers": {},
    }  # fmt: skip
    with _served(settings, {}) as (address, process):
        for count in shoppers:
            figures["embedded"][f"{count}_shoppers"] = _thinking(address, process, count, seconds)
            # Kept after each step, so that a run that breaks off has told something.
            save("load", figures)
        burst = _step(address, process, _BURST, min(seconds, 45), (1000, 1000), 0)
        figures["embedded"][f"burst_of_{_BURST}"] = burst
        save("load", figures)
    weights = next(load_weights(DEFAULT_MODEL, settings.models).glob("*.gguf"))
    plain = {
        "SHELFTALK_CHAT_MODEL": "local", "SHELFTALK_CHAT_MODEL_NAME": str(weights), "SHELFTALK_ADAPTER": str(SHIPPED),
    }  # fmt: skip
    with _served(settings, plain) as (address, process):
        for count in (count for count in shoppers if count <= _MOST_SLOW):
            figures["transformers"][f"{count}_shoppers"] = _thinking(address, process, count, seconds)
            save("load", figures)
    return figures


def measure_crowd(settings: Settings) -> dict[str, Any]:
    seconds = float(os.environ.get("LOAD_SECONDS", "90"))
    figures: dict[str, Any] = {"seconds_a_step": seconds, "think_seconds": _THINK, "shoppers": _CROWD}
    for name, changes in (("brief_in_a_crowd", {}), ("words_always_whole", {"SHELFTALK_BRIEF_FROM": "0"})):
        with _served(settings, changes) as (address, process):
            figures[name] = _thinking(address, process, _CROWD, seconds)
        save("load_crowd", figures)
    return figures


@contextmanager
def _served(settings: Settings, changes: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Start the service; yield its address and process id once it is ready."""
    environ = os.environ | changes | {
        "SHELFTALK_STORE": str(settings.store),
        "SHELFTALK_PORT": str(_PORT),
        # All shoppers here come from one address.
        "SHELFTALK_RATE_LIMIT_ADDRESS": "100000/minute",
        "SHELFTALK_RATE_LIMIT_VISITORS": "100000/minute",
        "SHELFTALK_LOG_LEVEL": "warning",
    }  # fmt: skip
    command = [sys.executable, "-c", "from ui.cli import main; main()", "serve"]
    address = f"http://127.0.0.1:{_PORT}"
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            _wait(address, process)
            yield address, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        if process.poll() is not None:
            sys.exit("The service didn't start.")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    sys.exit("The service isn't ready after ten minutes.")


def _thinking(address: str, process: int, shoppers: int, seconds: float) -> dict[str, Any]:
    think = _THINK_ALONE if shoppers == 1 else _THINK
    return _step(address, process, shoppers, seconds, think, think[1])


def _step(
    address: str, process: int, shoppers: int, seconds: float, think: tuple[float, float], first_wait: float
) -> dict[str, Any]:
    print(f"  {shoppers} shoppers, {seconds:g} s …", file=sys.stderr, flush=True)
    load, brief = os.getloadavg()[0], _counted(address, "shelftalk_brief_turns_total")
    numbers = [str(number) for number in (shoppers, seconds, *think, first_wait)]
    command = [sys.executable, "-m", "benchmarks.load_shoppers", address, *numbers]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout.strip().splitlines()[-1])
    samples = [sample for sample in told["samples"] if sample["end"] is not None]
    ends = [sample["how"] for sample in samples]
    return {
        "turns": len(samples),
        "turns_a_minute": round(len(samples) / seconds * 60, 1),
        **{f"first_{what}_seconds": _percentiles(samples, what) for what in ("card", "word")},
        "end_seconds": _percentiles(samples, "end"),
        "queued": sum("queued" in sample for sample in samples),
        "refused": {reason: ends.count(reason) for reason in ("busy", "rate_limited") if reason in ends},
        "errors": ends.count("turn_failed") + told["http_failures"],
        "brief": _counted(address, "shelftalk_brief_turns_total") - brief,
        "unfinished": len(told["samples"]) - len(samples),
        "memory_mb": _memory(process),
        "load_before": round(load, 2),
    }


def _percentiles(samples: list[dict[str, Any]], what: str) -> dict[str, float | int]:
    """Return the median and the 95th percentile of the turns that weren't refused."""
    taken = [sample for sample in samples if sample["how"] not in ("busy", "rate_limited")]
    found = sorted(sample[what] for sample in taken if what in sample)
    if len(found) < 2:
        return {"turns": len(found), **({"p50": round(found[0], 2)} if found else {})}
    p95 = statistics.quantiles(found, n=20, method="inclusive")[-1]
    return {"turns": len(found), "p50": round(statistics.median(found), 2), "p95": round(p95, 2)}


def _counted(address: str, name: str) -> int:
    """Return what the service has counted since its start."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return int(sum(float(line.split()[-1]) for line in lines if line.startswith(name)))


def _memory(process: int) -> int:
    """Return the megabytes of the service, its model's process among them."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    children = [child for task in tasks for child in task.read_text().split()]
    return _resident(process) + sum(_resident(int(child)) for child in children)


def _resident(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) // 1024
