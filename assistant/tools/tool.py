"""What a tool is: a typed function whose docstring the model reads; a writing tool proposes first and applies later."""

import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

import docstring_parser
from pydantic import ConfigDict, Field, ValidationError, create_model

from assistant.errors import Missing, NotSignedIn, ToolError
from assistant.recommending import Shopper, ShopRecommender
from assistant.schema import Message, PageContext, Preference, Product, Proposal, ToolResult, ToolSpec
from assistant.shop.policies import Policies
from assistant.shop.records import ShopRecords
from assistant.shop.rules import ShopRules
from assistant.shop.sessions import Clock, utc_now
from assistant.shop.shipping import ShippingTable
from assistant.shop.sizing import SizeGuides
from retrieval.search import Catalogue

Apply = Callable[["ToolContext", Proposal, str], ToolResult]


@dataclass(frozen=True)
class ToolContext:
    """What a tool may touch, for whom and in which conversation."""

    catalogue: Catalogue
    records: ShopRecords
    policies: Policies
    customer_id: str | None = None
    visitor_id: str | None = None
    conversation_id: str = ""
    shown: tuple[Product, ...] = ()
    listed: tuple[Product, ...] = ()
    listed_orders: tuple[str, ...] = ()
    order_in_view: bool = False
    """One order was looked at since several were listed, so that 'the second one' may be a thing in it."""
    page: PageContext | None = None
    language: str = "en"
    transcript: tuple[Message, ...] = ()
    customer_texts: tuple[str, ...] = ()
    wrong_tries: int = 0
    recommender: ShopRecommender | None = None
    preferences: tuple[Preference, ...] = ()
    looked_at: tuple[str, ...] = ()
    rules: Callable[[], ShopRules] = ShopRules
    shipping: Callable[[], ShippingTable] = ShippingTable
    sizes: Callable[[], SizeGuides] = SizeGuides
    clock: Clock = utc_now

    def signed_in(self) -> str:
        """Return the customer's id. Raises NotSignedIn when nobody is signed in."""
        if self.customer_id is None:
            raise NotSignedIn("Nobody is signed in. Ask who the customer is, then call identify_customer.")
        return self.customer_id


def shopper_of(context: ToolContext) -> Shopper:
    """Return whom a list is for, with what was said and looked at in the talk."""
    return Shopper(
        customer_id=context.customer_id,
        visitor_id=context.visitor_id,
        language=context.language,
        preferences=context.preferences,
        said=context.customer_texts,
        looked_at=context.looked_at,
    )


