"""The loop: a customer's message goes in, events come out.

A turn takes steps until the model speaks instead of calling a tool. Every sentence is checked against the evidence
before it is shown; a writing tool proposes and waits for the customer's yes; and whatever the model does, a turn ends
in exactly one of turn_finished, turn_failed, turn_refused and confirmation_requested.
"""

import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.chat_models import ChatModel, ToolChoice
from assistant.chat_models.tool_format import new_call_id
from assistant.consent import consent
from assistant.errands import answered, completed, errand_of, question
from assistant.errors import AssistantError, NotProven, NotSignedIn, ToolError
from assistant.grounding import Grounder, SentenceStream, named_products
from assistant.languages import language_of
from assistant.left_out import left_out
from assistant.phrases import phrase
from assistant.prompting import window
from assistant.repetition import is_no_answer
from assistant.replies import currency_remark, naming_clause, plain_reply, quick_replies
from assistant.schema import (
    ConfirmationRequested,
    Conversation,
    ConversationStarted,
    CustomerIdentified,
    Event,
    Evidence,
    HandedOver,
    HandOverChanged,
    Message,
    PoliciesFound,
    Product,
    ProductCard,
    ProductDetails,
    ProductsCompared,
    ProductsFound,
    ProductsShown,
    Proposal,
    QuickRepliesOffered,
    SourcesShown,
    ToolCall,
    ToolCallFinished,
    ToolCallStarted,
    ToolResult,
    ToolSpec,
    TurnFailed,
    TurnRefused,
)
from assistant.tools import Tool, ToolContext, specs_of
from assistant.tools.handover import hand_over_to_human
from assistant.tools.identity import identify_customer, proof_in_words
from assistant.tools.rendering import brief, render
from assistant.tracing.journal import Journal
from assistant.turn import Turn, close_calls, customer_texts
from assistant.turn_context import check_stopped
from retrieval.errors import RetrievalError

_LONGEST_MESSAGE = 4000
_KEPT_RESULTS = 24
_MOST_SENTENCES = 3
_ERROR = "Error:"
_OURS = (_ERROR, "(Rule ")
"""Marks of what is said to the model alone."""
_log = logging.getLogger(__name__)


