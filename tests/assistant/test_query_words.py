"""What shoppers searched and then clicked becomes words that the shop's search understands."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.query_words import heed_shoppers
from assistant.refitting import Pace
from assistant.schema import Interaction, ToolCall
from assistant.shop.traces import Trace
from assistant.testing.stage import ShopCopy, Stage
from retrieval.schema import Query

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
PEOPLE = ("C001", "C002", "C003", "C004", "C005")


@pytest.fixture
def stage(demo_shop: ShopCopy) -> Iterator[Stage]:
    steps = [(ToolCall(id="1", name="search_products", arguments={"query": "kettle"}),), "Here they are."]
    with demo_shop.stage(ScriptedModel(steps, tuned=True)) as stage:
        yield stage


@pytest.fixture
def trace(stage: Stage) -> Trace:
    """A turn in which kettles were searched and shown."""
    list(stage.app.reply(stage.app.start_conversation("C001"), "kettle", "app"))
    last = stage.app.records.traces.last()
    assert last is not None and last.showings
    return last


def searches_and_clicks(stage: Stage, trace: Trace, words: str, person: str, at: datetime, product_id: str) -> None:
    """Keep the turn as if the person had searched other words, and a click on what it showed."""
    calls = tuple(call.model_copy(update={"arguments": {"query": words}}) for call in trace.calls)
    name = f"{words}-{person}"
    showings = tuple(showing.model_copy(update={"attribution_id": name}) for showing in trace.showings[:1])
    told = {"id": name, "customer_id": person, "calls": calls, "showings": showings}
    stage.app.records.traces.add(trace.model_copy(update=told))
    click = Interaction(customer_id=person, product_id=product_id, kind="click", at=at, attribution_id=name)
    assert stage.app.records.interactions.add(click) == 1


def test_the_search_learns_a_word_that_shoppers_use(stage: Stage, trace: Trace) -> None:
    catalogue, records = stage.app.catalogue, stage.app.records
    kettle = next(name for name in trace.showings[0].product_ids if catalogue.get_product(name).category == "Kettles")
    for number, person in enumerate(PEOPLE):
        searches_and_clicks(stage, trace, "billycan", person, AT + timedelta(days=number), kettle)
    found = records.interactions.after_searches(AT - timedelta(days=1))
    assert {(search.words, search.product_id) for search in found} == {("billycan", kettle)} and len(found) == 5
    assert records.interactions.after_searches(AT + timedelta(days=30)) == []
    words = heed_shoppers(catalogue, records, lambda: AT + timedelta(days=9), Pace(every=0.0))
    assert "kettle" in words.current().meanings["billycan"]
    assert catalogue.search(Query(text="billycan", k=1))[0].product.category == "Kettles"


def test_who_lets_nothing_be_learned_has_no_voice(stage: Stage, trace: Trace) -> None:
    records, shown = stage.app.records, trace.showings[0].product_ids[0]
    for number, person in enumerate(PEOPLE):
        searches_and_clicks(stage, trace, "billycan", person, AT + timedelta(days=number), shown)
    records.consents.set(PEOPLE[0], history=False)
    assert {search.person for search in records.interactions.after_searches(AT)} == set(PEOPLE[1:])


def test_a_turn_with_two_searches_tells_nothing_of_either(stage: Stage, trace: Trace) -> None:
    twice = trace.model_copy(update={"calls": trace.calls * 2})
    searches_and_clicks(stage, twice, "billycan", "C001", AT, trace.showings[0].product_ids[0])
    assert stage.app.records.interactions.after_searches(AT) == []
