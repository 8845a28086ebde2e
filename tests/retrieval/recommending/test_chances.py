"""The chances to buy of single customers: at all, a product again, of a category again."""

import pytest

from retrieval.recommending.chances import ChanceModels
from retrieval.recommending.events import RawEvent, read_events
from tests.retrieval.recommending.makers import NOW, did, make_shop

ITEMS = make_shop()


def the_log() -> list[RawEvent]:
    """Sixty who buy k0-0 every ten days, sixty who stopped half a year ago, sixty who bought of k1 a single time."""
    often = [did(f"o{n}", "k0-0", 10 * step + n % 10) for n in range(60) for step in range(30)]
    stopped = [did(f"s{n}", "k0-0", 180 + 10 * step) for n in range(60) for step in range(12)]
    once = [did(f"x{n}", f"k1-{n % 8}", 5 * n) for n in range(60)]
    return [*often, *stopped, *once]


@pytest.fixture(scope="module")
def models() -> ChanceModels:
    return ChanceModels(read_events(the_log(), ITEMS, NOW), ITEMS, 30)


def test_who_comes_all_the_time_is_told_from_who_stopped(models: ChanceModels) -> None:
    often = models.of([did("", "k0-0", 10 * step + 4) for step in range(20)], NOW)
    stopped = models.of([did("", "k0-0", 200 + 10 * step) for step in range(10)], NOW)
    assert often.at_all is not None and stopped.at_all is not None
    assert often.at_all > 0.7 > 0.3 > stopped.at_all
    assert often.products["k0-0"] > 0.7 > 0.3 > stopped.products["k0-0"]
    assert often.categories["kind 0"] > 0.7 > 0.3 > stopped.categories["kind 0"]


def test_the_likeliest_comes_first_and_what_was_never_bought_isnt_told(models: ChanceModels) -> None:
    told = models.of([*(did("", "k0-0", 10 * step + 4) for step in range(20)), did("", "k1-3", 100)], NOW)
    assert list(told.products) == ["k0-0", "k1-3"]
    assert list(told.products.values()) == sorted(told.products.values(), reverse=True)
    assert set(told.categories) == {"kind 0", "kind 1"}


def test_of_somebody_who_bought_nothing_and_from_a_log_too_short_nothing_is_told(models: ChanceModels) -> None:
    for told in (
        models.of([did("", "k0-0", 3, "view")], NOW),
        ChanceModels(read_events([did("p", "k0-0", 3)], ITEMS, NOW), ITEMS, 30).of([did("", "k0-0", 3)], NOW),
    ):
        assert (told.at_all, told.products, told.categories) == (None, {}, {})
