"""The runner: every expectation can fail, and a run leaves the shop as it was."""

import hashlib
import json
from pathlib import Path

import pytest

from assistant.settings import Settings
from assistant.testing.files import load_conversations
from assistant.testing.report import Report
from assistant.testing.stage import ShopCopy
from assistant.testing.suite import run_live, run_scripted, run_tests
from retrieval.errors import IndexDamaged
from retrieval.schema import Encoder
from tests.assistant.testing.makers import CANDLES, EverySecond, conversation, run, write

SEARCH = """
about: A search.
customer: C001
turns:
  - user: {user}
    script:
      - call: {{name: search_products, arguments: {{query: candles, max_price: 30}}}}
      - say: There is the {{shown.1.short_name}}.
    expect: {expect}
"""


@pytest.mark.parametrize(
    ("expect", "complaint"),
    [
        ("{tools: [search_products]}", None),
        ("{tools: [[get_product, search_products]]}", None),
        ("{tools: []}", "expected calls of none, but there were calls of search_products"),
        ("{tools: [get_product]}", "expected calls of get_product, but there were calls of search_products"),
        ("{tools: [search_products, search_products]}", "expected calls of search_products, search_products"),
        ("{tool_errors: []}", None),
        ("{tool_errors: [search_products]}", "expected errors of search_products, but there were errors of none"),
        ("{products: {count: 4, all: {max_price: 30}}}", None),
        ("{products: {count: 3}}", "expected 3 products on the screen, but there were 4"),
        ("{products: {at_least: 5}}", "expected at least 5 products"),
        ("{products: {all: {max_price: 1}}}", "expected every product to keep max_price 1"),
        ("{products: {some: {category: Tents}}}", "expected a product that keeps category Tents"),
        ("{products: {ids: [tents-01]}}", "expected tents-01 on the screen"),
        ("{reply: {contains: ['{shown.1.short_name}', '{shown.4.price}']}}", None),
        ("{reply: {contains: [[nonsense, THERE is]]}}", None),
        ("{reply: {contains: [[nonsense, humbug]]}}", "to contain «nonsense» or «humbug»"),
        ("{reply: {not_contains: [there IS]}}", "expected the reply not to contain «there IS»"),
        ("{reply: {contains: ['{shown.9.price}']}}", "{shown.9.price} stands for nothing here"),
        ("{reply: {contains: ['{order.A9999.total}']}}", "{order.A9999.total} stands for nothing here"),
        ("{reply: {contains: ['{order.A1001.colour}']}}", "stands for nothing here"),
        ("{confirmation: cancel_pending_order}", "expected to be asked to confirm cancel_pending_order"),
        ("{ends: turn_failed}", "expected the turn to end in turn_failed, but it ended in turn_finished"),
        ("{held_back: 1}", "expected 1 sentences to be held back"),
    ],
)
def test_expectation_of_a_turn(tmp_path: Path, demo_shop: ShopCopy, expect: str, complaint: str | None) -> None:
    result = run(tmp_path, demo_shop, SEARCH.format(user="candles under $30", expect=expect))
    if complaint is None:
        assert result.failures == ()
    else:
        assert any(complaint in failure and failure.startswith("turn 1 (candles") for failure in result.failures)
        assert not result.passed


CART = """
about: A cart.
turns:
  - user: Put Goodnight, Night Bus into my cart
    script:
      - call: {{name: add_to_cart, arguments: {{product_id: picture-books-02}}}}
      - say: Sure.
    expect: {{cart: {cart}}}
"""


@pytest.mark.parametrize(
    ("cart", "complaint"),
    [
        ("[{product: picture-books-02}]", None),
        ("[]", "expected 0 lines in the cart, but in it is: 1 × picture-books-02"),
        ("[{product: picture-books-02, quantity: 2}]", "expected 2 × picture-books-02 in the cart, but in it is: 1 ×"),
        ("[{product: picture-books-02, options: [red, blue]}]", "expected 1 × picture-books-02 (red or blue) in the"),
        ("[{product: picture-books-02}, {product: candles-01}]", "expected 1 × candles-01 in the cart"),
        ("[{product: picture-books-02}, {product: picture-books-02}]", "expected 1 × picture-books-02 in the cart"),
    ],
)
def test_expectation_of_the_cart(tmp_path: Path, demo_shop: ShopCopy, cart: str, complaint: str | None) -> None:
    failures = run(tmp_path, demo_shop, CART.format(cart=cart)).failures
    assert [complaint in failure for failure in failures if complaint] == ([True] if complaint else [])
    assert bool(failures) == (complaint is not None)


