"""What one says before products on the screen: about one of them, or for others."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from finetune.shoppers.goals import Goal, limits, thing, with_article
from finetune.shoppers.grammar import Grammar
from finetune.shoppers.moods import dressed
from finetune.shoppers.shop_goals import number
from retrieval.schema import Product

_KINDS = {
    "cheaper": 4, "limit": 2, "colour": 2, "ordinal": 6, "named": 2, "instead": 2, "rated": 1, "compare": 2, "cart": 4,
    "cart_many": 1, "cart_cheapest": 2, "cart_dearest": 1, "cart_first": 2, "which": 3, "policy": 4, "musing": 2,
    "similar": 1, "similar_cheaper": 1, "goes_with": 1, "size": 1, "delivery": 1,
}  # fmt: skip
_ON_ONE = {
    "it_add": 5, "it_ask": 6, "it_similar": 1, "it_cheaper": 2, "it_goes_with": 2, "it_size": 1, "it_delivery": 1,
    "corrected": 3, "other": 3, "cheaper": 1, "ordinal": 2, "policy": 3, "musing": 1, "instead": 1,
}  # fmt: skip
"""The same where the talk is about one of the products, which then is "it"."""
_SIZE = re.compile("size|尺码|码数", re.IGNORECASE)
_SEARCHES = {"limit", "colour", "rated"}
_SEVERAL = {"compare", "which", "cart_cheapest", "cart_dearest"}
_LIMITS = {"max_price", "min_price", "min_rating"}
_MOST_COMPARED = 4
_TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "cheaper": ("similar_products", {"cheaper": True}),
    "cart": ("add_to_cart", {}),
    "cart_many": ("add_to_cart", {"quantity": "{count}"}),
    "cart_cheapest": ("add_to_cart", {}),
    "cart_dearest": ("add_to_cart", {}),
    "cart_first": ("add_to_cart", {}),
    "similar": ("similar_products", {}),
    "similar_cheaper": ("similar_products", {"cheaper": True}),
    "goes_with": ("goes_with", {}),
    "size": ("advise_size", {"usual_size": "{size}"}),
    "delivery": ("estimate_delivery", {"postcode": "{postcode}"}),
}
"""What else is called for a product than a look at it, with which arguments beside its id."""
_AS_TYPED = {"named", "size", "delivery"}
"""Kinds in whose words a typo would change what has to be given."""


def follow_up(
    grammar: Grammar, shown: Sequence[Product], last: Goal, rng: random.Random, listed: Sequence[Product] = ()
) -> Goal:
    """Return what is said before the products `shown`, after the goal `last` brought them.

    `listed` is the list of before, where one of its products is looked at now.
    """
    listed = listed if len(listed) > len(shown) else shown
    one = next((product for product in listed if product.id == last.arguments.get("product_id")), None)
    kind = _kind(grammar, shown if one is None else listed, one, last, rng)
    first, *others = rng.sample(range(len(listed)), min(2, len(listed)))
    if one is not None and listed[first] is one and others:
        first, others = others[0], [first]
    meant = _meant(kind, listed, listed[first], one)
    if kind in {"size", "it_size"} and not _is_sized(meant):
        kind = "ordinal" if kind == "size" else "it_ask"
    count, counted = number(grammar, rng)
    slots: dict[str, Any] = {
        "nth": grammar["ordinals"][first], "number": first + 1, "name": listed[first].text(grammar.language).short_name,
        "colour": grammar.pick("colours", rng), "n": counted, "count": count,
        "size": grammar.pick("sizes", rng), "postcode": grammar.pick("postcodes", rng),
    }  # fmt: skip
    if others:
        slots |= {"mth": grammar["ordinals"][others[0]], "other": others[0] + 1}
    if kind == "musing":
        said, reply = (rng.choice(grammar["none"]["musing"][part]) for part in ("say", "reply"))
        return Goal(
            name="follow_musing", language=grammar.language, text=dressed(said, grammar, rng), tool=None, reply=reply
        )
    query = str(last.arguments.get("query", ""))
    before = {name: value for name, value in last.arguments.items() if name in _LIMITS}
    tool, arguments = "search_products", {}
    match kind:
        case "limit":
            slots["max_phrase"], limit = limits(grammar, rng)
            arguments = {"query": query, **limit}
        case "colour":
            arguments = {"query": grammar.joined([str(slots["colour"]), query]), **before}
        case "rated":
            arguments = {"query": query, **before, "min_rating": 4}
        case "instead":
            said, other = thing(grammar, rng)
            slots |= {"thing": said, "a_thing": with_article(said) if grammar.language == "en" else said}
            arguments = {"query": other}
        case "compare":
            tool, arguments = "compare_products", {"product_ids": [listed[first].id, listed[others[0]].id]}
        case "which":
            tool, arguments = "compare_products", {"product_ids": [each.id for each in listed[:_MOST_COMPARED]]}
        case "policy":
            tool = "search_policies"
        case "corrected" | "other":
            # What was meant wrongly is done anew, for the right one.
            tool = last.tool or "get_product"
            arguments = {**last.arguments, "product_id": meant.id}
        case _:
            tool, fixed = _tool_of(kind)
            arguments = _given(fixed, meant.id, slots)
    text = grammar.fill(grammar.pick_from("follow_ups", kind, rng), slots)
    if kind == "policy":
        arguments = {"question": text}
    text = text if kind.removeprefix("it_") in _AS_TYPED else dressed(text, grammar, rng)
    return Goal(name=f"follow_{kind}", language=grammar.language, text=text, tool=tool, arguments=arguments)


def _kind(grammar: Grammar, shown: Sequence[Product], one: Product | None, last: Goal, rng: random.Random) -> str:
    weights: Mapping[str, int] = _KINDS if one is None else _ON_ONE
    fit = {
        kind: weight
        for kind, weight in weights.items()
        if (kind in grammar["follow_ups"] or kind == "musing")
        and (last.arguments.get("query") or kind not in _SEARCHES)
        and (len(shown) > 1 or kind not in _SEVERAL | {"corrected"})
        and (len(shown) == 2 or kind != "other")
        and not (kind in {"corrected", "other"} and last.tool == "search_products")
    }
    (kind,) = rng.choices(list(fit), weights=list(fit.values()))
    return kind


def _meant(kind: str, listed: Sequence[Product], pointed: Product, one: Product | None) -> Product:
    """Return the product that a message of a kind is about."""
    places = sorted((each.price.amount, place) for place, each in enumerate(listed) if each.price)
    priced = [listed[place] for _, place in places]
    match kind:
        case "cheaper" | "cart_cheapest" if priced:
            return one if one is not None and kind == "cheaper" else priced[0]
        case "cart_dearest" if priced:
            return priced[-1]
        case "cart_first":
            return listed[0]
        case _ if kind.startswith("it_") and one is not None:
            return one
        case _:
            return pointed


def _tool_of(kind: str) -> tuple[str, dict[str, Any]]:
    of_it = {"add": "cart", "cheaper": "cheaper"}
    name = kind.removeprefix("it_")
    return _TOOLS.get(of_it.get(name, name) if kind.startswith("it_") else kind, ("get_product", {}))


def _is_sized(product: Product) -> bool:
    return any(_SIZE.search(name) for variant in product.variants for name in variant.options)


def _given(fixed: Mapping[str, Any], product_id: str, slots: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: slots.get(str(value).strip("{}"), value) for name, value in fixed.items()}
    return {**given, "product_id": product_id} if "postcode" in given else {"product_id": product_id, **given}