class Tool:
    """A function with its schema. Made by `@tool()`; never subclassed."""

    def __init__(
        self, function: Callable[..., Any], writes: bool, signed_in: bool | None, personal: bool, acts: bool = False
    ) -> None:
        self.name = function.__name__
        self.writes = writes
        self.acts = acts
        self._personal = personal or writes or acts
        self._signed_in = signed_in
        self._function = function
        self._apply: Apply | None = None
        parameters, self._arguments = _describe(function)
        self.spec = ToolSpec(
            name=self.name,
            description=_summary(function),
            parameters=parameters,
        )

    def is_offered(self, signed_in: bool) -> bool:
        """Tell whether the model is told of the tool in the talk of somebody who is, or isn't, signed in."""
        return self._signed_in in (None, signed_in)

    def run(self, context: ToolContext, arguments: dict[str, Any]) -> ToolResult:
        """Run a reading tool. Raises ToolError for arguments that don't fit and for what the tool cannot do."""
        with self._audited(context, "run", arguments):
            result: ToolResult = self._function(context, **self._validated(arguments))
            return result

    def propose(self, context: ToolContext, arguments: dict[str, Any]) -> Proposal:
        """Check what a writing tool would do and describe it; writes nothing. Raises ToolError."""
        with self._audited(context, "propose", arguments):
            proposal: Proposal = self._function(context, **self._validated(arguments))
            return proposal

    def applies(self, function: Apply) -> Apply:
        """Register what carries out a confirmed proposal; used as a decorator."""
        self._apply = function
        return function

    def apply(self, context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
        """Carry out a confirmed proposal in one transaction; the same key does it once. Raises ToolError."""
        if self._apply is None:
            raise TypeError(f"The writing tool {self.name} has no @{self.name}.applies function.")
        with self._audited(context, "apply", proposal.arguments):
            return self._apply(context, proposal, idempotency_key)

    @contextmanager
    def _audited(self, context: ToolContext, step: str, arguments: dict[str, Any]) -> Iterator[None]:
        """Write down what is done with a customer's records; what was refused, too."""
        if not self._personal:
            yield
            return
        who = (arguments, context.conversation_id, context.customer_id)
        try:
            yield
        except ToolError as error:
            context.records.audit.add(self.name, step, *who, refusal=str(error))
            raise
        context.records.audit.add(self.name, step, *who)

    def _validated(self, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            checked = self._arguments.model_validate(arguments)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            left_out = next((str(item["loc"][0]) for item in error.errors() if item["type"] == "missing"), None)
            missing = Missing(left_out) if left_out and (self.writes or self.acts) else None
            raise ToolError(f"{self.name} was called wrongly: {problems}.", missing=missing) from None
        return {name: getattr(checked, name) for name in type(checked).model_fields}


def tool(
    writes: bool = False, signed_in: bool | None = None, personal: bool = False, acts: bool = False
) -> Callable[[Callable[..., Any]], Tool]:
    """Turn a typed, documented function into a Tool. An argument without a type or a description is a TypeError.

    `signed_in` says whom the model may use it for: True, customers who are known; False, only those who aren't yet;
    None, anybody. It saves the model the reading; what may be done is checked by the tool and by the records.
    A tool that `acts` does at once what can be undone, without asking for a yes. What only the customer can give it is
    asked for, as for one that writes. Every use of a tool that writes, acts or is `personal` leaves an audit record.
    """
    return lambda function: Tool(function, writes, signed_in, personal, acts)


def specs_of(tools: Iterable[Tool], signed_in: bool) -> list[ToolSpec]:
    """Return what the model is told in the talk of somebody who is, or isn't, signed in, in the order of the tools."""
    return [tool.spec for tool in tools if tool.is_offered(signed_in)]


def _summary(function: Callable[..., Any]) -> str:
    parsed = docstring_parser.parse(inspect.getdoc(function) or "")
    if not parsed.short_description:
        raise TypeError(f"The tool {function.__name__} has no docstring.")
    return " ".join(filter(None, [parsed.short_description, parsed.long_description])).replace("\n", " ")


def _describe(function: Callable[..., Any]) -> "tuple[dict[str, Any], Any]":
    """Return the JSON schema that the model sees and the pydantic model that checks what it sends."""
    documented = {
        item.arg_name: item.description for item in docstring_parser.parse(inspect.getdoc(function) or "").params
    }
    hints = get_type_hints(function)
    properties: dict[str, Any] = {}
    required: list[str] = []
    fields: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
        if name not in hints or not documented.get(name):
            raise TypeError(
                f"The argument '{name}' of the tool {function.__name__} needs a type and a line under Args."
            )
        properties[name] = {**_schema(hints[name]), "description": " ".join(str(documented[name]).split())}
        if parameter.default is inspect.Parameter.empty:
            required.append(name)
            fields[name] = (hints[name], Field())
        else:
            fields[name] = (hints[name], Field(default=parameter.default))
    schema = {"type": "object", "properties": properties, "required": required}
    strict = ConfigDict(extra="forbid", str_strip_whitespace=True)
    return schema, create_model(function.__name__, __config__=strict, **fields)


_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def _schema(hint: Any) -> dict[str, Any]:
    """Return a short JSON schema of a parameter's type. None is said by leaving the argument out."""
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = [inner for inner in get_args(hint) if inner is not type(None)]
    if hint in _JSON_TYPES:
        return {"type": _JSON_TYPES[hint]}
    if get_origin(hint) is list:
        return {"type": "array", "items": _schema(get_args(hint)[0])}
    if get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _schema(get_args(hint)[1])}
    raise TypeError(f"A tool's argument cannot be of type {hint}.")
