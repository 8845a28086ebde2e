"""How much may be asked, counted for all processes together."""

import pytest

from assistant.app import App
from assistant.errors import SettingsError
from assistant.shop.rate_counters import RateCounters
from assistant.shop.tables import Base
from retrieval.database import open_database
from tests.ui.server.test_routes import client, events, shop, token
from tests.ui.server.test_visitors import visitor
from ui.server.callers import Caller
from ui.server.limits import Limits, build_limits

__all__ = ["shop"]


def limits(shop: App, **settings: object) -> Limits:
    return build_limits(shop.settings.model_copy(update=settings), shop.records.rate_counters)


def test_a_visitors_own_limit_is_nobody_elses(shop: App) -> None:
    two = limits(shop, rate_limit="2/minute")
    ann, bob = Caller(None, "ann", "1.1.1.1"), Caller(None, "bob", "1.1.1.1")
    assert [two.wait_for_turn(ann), two.wait_for_turn(ann)] == [None, None]
    wait = two.wait_for_turn(ann)
    assert wait is not None
    assert 0 < wait <= 60
    assert two.wait_for_turn(bob) is None


def test_one_address_cannot_ask_on_under_ever_new_names(shop: App) -> None:
    three = limits(shop, rate_limit_address="3/minute")
    asked = [three.wait_for_turn(Caller(None, f"v{number}", "1.1.1.1")) is None for number in range(5)]
    assert asked == [True, True, True, False, False]
    assert three.wait_for_turn(Caller(None, "v9", "2.2.2.2")) is None


@pytest.mark.parametrize("setting", [{"rate_limit_all": "3/minute"}, {"daily_cap": 3}])
def test_all_together_may_ask_so_much(shop: App, setting: dict[str, object]) -> None:
    capped = limits(shop, **setting)
    asked = [capped.wait_for_turn(Caller(None, f"v{number}", f"1.1.1.{number}")) is None for number in range(5)]
    assert asked == [True, True, True, False, False]


def test_processes_count_together(shop: App) -> None:
    settings = {"rate_limit": "1/minute", "rate_storage": "records"}
    here, there = client(shop, **settings), client(shop, **settings)
    mine = visitor(here)
    assert events(here.post("/chat", json={"message": "candles"}, headers=mine))[-1]["type"] == "turn_finished"
    assert events(there.post("/chat", json={"message": "candles"}, headers=mine))[-1]["reason"] == "rate_limited"
    assert events(there.post("/chat", json={"message": "hi"}, headers=token("C001")))[-1]["type"] == "turn_finished"


def test_a_window_ends() -> None:
    now = 1000.0
    engine = open_database("sqlite://")
    counters = RateCounters(engine, lambda: now)
    Base.metadata.create_all(engine)
    assert [counters.add("a", 60) for _ in range(3)] == [1, 2, 3]
    now = 1059.9
    assert counters.add("a", 60) == 4
    now = 1060.0
    assert counters.get("a") == (0, 1060.0)
    assert counters.add("a", 60) == 1
    now = 1200.0
    assert counters.tidy() == 1


def test_new_visitors_of_one_address_are_limited(shop: App) -> None:
    asked = client(shop)
    answers = [asked.get("/visitor").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


@pytest.mark.parametrize("setting", [{"rate_limit": "often"}, {"rate_storage": "cupboard://"}])
def test_a_setting_that_cannot_be_read_is_told(shop: App, setting: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(setting)).upper()):
        limits(shop, **setting)
