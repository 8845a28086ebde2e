"""What goes into a recommendation and what comes out: suggestions, and the reason for each."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from retrieval.schema import Value

ReasonKind = Literal[
    "again",
    "seen",
    "bought",
    "viewed",
    "liked",
    "bought_with",
    "similar",
    "cheaper",
    "new",
    "popular",
    "asked",
    "varied",
]


class Reason(Value):
    """Why a product is suggested: what in the events or the catalogue it really rests on.

    `again`: it is used up about now · `seen`: the person looked at it · `bought`, `viewed`, `liked`: near what the
    person had to do with · `bought_with`: others took both · `similar`, `cheaper`: of the kind of a product that was
    named · `new`: it has just come in · `popular`: many take it · `asked`: it fits what was asked for · `varied`:
    nothing but to show what there is.
    """

    kind: ReasonKind
    product_id: str | None = Field(default=None, description="The product that it rests on.")
    at: datetime | None = Field(default=None, description="When the person bought or saw that product last.")
    bought: bool = Field(default=False, description="Whether the person bought that product.")
    count: int | None = Field(default=None, description="How many customers it rests on.")
    category: str | None = Field(default=None, description="In which category it is popular.")


class Suggestion(Value):
    """A product to show. Scores compare within one list only."""

    product_id: str
    score: float
    reason: Reason
    explored: bool = Field(default=False, description="Whether it is shown to find out whether it is liked.")
