"""The training set: played through the real agent, so that what it shows is what the agent makes."""

import json
import random
from pathlib import Path

from assistant.schema import Message, ToolCall
from assistant.testing.stage import ShopCopy
from finetune.chat_loop import source_of
from finetune.shoppers.goals import Goal
from finetune.shoppers.teacher import Step
from finetune.synthesize import Report, Source, as_lines, asked_in_measures, spoken_in_tests, synthesize, write_set

GOAL = Goal(name="search", language="en", text="tents")


def test_a_set_holds_results_of_the_store_and_nothing_close_to_a_test(demo_shop: ShopCopy) -> None:
    report = Report()
    lines = list(synthesize(demo_shop, Source(requests=60, played=25, tested=("where is my order",)), report))
    texts = [line["messages"][0]["content"] for line in lines]
    assert not any("where is my order" in text.casefold() for text in texts)
    results = [message for line in lines for message in line["messages"] if message["role"] == "tool"]
    assert any(" | $" in result["content"] for result in results)
    for line in lines:
        assert all(line["messages"][position]["role"] == "assistant" for position in line["learned"])
    assert sum(report.languages.values()) == sum(report.kept.values()) > 50


def test_the_set_is_written_whole_with_a_report(tmp_path: Path, demo_shop: ShopCopy) -> None:
    out = tmp_path / "set.jsonl"
    write_set(out, demo_shop, Source(requests=20, played=2))
    assert len([json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]) >= 15
    assert json.loads((tmp_path / "set.report.json").read_text(encoding="utf-8"))["kept"]
    assert not list(tmp_path.glob("*.partial"))


def test_steps_that_go_on_share_a_line() -> None:
    user, again = Message(role="user", content="tents"), Message(role="user", content="cheaper?")
    call = Message(role="assistant", content="", tool_calls=(ToolCall(id="1", name="get_account", arguments={}),))
    result = Message(role="tool", content="1. Tent", tool_call_id="1")
    short = result.model_copy(update={"content": "Shown: Tent"})
    words = Message(role="assistant", content="The Tent.")
    steps = [
        Step(known=True, read=(user,), answer=call),
        Step(known=True, read=(user, call, result), answer=words),
        Step(known=True, read=(user, call, short, words, again), answer=call),
    ]
    first, second = as_lines(steps, GOAL)
    assert (first["learned"], len(first["messages"])) == ([1, 3], 4)
    assert (second["learned"], len(second["messages"])) == ([5], 6)


def test_tests_are_read_from_their_folder() -> None:
    texts = spoken_in_tests(Path(__file__).parents[1] / "conversations")
    assert len(texts) > 90
    assert random.Random(0).choice(texts)


def test_what_a_model_is_measured_on_is_kept_clear_of(tmp_path: Path) -> None:
    file = tmp_path / "requests_mine.tsv"
    file.write_text("lang\trequest\ttool\targs\nen\tdo your gift cards expire\tsearch_policies\t\n", encoding="utf-8")
    assert asked_in_measures([file]) == ["do your gift cards expire"]
    assert source_of(0, 0, None, [file]).tested == ("do your gift cards expire",)
