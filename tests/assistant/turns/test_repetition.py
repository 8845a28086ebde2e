import pytest

from assistant.schema import Message
from assistant.turns.repetition import is_no_answer


def talk(*texts: str) -> list[Message]:
    return [Message(role="assistant" if position % 2 else "user", content=text) for position, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("sentence", "texts"),
    [
        ("Nike shoes", ("do you sell Nike shoes",)),
        ("Cheap laptop?", ("cheap laptop??",)),
        ("保修多久？", ("保修多久",)),
        (
            "Here is what I found: A Tent ($1) and B Tent.",
            ("a tent", "Here is what I found: A Tent ($1) and B Tent.", "green?"),
        ),
    ],
)
def test_echoes_and_repetitions_are_no_answer(sentence: str, texts: tuple[str, ...]) -> None:
    assert is_no_answer(sentence, talk(*texts))


@pytest.mark.parametrize(
    ("sentence", "texts"),
    [
        ("You're welcome!", ("thanks", "You're welcome!", "thanks again")),
        ("Thank you!", ("thank you",)),
        ("Hello!", ("hello",)),
        ("The Karvik tent is waterproof.", ("is the Karvik tent waterproof?",)),
        ("1.", ("a tent",)),
        ("", ("a tent",)),
    ],
)
def test_answers_and_politeness_are(sentence: str, texts: tuple[str, ...]) -> None:
    assert not is_no_answer(sentence, talk(*texts))
