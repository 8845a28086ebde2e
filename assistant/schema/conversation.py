"""The record of a talk: messages, tool calls, the change that waits for a yes, the errands begun."""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from assistant.schema.customers import PaymentMethod, Preference
from assistant.schema.results import ToolResult
from retrieval.schema import LanguageCode, Money, Product, Value


class ToolCall(Value):
    """The model's wish to run a tool."""

    id: str
    name: str
    arguments: dict[str, Any]


class ToolSpec(Value):
    """A tool as the model sees it. `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: dict[str, Any]


class PageContext(Value):
    """What the shopper has before them on the shop's own page."""

    product_id: str | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=2000)
    locale: str | None = Field(default=None, max_length=35, description="As a browser says it, such as 'zh-CN'.")


class Message(Value):
    """One message of the record that the chat model reads."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    brief: str | None = Field(default=None, description="What stands for `content` once newer turns have followed.")
    aside: str | None = Field(default=None, description="What the model reads before `content`: page and cart.")


class Proposal(Value):
    """A change that waits for the customer's yes: all of what it does, and the record's version it was made for."""

    id: str
    tool: str
    arguments: dict[str, Any]
    summary: str = Field(description="What will be done, in the customer's language.")
    changes: tuple[str, ...] = Field(default=(), description="Each consequence, in the customer's language.")
    charge: Money | None = None
    charge_to: PaymentMethod | None = None
    refund: Money | None = None
    refund_to: PaymentMethod | None = None
    record_id: str
    record_version: int
    resolved: dict[str, Any] = Field(
        default_factory=dict, description="What the arguments were found to mean, as the customer's yes is for it."
    )


class Errand(Value):
    """A change that the customer asked for and that isn't proposed yet: what is known of it, and what is missing."""

    tool: str
    known: dict[str, Any]
    missing: str | None = Field(default=None, description="The argument that the customer was asked for.")
    item: str | None = Field(default=None, description="Of which thing it is missing, where there are several.")


class Request(Value):
    """One of several things that a message asks for, in the customer's words."""

    text: str
    place: int | None = Field(
        default=None, description="Where in the conversation's messages its answer begins; None while it waits."
    )


@dataclass
class Conversation:
    """The only mutable one: the record of a talk and what waits in it."""

    id: str
    customer_id: str | None = None
    visitor_id: str | None = None
    language: LanguageCode = "en"
    page: PageContext | None = None
    messages: list[Message] = field(default_factory=list)
    results: list[ToolResult] = field(default_factory=list)
    shown: list[Product] = field(default_factory=list)
    pending: Proposal | None = None
    errands: list[Errand] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    ticket_id: str | None = None
    ticket_state: str | None = None
    ticket_read: int = 0
    with_human: bool = False
    turns: int = 0
    wrong_tries: int = 0
    preferences: list[Preference] = field(default_factory=list)
