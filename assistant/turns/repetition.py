"""When words are no answer: small models repeat what they said before, or give the customer's words back."""

import re
from collections.abc import Sequence

from assistant.schema import Message

_UNIT = re.compile(r"[㐀-鿿]|[^\W_]+")
_LONG = 6
"""Words, or Chinese characters, from which saying the same again is no politeness any more."""


def is_no_answer(sentence: str, messages: Sequence[Message]) -> bool:
    """Tell whether a sentence was said before in this talk, or only echoes the customer's last message."""
    units = _units(sentence)
    said = [message for message in messages if message.role == "assistant"]
    if len(units) >= _LONG and any(" ".join(units) in " ".join(_units(message.content)) for message in said):
        return True
    asked = next((_units(message.content) for message in reversed(messages) if message.role == "user"), [])
    if units == asked:
        # "Thank you" may come back; "cheap laptop?" may not.
        return sentence.rstrip().endswith(("?", "？"))
    return bool(units) and len(asked) > 2 and set(units) < set(asked)


def _units(text: str) -> list[str]:
    return _UNIT.findall(text.casefold())
