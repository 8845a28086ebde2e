"""The format of scripted conversations: YAML, one behaviour a file.

    about: A pending order is cancelled after the customer's yes.
    customer: C001                         # or none
    turns:
      - user: Please cancel A1001, I ordered the wrong size.
        script:                            # what the scripted model does; a real model isn't told
          - call: {name: cancel_pending_order, arguments: {order_id: A1001, reason: Wrong size}}
        expect:                            # what must come of the turn, whichever model answers
          confirmation: cancel_pending_order
      - confirm: yes
        expect: {reply: {contains: ["{order.A1001.total}"]}}
    expect_orders: {A1001: {status: cancelled}}

A step of a script is `say` (a text) or `call` (one call, or a list of them). Texts may hold values of the shop's
records: `{order.A1001.total}`, `{customer.C001.email}`, and `{shown.1.short_name}` for the first product on the screen.
Name no dates and no prices of the catalogue otherwise: both change.

A turn must end in turn_finished, or with a `confirmation` in confirmation_requested, unless `ends` says otherwise.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from assistant.errors import ConversationFileError
from assistant.schema import OrderStatus, Value
from assistant.testing.given import Given, GivenOrder
from assistant.testing.places import FilePlaces
from assistant.tools import ALL_TOOLS
from retrieval.schema import Filters

_TOOLS = {tool.name for tool in ALL_TOOLS}


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _none(value: object) -> object:
    return None if value == "none" else value


def _known_tool(name: object) -> object:
    if name not in _TOOLS:
        raise ValueError(f"there is no tool '{name}'; there are: {', '.join(sorted(_TOOLS))}")
    return name


class _Expectation(Value):
    """A table that says something."""

    @model_validator(mode="after")
    def _says_something(self) -> "_Expectation":
        if not self.model_fields_set:
            raise ValueError(f"expects nothing; say one of: {', '.join(type(self).model_fields)}")
        return self


Alternatives = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
"""A text, or a list of texts of which one will do."""
ToolName = Annotated[str, BeforeValidator(_known_tool)]
ToolNames = Annotated[tuple[ToolName, ...], BeforeValidator(_listed), Field(min_length=1)]
Ending = Literal["turn_finished", "turn_failed", "turn_refused", "confirmation_requested"]


class ScriptedCall(Value):
    """A tool call of the scripted model. Any name and arguments go: models err, too."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class ScriptStep(Value):
    """One answer of the scripted model: words, or calls."""

    say: str | None = None
    call: Annotated[tuple[ScriptedCall, ...], BeforeValidator(_listed)] = ()

    @model_validator(mode="after")
    def _one_of_them(self) -> "ScriptStep":
        if (self.say is None) == (not self.call):
            raise ValueError("a step of a script is either 'say' or 'call'")
        return self


class ReplyExpectation(_Expectation):
    """What the customer must read, and must not. Case doesn't count; a list inside the list holds alternatives."""

    contains: Annotated[tuple[Alternatives, ...], BeforeValidator(_listed)] = ()
    not_contains: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()


class ProductsExpectation(_Expectation):
    """The products that the turn leaves on the screen."""

    count: int | None = Field(default=None, ge=0, description="Exactly so many.")
    at_least: int | None = Field(default=None, ge=1)
    ids: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(default=(), description="These are among them.")
    all: Filters | None = Field(default=None, description="Limits that each of them keeps.")
    some: Filters | None = Field(default=None, description="Limits that at least one of them keeps.")
    none: Filters | None = Field(default=None, description="Limits that not one of them keeps.")

    @model_validator(mode="after")
    def _limits_something(self) -> "ProductsExpectation":
        for word, limits in (("all", self.all), ("some", self.some), ("none", self.none)):
            if limits is not None and limits.empty:
                raise ValueError(f"'{word}' limits nothing; say one of: {', '.join(Filters.model_fields)}")
        return self


class CartLineExpectation(Value):
    """A line that must be in the cart."""

    product: str = Field(description="The product's id.")
    quantity: int = Field(default=1, ge=1)
    options: Alternatives | None = Field(default=None, description="Contained in what was chosen, such as «navy, M».")


class TurnExpectation(_Expectation):
    """What must come of a turn.

    `tools` are called in this order, others may come between; an inner list holds alternatives; an empty list allows no
    call at all. `tool_errors` are, read likewise, the calls that were answered with an error.
    """

    tools: tuple[ToolNames, ...] | None = None
    tool_errors: tuple[ToolNames, ...] | None = None
    products: ProductsExpectation | None = None
    confirmation: Annotated[ToolName | None, BeforeValidator(_none)] = None
    reply: ReplyExpectation | None = None
    ends: Ending | None = None
    cart: tuple[CartLineExpectation, ...] | None = Field(
        default=None, description="All that is in the cart after the turn, in any order; an empty list: nothing."
    )
    held_back: int | None = Field(default=None, ge=0, description="Sentences that were held back for want of evidence.")

    @property
    def ending(self) -> Ending:
        """The event that must end the turn."""
        return self.ends or ("confirmation_requested" if self.confirmation else "turn_finished")