CANCEL = """
about: A cancellation.
customer: C001
turns:
  - user: Cancel A1001.
    script:
      - call: {{name: cancel_pending_order, arguments: {{order_id: A1001, reason: Too Late}}}}
    expect: {{confirmation: cancel_pending_order}}
  - confirm: {confirm}
{end}
"""


@pytest.mark.parametrize(
    ("confirm", "end", "complaint"),
    [
        ("yes", "expect_orders: {A1001: {status: cancelled, cancel_reason: [too early, too late]}}", None),
        ("yes", "expect_orders: {A1001: {status: pending}}", "expected order A1001 to be pending, but it is cancelled"),
        ("yes", "expect_orders: {A1001: {cancel_reason: wrong}}", "expected the reason for order A1001"),
        ("yes", "", "order A1001 was changed, which the conversation doesn't expect"),
        ("no", "", None),
        (
            "no",
            "expect_orders: {A1001: {status: cancelled}}",
            "expected order A1001 to be cancelled, but it is pending",
        ),
        ("no", "expect_orders: {X1: {status: pending}}", "there is no order X1 in this shop"),
        ("no", "expect_tickets: 1", "expected 1 open tickets, but there are 0"),
    ],
)
def test_expectation_of_the_end(
    tmp_path: Path, demo_shop: ShopCopy, confirm: str, end: str, complaint: str | None
) -> None:
    result = run(tmp_path, demo_shop, CANCEL.format(confirm=confirm, end=end))
    if complaint is None:
        assert result.failures == ()
    else:
        assert any(failure.startswith("at the end: ") and complaint in failure for failure in result.failures)


def test_script_that_is_too_short_or_too_long_is_named(tmp_path: Path, demo_shop: ShopCopy) -> None:
    short = run(tmp_path, demo_shop, "about: a\nturns:\n- user: hi\n  script: []\n  expect: {ends: turn_failed}\n")
    assert "more often than the script's 0 steps" in short.failures[0]
    long = "about: a\nturns:\n- user: hi\n  script: [{say: Hello!}, {say: Hello!}]\n  expect: {tools: []}\n"
    assert "for 1 steps of the script fewer" in run(tmp_path, demo_shop, long).failures[0]


def test_unknown_customer_is_named(tmp_path: Path, demo_shop: ShopCopy) -> None:
    assert run(tmp_path, demo_shop, CANDLES + "customer: C999").failures == (
        "at the end: this shop knows no customer 'C999'",
    )


def test_failed_turn_fails_a_turn_that_expects_nothing(tmp_path: Path, demo_shop: ShopCopy) -> None:
    result = run(tmp_path, demo_shop, CANDLES + "  - confirm: yes\n")
    assert len(result.failures) == 1
    assert (
        "turn 2 (confirm: yes): expected the turn to end in turn_finished, but it ended in turn_refused"
        in result.failures[0]
    )


def test_what_is_expected_of_the_script_is_not_expected_live(tmp_path: Path, demo_shop: ShopCopy) -> None:
    text = CANDLES + "    expect_scripted: {held_back: 7}\n"
    assert "held back" in run(tmp_path, demo_shop, text).failures[0]
    report = run_live([conversation(tmp_path, text)], demo_shop, 1)
    assert not any("held back" in failure for failure in report.results[0].runs[0].failures)


def test_each_run_begins_with_fresh_records(tmp_path: Path, demo_shop: ShopCopy) -> None:
    text = CANCEL.format(confirm="yes", end="expect_orders: {A1001: {status: cancelled}}")
    assert run(tmp_path, demo_shop, text).failures == run(tmp_path, demo_shop, text).failures == ()


