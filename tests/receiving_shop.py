"""A shop's own system, small: takes signed webhooks, once an id, and can tell back that it has done them."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class ReceivingShop:
    """Keeps what it got and answers as `answers` say, one a call; 599 stands for done with an answer that is lost."""

    def __init__(self, port: int = 0) -> None:
        self.answers: list[int] = []
        self.calls = 0
        self.done: dict[str, dict[str, Any]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"

    def _handler(shop) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                shop.calls += 1
                content = Webhook(SECRET).verify(body, dict(self.headers.items()))
                status = shop.answers.pop(0) if shop.answers else 204
                if status < 300 or status == 599:
                    shop.done.setdefault(self.headers["webhook-id"], content)
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


@contextmanager
def receiving_shop(port: int = 0) -> Iterator[ReceivingShop]:
    """Let a shop receive, on a free port unless told."""
    shop = ReceivingShop(port)
    thread = Thread(target=shop.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield shop
    finally:
        shop.server.shutdown()
        thread.join()
        shop.server.server_close()


def tell(address: str, kind: str, secret: str = SECRET, **data: Any) -> httpx.Response:
    """Post a signed update of the shop's to a service."""
    body, name, now = json.dumps({"type": kind, "data": data}), f"upd_{uuid.uuid4().hex}", datetime.now(UTC)
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, now, body),
    }
    return httpx.post(f"{address}/v1/shop/updates", content=body, headers=headers)
