"""The loop: a customer's message goes in, events come out.

A turn takes steps until the model speaks instead of calling a tool. Every sentence is checked against the evidence
before it is shown; calls are run by the toolbox; a writing tool proposes and waits for the customer's yes; and whatever
the model does, a turn ends in exactly one of turn_finished, turn_failed, turn_refused and confirmation_requested. Each
of these has its file in `turns/`.
"""

import logging
from collections.abc import Generator, Iterator, Sequence

from assistant.chat_models import ChatModel, ReadsAhead, ToolChoice
from assistant.errors import AssistantError
from assistant.grounding import Grounder, SentenceStream
from assistant.listening.consent import consent
from assistant.listening.languages import language_of
from assistant.listening.several import as_read, begin_next, note_requests, request_under_way
from assistant.prompting import window, window_ahead
from assistant.schema import (
    Conversation,
    ConversationStarted,
    Event,
    HandedOver,
    Message,
    PageContext,
    ToolCall,
    ToolSpec,
    TurnFailed,
    TurnRefused,
)
from assistant.telling.phrases import phrase
from assistant.tools import Tool, ToolContext, specs_of
from assistant.tracing.journal import Journal
from assistant.turns.checking import check, is_whole, why_held_back
from assistant.turns.confirming import ask, go_on_with, settle, was_just_asked
from assistant.turns.ending import complete, end, finish, is_told, leads_on, receipts
from assistant.turns.identifying import hand_over_unproven, identify, is_unproven
from assistant.turns.page import language_of_locale, look_at_page
from assistant.turns.toolbox import Toolbox
from assistant.turns.turn import Turn, close_calls, customer_texts
from assistant.turns.turn_context import check_stopped, is_to_be_brief, note_brevity
from assistant.turns.waiting import look_at_ticket
from retrieval.errors import RetrievalError

