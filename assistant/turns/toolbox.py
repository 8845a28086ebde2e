"""Running the model's tool calls: each gets exactly one answer, and what a tool returns becomes evidence."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.errors import NotProven, NotSignedIn, Refused, ToolError
from assistant.schema import (
    CartChanged,
    CartShown,
    Conversation,
    CustomerIdentified,
    Event,
    HandedOver,
    HandOverChanged,
    Message,
    PoliciesFound,
    PreferenceSet,
    Product,
    ProductCard,
    ProductDetails,
    ProductsRecommended,
    ProductsShown,
    Proposal,
    SizeAdvised,
    SourcesShown,
    ToolCall,
    ToolCallFinished,
    ToolCallStarted,
    ToolResult,
)
from assistant.telling.reasons import recommended_cards
from assistant.tools import Tool, ToolContext
from assistant.tools.identity import identify_customer
from assistant.tools.rendering import brief, render
from assistant.turns.ending import is_order_in_view, latest_list, latest_orders, products_on_screen
from assistant.turns.errands import completed, errand_of
from assistant.turns.turn import ERROR, Turn, customer_texts


class Toolbox:
    """The tools and what they may touch. Keeps no state: everything goes into the turn and its conversation."""

    def __init__(self, tools: Sequence[Tool], context: ToolContext) -> None:
        self.tools: Mapping[str, Tool] = {tool.name: tool for tool in tools}
        self.context = context

    def run(self, turn: Turn, call: ToolCall) -> Generator[Event, None, Proposal | None]:
        """Run one call and record its one answer; return a proposal when the tool writes."""
        yield ToolCallStarted(call=call)
        context = self.context_of(turn.conversation)
        outcome: ToolResult | ToolError
        try:
            tool = self._tool(turn, call)
            if tool.writes or tool.acts:
                call = completed([turn.errand] if turn.errand else (), call)
            if tool.writes:
                proposal = tool.propose(context, call.arguments)
                yield self.wait(turn, call, proposal)
                return proposal
            outcome = _counted(turn.conversation, tool.run(context, call.arguments))
        except ToolError as error:
            if error.instead and (other := self.try_proposing(context, error.instead, call.arguments)):
                yield self.wait(turn, call, other)
                return other
            outcome = error
        yield from self.take_in(turn, call, outcome)
        return None

    def take_in(self, turn: Turn, call: ToolCall, outcome: ToolResult | ToolError) -> Iterator[Event]:
        """Answer a call with its result, or with why there is none."""
        if isinstance(outcome, ToolError):
            yield self.answer(turn, call, False, f"{ERROR} {outcome}")
            self._learn(turn, call, outcome)
        else:
            yield from self.keep(turn, call, outcome)

    def try_proposing(self, context: ToolContext, name: str, arguments: dict[str, Any]) -> Proposal | None:
        """Return the proposal of a writing tool, None where it can't be made."""
        try:
            return self.tools[name].propose(context, arguments)
        except ToolError:
            return None

    def wait(self, turn: Turn, call: ToolCall, proposal: Proposal) -> Event:
        """Keep a proposal for the customer's answer, and answer its call."""
        turn.conversation.pending = proposal
        content = f"Not done yet. The customer is asked to confirm: {proposal.summary}."
        return self.answer(turn, call, True, content)

    def keep(self, turn: Turn, call: ToolCall, result: ToolResult) -> Iterator[Event]:
        """Make a result evidence, answer the call with it, and show what belongs on the screen."""
        conversation = turn.conversation
        conversation.results.append(result)
        turn.journal.find(call, result)
        if isinstance(result, CustomerIdentified):
            # No answer yet: what the customer wants to know comes next.
            conversation.customer_id = result.customer.id
            # What was refused to a guest may be asked again.
            turn.calls.clear()
            turn.proof = ()
        else:
            turn.results.append(result)
        _put_right(conversation, call, result)
        language = conversation.language
        yield self.answer(turn, call, True, render(result, language), brief(result, language))
        if products := products_on_screen(result):
            conversation.shown = list(products)
            yield shown_cards(result, products, language)
        if isinstance(result, PoliciesFound):
            yield SourcesShown(sources=result.passages)
        if isinstance(result, CartShown):
            yield CartChanged(cart=result.cart)
        if isinstance(result, PreferenceSet):
            conversation.preferences.insert(0, result.preference)
        if isinstance(result, HandedOver):
            conversation.ticket_id, conversation.ticket_state = result.ticket.id, result.ticket.state
            yield HandOverChanged(ticket=result.ticket)

    def answer(self, turn: Turn, call: ToolCall, ok: bool, content: str, short: str | None = None) -> Event:
        """Record the one answer of a call."""
        message = Message(role="tool", content=content, tool_call_id=call.id, brief=short)
        turn.conversation.messages.append(message)
        return ToolCallFinished(call_id=call.id, name=call.name, ok=ok, content=content)

    def context_of(self, conversation: Conversation) -> ToolContext:
        """Return what a tool may touch in this conversation."""
        return replace(
            self.context,
            customer_id=conversation.customer_id,
            visitor_id=conversation.visitor_id,
            conversation_id=conversation.id,
            language=conversation.language,
            transcript=tuple(conversation.messages),
            customer_texts=customer_texts(conversation),
            wrong_tries=conversation.wrong_tries,
            shown=tuple(conversation.shown),
            listed=latest_list(conversation),
            listed_orders=latest_orders(conversation),
            order_in_view=is_order_in_view(conversation),
            page=conversation.page,
            preferences=tuple(conversation.preferences),
            looked_at=tuple(each.product.id for each in conversation.results if isinstance(each, ProductDetails)),
        )

    def _tool(self, turn: Turn, call: ToolCall) -> Tool:
        if call.name not in self.tools:
            raise ToolError(f"There is no tool '{call.name}'. There are: {', '.join(self.tools)}.")
        # One try a message to say who somebody is: a model repeats what code has tried in the customer's own words.
        arguments = [] if call.name == identify_customer.name else sorted(call.arguments.items(), key=str)
        signature = f"{call.name} {arguments}"
        if signature in turn.calls:
            turn.goes_round = True
            raise ToolError("You have this answer already. Reply to the customer now.")
        turn.calls.add(signature)
        return self.tools[call.name]

    def _learn(self, turn: Turn, call: ToolCall, error: ToolError) -> None:
        """Keep what a refusal tells: what is missing, what proves who somebody is, what was found on the way."""
        conversation = turn.conversation
        if isinstance(error, NotSignedIn):
            turn.proof = self.context.rules().identity.proof
        if isinstance(error, Refused):
            turn.refused = error
        if isinstance(error, NotProven):
            conversation.wrong_tries += 1
            turn.unproven = True
        if error.missing is not None:
            conversation.errands.insert(0, errand_of(call, error.missing))
            turn.asked = error.missing
        if error.evidence is not None:
            conversation.results.append(error.evidence)
            turn.results.append(error.evidence)


