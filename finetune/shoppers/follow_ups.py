"""What one says before products on the screen: about one of them, or for others."""

import random
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from finetune.shoppers.goals import Goal, limits, thing, with_article
from finetune.shoppers.grammar import Grammar
from finetune.shoppers.moods import dressed
from finetune.shoppers.shop_goals import number
from retrieval.schema import Product

_KINDS = {
    "cheaper": 4, "limit": 2, "colour": 2, "ordinal": 4, "named": 2, "instead": 2, "rated": 1, "compare": 2, "cart": 3,
    "cart_many": 1, "similar": 1, "similar_cheaper": 1, "goes_with": 1, "size": 1, "delivery": 1,
}  # fmt: skip
_SIZE = re.compile("size|尺码|码数", re.IGNORECASE)
_SEARCHES = {"cheaper", "limit", "colour", "rated"}
_LIMITS = {"max_price", "min_price", "min_rating"}
_TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "cart": ("add_to_cart", {}),
    "cart_many": ("add_to_cart", {"quantity": "{count}"}),
    "similar": ("similar_products", {}),
    "similar_cheaper": ("similar_products", {"cheaper": True}),
    "goes_with": ("goes_with", {}),
    "size": ("advise_size", {"usual_size": "{size}"}),
    "delivery": ("estimate_delivery", {"postcode": "{postcode}"}),
}
"""What else is called for a product than a look at it, with which arguments beside its id."""


def follow_up(grammar: Grammar, shown: Sequence[Product], last: Goal, rng: random.Random) -> Goal:
    """Return what is said before the products `shown`, after the goal `last` brought them."""
    query = str(last.arguments.get("query", ""))
    kinds = [
        kind
        for kind in _KINDS
        if kind in grammar["follow_ups"] and (query or kind not in _SEARCHES) and (len(shown) > 1 or kind != "compare")
    ]
    (kind,) = rng.choices(kinds, weights=[_KINDS[kind] for kind in kinds])
    first, *others = rng.sample(range(len(shown)), min(2, len(shown)))
    if kind == "size" and not _is_sized(shown[first]):
        kind = "ordinal"
    count, counted = number(grammar, rng)
    slots: dict[str, Any] = {
        "nth": grammar["ordinals"][first], "number": first + 1, "name": shown[first].text(grammar.language).short_name,
        "colour": grammar.pick("colours", rng), "n": counted, "count": count,
        "size": grammar.pick("sizes", rng), "postcode": grammar.pick("postcodes", rng),
    }  # fmt: skip
    if others:
        slots |= {"mth": grammar["ordinals"][others[0]], "other": others[0] + 1}
    before = {name: value for name, value in last.arguments.items() if name in _LIMITS}
    tool, arguments = "search_products", {}
    match kind:
        case "cheaper":
            arguments = {"query": query, **_below(shown, before)}
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
            tool, arguments = "compare_products", {"product_ids": [shown[first].id, shown[others[0]].id]}
        case _:
            tool, fixed = _TOOLS.get(kind, ("get_product", {}))
            arguments = _given(fixed, shown[first].id, slots)
    text = grammar.fill(grammar.pick_from("follow_ups", kind, rng), slots)
    text = text if kind in {"named", "size", "delivery"} else dressed(text, grammar, rng)
    return Goal(name=f"follow_{kind}", language=grammar.language, text=text, tool=tool, arguments=arguments)


def _below(shown: Sequence[Product], before: dict[str, Any]) -> dict[str, Any]:
    """Return the limits of what costs no more than the cheapest that is shown: never the lower limit of before."""
    prices: list[Decimal] = [product.price.amount for product in shown if product.price]
    kept = {name: value for name, value in before.items() if name == "min_rating"}
    if not prices:
        return kept
    # The price itself: a small model copies better than it rounds.
    least = min(prices)
    return {"max_price": int(least) if least == int(least) else float(least), **kept}


def _is_sized(product: Product) -> bool:
    return any(_SIZE.search(name) for variant in product.variants for name in variant.options)


def _given(fixed: dict[str, Any], product_id: str, slots: dict[str, Any]) -> dict[str, Any]:
    given = {name: slots.get(str(value).strip("{}"), value) for name, value in fixed.items()}
    return {**given, "product_id": product_id} if "postcode" in given else {"product_id": product_id, **given}
