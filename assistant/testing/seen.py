"""What was seen of one turn, for the checks to judge."""

from dataclasses import dataclass

from assistant.schema import (
    CartLine,
    ConfirmationRequested,
    Conversation,
    Event,
    Message,
    Product,
    ProductCard,
    ProductsShown,
    TextDelta,
    ToolCallFinished,
    ToolCallStarted,
    TurnFailed,
    TurnFinished,
    TurnRefused,
)
from assistant.testing.files import Turn
from assistant.testing.stage import OrderState

ENDINGS = (TurnFinished, TurnFailed, TurnRefused, ConfirmationRequested)


@dataclass(frozen=True)
class SeenTurn:
    """One turn as it went: its events, the messages it added, and the orders before and after."""

    turn: Turn
    first: bool
    may_write: bool
    """Whether a change waited when the turn began, and the customer said yes to it."""
    events: tuple[Event, ...]
    conversation: Conversation
    messages: tuple[Message, ...]
    on_screen: tuple[Product, ...]
    """What the catalogue has of the products on the screen, read anew."""
    orders_before: dict[str, OrderState]
    orders_after: dict[str, OrderState]
    cart: tuple[CartLine, ...] = ()
    """What is in the cart when the turn is over."""

    @property
    def calls(self) -> list[str]:
        """The tools that were called."""
        return [event.call.name for event in self.events if isinstance(event, ToolCallStarted)]

    @property
    def errors(self) -> list[str]:
        """The tools that answered with an error."""
        return [event.name for event in self.events if isinstance(event, ToolCallFinished) and not event.ok]

    @property
    def cards(self) -> tuple[ProductCard, ...]:
        """The products that the turn left on the screen."""
        return next((event.products for event in reversed(self.events) if isinstance(event, ProductsShown)), ())

    @property
    def text(self) -> str:
        """The text deltas, joined."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def reply(self) -> str:
        """All that the customer read: the deltas, and why a turn was refused or failed."""
        return self.text + "".join(event.text for event in self.events if isinstance(event, TurnFailed | TurnRefused))

    @property
    def ending(self) -> Event | None:
        """The event that ended the turn."""
        return next((event for event in reversed(self.events) if isinstance(event, ENDINGS)), None)
