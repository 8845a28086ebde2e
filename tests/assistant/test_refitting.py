"""A model that is learned from a growing log: nobody waits for the next one, and it comes all the same."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from assistant.chat_models.scripted import SilentModel
from assistant.errors import RecordsError
from assistant.recommending import ShopRecommender
from assistant.refitting import Pace, Refitted
from assistant.schema import Interaction
from assistant.shop.interactions import Interactions
from assistant.testing.stage import ShopCopy, Stage
from retrieval.recommending.events import RawEvent

ALWAYS, SELDOM = Pace(0, 0), Pace(60)
_PATIENCE = 20.0


class Learner:
    """Learns what was last written, after `allowed` is set."""

    def __init__(self) -> None:
        self.written = "one"
        self.allowed = threading.Event()
        self.allowed.set()
        self.fits = 0
        self.error: Exception | None = None

    def state(self) -> str:
        if self.error:
            raise self.error
        return self.written

    def fit(self) -> str:
        learned = self.written
        assert self.allowed.wait(_PATIENCE)
        self.fits += 1
        return learned


def test_the_old_model_serves_until_the_new_one_is_whole() -> None:
    learner = Learner()
    model = Refitted(learner.state, learner.fit, ALWAYS)
    assert model.current() == "one"
    model.settle(_PATIENCE)
    learner.written = "two"
    learner.allowed.clear()
    assert [model.current() for _ in range(50)] == ["one"] * 50
    learner.allowed.set()
    model.settle(_PATIENCE)
    assert model.current() == "two"
    model.settle(_PATIENCE)
    # Fifty askers while it was made, and one after it: made once.
    assert learner.fits == 2


def test_what_changes_all_the_time_is_learned_now_and_then() -> None:
    learner = Learner()
    model = Refitted(learner.state, learner.fit, SELDOM)
    for number in range(20):
        learner.written = str(number)
        assert model.current() == "0"
        model.settle(_PATIENCE)
    assert learner.fits == 1


def test_askers_of_the_first_one_wait_for_one_fit() -> None:
    learner = Learner()
    learner.allowed.clear()
    model = Refitted(learner.state, learner.fit, SELDOM)
    model.prepare()
    told: list[str] = []
    askers = [threading.Thread(target=lambda: told.append(model.current())) for _ in range(5)]
    for asker in askers:
        asker.start()
    learner.allowed.set()
    for asker in askers:
        asker.join(_PATIENCE)
    assert (told, learner.fits) == (["one"] * 5, 1)


def test_a_plain_model_serves_while_the_first_whole_one_takes_long() -> None:
    learner = Learner()
    learner.allowed.clear()
    model = Refitted(learner.state, learner.fit, SELDOM, quick=lambda: "plain")
    assert [model.current() for _ in range(3)] == ["plain"] * 3
    learner.allowed.set()
    model.settle(_PATIENCE)
    assert (model.current(), learner.fits) == ("one", 1)


def test_records_that_do_not_answer_leave_the_old_model(caplog: pytest.LogCaptureFixture) -> None:
    learner = Learner()
    learner.error = RecordsError("The records did not answer.")
    model = Refitted(learner.state, learner.fit, ALWAYS)
    with pytest.raises(RecordsError):
        model.current()
    learner.error = None
    assert model.current() == "one"
    model.settle(_PATIENCE)
    learner.error, learner.written = RecordsError("The records did not answer."), "two"
    assert model.current() == "one"
    model.settle(_PATIENCE)
    assert "goes on with what it knew" in caplog.text
    learner.error = None
    model.current()
    model.settle(_PATIENCE)
    assert model.current() == "two"


# -- through the front door --------------------------------------------------------------------------------------------


class SlowInteractions(Interactions):
    """Records whose whole log takes long to read."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.allowed = threading.Event()
        self.allowed.set()

    def everything(self) -> list[RawEvent]:
        found = super().everything()
        assert self.allowed.wait(_PATIENCE)
        return found


@pytest.fixture
def stage(demo_shop: ShopCopy) -> Iterator[Stage]:
    with demo_shop.stage(SilentModel()) as stage:
        yield stage


def test_a_recommendation_answers_while_a_slow_fit_runs_and_the_list_changes_afterwards(stage: Stage) -> None:
    interactions = SlowInteractions(stage.engine)
    app = stage.app
    recommender = ShopRecommender(app.catalogue, replace(app.records, interactions=interactions), pace=ALWAYS)
    before = [product.id for product in recommender.recommend(None).products]
    recommender.model.settle(_PATIENCE)
    interactions.allowed.clear()
    rare = next(row.id for row in app.catalogue.get_products(["umbrellas-01", "candles-01"]) if row.id not in before)
    at = datetime.now(UTC) - timedelta(hours=1)
    interactions.add(*(Interaction(visitor_id=f"v{n}", product_id=rare, kind="purchase", at=at) for n in range(200)))
    began = time.monotonic()
    meanwhile = [product.id for product in recommender.recommend(None).products]
    own = recommender.recommend(None, visitor_id="v3").products
    spent = time.monotonic() - began
    interactions.allowed.set()
    recommender.model.settle(_PATIENCE)
    after = [product.id for product in recommender.recommend(None).products]
    recommender.model.settle(_PATIENCE)
    assert spent < _PATIENCE / 2
    assert meanwhile == before
    assert rare not in [product.id for product in own], "what one bought just now is known at once"
    assert rare in after