class Agent:
    """Holds conversations. Keeps no state of its own: a conversation is handed in, and changed, by every call."""

    def __init__(
        self,
        chat_model: ChatModel,
        tools: Sequence[Tool],
        prompt: Sequence[Message],
        context: ToolContext,
        grounder: Grounder,
        max_steps: int = 4,
        max_results: int = 1,
    ) -> None:
        self._model = chat_model
        self._tools: Mapping[str, Tool] = {tool.name: tool for tool in tools}
        # One list for guests and one for customers, each byte-identical from turn to turn.
        self._specs = {known: specs_of(tools, known) for known in (False, True)}
        self._prompt = tuple(prompt)
        self._context = context
        self._grounder = grounder
        self._max_steps = max_steps
        self._max_results = max_results

    def reply(
        self, conversation: Conversation, text: str, journal: Journal | None = None
    ) -> Generator[Event, None, None]:
        """Take one message of the customer's to the end of its turn; what is done goes into the journal."""
        turn = Turn(conversation, journal or Journal())
        conversation.language = language_of(text, conversation.language)
        yield from _greeting(conversation)
        conversation.turns += 1
        if refusal := _unreadable(text, conversation.language):
            yield TurnRefused(reason="invalid", text=refusal)
            return
        conversation.messages.append(Message(role="user", content=text.strip()))
        yield from self._guard(turn, self._take(turn, consent(text)))

    def confirm(
        self, conversation: Conversation, proposal_id: str, accepted: bool, journal: Journal | None = None
    ) -> Generator[Event, None, None]:
        """Carry out, or drop, the change that waits for the customer's yes. A second yes finds nothing waiting."""
        turn = Turn(conversation, journal or Journal())
        if conversation.pending is None or conversation.pending.id != proposal_id:
            yield TurnRefused(reason="invalid", text=phrase("nothing_pending", conversation.language))
            return
        label = phrase("yes" if accepted else "no", conversation.language)
        conversation.messages.append(Message(role="user", content=label))
        yield from self._guard(turn, self._settle(turn, accepted))

    def warm_up(self) -> None:
        """Let the model read the fixed prompts and compile their grammars, so that the first customer needn't wait."""
        hello = Message(role="user", content="Hello")
        for specs in self._specs.values():
            for _ in self._model.stream([*self._prompt, hello], specs, "required"):
                pass

    def _guard(self, turn: Turn, events: Iterator[Event]) -> Iterator[Event]:
        """Turn what the operator must mend into turn_failed; keep what was said, also when the customer leaves."""
        try:
            yield from events
        except (AssistantError, RetrievalError) as error:
            turn.journal.error = str(error)
            _log.error("turn failed, trace %s: %s", turn.journal.id, error, exc_info=error)
            yield TurnFailed(text=phrase("turn_failed", turn.conversation.language), trace_id=turn.journal.id)
        finally:
            close_calls(turn.conversation)
            turn.record()
            del turn.conversation.results[:-_KEPT_RESULTS]

    def _take(self, turn: Turn, answer: bool | None) -> Iterator[Event]:
        """Let code settle what waits for a yes or a no, and the model everything else."""
        proposal = turn.conversation.pending
        if proposal is None or answer is None:
            return self._go_on(turn)
        if answer and not _was_just_asked(turn.conversation, proposal):
            # A yes to whatever was said since then changes nothing: the customer is asked again.
            return self._ask(turn, proposal, ())
        return self._settle(turn, answer)

    def _go_on(self, turn: Turn) -> Iterator[Event]:
        """Put the message into the slot that was asked for where it fits; let the model read it where it doesn't."""
        conversation = turn.conversation
        yield from self._identify(turn)
        if self._is_unproven(turn):
            yield from self._hand_over(turn)
            yield from self._finish(turn)
            return
        errand = conversation.errands[0] if conversation.errands else None
        if errand and errand.missing:
            del conversation.errands[0]
            arguments = answered(errand, customer_texts(conversation)[-1], self._tools[errand.tool].spec)
            if arguments is not None and (yield from self._propose(turn, errand.tool, arguments)):
                return
            turn.errand = errand
        elif conversation.pending is None:
            conversation.errands.clear()
        yield from self._steps(turn)

    def _identify(self, turn: Turn) -> Iterator[Event]:
        """Find out who a guest is whose words are proof enough, without asking the model."""
        if proof := proof_in_words(self._context_of(turn.conversation)):
            call = ToolCall(id=new_call_id(), name=identify_customer.name, arguments=proof)
            turn.record((call,))
            yield from self._run(turn, call)

    def _propose(self, turn: Turn, name: str, arguments: dict[str, Any]) -> Generator[Event, None, bool]:
        """Propose a change of which all is known, without asking the model; tell whether the customer was asked."""
        proposal = self._try(self._context_of(turn.conversation), name, arguments)
        if proposal is None:
            return False
        call = ToolCall(id=new_call_id(), name=name, arguments=arguments)
        turn.record((call,))
        yield ToolCallStarted(call=call)
        yield self._waits(turn, call, proposal)
        yield from self._ask(turn, proposal, ())
        return True

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _steps(self, turn: Turn) -> Iterator[Event]:
        """Ask the model until it speaks, or until the turn has to end."""
        note: Message | None = None
        while turn.steps < self._max_steps:
            turn.steps += 1
            before = len(turn.held_back)
            calls = yield from self._step(turn, note, self._choice(turn))
            if calls:
                turn.record(calls)
                for position, call in enumerate(calls):
                    proposal = yield from self._run(turn, call)
                    if proposal:
                        yield from self._ask(turn, proposal, calls[position + 1 :])
                        return
                if self._is_unproven(turn):
                    yield from self._hand_over(turn)
                if turn.asked or any(isinstance(result, HandedOver) for result in turn.results):
                    break
                if self._model.tuned and turn.proof and not turn.results:
                    # Code says what proves who somebody is; the model could only guess on.
                    break
                continue
            if turn.no_answer and not turn.text and not turn.results:
                continue
            # Told why once, and only where the customer would otherwise read nothing of the model's.
            if len(turn.held_back) == before or turn.text or note:
                break
            turn.note = _why_held_back(turn.held_back)
            note = Message(role="system", content=turn.note)
        yield from self._finish(turn)

    def _choice(self, turn: Turn) -> ToolChoice:
        """Say whether the model may call a tool, must, or mustn't any more."""
        if turn.steps == self._max_steps or len(turn.results) >= self._max_results or turn.goes_round:
            return "none"
        return "required" if turn.no_answer and not turn.results else "auto"

    def _step(
        self, turn: Turn, note: Message | None, choice: ToolChoice
    ) -> Generator[Event, None, tuple[ToolCall, ...]]:
        """Let the model write once: yield checked sentences, return the tool calls."""
        messages, specs = self._reading(turn, choice)
        read = [*messages, *([note] if note else [])]
        own = len(turn.conversation.messages) - turn.begun + bool(note)
        asked = turn.journal.ask(read, min(own, len(read)), choice)
        sentences = SentenceStream()
        calls: list[ToolCall] = []
        turn.no_answer = False
        for piece in self._model.stream(read, specs, choice):
            check_stopped()
            asked.hear(piece)
            if isinstance(piece, ToolCall):
                calls.append(piece)
            else:
                yield from self._check(turn, sentences.feed(piece))
                # A small model goes on and on, or round and round; leaving its iterator stops it.
                if turn.sentences >= _MOST_SENTENCES or turn.no_answer:
                    break
        else:
            yield from self._check(turn, [rest for rest in sentences.flush() if not turn.text or _is_whole(rest)])
        return tuple(call for call in calls if choice != "none")

    def _reading(self, turn: Turn, choice: ToolChoice) -> tuple[Sequence[Message], Sequence[ToolSpec]]:
        """Return what the model reads: the whole talk while it may call tools, then only the question and the facts.

        With the tools before its eyes an untuned model goes on calling them; with the facts alone it answers.
        """
        talk = turn.conversation.messages
        if self._model.tuned or choice != "none" or not turn.results:
            return [*self._prompt, *window(talk)], self._specs[turn.conversation.customer_id is not None]
        facts = "\n\n".join(message.content for message in talk[turn.begun :] if message.role == "tool")
        wording = phrase("wording", turn.conversation.language, facts=facts)
        question = Message(role="user", content=customer_texts(turn.conversation)[-1])
        return [Message(role="system", content=wording), question], ()

    def _check(self, turn: Turn, sentences: Sequence[str]) -> Iterator[Event]:
        """Show what has evidence; hold back what hasn't, and what was said already."""
        conversation = turn.conversation
        for sentence in sentences:
            if not turn.results and is_no_answer(sentence, conversation.messages):
                turn.no_answer = True
                continue
            evidence = Evidence(results=tuple(conversation.results), customer_texts=customer_texts(conversation))
            verdict = self._grounder.check(sentence, evidence, turn.focus)
            reasons = "; ".join(claim.reason for claim in verdict.claims_without_evidence)
            if any(mark in sentence for mark in _OURS) or turn.parrots_its_note(sentence):
                reasons = "That was said to you, and is no sentence for the customer."
            if reasons:
                turn.hold_back(sentence, reasons)
            elif sentence.strip().startswith(_asking(conversation.language)):
                # Only code asks for a yes: to the model's own question it would change nothing.
                turn.hold_back(sentence, "Nothing waits for a yes. Call the tool.")
            elif sentence.strip() not in turn.text or not sentence.strip():
                turn.focus = verdict.focus
                turn.sentences += bool(sentence.strip())
                yield turn.say(sentence)

    # -- tools ---------------------------------------------------------------------------------------------------------

    def _run(self, turn: Turn, call: ToolCall) -> Generator[Event, None, Proposal | None]:
        """Run one call and record its one answer; return a proposal when the tool writes."""
        yield ToolCallStarted(call=call)
        context = self._context_of(turn.conversation)
        try:
            tool = self._tool(turn, call)
            if tool.writes:
                call = completed([turn.errand] if turn.errand else (), call)
                proposal = tool.propose(context, call.arguments)
                yield self._waits(turn, call, proposal)
                return proposal
            result = tool.run(context, call.arguments)
        except ToolError as error:
            if error.instead and (other := self._try(context, error.instead, call.arguments)):
                yield self._waits(turn, call, other)
                return other
            yield self._answer(turn, call, False, f"{_ERROR} {error}")
            if isinstance(error, NotSignedIn):
                turn.proof = context.rules().identity.proof
            if isinstance(error, NotProven):
                turn.conversation.wrong_tries += 1
            if error.missing is not None:
                turn.conversation.errands.insert(0, errand_of(call, error.missing))
                turn.asked = error.missing
            if error.evidence is not None:
                turn.conversation.results.append(error.evidence)
                turn.results.append(error.evidence)
            return None
        yield from self._keep(turn, call, result)
        return None

    def _try(self, context: ToolContext, name: str, arguments: dict[str, Any]) -> Proposal | None:
        try:
            return self._tools[name].propose(context, arguments)
        except ToolError:
            return None

    def _waits(self, turn: Turn, call: ToolCall, proposal: Proposal) -> Event:
        """Keep a proposal for the customer's answer, and answer its call."""
        turn.conversation.pending = proposal
        content = f"Not done yet. The customer is asked to confirm: {proposal.summary}."
        return self._answer(turn, call, True, content)

    def _is_unproven(self, turn: Turn) -> bool:
        """Tell whether the customer has had all the tries to prove who they are, and no person knows yet."""
        conversation = turn.conversation
        return conversation.ticket_id is None and conversation.wrong_tries >= self._context.rules().identity.tries

    def _hand_over(self, turn: Turn) -> Iterator[Event]:
        """Call a person, as the model would."""
        reason = phrase("identity_unproven", turn.conversation.language)
        call = ToolCall(id=new_call_id(), name=hand_over_to_human.name, arguments={"reason": reason})
        turn.record((call,))
        yield from self._run(turn, call)

    def _tool(self, turn: Turn, call: ToolCall) -> Tool:
        if call.name not in self._tools:
            raise ToolError(f"There is no tool '{call.name}'. There are: {', '.join(self._tools)}.")
        # One try a message to say who somebody is: a model repeats what code has tried in the customer's own words.
        arguments = [] if call.name == identify_customer.name else sorted(call.arguments.items(), key=str)
        signature = f"{call.name} {arguments}"
        if signature in turn.calls:
            turn.goes_round = True
            raise ToolError("You have this answer already. Reply to the customer now.")
        turn.calls.add(signature)
        return self._tools[call.name]

    def _keep(self, turn: Turn, call: ToolCall, result: ToolResult) -> Iterator[Event]:
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
        language = conversation.language
        yield self._answer(turn, call, True, render(result, language), brief(result, language))
        if products := products_on_screen(result):
            conversation.shown = list(products)
            yield ProductsShown(products=tuple(ProductCard.of(product, language) for product in products))
        if isinstance(result, PoliciesFound):
            yield SourcesShown(sources=result.passages)
        if isinstance(result, HandedOver):
            conversation.ticket_id = result.ticket.id
            yield HandOverChanged(ticket=result.ticket)

    def _answer(self, turn: Turn, call: ToolCall, ok: bool, content: str, short: str | None = None) -> Event:
        message = Message(role="tool", content=content, tool_call_id=call.id, brief=short)
        turn.conversation.messages.append(message)
        return ToolCallFinished(call_id=call.id, name=call.name, ok=ok, content=content)

    def _context_of(self, conversation: Conversation) -> ToolContext:
        return replace(
            self._context,
            customer_id=conversation.customer_id,
            conversation_id=conversation.id,
            language=conversation.language,
            transcript=tuple(conversation.messages),
            customer_texts=customer_texts(conversation),
            wrong_tries=conversation.wrong_tries,
        )

    # -- writes --------------------------------------------------------------------------------------------------------

    def _ask(self, turn: Turn, proposal: Proposal, unanswered: Sequence[ToolCall]) -> Iterator[Event]:
        """End the turn with a question. Calls behind the proposal are answered, not run; changes come after it."""
        for call in unanswered:
            yield ToolCallStarted(call=call)
            yield self._answer(turn, call, False, f"{_ERROR} not run, because a change waits for the customer's yes.")
            if call.name in self._tools and self._tools[call.name].writes:
                turn.conversation.errands.append(errand_of(call))
        yield from self._name_shown(turn)
        question = phrase("asked_to_confirm", turn.conversation.language, summary=proposal.summary)
        yield turn.say(turn.gap() + question)
        turn.record()
        yield ConfirmationRequested(proposal=proposal)

    def _settle(self, turn: Turn, accepted: bool) -> Iterator[Event]:
        """Apply or drop the pending proposal. Code decides here; the model isn't asked."""
        conversation = turn.conversation
        proposal = conversation.pending
        if proposal is None or not accepted:
            conversation.pending = None
            yield turn.say(phrase("not_done", conversation.language))
            yield from self._next_errand(turn)
            return
        call = ToolCall(id=new_call_id(), name=proposal.tool, arguments=proposal.arguments)
        turn.record((call,))
        yield ToolCallStarted(call=call)
        try:
            # The proposal's id is the idempotency key: the same yes twice does it once.
            result = self._tools[proposal.tool].apply(self._context_of(conversation), proposal, proposal.id)
        except ToolError as error:
            conversation.pending = None
            yield self._answer(turn, call, False, f"{_ERROR} {error}")
            yield turn.say(phrase("cannot", conversation.language, reason=error))
        else:
            # Not before: where the records don't answer, the proposal waits on for another yes.
            conversation.pending = None
            yield from self._keep(turn, call, result)
            yield turn.say(plain_reply(result, conversation.language))
        yield from self._next_errand(turn)

    def _next_errand(self, turn: Turn) -> Iterator[Event]:
        """Propose the next of the changes that were asked for together; end the turn where there is none."""
        errands = turn.conversation.errands
        while errands and turn.conversation.pending is None:
            errand = errands.pop(0)
            if (yield from self._propose(turn, errand.tool, errand.known)):
                return
        yield turn.finished()

    # -- the end -------------------------------------------------------------------------------------------------------

    def _finish(self, turn: Turn) -> Iterator[Event]:
        """Complete the reply from the results where the model's words leave something out, and end the turn."""
        language = turn.conversation.language
        if turn.asked:
            yield turn.say(turn.gap() + question(turn.asked, language))
            yield turn.finished()
            return
        if not turn.text.strip():
            yield turn.say(turn.stand_in())
        elif turn.results and isinstance(turn.results[-1], HandedOver):
            yield turn.say(turn.gap() + plain_reply(turn.results[-1], language))
        elif turn.results and (missing := left_out(turn.results[-1], turn.text, language)):
            yield turn.say(turn.gap() + missing)
        yield from self._name_shown(turn)
        if turn.results and (
            remark := currency_remark(turn.results[-1], customer_texts(turn.conversation)[-1], language)
        ):
            yield turn.say(turn.gap() + remark)
        if replies := quick_replies(turn.results, language):
            yield QuickRepliesOffered(replies=replies)
        yield turn.finished()

    def _name_shown(self, turn: Turn) -> Iterator[Event]:
        """Name those of the products on the screen that the reply hasn't named."""
        shown = next(filter(None, map(products_on_screen, reversed(turn.results))), ())
        named = {product.id for product in named_products(turn.text, shown)}
        if missing := [product for product in shown if product.id not in named]:
            clause = naming_clause(missing, turn.conversation.language, begun=bool(named))
            yield turn.say(turn.gap() + clause)


