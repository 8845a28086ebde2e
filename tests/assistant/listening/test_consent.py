import pytest

from assistant.listening.consent import consent


@pytest.mark.parametrize(
    "text", ["yes", "Yes, please!", " OK ", "好的。", "是的，请办理", "Ja bitte", "oui", "sí", "YES DO IT"]
)
def test_a_whole_message_of_consent_is_a_yes(text: str) -> None:
    assert consent(text) is True


@pytest.mark.parametrize("text", ["no", "No, thanks.", "不用了", "算了", "nein danke", "don’t"])
def test_a_whole_message_of_refusal_is_a_no(text: str) -> None:
    assert consent(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "yes but change the address first",
        "not yes",
        "is that ok?",
        "no problem, go on",
        "ok, and where is A1002?",
        "好的，但是先等等",
        "",
        "👍👎",
        "yesterday",
    ],
)
def test_anything_else_is_no_answer(text: str) -> None:
    assert consent(text) is None
