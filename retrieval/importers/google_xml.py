"""The items of an XML feed, RSS or Atom, one after the other: however large the feed, few items are in memory."""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from retrieval.errors import CatalogueError

GOOGLE = "http://base.google.com/ns/1.0"
_ITEMS = ("item", "entry")
_ATOM = "http://www.w3.org/2005/Atom"
_ATOM_NAMES = {"summary": "description", "content": "description"}
_BLOCK = 1 << 16


def read_items(feed: BinaryIO, name: str, repeated: Collection[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each item as (line where it starts, attribute → text); `repeated` attributes are lists of texts.

    An attribute with parts, such as product_detail, is a table of them. Attributes of Google's namespace go before
    those of RSS or Atom with the same name. The feed's language, where it says one, is each item's content_language.
    Raises `CatalogueError` for what is no well-formed XML, and for a feed that declares entities.
    """
    items = _Items(repeated)
    parser = DefusedXMLParser(target=items, forbid_external=True)
    items.parser = parser
    try:
        while block := feed.read(_BLOCK):
            parser.feed(block)
            yield from items.take()
        parser.close()
    except ParseError as error:
        raise CatalogueError(
            f"{name} is not well-formed XML ({error}). Get the feed again, or mend it there."
        ) from error
    except DefusedXmlException as error:
        raise CatalogueError(f"{name} declares entities, which no product feed needs: it was not read.") from error
    yield from items.take()


class _Items:
    """What the parser calls for each tag and text: gathers the items."""

    def __init__(self, repeated: Collection[str]) -> None:
        self.parser: Any = None
        self._repeated = repeated
        self._finished: list[tuple[int, dict[str, Any]]] = []
        self._language: str | None = None
        self._item: dict[str, tuple[bool, Any]] | None = None
        self._line = 0
        self._depth = 0
        self._text: list[str] = []
        self._parts: dict[str, str] = {}
        self._part: str | None = None

    def take(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the items finished since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, name = _split(tag)
        if self._item is None:
            self._language = attributes.get("{http://www.w3.org/XML/1998/namespace}lang", self._language)
            self._text = []
            if name in _ITEMS:
                self._item, self._depth, self._line = {}, 0, self.parser.parser.CurrentLineNumber
            return
        self._depth += 1
        if self._depth == 1:
            self._text, self._parts = [], {}
            if space == _ATOM and name == "link" and attributes.get("rel", "alternate") == "alternate":
                self._text = [attributes.get("href", "")]
        elif self._depth == 2 and space == GOOGLE:
            self._text, self._part = [], name
        else:
            # Markup that wasn't escaped is part of the text.
            self._text.append(f"<{name}>")

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        space, name = _split(tag)
        if self._item is None:
            if name == "language":
                self._language = "".join(self._text).strip()
        elif self._depth == 0:
            self._finish(self._item)
        else:
            self._close(self._item, space, name)
            self._depth -= 1

    def close(self) -> None:
        """Nothing is left to do at the feed's end."""

    def _close(self, item: dict[str, tuple[bool, Any]], space: str, name: str) -> None:
        if self._depth == 1:
            self._note(item, space, name)
        elif self._depth == 2 and self._part is not None:
            self._parts[self._part] = "".join(self._text).strip()
            self._text, self._part = [], None
        else:
            self._text.append(f"</{name}>")

    def _note(self, item: dict[str, tuple[bool, Any]], space: str, name: str) -> None:
        value: Any = dict(self._parts) or "".join(self._text).strip()
        own = space == GOOGLE
        if not value or space not in (GOOGLE, _ATOM, ""):
            return
        if space == _ATOM:
            name = _ATOM_NAMES.get(name, name)
        known = item.get(name)
        if known is None or (own and not known[0]):
            item[name] = own, [value] if name in self._repeated else value
        elif own and name in self._repeated:
            known[1].append(value)

    def _finish(self, item: dict[str, tuple[bool, Any]]) -> None:
        row = {name: value for name, (_, value) in item.items()}
        if self._language:
            row.setdefault("content_language", self._language)
        self._finished.append((self._line, row))
        self._item = None


def _split(tag: str) -> tuple[str, str]:
    space, _, name = tag.rpartition("}")
    return space.removeprefix("{"), name
