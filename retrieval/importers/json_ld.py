"""schema.org products as JSON-LD: in an HTML page's scripts, or in a .json or .jsonld file."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from retrieval.errors import CatalogueError
from retrieval.importers.assembly import Claims, gtin_doubt
from retrieval.importers.files import has_ending, open_feeds, read_start
from retrieval.importers.json_ld_nodes import (
    SCRIPT,
    Node,
    Script,
    as_list,
    nodes_in,
    parse,
    scripts_in,
    text_of,
    types_of,
)
from retrieval.importers.json_ld_products import ProductBuilder
from retrieval.importers.records import Columns
from retrieval.importers.values import BrokenValue
from retrieval.schema import Product, RowError, Variant

_GROUP = "ProductGroup"
_TYPES = {"Product", "IndividualProduct", "ProductModel", "SomeProducts", "Vehicle", _GROUP}
_PAGE, _FILE = (".html", ".htm"), (".json", ".jsonld")
# Scripts may stand at the end of a long page.
_LOOKED_AT = 4 << 20


class JsonLdImporter:
    """Reads schema.org's `Product` and `ProductGroup`.

    `hasVariant`, `isVariantOf` and `inProductGroupWithID` make variants; so do several offers with a SKU each. The
    mapping takes currency and language as values, such as currency → '=USD', for feeds that name none.
    """

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        if has_ending(path, *_PAGE):
            return b"application/ld+json" in read_start(path, _LOOKED_AT).lower()
        if not has_ending(path, *_FILE):
            return False
        start = read_start(path)
        return b'"@context"' in start or b'"@type"' in start or b'"@graph"' in start

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each product, or what is wrong with one; a row is the line where it is named.

        Raises `CatalogueError` for a file that isn't UTF-8 and for a mapping of anything but currency and language.
        """
        Columns({"currency": (), "language": ()}, mapping, "schema.org JSON-LD")
        claims = Claims()
        for name, feed in open_feeds(path):
            try:
                text = feed.read().decode("utf-8")
            except UnicodeDecodeError:
                raise CatalogueError(f"{name} is not UTF-8 text. Save it as UTF-8.") from None
            yield from _Page(name, text, mapping).read(claims)


class _Page:
    """The JSON-LD of one page or file."""

    def __init__(self, name: str, text: str, mapping: Mapping[str, str]) -> None:
        self._name, self._scripts = name, scripts_in(text)
        self._named: dict[str, Node] = {}
        values = {ours: theirs.removeprefix("=") for ours, theirs in mapping.items()}
        self._builder = ProductBuilder(values, self._resolve)

    def read(self, claims: Claims) -> Iterator[Product | RowError]:
        found: list[tuple[Node, int]] = []
        for script in self._scripts:
            try:
                parsed = parse(script)
            except BrokenValue as error:
                yield self._error(script.line, error)
                continue
            self._named |= _by_id(parsed)
            found += _placed(parsed, script)
        for node, variants, line in self._families(found):
            yield from self._product(node, variants, line, claims)

    def _families(self, found: list[tuple[Node, int]]) -> list[tuple[Node, list[Node], int]]:
        """Return each group with its variants, and each product that belongs to none."""
        families: dict[str, tuple[Node, list[Node], int]] = {}
        nested: set[int] = set()
        for node, line in found:
            if _GROUP not in types_of(node):
                continue
            variants = [item for item in map(self._resolve, as_list(node.get("hasVariant"))) if _is_told(item)]
            nested |= {id(variant) for variant in variants}
            families[_group_key(node) or f"\0{id(node)}"] = (node, variants, line)
        for node, line in found:
            if _GROUP in types_of(node) or id(node) in nested:
                continue
            parent = self._parent(node)
            key = _group_key(parent) or f"\0{id(node)}"
            if parent and key not in families:
                families[key] = (parent, [], line)
            if parent:
                families[key][1].append(node)
            else:
                families[key] = (node, [], line)
        return sorted(families.values(), key=lambda family: family[2])

    def _parent(self, node: Node) -> Node:
        for item in map(self._resolve, as_list(node.get("isVariantOf"))):
            if isinstance(item, dict) and _group_key(item):
                return item
        own = text_of(node.get("inProductGroupWithID"), "inProductGroupWithID")
        return {"productGroupID": own} if own else {}

    def _product(self, node: Node, variants: list[Node], line: int, claims: Claims) -> Iterator[Product | RowError]:
        made: list[Variant] = []
        good: list[Node] = []
        for variant in variants:
            try:
                made.append(self._builder.variant(variant, node, variants, made))
                good.append(variant)
            except BrokenValue as error:
                yield self._error(line, error)
        if variants and not made:
            return
        try:
            product = self._builder.product(node, good, made)
            claims.claim(product.id, "productGroupID" if variants else "sku")
        except BrokenValue as error:
            yield self._error(line, error)
            return
        yield product
        for gtin in (product.gtin, *(variant.gtin for variant in product.variants)):
            if doubt := gtin_doubt(gtin):
                yield RowError(file=self._name, row=line, column="gtin", message=doubt, kept=True)

    def _resolve(self, value: Any) -> Any:
        """Return the object that {"@id": …} stands for, where the page has it."""
        if isinstance(value, dict) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return self._named.get(value["@id"], value)
        return value

    def _error(self, line: int, error: BrokenValue) -> RowError:
        return RowError(file=self._name, row=line, column=error.column, message=error.message)


def _by_id(parsed: Any) -> dict[str, Node]:
    nodes = (node for node in nodes_in(parsed, set()) if isinstance(node.get("@id"), str))
    return {node["@id"]: node for node in nodes if not set(node) <= {"@id", "@type"}}


def _placed(parsed: Any, script: Script) -> Iterator[tuple[Node, int]]:
    """Yield each product's object with the line that names it, as well as can be told."""
    cursor = 0
    for node in nodes_in(parsed, _TYPES):
        if not types_of(node) & _TYPES or not _is_told(node):
            continue
        label = next((node[key] for key in ("name", "sku", "@id") if isinstance(node.get(key), str)), "")
        places = [script.text.find(json.dumps(label, ensure_ascii=ascii_), cursor) for ascii_ in (False, True)]
        place = max(places) if label else -1
        cursor = max(cursor, place + 1)
        yield node, script.line + script.text.count("\n", 0, max(place, 0) if place >= 0 else cursor)


def _group_key(node: Node) -> str | None:
    return text_of(node.get("productGroupID"), SCRIPT) or text_of(node.get("@id"), SCRIPT)


def _is_told(item: Any) -> bool:
    """Tell a product that is described here from one that is only linked to."""
    return isinstance(item, dict) and not set(item) <= {"@type", "@id", "url"}
