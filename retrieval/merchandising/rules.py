"""What a shop's own hand can ask of its search: pins, burials, synonyms, boosts, and what is never shown."""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from retrieval.merchandising.words import rewritten, same_words
from retrieval.schema import Product, Query, Value
from retrieval.words import terms

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Names = tuple[Words, ...]

# A query is searched again with so many synonyms at most, each of which costs a search.
_MOST_REWRITINGS = 4


class Selection(Value):
    """Products named one by one, by brand, by category or by department; names without regard to case."""

    products: Names = ()
    brands: Names = ()
    categories: Names = ()
    departments: Names = ()

    def selects(self, product: Product) -> bool:
        """Tell whether the product is one of those named."""
        return (
            product.id in self.products
            or _among(product.brand, self._folded["brands"])
            or _among(product.category, self._folded["categories"])
            or _among(product.department, self._folded["departments"])
        )

    @property
    def nothing(self) -> bool:
        """Whether no product is named."""
        return not (self.products or self.brands or self.categories or self.departments)

    @cached_property
    def _folded(self) -> dict[str, frozenset[str]]:
        return {
            field: frozenset(name.casefold() for name in getattr(self, field))
            for field in ("brands", "categories", "departments")
        }


class When(Value):
    """Which searches a rule is for, and on which days; the first and the last day are days of it."""

    query: Words | None = None
    match: Literal["exact", "contains"] = "exact"
    first_day: date | None = Field(default=None, alias="from")
    last_day: date | None = Field(default=None, alias="until")

    @model_validator(mode="after")
    def _can_apply(self) -> Self:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError(f"it ends on {self.last_day}, before it begins on {self.first_day}")
        if self.query is not None and not terms(self.query):
            raise ValueError(f"the query '{self.query}' has no words")
        return self

    def applies(self, query: Query, today: date) -> bool:
        """Tell whether the rule is for this search on this day."""
        if (self.first_day and today < self.first_day) or (self.last_day and today > self.last_day):
            return False
        return self.query is None or same_words(self.query, query.text, within=self.match == "contains")


class Pin(When):
    """Products that come first, in their order, for a query or where a category is looked at."""

    category: Words | None = Field(default=None, description="The category to which the search is limited.")
    products: Names = Field(min_length=1)

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.query is None and self.category is None:
            raise ValueError("say where the products are pinned: give a query or a category")
        return self

    def applies(self, query: Query, today: date) -> bool:
        """Tell whether the products are pinned for this search on this day."""
        looked_at = (query.filters.category or "").casefold()
        return super().applies(query, today) and (self.category is None or self.category.casefold() == looked_at)


class ChosenProducts(When, Selection):
    """A rule for products, which must be named."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.nothing:
            raise ValueError("name the products, brands, categories or departments it is for")
        return self


class Bury(ChosenProducts):
    """Products that come last, after everything else that was found."""


class Boost(ChosenProducts):
    """Products that move up (a factor above 1) or down."""

    factor: float = Field(ge=0.1, le=10)


class Synonyms(Value):
    """Words that mean the same: each of `words` the others, or each of `from` those in `to`, but not the reverse."""

    words: Names = ()
    given: Names = Field(default=(), alias="from")
    to: Names = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        one_way = bool(self.given) and bool(self.to)
        if (len(self.words) >= 2) == one_way or bool(self.given) != bool(self.to):
            raise ValueError("give two or more words, or both from and to")
        if empty := [word for word in (*self.words, *self.given, *self.to) if not terms(word)]:
            raise ValueError(f"'{empty[0]}' is no word")
        return self

    def pairs(self) -> list[tuple[str, str]]:
        """Return (what may be written, what is meant as well)."""
        if self.words:
            return [(written, meant) for written in self.words for meant in self.words if written != meant]
        return [(written, meant) for written in self.given for meant in self.to]


class Rules(Value):
    """Everything in one `merchandising.toml`; each field is named as it is there."""

    pin: tuple[Pin, ...] = ()
    bury: tuple[Bury, ...] = ()
    boost: tuple[Boost, ...] = ()
    synonyms: tuple[Synonyms, ...] = ()
    never_show: Selection = Selection()

    def expand(self, text: str) -> list[str]:
        """Return the synonyms of what the text says, each once: words or phrases to search as well."""
        meant = dict.fromkeys(meant for _, meant in self._said(text))
        return [words for words in meant if not same_words(words, text, within=True)]

    def rewrite(self, text: str) -> list[str]:
        """Return the text with a synonym in place of the word it stands for: 'red couch' for 'red sofa'.

        Each is to be searched as well, so there are a few at most.
        """
        texts = [other for written, meant in self._said(text) if (other := rewritten(text, written, meant)) is not None]
        return list(dict.fromkeys(texts))[:_MOST_REWRITINGS]

    def pinned_ids(self, query: Query, today: date) -> list[str]:
        """Return the ids of the products that come first, in their order, each once."""
        ids = [identifier for pin in self.pin if pin.applies(query, today) for identifier in pin.products]
        return list(dict.fromkeys(ids))

    def _said(self, text: str) -> list[tuple[str, str]]:
        pairs = (pair for synonyms in self.synonyms for pair in synonyms.pairs())
        return [(written, meant) for written, meant in pairs if same_words(written, text, within=True)]


def _among(name: str | None, names: frozenset[str]) -> bool:
    return name is not None and name.casefold() in names
