"""The rules of `policy.toml`: read with clear errors, in force at once, and each refusal with its way out."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.errors import RulesError
from assistant.schema import Order, OrderDetails, OrderStatus
from assistant.shop.rules import (
    POLICY_FILE,
    RuleBroken,
    ShopRules,
    WatchedRules,
    check_cancel,
    check_change,
    check_exchange,
    check_return,
    default_policy,
    last_return_day,
    parse_shop_rules,
    return_fee,
)
from tests.assistant.shop.makers import make_order

GROUPS = {"tents-01": ("Tents", "Outdoor")}


def rules(text: str = "") -> ShopRules:
    return parse_shop_rules(text.encode())


def delivered(on: str = "2026-03-10", placed: str = "2026-03-05") -> Order:
    order = make_order("A1", "delivered", 5)
    moment = datetime.combine(date.fromisoformat(placed), datetime.min.time(), UTC)
    return order.model_copy(update={"delivered_on": date.fromisoformat(on), "placed_at": moment})


def test_the_file_that_a_store_begins_with_says_what_holds_without_it() -> None:
    assert rules(default_policy()) == ShopRules()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[returns]\ndays = 'soon'", "returns.days: "),
        ("[refunds]\ndays = 3", "refunds: Extra"),
        ("[cancel]\nstatuses = ['lost']", "cancel.statuses.0: "),
        ("[identity]\nproof = [['order_id']]", "names nobody"),
        ("[returns]\nseasons = [{first = '13-01', last = '12-24', until = '01-31'}]", "'13-01' is no day"),
        ("[returns", "is not TOML"),
    ],
)
def test_an_error_names_the_entry(text: str, said: str) -> None:
    with pytest.raises(RulesError, match=r"policy\.toml") as refused:
        rules(text)
    assert said in str(refused.value)


def test_an_edited_file_counts_at_once_and_a_broken_one_leaves_the_last_good_rules(tmp_path: Path) -> None:
    file = tmp_path / POLICY_FILE
    watched = WatchedRules(tmp_path)
    assert watched.current() == ShopRules()
    file.write_text("[returns]\ndays = 14\n")
    assert watched.current().returns.days == 14
    file.write_text("[returns]\ndays = \n")
    assert watched.current().returns.days == 14


def test_a_file_that_is_broken_from_the_start_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / POLICY_FILE).write_text("[returns]\nday = 14\n")
    with pytest.raises(RulesError, match=r"returns\.day"):
        WatchedRules(tmp_path)


@pytest.mark.parametrize(
    ("status", "instead"),
    [("processing", "once it has been delivered"), ("delivered", "returned or exchanged"), ("cancelled", "Nothing")],
)
def test_a_refusal_says_which_rule_and_what_is_possible_instead(status: OrderStatus, instead: str) -> None:
    order = make_order("A1", status, 5)
    with pytest.raises(RuleBroken, match="only an order that is pending") as refused:
        check_cancel(rules(), order, "changed my mind")
    assert refused.value.rule == "cancel.statuses"
    assert instead in str(refused.value)
    assert refused.value.evidence == OrderDetails(order=order)


def test_a_shop_may_count_only_some_reasons() -> None:
    only = rules("[cancel]\nreasons = ['no longer needed']")
    order = make_order("A1", "pending", 5)
    check_cancel(only, order, "No longer  needed.")
    check_cancel(rules(), order, "it rains")
    with pytest.raises(RuleBroken, match="no longer needed"):
        check_cancel(only, order, "it rains")


def test_items_change_once_where_the_shop_says_so() -> None:
    order = make_order("A1", "pending", 5)
    check_change(rules(), "change_items", order)
    with pytest.raises(RuleBroken, match=r"change_items\.once"):
        check_change(rules(), "change_items", order.model_copy(update={"items_changed": True}))
    check_change(rules(), "change_address", order.model_copy(update={"items_changed": True}))


def test_the_last_day_of_the_window_still_counts_and_the_next_does_not() -> None:
    order = delivered()
    check_return(rules(), order, ["tents-01"], GROUPS, date(2026, 4, 9), "original")
    with pytest.raises(RuleBroken, match="2026-04-09") as refused:
        check_return(rules(), order, ["tents-01"], GROUPS, date(2026, 4, 10), "original")
    assert refused.value.rule == "returns.days"


def test_a_group_has_its_own_days_and_may_be_barred() -> None:
    longer = rules("[returns]\ndays_by_group = { Outdoor = 60 }\n[exchanges]\nnever = ['Tents']")
    order = delivered()
    assert last_return_day(longer.returns, order, GROUPS["tents-01"]) == date(2026, 5, 9)
    with pytest.raises(RuleBroken, match=r"exchanges\.never"):
        check_exchange(longer, order, ["tents-01"], GROUPS, date(2026, 3, 11))


def test_a_season_puts_the_last_day_off_into_the_next_year() -> None:
    season = rules("[returns]\nseasons = [{first = '11-01', last = '12-24', until = '01-31'}]").returns
    assert last_return_day(season, delivered("2026-11-20", "2026-11-15"), ()) == date(2027, 1, 31)
    assert last_return_day(season, delivered("2026-10-25", "2026-10-20"), ()) == date(2026, 11, 24)


def test_a_refund_goes_only_where_the_shop_sends_it_and_costs_what_it_says() -> None:
    cards = rules("[returns]\nrefund_to = ['gift_card']\nfee = '6.95'")
    with pytest.raises(RuleBroken, match="goes to a gift card"):
        check_return(cards, delivered(), ["tents-01"], GROUPS, date(2026, 3, 11), "original")
    assert return_fee(cards.returns, "original", "USD").amount == Decimal("6.95")
    assert return_fee(cards.returns, "gift_card", "USD").amount == 0


def test_an_order_is_exchanged_once() -> None:
    with pytest.raises(RuleBroken, match="They can be returned"):
        check_exchange(rules(), delivered(), ["tents-01"], GROUPS, date(2026, 3, 11), already_exchanged=True)
