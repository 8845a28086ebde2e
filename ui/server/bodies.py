"""What is sent to the service and what it answers, beyond the agent's events."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

from assistant.schema import Money, PageContext, Product, ProductCard, Proposal
from assistant.shop.carts import MOST_LINES, MOST_PIECES
from assistant.shop.feedback import Rating

LONGEST_MESSAGE = 4000
PRINTABLE = r"^[^\u0000-\u001f]+$"
"""No control characters: a database may refuse them."""
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ProductId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]


def _no_text(value: object) -> object:
    # Pydantic would read "2" and true as numbers, which the schema doesn't allow; 2.0 it does.
    if isinstance(value, str | bool):
        raise ValueError("must be a number")
    return value


Whole = Annotated[int, BeforeValidator(_no_text)]
Languages = Literal["en", "zh"]


class Body(BaseModel):
    """What a caller sends; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class ChatRequest(Body):
    """A message of the shopper's. Without a conversation's id a new one begins."""

    message: str = Field(max_length=LONGEST_MESSAGE)
    conversation_id: Id | None = None
    page: PageContext | None = None


class ConfirmRequest(Body):
    """The shopper's yes or no to a proposal."""

    conversation_id: Id
    proposal_id: Id
    accepted: StrictBool


class FeedbackRequest(Body):
    """What the shopper thought of a turn, counted from 1."""

    conversation_id: Id
    turn: Whole = Field(ge=1, le=1_000_000)
    rating: Rating
    comment: str = Field(default="", max_length=1000)


class CartItemBody(Body):
    """Pieces of one variant; a product with several variants needs its id."""

    product_id: ProductId
    variant_id: ProductId | None = None
    quantity: Whole = Field(default=1, ge=1, le=MOST_PIECES)


class CartBody(Body):
    """What the cart is to hold: exactly these items, and this coupon or none."""

    items: list[CartItemBody] = Field(max_length=MOST_LINES)
    coupon: str | None = Field(default=None, min_length=1, max_length=40)


class ShopEvent(Body):
    """What the shopper did with a product. `attribution_id` is that of the showing it followed from."""

    type: Literal["view", "click", "cart_add", "purchase"]
    product_id: ProductId
    variant_id: ProductId | None = None
    quantity: Whole = Field(default=1, ge=1, le=1000)
    attribution_id: Id | None = None
    conversation_id: Id | None = None
    at: AwareDatetime | None = Field(default=None, description="With its zone; unset: now.")


class EventsBody(Body):
    """What happened since the last time, oldest first."""

    events: list[ShopEvent] = Field(min_length=1, max_length=100)
    source: Literal["shop", "widget"] = "shop"


class RecommendationsView(BaseModel):
    """Products for the shopper, the best first. Events that follow from them name `attribution_id`.

    `question` is what to ask somebody of whom nothing is known yet.
    """

    attribution_id: str
    question: str | None = None
    products: list[ProductCard]


class Problem(BaseModel):
    """Why a request was not answered."""

    error: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    # Written out, since FastAPI would give a model the content type of the stream that it stands beside.
    status: {"description": description, "content": {"application/json": {"schema": Problem.model_json_schema()}}}
    for status, description in {
        400: "The body is no text in UTF-8.",
        401: "Who is asking isn't proven.",
        403: "The page that asks isn't one of the shop's.",
        404: "There is no such thing, or it is somebody else's.",
        408: "The body took too long.",
        409: "It cannot be had as it is now.",
        413: "The body is too long.",
        422: "The request isn't one that is described here.",
        429: "That was too much at once.",
        503: "The shop cannot answer now.",
    }.items()
}
"""What every path may answer instead of what was asked for."""


class SaidMessage(BaseModel):
    """What was said, by whom: 'human' is a person of the shop's, whose words no turn has told yet."""

    role: Literal["user", "assistant", "human"]
    text: str
    name: str | None = None


class TicketView(BaseModel):
    """How a hand-over stands, as far as the shopper is concerned."""

    id: str
    state: Literal["open", "taken", "closed"]
    ahead: int | None
    taken_by: str | None


class ConversationView(BaseModel):
    """A conversation as a page needs it after a reload."""

    id: str
    language: str
    messages: list[SaidMessage]
    products: list[ProductCard]
    pending: Proposal | None
    ticket_id: str | None
    ticket: TicketView | None


class VisitorView(BaseModel):
    """What a page needs before the first word. `visitor_id` is signed: it goes into the header X-Shelftalk-Visitor."""

    visitor_id: str
    disclosure: str
    shop_name: str
    languages: list[str]


class VariantView(BaseModel):
    """One purchasable form of a product."""

    id: str
    title: str
    options: dict[str, str]
    price: Money | None
    list_price: Money | None
    stock: int | None
    image: str | None
    link: str | None


class ReviewView(BaseModel):
    """A customer's opinion; its text is a stranger's, to be shown as text."""

    rating: int
    text: str
    language: str


class ProductView(BaseModel):
    """All that the shop tells of a product, in one language."""

    id: str
    title: str
    short_name: str
    description: str
    brand: str | None
    department: str | None
    category: str | None
    price: Money | None
    list_price: Money | None
    stock: int | None
    rating: float | None
    rating_count: int | None
    attributes: dict[str, str]
    variants: list[VariantView]
    reviews: list[ReviewView]
    image: str | None
    more_images: list[str]
    link: str | None
    condition: str | None

    @classmethod
    def of(cls, product: Product, language: str) -> "ProductView":
        """Show `product` in `language`, falling back to the shop's."""
        texts = product.text(language)
        plain = product.model_dump(exclude={"texts", "language", "gtin", "mpn", "attributes", "variants", "reviews"})
        return cls(
            **plain,
            title=texts.title,
            short_name=texts.short_name,
            description=texts.description,
            attributes=texts.attributes or product.attributes,
            variants=[
                VariantView(**variant.model_dump(exclude={"sku", "mpn", "gtin"})) for variant in product.variants
            ],
            reviews=[ReviewView(**review.model_dump()) for review in product.reviews],
        )
