"""What a trace tells of a turn, kept in real records, and what of it is nobody's but the shop's."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.app import App, assemble
from assistant.chat_models.scripted import ScriptedModel, SilentModel
from assistant.errors import RecordsError
from assistant.schema import Conversation, ToolCall, TurnFailed, TurnFinished
from assistant.shop.traces import Trace, Traces
from assistant.testing.stage import ShopCopy, Stage
from assistant.tracing.printing import masked, printed
from tests.ui.test_cli import run

LIE = "It costs $3.33."


@pytest.fixture
def stage(demo_shop: ShopCopy) -> Iterator[Stage]:
    with demo_shop.stage(SilentModel()) as stage:
        yield stage


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall(id=f"call-{name}", name=name, arguments=arguments)


def open_shop(stage: Stage, *steps: str | Sequence[ToolCall]) -> App:
    shop = stage.app
    return assemble(shop.settings, shop.catalogue, shop.records, shop.policies, ScriptedModel(steps))


def talk(shop: App, conversation: Conversation, *texts: str) -> Trace:
    """Say the texts; return the trace of the last turn."""
    for text in texts:
        list(shop.reply(conversation, text, "terminal"))
    shop.records.conversations.save(conversation)
    trace = shop.records.traces.last()
    assert trace is not None
    return trace


def test_a_turn_tells_what_was_called_found_held_back_and_said(stage: Stage) -> None:
    shop = open_shop(stage, [call("search_products", query="Candles  please")], f"Here are some. {LIE}")
    conversation = shop.start_conversation("C001")
    trace = talk(shop, conversation, "candles")
    assert (trace.said, trace.turn, trace.customer_id, trace.ended) == ("candles", 1, "C001", "turn_finished")
    assert trace.reply == conversation.messages[-1].content
    (search,) = trace.calls
    assert (search.name, search.by, search.ok, search.results) == ("search_products", "model", True, 4)
    assert [(each.sentence, "3.33" in each.reason) for each in trace.held_back] == [(LIE, True)]
    assert [step.choice for step in trace.steps] == ["auto", "none"]
    assert LIE in trace.steps[1].said
    assert trace.first_card is not None and trace.first_word is not None
    assert trace.first_card <= trace.first_word <= trace.seconds
    assert trace.model == "scripted" and trace.index == shop.catalogue.generation()
    assert [(each.words, each.times, each.without_hits) for each in shop.records.traces.searches()] == [
        ("candles please", 1, 0)
    ]


def test_what_the_model_read_is_whole_again_in_print(stage: Stage) -> None:
    model = ScriptedModel(["Hello!", [call("get_account")], "All is saved.", "You are welcome."])
    shop = assemble(stage.app.settings, stage.app.catalogue, stage.app.records, stage.app.policies, model)
    conversation = shop.start_conversation("C001")
    talk(shop, conversation, "hi there", "what is saved of me?")
    last = talk(shop, conversation, "thanks")
    text = "\n".join(printed(last, shop.records.conversations.load(conversation.id, "C001"), prompt=True))
    read = model.seen[-1]
    for message in read:
        assert all(line.strip() in text for line in message.content.splitlines()), message
    places = [text.index(said) for said in ("hi there", "what is saved of me?", "thanks")]
    assert places == sorted(places) or text.count("thanks") > 1
    # Earlier turns aren't kept a second time.
    assert "what is saved of me?" not in last.model_dump_json()


def test_a_turn_that_fails_is_found_by_the_id_that_the_customer_was_told(stage: Stage) -> None:
    shop = open_shop(stage)
    *_, failed = shop.reply(shop.start_conversation(), "hello", "http", visitor_id="v1")
    assert isinstance(failed, TurnFailed)
    trace = shop.records.traces.get(failed.trace_id[:8])
    assert trace is not None and trace.id == failed.trace_id and trace.visitor_id == "v1"
    assert trace.ended == "turn_failed" and "further step" in (trace.error or "")
    assert shop.records.traces.list(ended="turn_failed") == (trace,)


def test_a_customer_who_leaves_leaves_a_trace_of_what_was_said_so_far(stage: Stage) -> None:
    shop = open_shop(stage, [call("search_products", query="candles")], "There are candles.")
    events = shop.reply(shop.start_conversation(), "candles", "app")
    for _ in range(3):
        next(events)
    events.close()
    trace = shop.records.traces.last()
    assert trace is not None and trace.ended == "broken_off"
    assert [each.name for each in trace.calls] == ["search_products"]


def test_an_answer_by_a_button_is_told_from_a_message(stage: Stage) -> None:
    shop = open_shop(stage, [call("cancel_pending_order", order_id="A1001", reason="Wrong size")])
    conversation = shop.start_conversation("C001")
    asked = talk(shop, conversation, "Cancel A1001")
    assert asked.ended == "confirmation_requested" and asked.proposed == "cancel_pending_order"
    assert conversation.pending is not None
    list(shop.confirm(conversation, conversation.pending.id, True, "app"))
    done = shop.records.traces.last()
    assert done is not None and done.accepted is True and not done.steps
    assert [(each.name, each.by) for each in done.calls] == [("cancel_pending_order", "code")]
    assert [each.id for each in shop.records.traces.of_conversation(conversation.id)] == [asked.id, done.id]


def test_records_that_take_no_trace_cost_the_customer_nothing(stage: Stage) -> None:
    class Full(Traces):
        def add(self, trace: Trace) -> None:
            raise RecordsError("the disk is full")

    shop = open_shop(stage, "Hello!")
    shop = replace(shop, recorder=replace(shop.recorder, traces=Full(stage.engine)))
    *_, ending = shop.reply(shop.start_conversation(), "hello", "app")
    assert isinstance(ending, TurnFinished)


def test_masked_print_names_nobody(stage: Stage) -> None:
    shop = open_shop(stage, [call("get_order", order_id="A1001")], "It is pending, Maya. It goes to Juniper Street.")
    customer = shop.records.customers.get("C001")
    said = f"I am maya lindqvist, {customer.email}, call +1 503 555 0123. Where is a1001? Not bob@mail.test's."
    trace = talk(shop, shop.start_conversation("C001"), said)
    open_text, text = ("\n".join(printed(each)) for each in (trace, masked(trace, shop.records)))
    names = ["A1001", "C001", "Lindqvist", customer.email, "555 0123", "bob@mail.test", customer.address.line1]
    names += [customer.address.postcode, "4242"]
    assert all(name.casefold() in open_text.casefold() for name in names[:6])
    assert not [name for name in names if name.casefold() in text.casefold()]
    assert trace.id in text and "‹order›" in text and "‹e-mail›" in text and "‹phone›" in text


def test_the_command_prints_the_newest_turn_and_says_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("ENCODER", "hashing"), ("CHAT_MODEL", "scripted"), ("MODELS", str(tmp_path / "models"))):
        monkeypatch.setenv(f"SHELFTALK_{name}", value)
    (tmp_path / "feed.csv").write_text("id,title,price,currency\nk1,Copper Kettle,49.90,USD\n")
    store = tmp_path / "shop"
    run("import", tmp_path / "feed.csv", "--store", store)
    code, out, told = run("trace", "--last", "--store", store)
    assert code == 2 and out == "" and "no trace of any turn" in told
    run("ask", "hello there", "--store", store)
    code, out, _ = run("trace", "--last", "--store", store)
    assert code == 0 and "customer: hello there" in out and "ended: turn_finished" in out
    code, out, _ = run("trace", "--last", "--json", "--store", store)
    assert code == 0 and Trace.model_validate_json(out).said == "hello there"
    assert run("trace", "--store", store)[0] == 2