class Turn(Value):
    """A message of the customer's, or their answer to a confirmation."""

    user: str | None = None
    confirm: bool | None = None
    script: tuple[ScriptStep, ...] = ()
    expect: TurnExpectation | None = None
    expect_scripted: TurnExpectation | None = Field(
        default=None, description="Expected besides, when the scripted model answers."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> "Turn":
        if (self.user is None) == (self.confirm is None):
            raise ValueError("a turn is either 'user' (a text) or 'confirm' (yes or no)")
        return self


class OrderExpectation(_Expectation):
    """How an order must be at the end."""

    status: OrderStatus | None = None
    cancel_reason: Alternatives | None = Field(default=None, description="Contained in the reason; case doesn't count.")
    address: Alternatives | None = Field(default=None, description="Contained in where it goes.")
    paid_with: Alternatives | None = Field(default=None, description="Contained in the payment method's label.")
    options: Alternatives | None = Field(default=None, description="Contained in what was chosen of some item.")
    returned: Annotated[tuple[str, ...], BeforeValidator(_listed)] | None = Field(
        default=None, description="The items that come back, in any order."
    )
    exchanged: Annotated[tuple[str, ...], BeforeValidator(_listed)] | None = Field(
        default=None, description="The items that are swapped, in any order."
    )


class ConversationFile(Value):
    """A scripted conversation. Orders that `expect_orders` doesn't name must be at the end as they were."""

    name: str = Field(description="The file's path, as it was found.")
    about: str
    customer: Annotated[str | None, BeforeValidator(_none)] = None
    tuned: bool = Field(default=False, description="The script is a tuned model's, which may take several results.")
    given: Given = Field(default=Given(), description="People and orders that the shop has besides its own.")
    turns: tuple[Turn, ...] = Field(min_length=1)
    expect_orders: dict[str, OrderExpectation] = Field(default_factory=dict)
    expect_address: Alternatives | None = Field(
        default=None, description="Contained in the saved address of the file's customer."
    )
    expect_tickets: int | None = Field(default=None, ge=0, description="Tickets that the conversation opened.")

    @model_validator(mode="after")
    def _expects_something(self) -> "ConversationFile":
        at_the_end = (self.expect_orders, self.expect_address, self.expect_tickets is not None)
        if not (any(turn.expect for turn in self.turns) or any(at_the_end)):
            raise ValueError("expects nothing; give a turn an 'expect', or say 'expect_orders' or 'expect_tickets'")
        return self

    @property
    def scripted(self) -> bool:
        """Whether the scripted model knows what to do."""
        return any(turn.script for turn in self.turns)


def load_conversations(paths: Path | Sequence[Path]) -> list[ConversationFile]:
    """Read files, and all .yaml and .yml files in folders. Raises ConversationFileError, naming file, line and word."""
    files = []
    for path in [paths] if isinstance(paths, Path) else paths:
        if not path.exists():
            raise ConversationFileError(f"{path} is not there.")
        found = _files_in(path) if path.is_dir() else [path]
        if not found:
            raise ConversationFileError(f"{path} holds no conversations: no file in it ends in .yaml or .yml.")
        files += [load_conversation(each) for each in found]
    return files


def load_conversation(path: Path) -> ConversationFile:
    """Read one file. Raises ConversationFileError, naming file, line and word."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        places = FilePlaces(path, text)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConversationFileError(f"{path} cannot be read: {error}. Save it as UTF-8 text.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise ConversationFileError(f"{path}{line}: this is not YAML: {error.problem}.") from None
    if not isinstance(content, dict) or "name" in content:
        words = ", ".join(name for name in ConversationFile.model_fields if name != "name")
        raise ConversationFileError(f"{path}, line 1: a conversation is a table with the words: {words}.")
    try:
        return ConversationFile.model_validate({"name": str(path)} | content)
    except ValidationError as error:
        problems = "\n".join(places.explain(problem, _words_at(problem["loc"])) for problem in error.errors())
        raise ConversationFileError(problems) from None


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())


_TABLES: dict[str, type[Value]] = {
    "turns": Turn,
    "script": ScriptStep,
    "call": ScriptedCall,
    "expect": TurnExpectation,
    "expect_scripted": TurnExpectation,
    "products": ProductsExpectation,
    "all": Filters,
    "some": Filters,
    "cart": CartLineExpectation,
    "reply": ReplyExpectation,
    "expect_orders": OrderExpectation,
    "given": Given,
    "orders": GivenOrder,
}


def _words_at(loc: tuple[int | str, ...]) -> list[str]:
    """Return the words that are valid where `loc` points."""
    tables = [_TABLES[part] for part in loc[:-1] if part in _TABLES]
    table = tables[-1] if tables else ConversationFile
    return [name for name in table.model_fields if name != "name" or table is not ConversationFile]
