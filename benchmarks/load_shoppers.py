"""Shoppers at a service's door, by Locust.

`python -m benchmarks.load_shoppers HOST SHOPPERS SECONDS THINK_FROM THINK_TO FIRST_WAIT` prints as one JSON
document what each turn took. In a process of its own, since Locust changes how Python waits.
"""

import json
import random
import sys
import time
from typing import Any

import gevent
from locust import HttpUser, between, task
from locust.env import Environment

from assistant.testing.turns import MESSAGES

SAMPLES: list[dict[str, Any]] = []


class Shopper(HttpUser):
    """Says one of the ten fixed messages, reads the answer to its end, and thinks."""

    first_wait = 0.0

    def on_start(self) -> None:
        visitor = self.client.get("/v1/visitor").json()["visitor_id"]
        self.headers = {"X-Shelftalk-Visitor": visitor}
        self.conversation: str | None = None
        gevent.sleep(random.uniform(0, self.first_wait))

    @task
    def say(self) -> None:
        body = {"message": random.choice(MESSAGES)} | (
            {"conversation_id": self.conversation} if self.conversation else {}
        )
        sample: dict[str, Any] = {"end": None}
        began = time.perf_counter()
        with self.client.post(
            "/v1/chat", json=body, headers=self.headers, stream=True, catch_response=True, timeout=180
        ) as answer:
            for line in answer.iter_lines():
                if line.startswith(b"data: "):
                    self._see(json.loads(line[6:]), sample, time.perf_counter() - began)
        SAMPLES.append(sample)

    def _see(self, event: dict[str, Any], sample: dict[str, Any], seconds: float) -> None:
        match event["type"]:
            case "conversation_started":
                self.conversation = event["conversation_id"]
            case "products_shown":
                sample.setdefault("card", seconds)
            case "text_delta":
                sample.setdefault("word", seconds)
            case "turn_queued":
                sample["queued"] = True
            case "turn_finished" | "turn_failed" | "turn_refused" | "confirmation_requested":
                sample["end"], sample["how"] = seconds, event.get("reason", event["type"])


def main() -> None:
    host, *numbers = sys.argv[1:]
    shoppers, seconds, think_from, think_to, first_wait = map(float, numbers)
    Shopper.wait_time = between(think_from, think_to)
    Shopper.first_wait = first_wait
    # The same shoppers in each run, so that two runs can be compared.
    random.seed(int(shoppers))
    environment = Environment(user_classes=[Shopper], host=host)
    runner = environment.create_local_runner()
    runner.start(int(shoppers), spawn_rate=shoppers)
    gevent.sleep(seconds)
    runner.quit()
    failures = sum(entry.num_failures for entry in environment.stats.entries.values())
    print(json.dumps({"samples": SAMPLES, "http_failures": failures}))


main()
