"""What an index was built of: a digest a product, so that the next import knows what it need not do again."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.schema import Product

_NAME = "contents.json"
# What changes from day to day. No index may hold it: it is read from the product store when a hit is.
_VOLATILE = {"price", "list_price", "stock"}
_NEVER_INDEXED: Any = {*_VOLATILE, "rating", "rating_count"}
_EXCLUDED: Any = dict.fromkeys(_NEVER_INDEXED, True) | {"variants": {"__all__": _VOLATILE}}
_LENGTH = 16


class Content(NamedTuple):
    """Digests of one product: of all but price, stock and rating, and of the text its vector stands for, if any."""

    product: str
    text: str | None


def content_digest(product: Product) -> str:
    """Return a digest of everything but prices, stock and ratings. Where it is the same, no index has to change."""
    return _digest(product.model_dump_json(exclude=_EXCLUDED, exclude_defaults=True))


def text_digest(text: str) -> str:
    """Return a digest of a text that was encoded. Where it and the encoder are the same, so is the vector."""
    return _digest(text)


def write_contents(folder: Path, contents: Mapping[str, Content]) -> None:
    """Write the digests, by product id, into an index folder."""
    (folder / _NAME).write_text(json.dumps(contents, ensure_ascii=False), encoding="utf-8")


def read_contents(folder: Path) -> dict[str, Content] | None:
    """Return the digests by product id, None for an index that was built before there were any."""
    try:
        held = json.loads((folder / _NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return {identifier: Content(*digests) for identifier, digests in held.items()}


def _digest(text: str) -> str:
    # JSON of unusual feeds may hold half a surrogate pair; it must not stop an import here.
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:_LENGTH]