def test_the_shops_own_store_stays_as_it_is(
    tmp_path: Path, demo_store: Path, demo_settings: Settings, demo_encoder: Encoder
) -> None:
    before = _digest(demo_store)
    text = CANCEL.format(confirm="yes", end="expect_orders: {A1001: {status: cancelled}}")
    report = run_tests(write(tmp_path, text), demo_settings, encoder=demo_encoder)
    assert report.passed
    assert _digest(demo_store) == before


def test_store_that_is_not_there_says_what_mends_it(
    tmp_path: Path, demo_settings: Settings, demo_encoder: Encoder
) -> None:
    settings = demo_settings.model_copy(update={"store": tmp_path / "nowhere"})
    with pytest.raises(IndexDamaged, match="shelftalk"):
        run_tests(write(tmp_path, CANDLES), settings, encoder=demo_encoder)
    assert not (tmp_path / "nowhere").exists()


# -- reports -----------------------------------------------------------------------------------------------------------


def test_file_that_a_silent_model_passes_fails(tmp_path: Path, demo_shop: ShopCopy) -> None:
    text = "about: a\nturns:\n- user: hi\n  script: [{say: Hello!}]\n  expect: {tools: []}\n"
    report = run_scripted([conversation(tmp_path, text)], demo_shop)
    assert report.results[0].runs[0].passed
    assert report.results[0].tests_nothing
    assert not report.passed
    assert "A model that does nothing meets all" in report.as_text()


def test_file_without_a_script_is_skipped_and_nothing_run_is_no_pass(tmp_path: Path, demo_shop: ShopCopy) -> None:
    unscripted = conversation(
        tmp_path, "about: a\nturns:\n- user: candles\n  expect: {tools: [search_products]}\n", "u.yaml"
    )
    report = run_scripted([unscripted], demo_shop)
    assert not report.passed
    assert "--live" in report.as_text()
    both = run_scripted([unscripted, conversation(tmp_path, CANDLES)], demo_shop)
    assert both.passed
    assert "1 of 1 conversations passed (scripted, scripted). 1 skipped." in both.as_text()


def test_live_runs_are_repeated_and_counted(tmp_path: Path, demo_settings: Settings, demo_encoder: Encoder) -> None:
    write(tmp_path, CANDLES, "a.yaml")
    write(tmp_path, CANDLES, "b.yaml")
    told: list[tuple[str, int, int]] = []
    report = run_tests(
        [tmp_path],
        demo_settings,
        live=True,
        repeat=3,
        progress=lambda stage, done, total: told.append((stage, done, total)),
        chat_model=EverySecond(),
        encoder=demo_encoder,
    )
    # Of the six runs the first, third and fifth pass: two of the first file's, one of the second's.
    assert [[run.passed for run in result.runs] for result in report.results] == [
        [True, False, True],
        [False, True, False],
    ]
    assert report.pass_1 == pytest.approx(1 / 2)
    assert report.pass_k == 0
    assert not report.passed
    assert told[-1] == ("", 6, 6)
    assert [done for _, done, _ in told] == list(range(7))
    text = report.as_text()
    assert "FAIL  2/3" in text
    assert "run 2, turn 1 (candles): expected calls of search_products, but there were calls of none" in text
    assert "pass^1 0.50  pass^3 0.00" in text


def test_report_as_json(tmp_path: Path, demo_shop: ShopCopy) -> None:
    report = run_scripted([conversation(tmp_path, CANDLES)], demo_shop)
    document = json.loads(report.as_json())
    assert document["passed"] is True
    assert document["mode"] == "scripted"
    assert document["pass^1"] == 1.0
    (only,) = document["conversations"]
    assert only["name"].endswith("talk.yaml")
    assert only["runs"][0]["turns"][0]["calls"][0]["arguments"] == {"query": "candles"}
    assert "There is the" in only["runs"][0]["turns"][0]["reply"]


def test_empty_report_has_not_passed() -> None:
    assert not Report(mode="live", chat_model="none", repeat=1, results=()).passed


def test_this_projects_conversations_are_found() -> None:
    assert len(load_conversations(Path(__file__).parents[2] / "conversations")) >= 28


def _digest(store: Path) -> dict[str, str]:
    # SQLite may fold its log into the database when somebody else closes it; the shop's own index is never opened.
    paths = [store / "shop.sqlite", *sorted((store / "index").rglob("*"))]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}
