from itertools import pairwise

from assistant.prompting import window
from assistant.schema import Message


def talk(turns: int) -> list[Message]:
    messages = []
    for number in range(turns):
        messages += [
            Message(role="user", content=f"question {number}"),
            Message(role="tool", content="a long result " * 20, tool_call_id=str(number), brief=f"brief {number}"),
            Message(role="assistant", content=f"answer {number}"),
        ]
    return messages


def test_a_short_talk_is_whole() -> None:
    assert window(talk(2)) == talk(2)


def test_old_results_shrink_and_new_ones_stay_in_full() -> None:
    contents = [message.content for message in window(talk(4)) if message.role == "tool"]
    assert contents[:2] == ["brief 0", "brief 1"]
    assert all(content.startswith("a long result") for content in contents[2:])


def test_fifty_turns_are_no_longer_than_ten() -> None:
    lengths = [len(window(talk(turns))) for turns in range(1, 51)]
    assert max(lengths) <= 10 * 3
    assert all(window(talk(turns))[0].role == "user" for turns in range(1, 51))


def test_the_kept_beginning_moves_in_strides_so_that_the_prefix_cache_holds() -> None:
    firsts = [window(talk(turns))[0].content for turns in range(11, 31)]
    moves = sum(before != after for before, after in pairwise(firsts))
    assert moves <= 4