def products_on_screen(result: ToolResult) -> tuple[Product, ...]:
    """Return the products that a result puts on the screen."""
    match result:
        case ProductsFound() | ProductsCompared():
            return result.products
        case ProductDetails():
            return (result.product,)
        case _:
            return ()


def _greeting(conversation: Conversation) -> Iterator[Event]:
    """Say first, once, that this is an AI."""
    if conversation.turns == 0:
        disclosure = phrase("disclosure", conversation.language)
        yield ConversationStarted(conversation_id=conversation.id, disclosure=disclosure)


def _unreadable(text: str, language: str) -> str | None:
    """Return what to tell a customer whose message cannot be worked with, or None."""
    if not any(character.isprintable() and not character.isspace() for character in text):
        return phrase("empty_message", language)
    if len(text) > _LONGEST_MESSAGE:
        return phrase("too_long", language, limit=_LONGEST_MESSAGE)
    return None


def _was_just_asked(conversation: Conversation, proposal: Proposal) -> bool:
    """Tell whether the last thing the customer read before this message was the question about the proposal."""
    before = next((message for message in reversed(conversation.messages[:-1]) if message.role == "assistant"), None)
    return before is not None and proposal.summary in before.content


def _asking(language: str) -> str:
    """Return how the question begins that asks for a yes."""
    return phrase("asked_to_confirm", language, summary="\0").split("\0")[0]


def _is_whole(sentence: str) -> bool:
    """Tell whether the last sentence was finished, and not cut off where the tokens ran out."""
    return sentence.rstrip(" *_)\"'”’）」\n").endswith((".", "!", "?", ":", "。", "！", "？", "：", "…"))


def _why_held_back(held_back: Sequence[str]) -> str:
    reasons = " ".join(held_back[-2:])
    return f"Not shown, because the tools say nothing of it: {reasons}. Reply again with only what the tools returned."
