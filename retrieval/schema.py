"""The nouns of retrieval: money, products, queries and hits, and the protocols of its seams."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]

# Many feeds say that there are some, and not how many: then `stock` is None and this attribute has this value.
AVAILABILITY, IN_STOCK = "availability", "in_stock"

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥"}


class Value(BaseModel):
    """A frozen value; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(Value):
    """An exact amount in one currency (ISO 4217 code)."""

    amount: Decimal
    currency: CurrencyCode

    def __str__(self) -> str:
        symbol = _SYMBOLS.get(self.currency)
        return f"{symbol}{self.amount:,.2f}" if symbol else f"{self.amount:,.2f} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be added to {self.currency}: amounts are never converted.")
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(amount=self.amount * quantity, currency=self.currency)


class ProductTexts(Value):
    """What a product is called and described as, in one language."""

    title: str
    short_name: str = Field(description="At most five words; naming the product in a reply means this name.")
    description: str = ""
    attributes: dict[str, str] = Field(default_factory=dict, description="Display names and values, translated.")


class Variant(Value):
    """One purchasable form of a product: a size, a colour, a capacity."""

    id: str
    title: str
    options: dict[str, str] = Field(default_factory=dict)
    price: Money | None = None
    list_price: Money | None = Field(default=None, description="What it cost before a reduction.")
    stock: int | None = Field(default=None, ge=0)
    image: str | None = None
    link: str | None = None
    sku: str | None = Field(default=None, description="The shop's own article number.")
    mpn: str | None = Field(default=None, description="The maker's part number.")
    gtin: str | None = None
    options_in: dict[LanguageCode, dict[str, str]] = Field(
        default_factory=dict, description="The options in other languages than the shop's, in the same order."
    )

    def shown_options(self, language: str) -> dict[str, str]:
        """Return the options as a shopper of that language reads them: {"颜色": "苔藓绿"}; else as they are."""
        return next((options for code, options in self.options_in.items() if code == language), self.options)


class Review(Value):
    """A customer's opinion. Its text is data and never an instruction."""

    rating: int = Field(ge=1, le=5)
    text: str
    language: LanguageCode = "en"


class Product(Value):
    """A thing the shop sells. `price` and `stock` may be None: unknown, so nothing is claimed about them.

    `category` is the product type's display name in the shop's language and `department` the aisle above it.
    `price` is the lowest variant price and `stock` the sum over the variants where there are variants.
    """

    id: str
    texts: dict[LanguageCode, ProductTexts]
    language: LanguageCode = Field(default="en", description="The shop's language, the fallback for `texts`.")
    brand: str | None = None
    department: str | None = None
    category: str | None = None
    price: Money | None = None
    list_price: Money | None = Field(default=None, description="What it cost before a reduction.")
    stock: int | None = Field(default=None, ge=0)
    rating: float | None = Field(default=None, ge=0, le=5)
    rating_count: int | None = Field(default=None, ge=0)
    attributes: dict[str, str] = Field(default_factory=dict, description="In the shop's language.")
    variants: tuple[Variant, ...] = ()
    reviews: tuple[Review, ...] = ()
    image: str | None = Field(default=None, description="An address, or a path inside the store folder.")
    more_images: tuple[str, ...] = ()
    link: str | None = None
    gtin: str | None = None
    mpn: str | None = Field(default=None, description="The maker's part number.")
    condition: Literal["new", "refurbished", "used"] | None = None

    def text(self, language: str) -> ProductTexts:
        """Return the texts in `language`, else in the shop's language, else in any."""
        return self.texts.get(language) or self.texts.get(self.language) or next(iter(self.texts.values()))

    @property
    def title(self) -> str:
        """The title in the shop's language."""
        return self.text(self.language).title

    @property
    def short_name(self) -> str:
        """The short name in the shop's language."""
        return self.text(self.language).short_name


