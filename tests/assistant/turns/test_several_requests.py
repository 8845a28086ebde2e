"""Several requests in one message: each is answered, one after the other."""

from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import TurnFinished
from tests.assistant.talks import ENDINGS, OpenApp, assert_every_call_is_answered, call, cancel


def test_the_model_reads_one_of_two_requests_at_a_time_and_the_record_keeps_the_message(open_app: OpenApp) -> None:
    model = ScriptedModel(
        [
            [call("search_policies", question="How long do returns take?")],
            [call("search_policies", question="Do you have gift cards?")],
        ],
        tuned=True,
    )
    app = open_app(model=model)
    conversation = app.start_conversation()
    message = "how long do returns take and do you have gift cards?"
    events = list(app.agent.reply(conversation, message))
    assert isinstance(events[-1], TurnFinished)
    assert sum(event.type in ENDINGS for event in events) == 1
    assert "30 days" in events[-1].text and "$500" in events[-1].text
    asked = [[each.content for each in seen if each.role == "user"] for seen in model.seen]
    assert asked[0] == ["how long do returns take"]
    assert asked[1] == ["how long do returns take", "do you have gift cards?"]
    assert [each.content for each in conversation.messages if each.role == "user"] == [message]
    assert_every_call_is_answered(conversation)


def test_a_second_request_that_looks_up_the_same_adds_nothing(open_app: OpenApp) -> None:
    same = call("get_order", order_id="A1002")
    app = open_app([same], "Order A1002 has been shipped.", [same], "")
    ending = list(app.agent.reply(app.start_conversation("C001"), "Where is my order A1002 and when does it arrive?"))[
        -1
    ]
    assert isinstance(ending, TurnFinished)
    assert ending.text.count("has been shipped") == 1
    assert "can't say" not in ending.text


def test_what_was_asked_behind_a_change_is_answered_after_the_yes(open_app: OpenApp) -> None:
    app = open_app(
        [cancel("A1001")],
        [call("search_policies", question="Do you have gift cards?")],
        "A Larkhill gift card can have any whole amount from $10 to $500.",
    )
    conversation = app.start_conversation("C001")
    events = list(app.agent.reply(conversation, "Please cancel A1001, and also do you have gift cards?"))
    assert events[-1].type == "confirmation_requested"
    assert [request.place is None for request in conversation.requests] == [False, True]
    assert conversation.pending is not None
    events = list(app.agent.confirm(conversation, conversation.pending.id, True))
    assert isinstance(events[-1], TurnFinished)
    assert "A1001 is cancelled" in events[-1].text and "$500" in events[-1].text


def test_a_new_message_leaves_the_old_requests_behind(open_app: OpenApp) -> None:
    model = ScriptedModel([[cancel("A1001")], "Hello! What are you looking for?"])
    app = open_app(model=model)
    conversation = app.start_conversation("C001")
    list(app.agent.reply(conversation, "Please cancel A1001, and also do you have gift cards?"))
    list(app.agent.reply(conversation, "oh hello again"))
    assert conversation.requests == []
    assert model.seen[-1][-1].content == "oh hello again"
