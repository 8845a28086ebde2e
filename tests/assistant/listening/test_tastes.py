"""What is said of one's taste counts; what only sounds like it doesn't."""

import pytest

from assistant.listening.tastes import tastes_in
from assistant.schema import Preference

SOLD = {"leather", "wool", "blue", "hiking boots", "hiking", "皮革", "羊毛", "蓝色"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not leather, please", [("leather", False)]),
        ("I don't like wool", [("wool", False)]),
        ("I hate leather but I love blue", [("blue", True), ("leather", False)]),
        ("nothing made of wool and no leather", [("leather", False), ("wool", False)]),
        ("I don’t want hiking boots", [("hiking boots", False)]),
        ("I don't like waiting", []),
        ("is this not nice?", []),
        ("我不喜欢皮革", [("皮革", False)]),
        ("不要羊毛的，我喜欢蓝色", [("蓝色", True), ("羊毛", False)]),
        ("不喜欢等待", []),
    ],
)
def test_tastes_are_read_from_what_was_said(text: str, expected: list[tuple[str, bool]]) -> None:
    found = tastes_in([text], lambda words: words in SOLD)
    assert sorted((each.subject, each.liked) for each in found) == sorted(expected)


def test_the_later_word_on_a_subject_counts() -> None:
    found = tastes_in(["I love wool", "not leather", "actually, I don't like wool"], lambda words: words in SOLD)
    assert found == (Preference(subject="wool", liked=False), Preference(subject="leather", liked=False))