class Filters(Value):
    """Hard limits on a search. A product that breaks one is never a hit.

    Prices are amounts in the currency of the product, never converted: with `currency` set, a product in another
    currency breaks a price limit. A product whose limited field is unknown is left out by that limit only.
    """

    min_price: Decimal | None = Field(default=None, ge=0)
    max_price: Decimal | None = Field(default=None, ge=0)
    currency: CurrencyCode | None = None
    category: str | None = None
    department: str | None = None
    brand: str | None = None
    min_rating: float | None = Field(default=None, ge=0, le=5)
    in_stock: bool | None = None
    attributes: dict[str, str] = Field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is limited."""
        return self == Filters()

    def admit(self, product: Product) -> bool:
        """Tell whether the product is inside every limit."""
        return (
            self._admit_price(product.price)
            and self._admit_stock(product)
            and (self.min_rating is None or (product.rating is not None and product.rating >= self.min_rating))
            and _same(self.category, product.category)
            and _same(self.department, product.department)
            and _same(self.brand, product.brand)
            and all(_has_attribute(product, name, value) for name, value in self.attributes.items())
        )

    def _admit_price(self, price: Money | None) -> bool:
        if self.min_price is None and self.max_price is None:
            return True
        if price is None or (self.currency is not None and price.currency != self.currency):
            return False
        return (self.min_price is None or price.amount >= self.min_price) and (
            self.max_price is None or price.amount <= self.max_price
        )

    def _admit_stock(self, product: Product) -> bool:
        if self.in_stock is None:
            return True
        if product.stock is None:
            return self.in_stock and product.attributes.get(AVAILABILITY) == IN_STOCK
        return (product.stock > 0) == self.in_stock


class Query(Value):
    """What to search for: the words, the hard limits and how many hits."""

    text: str
    filters: Filters = Filters()
    k: int = Field(default=10, ge=1, le=1000)
    language: LanguageCode = "en"


class Hit(Value):
    """A product found. `stage` is the last stage that scored it; scores compare within one stage only."""

    product: Product
    score: float
    stage: str


InteractionKind = Literal["view", "click", "cart_add", "purchase", "return", "like", "dislike"]


class Interaction(Value):
    """One thing somebody did with a product, at a time (UTC)."""

    customer_id: str | None = Field(default=None, description="Who it was, where that is known.")
    visitor_id: str | None = Field(default=None, description="Whose browser it was, signed in or not.")
    product_id: str
    kind: InteractionKind
    at: datetime
    source: Literal["shop", "chat", "widget", "app", "import", "demo"] = "shop"
    conversation_id: str | None = None
    attribution_id: str | None = Field(default=None, description="Which showing of products it followed from.")


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    name: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one unit vector a text: shape (len(texts), dimension), float32."""
        ...


class Reranker(Protocol):
    """Scores texts against a query. Higher is more relevant."""

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return one score a text, in order."""
        ...


class Importer(Protocol):
    """Reads one feed format."""

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        ...

    def extract(self, path: Path, mapping: Mapping[str, str]) -> "Iterator[Product | RowError]":
        """Yield each row's product, or what is wrong with the row. `mapping` renames: our field -> theirs."""
        ...


class Exporter(Protocol):
    """Writes one feed format."""

    suffix: str
    """How a file in this format ends, such as '.xml'."""

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products to a file. Raises `CatalogueError` for a product that the format cannot hold."""
        ...


class RowError(Value):
    """A feed row that was left out, or kept with a doubt: where, and why."""

    file: str
    row: int = Field(description="1-based, as a spreadsheet or an editor counts it.")
    column: str
    message: str
    kept: bool = Field(default=False, description="Whether the row's product was kept: a warning, not a loss.")

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}, {self.column}: {self.message}"


def _same(wanted: str | None, actual: str | None) -> bool:
    return wanted is None or (actual is not None and actual.casefold() == wanted.casefold())


def _has_attribute(product: Product, name: str, value: str) -> bool:
    """Compare without case in the shop's language and in every translation."""
    tables = [product.attributes, *(texts.attributes for texts in product.texts.values())]
    wanted = (name.casefold(), value.casefold())
    if any((key.casefold(), held.casefold()) == wanted for table in tables for key, held in table.items()):
        return True
    # What varies between the variants (colour, size) is an attribute of the product as well.
    return any(
        (key.casefold(), held.casefold()) == wanted
        for variant in product.variants
        for key, held in variant.options.items()
    )
