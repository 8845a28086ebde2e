"""Logs of a service: one JSON document a line, or plain text on a terminal, without secrets and personal data."""

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import make_url

from assistant.privacy import masked
from assistant.settings import Settings

_SHORTEST_SECRET = 8
"""Characters from which a secret's value is searched for in what is logged."""


class Cleaner:
    """Takes the values of secret settings, and personal data, out of what is logged."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted((each for each in secrets if len(each) >= _SHORTEST_SECRET), key=len, reverse=True)

    def clean(self, value: Any) -> Any:
        """Return a value, or whatever JSON holds, with marks in those places."""
        match value:
            case str():
                for secret in self._secrets:
                    value = value.replace(secret, "‹secret›")
                return masked(value)
            case dict():
                return {name: each if name in _OURS else self.clean(each) for name, each in value.items()}
            case list() | tuple():
                return [self.clean(each) for each in value]
            case _:
                return value


_OURS = {"trace_id", "conversation_id"}
"""Random numbers of ours, in which no telephone number is to be found."""


class JsonLines(logging.Formatter):
    """Writes a record as one JSON document; what a caller puts into `extra["fields"]` stands beside the message."""

    def __init__(self, cleaner: Cleaner) -> None:
        super().__init__()
        self._cleaner = cleaner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        document = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        cleaned: dict[str, Any] = self._cleaner.clean(document | getattr(record, "fields", {}))
        return json.dumps(cleaned | {"at": document["at"]}, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """Writes a record for people to read."""

    def __init__(self, cleaner: Cleaner) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
        self._cleaner = cleaner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines."""
        fields: dict[str, Any] = getattr(record, "fields", {})
        text = " ".join([super().format(record), *(f"{name}={value}" for name, value in fields.items() if value)])
        return str(self._cleaner.clean(text))


def set_up_logs(settings: Settings) -> None:
    """Send the logs of this process to stderr, in the form and from the level that the settings name."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    cleaner = Cleaner(secrets_of(settings))
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(cleaner) if as_json else TextLines(cleaner))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("shelftalk", "assistant", "ui", "retrieval", "uvicorn"):
        logging.getLogger(name).setLevel(settings.log_level.upper())


def secrets_of(settings: Settings) -> list[str]:
    """Return the values of the secret settings, and the passwords in them."""
    values = [value.get_secret_value() for value in dict(settings).values() if isinstance(value, SecretStr)]
    # Of an address with a password in it, the password alone is as secret.
    passwords = [make_url(value).password for value in values if "://" in value and "@" in value]
    return [*values, *(str(password) for password in passwords if password)]
