"""Every goal, how often it is had, and what makes it."""

import random
from collections.abc import Callable, Iterable

from finetune.shoppers.goals import (
    Goal,
    about_order,
    add_up,
    asked_for,
    cancel,
    half_said,
    hand_over,
    move,
    no_tool,
    pay_otherwise,
    policy,
    search,
    send_back,
    swap,
)
from finetune.shoppers.grammar import Grammar
from finetune.shoppers.shop_goals import (
    ask_about,
    coupon,
    delivery,
    into_cart,
    named,
    named_size,
    on_page,
    prefer,
    recommend,
)

GOALS: dict[str, tuple[int, Callable[[Grammar, random.Random], Goal]]] = {
    "things": (27, search),
    "order_one": (10, about_order("order_one", "get_order")),
    "order_all": (7, asked_for("order_all", "list_orders")),
    "history": (3, asked_for("history", "get_purchase_history")),
    "cancel": (7, cancel),
    "return": (5, send_back),
    "exchange": (4, swap("exchange", "exchange_delivered_items")),
    "change_items": (4, swap("change_items", "change_pending_order_items")),
    "change_address": (4, move("change_address", "change_pending_order_address")),
    "saved_address": (3, move("saved_address", "change_saved_address")),
    "change_payment": (5, pay_otherwise),
    "half_said": (6, half_said),
    "account": (5, asked_for("account", "get_account")),
    "policies": (13, policy),
    "complaints": (10, hand_over("complaints")),
    "person": (5, hand_over("person")),
    "sums": (6, add_up),
    "none": (18, no_tool),
    "coupon": (2, coupon),
    "cart_show": (4, asked_for("cart_show", "show_cart")),
    "cart_add": (6, into_cart("cart_add", "add_to_cart")),
    "cart_add_many": (3, into_cart("cart_add_many", "add_to_cart")),
    "cart_change": (4, into_cart("cart_change", "change_cart")),
    "cart_remove": (4, into_cart("cart_remove", "change_cart", quantity=0)),
    "delivery": (3, delivery),
    "recommend": (7, recommend),
    "preferences_get": (1, asked_for("preferences_get", "get_preferences")),
    "preferences_set": (2, prefer),
    "named_ask": (6, ask_about),
    "named_similar": (2, named("named_similar", "similar_products")),
    "named_cheaper": (2, named("named_cheaper", "similar_products", cheaper=True)),
    "named_goes_with": (3, named("named_goes_with", "goes_with")),
    "named_size": (2, named_size),
    "page": (10, on_page),
}
"""The name is the list that a language needs for it."""


def some_goal(grammar: Grammar, rng: random.Random, among: Iterable[str] = tuple(GOALS)) -> Goal:
    """Return a goal, each as often as GOALS says, of those that the language has words for."""
    wanted = set(among)
    names = [name for name in GOALS if name in grammar and name in wanted]
    (name,) = rng.choices(names, weights=[GOALS[name][0] for name in names])
    return GOALS[name][1](grammar, rng)
