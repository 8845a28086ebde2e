"""The values that understanding a query yields."""

from typing import Literal

from pydantic import Field

from retrieval.schema import Filters, Value

BoostField = Literal["brand", "category", "department", "colour", "size", "price"]


class Boost(Value):
    """What makes a product likelier to be meant, without being a limit.

    `value` is folded. For the field 'price' it is 'low', 'high' or 'near 100'. A `weight` of 0.1 is worth a tenth of
    a product's score.
    """

    field: BoostField
    value: str
    weight: float


class Correction(Value):
    """A word that was taken for a slip of the keyboard or for what shoppers call something, and what was searched."""

    written: str
    meant: str


class QueryPlan(Value):
    """What to search for: `text` is for the retrievers, the rest for who filters, weighs and shows."""

    text: str = Field(description="The query without limits and exclusions, typos corrected. Never empty of words.")
    original: str
    filters: Filters = Filters()
    boosts: tuple[Boost, ...] = ()
    expansions: tuple[tuple[str, float], ...] = Field(
        default=(), description="Further words for the lexical search, each with a weight beside the query's own 1."
    )
    excluded: tuple[str, ...] = Field(default=(), description="What no product found may have.")
    corrections: tuple[Correction, ...] = ()
    vague: bool = Field(default=False, description="Whether the text names no thing that a shop could lack.")
    model_numbers: tuple[str, ...] = Field(default=(), description="Folded and without separators, as 'wh1000xm4'.")
