"""A chat model in figures, on models whose figures are known."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant.chat_models import ToolChoice
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.settings import Settings
from assistant.testing.chat_quality import ChatCases, measure_chat
from assistant.testing.stage import copy_shop
from retrieval.schema import Encoder
from tests.assistant.testing.makers import CANDLES, write

REQUESTS = """lang\trequest\ttool\targs\tintent
en\tcandles under 20\tsearch_products\tquery~candle;max_price=20\tsearch
en\tcandles under 30\tsearch_products\tquery~candle;max_price=30\tsearch
zh\t蜡烛\tsearch_products\tquery~蜡烛\tsearch
en\thello\tnone\t\tsmall talk
"""


class Searcher:
    """Searches for candles of at most 20, whatever is wanted."""

    name = "searcher"
    tuned = False

    def __init__(self) -> None:
        self.asked = 0

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        self.asked += 1
        if tool_choice != "none" and messages[-1].role == "user":
            yield ToolCall(id=f"{self.asked}", name="search_products", arguments={"query": "candle", "max_price": 20})


def test_figures_of_a_model_and_what_was_played_is_kept(
    tmp_path: Path, demo_settings: Settings, demo_encoder: Encoder
) -> None:
    requests = write(tmp_path, REQUESTS, "requests.tsv")
    folder = tmp_path / "talks"
    folder.mkdir()
    write(folder, CANDLES)
    write(folder, CANDLES.replace("search_products]", "get_order]"), "other.yaml")
    cases = ChatCases(requests=(requests,), conversations=folder, repeats=2)
    model = Searcher()
    with copy_shop(demo_settings, model, demo_encoder) as shop:
        first = measure_chat(shop, demo_settings, cases, "C001", cache_folder=tmp_path / "kept")
        asked = model.asked
        again = measure_chat(shop, demo_settings, cases, "C001", cache_folder=tmp_path / "kept")
    assert again == first
    assert model.asked == asked > 0, "nothing was played twice"
    figures = first["requests"]
    assert (figures["first_call_accuracy"], figures["tool_accuracy"]) == (0.25, 0.75)
    assert (figures["refusal_right"], figures["over_refusal"]) == (0.0, 0.0)
    # Of tools that were right, two limits were asked for and three given, one of them right; of three queries two were.
    assert figures["f1_by_argument"] == {
        "max_price": pytest.approx(2 / 5, abs=1e-3),
        "query": pytest.approx(4 / 6, abs=1e-3),
    }
    assert figures["by_language"]["zh"]["first_call_accuracy"] == 0.0
    talked = first["conversations"]
    assert (talked["conversations"], talked["pass^1"], talked["pass^2"]) == (2, 0.5, 0.5)
    assert [Path(name).name for name in talked["failed"]] == ["other.yaml"]
    assert talked["shown_not_named"] == 0


def test_a_sample_is_the_same_whatever_order_the_cases_come_in(
    tmp_path: Path, demo_settings: Settings, demo_encoder: Encoder
) -> None:
    header, *lines = REQUESTS.splitlines(keepends=True)
    files = [write(tmp_path, header + "".join(order), f"{n}.tsv") for n, order in enumerate((lines, lines[::-1]))]
    with copy_shop(demo_settings, Searcher(), demo_encoder) as shop:
        first, second = (
            measure_chat(shop, demo_settings, ChatCases(requests=(file,), sample=2), "C001", cache_folder=tmp_path)
            for file in files
        )
    assert first == second
    assert first["requests"]["requests"] == 2