_LONGEST_MESSAGE = 4000
_KEPT_RESULTS = 24
_MOST_SENTENCES = 3
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
        self._toolbox = Toolbox(tools, context)
        # One list for guests and one for customers, each byte-identical from turn to turn.
        self._specs = {known: specs_of(tools, known) for known in (False, True)}
        self._prompt = tuple(prompt)
        self._grounder = grounder
        self._max_steps = max_steps
        self._max_results = max_results

    def reply(
        self,
        conversation: Conversation,
        text: str,
        page: PageContext | None = None,
        journal: Journal | None = None,
    ) -> Generator[Event, None, None]:
        """Take one message of the customer's to the end of its turn; what is done goes into the journal.

        `page` is what the customer has before them on the shop's own page.
        """
        turn = Turn(conversation, journal or Journal())
        fallback = language_of_locale(page.locale if page else None, conversation.language)
        conversation.language = language_of(text, fallback if conversation.turns == 0 else conversation.language)
        yield from _greeting(conversation)
        conversation.turns += 1
        if refusal := _unreadable(text, conversation.language):
            yield TurnRefused(reason="invalid", text=refusal)
            return
        conversation.messages.append(Message(role="user", content=text.strip()))
        yield from self._guard(turn, self._take(turn, text, page))

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
            self._read_ahead(turn.conversation)

    def _read_ahead(self, conversation: Conversation) -> None:
        """Let the model read, while the customer thinks, what their next message will stand behind.

        With every message one turn more is given briefly, so that from there on nothing is as the model has read it.
        """
        if isinstance(self._model, ReadsAhead):
            talk = [*self._prompt, *window_ahead(conversation.messages)]
            self._model.read_ahead(talk, self._specs[conversation.customer_id is not None])

    def _take(self, turn: Turn, text: str, page: PageContext | None) -> Iterator[Event]:
        """Let code settle what waits for a yes or a no, and the model everything else."""
        look_at_page(self._toolbox.context_of(turn.conversation), turn.conversation, page)
        proposal, answer = turn.conversation.pending, consent(text)
        if proposal is None or answer is None:
            yield from self._go_on(turn)
        elif answer and not was_just_asked(turn.conversation, proposal):
            # A yes to whatever was said since then changes nothing: the customer is asked again.
            yield from ask(self._toolbox, turn, proposal)
        else:
            yield from self._settle(turn, answer)

    def _settle(self, turn: Turn, accepted: bool) -> Iterator[Event]:
        """Make or drop the change that waits, and go on with what else was asked for."""
        if not (yield from settle(self._toolbox, turn, accepted)):
            yield from self._rest(turn)

    def _go_on(self, turn: Turn) -> Iterator[Event]:
        """Put the message into the slot that was asked for where it fits; let the model read it where it doesn't."""
        conversation = turn.conversation
        if (yield from look_at_ticket(self._toolbox.context.records.tickets, turn)):
            return
        yield from identify(self._toolbox, turn)
        if is_unproven(self._toolbox, turn):
            yield from hand_over_unproven(self._toolbox, turn)
            yield from finish(turn)
            return
        errand = conversation.errands[0] if conversation.errands else None
        if errand and errand.missing:
            del conversation.errands[0]
            if (yield from go_on_with(self._toolbox, turn, errand)):
                if conversation.pending is None:
                    yield from self._rest(turn)
                return
            turn.errand = errand
        elif conversation.pending is None:
            conversation.errands.clear()
        note_requests(conversation)
        if not (yield from self._steps(turn)):
            yield from self._rest(turn)

    def _rest(self, turn: Turn) -> Iterator[Event]:
        """Take what else the message asked for, one request after the other, and end the turn."""
        while not turn.asked and begin_next(turn.conversation):
            turn.begin_request()
            if (yield from self._steps(turn)):
                return
        yield from end(turn)

    def _steps(self, turn: Turn) -> Generator[Event, None, bool]:
        """Ask the model until it speaks, or has to; tell whether a change waits for a yes now, which ends the turn."""
        note: Message | None = None
        while turn.steps - turn.earlier_steps < self._max_steps:
            choice = self._choice(turn)
            if self._model.tuned and turn.unproven and not turn.results:
                # Code says that the proof doesn't hold; the model could only guess on.
                break
            # What else was asked for is on the list, where the message was taken apart.
            if self._says_it_itself(turn) and (
                choice == "none" or request_under_way(turn.conversation) or not leads_on(turn)
            ):
                break
            if choice == "none" and turn.results and is_to_be_brief():
                # A plain sentence takes no time: whoever waits sees their products sooner.
                note_brevity()
                break
            turn.steps += 1
            before = len(turn.held_back)
            calls = yield from self._step(turn, note, choice)
            if calls:
                turn.record(calls)
                for position, call in enumerate(calls):
                    known = len(turn.results)
                    proposal = yield from self._toolbox.run(turn, call)
                    if self._model.tuned:
                        yield from receipts(turn, known)
                    if proposal:
                        yield from ask(self._toolbox, turn, proposal, calls[position + 1 :])
                        return True
                if is_unproven(self._toolbox, turn):
                    yield from hand_over_unproven(self._toolbox, turn)
                if turn.asked or any(isinstance(result, HandedOver) for result in turn.results):
                    break
                if turn.goes_round and turn.earlier_text:
                    # The answer to an earlier request holds this one's as well.
                    break
                if self._model.tuned and (turn.refused or (turn.proof and not turn.results)):
                    # Code says which rule refuses, and what proves who somebody is; the model could only guess on.
                    break
                continue
            if turn.no_answer and not turn.answer and not turn.results:
                continue
            # Told why once, and only where the customer would otherwise read nothing of the model's.
            if len(turn.held_back) == before or turn.answer or note or (self._model.tuned and turn.results):
                # A small model says the same once more, while the customer waits; a plain sentence says it at once.
                break
            turn.note = why_held_back(turn.held_back)
            note = Message(role="system", content=turn.note)
        yield from complete(turn)
        return False

    def _says_it_itself(self, turn: Turn) -> bool:
        """Tell whether code has told the newest result: a large model words it better, a small one worse."""
        return self._model.tuned and is_told(turn)

    def _choice(self, turn: Turn) -> ToolChoice:
        """Say for the next step whether the model may call a tool, must, or mustn't any more."""
        last = turn.steps - turn.earlier_steps == self._max_steps - 1
        # What code has told needs no words, so that the next thing may be looked up.
        worded = [each for each in turn.results if each not in turn.told]
        if last or len(worded) >= self._max_results or turn.goes_round:
            return "none"
        return "required" if turn.no_answer and not turn.results else "auto"

    def _step(
        self, turn: Turn, note: Message | None, choice: ToolChoice
    ) -> Generator[Event, None, tuple[ToolCall, ...]]:
        """Let the model write once: yield checked sentences, return the tool calls."""
        messages, specs = self._reading(turn, choice)
        read = [*messages, *([note] if note else [])]
        own = len(as_read(turn.conversation)) - turn.begun + bool(note)
        asked = turn.journal.ask(read, min(own, len(read)), choice)
        sentences = SentenceStream()
        calls: list[ToolCall] = []
        turn.no_answer = False
        for piece in self._model.stream(read, specs, choice):
            check_stopped()
            asked.hear(piece)
            if isinstance(piece, ToolCall):
                calls.append(piece)
            elif self._says_it_itself(turn):
                # It may go on to a second thing that was asked; words on the first are said already.
                break
            else:
                yield from check(self._grounder, turn, sentences.feed(piece))
                # A small model goes on and on, or round and round; leaving its iterator stops it.
                if turn.sentences >= _MOST_SENTENCES or turn.no_answer:
                    break
                if turn.sentences and turn.results and is_to_be_brief():
                    note_brevity()
                    break
        else:
            rests = [rest for rest in sentences.flush() if not turn.answer or is_whole(rest)]
            yield from check(self._grounder, turn, rests)
        return tuple(call for call in calls if choice != "none")

    def _reading(self, turn: Turn, choice: ToolChoice) -> tuple[Sequence[Message], Sequence[ToolSpec]]:
        """Return what the model reads: the whole talk while it may call tools, then only the question and the facts.

        With the tools before its eyes an untuned model goes on calling them; with the facts alone it answers.
        """
        talk = as_read(turn.conversation)
        if self._model.tuned or choice != "none" or not turn.results:
            return [*self._prompt, *window(talk)], self._specs[turn.conversation.customer_id is not None]
        facts = "\n\n".join(message.content for message in talk[turn.begun :] if message.role == "tool")
        wording = phrase("wording", turn.conversation.language, facts=facts)
        question = Message(role="user", content=customer_texts(turn.conversation)[-1])
        return [Message(role="system", content=wording), question], ()


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
