from assistant.schema import Conversation
from assistant.turns.turn import Turn

NOTE = "Not shown, because the tools say nothing of it: «It is not possible.»: No tool result says so. Reply again."


def test_what_the_model_was_told_of_its_words_never_reaches_the_customer() -> None:
    turn = Turn(Conversation(id="c"), note=NOTE)
    assert turn.parrots_its_note(
        "Not shown, because the tools say nothing of it: «It is not possible to return a tent."
    )
    assert turn.parrots_its_note("No tool result says so..")
    assert not turn.parrots_its_note("You can return a tent within 30 days.")
    assert not turn.parrots_its_note("It is not possible after 30 days, but before it is.")
    assert not turn.parrots_its_note("Yes.")
    assert not Turn(Conversation(id="c")).parrots_its_note("No tool result says so.")
