"""Telling the shop's own system: signed webhooks, by the scheme of standardwebhooks.com.

Each has the headers webhook-id, webhook-timestamp and webhook-signature. A message is delivered at least once: it is
sent again until an answer of 2xx came, so the receiver keeps the ids that it has done.
"""

import json
import logging
import threading
from datetime import UTC, datetime

import httpx
from standardwebhooks.webhooks import Webhook

from assistant.errors import AssistantError, SettingsError
from assistant.schema import OutboxMessage
from assistant.shop.outbox import Outbox

_TIMEOUT = 10.0
"""Seconds that the shop's own system has for its answer."""
_EVERY = 2.0
"""Seconds between two looks for messages."""
_log = logging.getLogger(__name__)


def webhook_key(secret: str) -> Webhook:
    """Return what signs and verifies. Raises SettingsError for a secret that isn't base64, with or without whsec_."""
    try:
        return Webhook(secret)
    except ValueError:
        raise SettingsError(
            "SHELFTALK_WEBHOOK_SECRET has to be base64, such as whsec_… as openssl rand -base64 32 makes it."
        ) from None


class Sender:
    """Sends what is in the outbox. Several processes may: a message is taken by one of them at a time."""

    def __init__(self, outbox: Outbox, url: str, secret: str, client: httpx.Client | None = None) -> None:
        self._outbox = outbox
        self._url = url
        self._key = webhook_key(secret)
        self._client = client or httpx.Client(timeout=_TIMEOUT)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def send_due(self) -> int:
        """Send every message whose time has come, and return how many arrived."""
        arrived = 0
        while messages := self._outbox.take_due():
            for message in messages:
                arrived += self._send(message)
        return arrived

    def start(self) -> None:
        """Send in a thread of its own from now on."""
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send no more, and wait for what is being sent."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(_TIMEOUT + _EVERY)

    def _work(self) -> None:
        while not self._stopped.wait(_EVERY):
            try:
                self.send_due()
            except AssistantError as error:
                # The database is away: what is in it waits.
                _log.warning("nothing was sent to the shop's own system: %s", error)

    def _send(self, message: OutboxMessage) -> bool:
        body = json.dumps(
            {"type": message.type, "timestamp": message.at.isoformat(), "data": message.data}, ensure_ascii=False
        )
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._key.sign(message.id, now, body),
        }
        try:
            answer = self._client.post(self._url, content=body.encode(), headers=headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            self._outbox.failed(message.id, str(error) or type(error).__name__)
            _log.warning("message %s did not arrive: %s", message.id, error)
            return False
        self._outbox.delivered(message.id)
        return True
