"""JSON-LD as nodes: found in a page or a file, with their lines; and the many shapes that schema.org values come in."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, NamedTuple

from retrieval.importers.commerce_words import read_unit
from retrieval.importers.values import BrokenValue, read_text

Node = Mapping[str, Any]

SCRIPT = "(script)"
_WRAPPING = re.compile(r"^\s*(<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(-->|//\s*\]\]>|\]\]>)\s*$")


class Script(NamedTuple):
    """One block of JSON-LD and the line it starts in."""

    text: str
    line: int


def scripts_in(text: str) -> list[Script]:
    """Return the blocks of JSON-LD in an HTML page; a text that starts like JSON is one block itself."""
    if text.lstrip()[:1] in ("{", "["):
        return [Script(text, 1)]
    finder = _ScriptFinder()
    finder.feed(text)
    finder.close()
    return finder.found


def parse(script: Script) -> Any:
    """Return the JSON of a block. Raises `BrokenValue`, whose message says in which line."""
    text = _WRAPPING.sub("", _WRAPPING.sub("", script.text))
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=str, strict=False)
        json.dumps(found, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise BrokenValue(SCRIPT, "holds half a character. Write the page as UTF-8.") from None
    except json.JSONDecodeError as error:
        line = script.line + error.lineno - 1
        raise BrokenValue(SCRIPT, f"is not JSON ({error.msg}, line {line} of the file).") from None
    except (ValueError, RecursionError) as error:
        raise BrokenValue(SCRIPT, f"is not JSON ({error}).") from None
    return found


def nodes_in(found: Any, inside: set[str]) -> Iterator[Node]:
    """Yield every object, in the order of the text; of one whose type is in `inside` nothing further is looked at."""
    waiting = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        elif isinstance(item, dict):
            yield item
            if not types_of(item) & inside:
                waiting += [value for value in reversed(item.values()) if isinstance(value, list | dict)]


def types_of(node: Node) -> set[str]:
    """Return the bare names of the object's types: Product for https://schema.org/Product."""
    return {re.split(r"[/#:]", found)[-1] for found in as_list(node.get("@type")) if isinstance(found, str)}


def as_list(value: Any) -> list[Any]:
    """Return a value that may stand alone, in a list or not at all as a list."""
    return value if isinstance(value, list) else [] if value is None or value == "" else [value]


def text_of(value: Any, column: str, *keys: str) -> str | None:
    """Return the first text of a value; of an object what stands under one of the keys, else its name or value."""
    for item in as_list(value):
        if isinstance(item, dict):
            item = next((item[key] for key in (*keys, "name", "@value", "value") if item.get(key)), None)
        if not isinstance(item, dict | list) and (text := read_text(item, column)):
            return text
    return None


def quantity_of(value: Any, column: str) -> str | None:
    """Return a measure as text, such as '1.5 l' for a `QuantitativeValue`, or a text or number as it is."""
    items = as_list(value)
    if not items or not isinstance(items[0], dict):
        return text_of(value, column)
    found = items[0]
    low, high = (read_text(found.get(key), column) for key in ("minValue", "maxValue"))
    between = "–".join(part for part in (low, high) if part)
    amount = text_of(found.get("value"), column) or between or text_of(found, column)
    unit = read_text(found.get("unitText"), column) or read_unit(read_text(found.get("unitCode"), column))
    return f"{amount} {unit}".strip() if amount else None


class _ScriptFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Script] = []
        self._open: int | None = None
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = (dict(attrs).get("type") or "").casefold().partition(";")[0].strip()
        if tag == "script" and kind == "application/ld+json":
            line, _ = self.getpos()
            # The text of a tag that spans lines begins where the tag ends.
            self._open, self._parts = line + (self.get_starttag_text() or "").count("\n"), []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._open is not None:
            self.found.append(Script("".join(self._parts), self._open))
            self._open = None
