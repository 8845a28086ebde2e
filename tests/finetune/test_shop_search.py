"""What shoppers searched and then clicked or bought, as judgments; and a ranker made of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import Interaction, ToolCall
from assistant.settings import Settings
from assistant.testing.stage import ShopCopy, Stage
from finetune.errors import TrainingError
from finetune.shop_search import Judgments, shop_judgments, train_shop_ranker

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def stage(demo_shop: ShopCopy) -> Iterator[Stage]:
    steps = [
        step
        for number in range(2)
        for step in ((ToolCall(id=str(number), name="search_products", arguments={"query": "tent"}),), "Here they are.")
    ]
    with demo_shop.stage(ScriptedModel(steps, tuned=True)) as stage:
        yield stage


def searched(stage: Stage) -> tuple[str, tuple[str, ...]]:
    """Search once; return what names the showing, and what was shown."""
    list(stage.app.reply(stage.app.start_conversation("C001"), "tent", "app"))
    last = stage.app.records.traces.last()
    assert last is not None
    return last.showings[0].attribution_id, last.showings[0].product_ids


def does(stage: Stage, kind: str, product_id: str, showing: str | None) -> None:
    event = {"customer_id": "C001", "product_id": product_id, "kind": kind, "at": AT, "attribution_id": showing}
    assert stage.app.records.interactions.add(Interaction.model_validate(event)) == 1


def test_a_search_that_was_followed_by_something_is_judged(stage: Stage) -> None:
    showing, shown = searched(stage)
    does(stage, "click", shown[0], showing)
    does(stage, "click", shown[1], showing)
    does(stage, "purchase", shown[1], showing)
    judgments = shop_judgments(stage.app.records)
    assert list(judgments.queries.values()) == ["tent"]
    (gains,) = judgments.gains.values()
    assert gains[shown[1]] > gains[shown[0]] > 0
    assert all(gains[left_alone] == 0 for left_alone in shown[2:])


def test_one_that_led_nowhere_isn_t_and_neither_is_a_click_from_elsewhere(stage: Stage) -> None:
    _, shown = searched(stage)
    does(stage, "click", shown[0], None)
    assert shop_judgments(stage.app.records).queries == {}


def test_the_same_words_twice_are_one_search(stage: Stage) -> None:
    for _ in range(2):
        showing, shown = searched(stage)
        does(stage, "click", shown[0], showing)
    assert len(shop_judgments(stage.app.records).queries) == 1


def test_too_few_are_no_training_set(tmp_path: Path) -> None:
    few = Judgments(queries={"q0": "tent"}, gains={"q0": {"t1": 1.0}})
    with pytest.raises(
        TrainingError, match="1 searches in the records were followed by a click or more; 30 are needed"
    ):
        train_shop_ranker(tmp_path, Settings(store=tmp_path), [], few, lambda stage, done, total: None)
    assert not list(tmp_path.iterdir())