def _put_right(conversation: Conversation, call: ToolCall, result: ToolResult) -> None:
    """Record a call with the product that was really meant: a model takes 'it' from what it reads that it called."""
    meant = _product_of(result)
    if meant is None or call.arguments.get("product_id") in (None, meant):
        return
    right = call.model_copy(update={"arguments": {**call.arguments, "product_id": meant}})
    for place in range(len(conversation.messages) - 1, -1, -1):
        message = conversation.messages[place]
        if call in message.tool_calls:
            calls = tuple(right if each == call else each for each in message.tool_calls)
            conversation.messages[place] = message.model_copy(update={"tool_calls": calls})
            return


def _product_of(result: ToolResult) -> str | None:
    """Return the id of the one product that a result is about."""
    match result:
        case ProductDetails() | SizeAdvised():
            return result.product.id
        case ProductsRecommended() if result.asked != "recommend" and result.because:
            return result.because[-1].id
        case CartShown() if result.line is not None:
            return result.line.product_id
        case _:
            return None


def _counted(conversation: Conversation, result: ToolResult) -> ToolResult:
    """Say of a hand-over how often there was one before to the same ticket."""
    if not isinstance(result, HandedOver):
        return result
    earlier = (each.ticket.id for each in conversation.results if isinstance(each, HandedOver))
    return result.model_copy(update={"before": list(earlier).count(result.ticket.id)})


def shown_cards(result: ToolResult, products: Sequence[Product], language: str) -> ProductsShown:
    """Return the event that shows the products of a result; a list of recommendations has its own id and reasons."""
    if isinstance(result, ProductsRecommended):
        return ProductsShown(products=recommended_cards(result, language), attribution_id=result.attribution_id)
    return ProductsShown(products=tuple(ProductCard.of(product, language) for product in products))
