"""`sizes.toml` read into size guides; an error says where the file is wrong."""

import tomllib
from importlib import resources
from pathlib import Path

from pydantic import Field, ValidationError

from assistant.errors import RulesError
from assistant.schema import Product, Value
from retrieval.watched_file import WatchedFile, read_content

SIZES_FILE = "sizes.toml"


class SizeRow(Value):
    """One size: what it is called elsewhere, and whom it is for, by language."""

    size: str
    also: tuple[str, ...] = Field(default=(), description="The same size as others call it, such as 'US 8'.")
    fits: dict[str, str] = Field(default_factory=dict, description="Whom it is for, by language.")


class SizeGuide(Value):
    """The sizes of some products. The most exact guide counts: of a product, else of a brand's category, else of it."""

    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    rows: tuple[SizeRow, ...] = Field(min_length=1)

    def rank_for(self, product: Product) -> int:
        """Return how exactly the guide is for the product: 0 where it isn't, 3 where it names it."""
        if product.id in self.products:
            return 3
        if self.products or not _among(product.category, self.categories):
            return 0
        if not self.brands:
            return 1
        return 2 if _among(product.brand, self.brands) else 0

    def size_of(self, words: str) -> str | None:
        """Return the size that is meant by what a customer calls it, here or elsewhere."""
        plain = _plain(words)
        for row in self.rows:
            if plain in map(_plain, (row.size, *row.also)):
                return row.size
        return None


class SizeGuides(Value):
    """All of `sizes.toml`."""

    guides: tuple[SizeGuide, ...] = ()

    def of(self, product: Product) -> SizeGuide | None:
        """Return the guide that is most exactly for the product, or None."""
        best = max(self.guides, key=lambda guide: guide.rank_for(product), default=None)
        return best if best and best.rank_for(product) else None


class WatchedSizes:
    """The size guides of a store: what its file says now, or last said well while it is broken."""

    def __init__(self, store: Path) -> None:
        """Read the store's file; one that is broken from the start is a RulesError."""
        parse_sizes(read_content(store / SIZES_FILE))
        self._file = WatchedFile(store / SIZES_FILE, parse_sizes, (RulesError,))

    def current(self) -> SizeGuides:
        """Return the guides, read anew where the file has changed."""
        return self._file.current()


def parse_sizes(content: bytes) -> SizeGuides:
    """Read the guides. Raises RulesError, saying where they are wrong."""
    try:
        return SizeGuides.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{SIZES_FILE} is not TOML: {error}.") from error
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise RulesError(f"{SIZES_FILE}: {'; '.join(lines)}.") from error


def default_sizes() -> str:
    """Return the text of the file that a new store begins with."""
    return resources.files("assistant.shop.sizing").joinpath(SIZES_FILE).read_text(encoding="utf-8")


def _among(name: str | None, names: tuple[str, ...]) -> bool:
    return name is not None and name.casefold() in {each.casefold() for each in names}


def _plain(words: str) -> frozenset[str]:
    plain = words.casefold().replace("'s", "").replace("’s", "")
    for word in ("尺码", "码", "号"):
        plain = plain.replace(word, " ")
    # In any order: 'US men 9', 'US 9 men'.
    return frozenset(plain.split()) - {"size", "eu", "a", "in"}
