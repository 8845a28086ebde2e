"""What a shopper wants with the cart, a delivery, a size, a recommendation, or the page that is open."""

import random
from collections.abc import Callable
from typing import Any

from finetune.shoppers.goals import Goal, goal_of, money_said, thing
from finetune.shoppers.grammar import Grammar
from finetune.shoppers.moods import dressed

_COUNTS = {"en": ("two", "three", "four", "five"), "zh": ("两", "三", "四", "五")}


def coupon(grammar: Grammar, rng: random.Random) -> Goal:
    """Use a coupon's code."""
    code = grammar.pick("coupons", rng)
    text = grammar.fill(grammar.pick("coupon", rng), {"code": code})
    return goal_of(grammar, "coupon", _shy(text, grammar, rng, code), "apply_coupon", {"code": code})


def into_cart(name: str, tool: str, **fixed: int) -> Callable[[Grammar, random.Random], Goal]:
    """Return the goal of putting a product, which is named, into the cart, or of changing how many are in it."""

    def goal(grammar: Grammar, rng: random.Random) -> Goal:
        said = _name(grammar, rng)
        count, counted = number(grammar, rng)
        pattern = grammar.pick(name, rng)
        text = grammar.fill(pattern, {"product": said, "n": counted})
        arguments: dict[str, Any] = {"product_id": said, **fixed}
        if "{n}" in pattern:
            arguments["quantity"] = count
        return goal_of(grammar, name, _shy(text, grammar, rng, said), tool, arguments)

    return goal


def number(grammar: Grammar, rng: random.Random) -> tuple[int, str]:
    """Return how many, from two to five, and how that is said."""
    count = rng.randrange(2, 6)
    return count, rng.choice([str(count), _COUNTS[grammar.language][count - 2]])


def delivery(grammar: Grammar, rng: random.Random) -> Goal:
    """Ask when a parcel would be somewhere."""
    postcode = grammar.pick("postcodes", rng)
    text = grammar.fill(grammar.pick("delivery", rng), {"postcode": postcode})
    return goal_of(grammar, "delivery", _shy(text, grammar, rng, postcode), "estimate_delivery", {"postcode": postcode})


def recommend(grammar: Grammar, rng: random.Random) -> Goal:
    """Want something recommended, without saying what."""
    said, arguments = grammar.pick("recommend", rng)
    amount = rng.choice([20, 30, 40, 50, 75, 80, 100, 150, 200, 300])
    occasion = grammar.pick("occasions", rng)
    text = grammar.fill(said, {"max": money_said(grammar, amount, rng), "occasion": occasion})
    given: dict[str, Any] = {name: amount if name == "budget" else occasion for name in arguments}
    return goal_of(grammar, "recommend", dressed(text, grammar, rng), "recommend_products", given)


def prefer(grammar: Grammar, rng: random.Random) -> Goal:
    """Say what one likes, or doesn't, for the shop to remember."""
    said, liked = grammar.pick("preferences_set", rng)
    subject = grammar.pick("subjects", rng)
    text = dressed(grammar.fill(said, {"subject": subject}), grammar, rng)
    return goal_of(grammar, "preferences_set", text, "set_preference", {"subject": subject, "liked": liked})


def named(name: str, tool: str, **fixed: bool) -> Callable[[Grammar, random.Random], Goal]:
    """Return the goal of what is like, or goes with, a product that is named."""

    def goal(grammar: Grammar, rng: random.Random) -> Goal:
        said = _name(grammar, rng)
        text = grammar.fill(grammar.pick(name, rng), {"product": said})
        return goal_of(grammar, name, _shy(text, grammar, rng, said), tool, {"product_id": said, **fixed})

    return goal


def ask_about(grammar: Grammar, rng: random.Random) -> Goal:
    """Ask something about one product, which is named without having been shown."""
    if "products" in grammar and (rng.random() < 0.6 or not grammar.get("made_up", True)):
        said = str(grammar.pick("products", rng)[1])
    else:
        said = grammar.joined([grammar.pick("brands", rng), rng.choice(grammar.pick("things", rng))])
    text = grammar.fill(grammar.pick("named_ask", rng), {"product": said})
    return goal_of(grammar, "named_ask", _shy(text, grammar, rng, said), "get_product", {"product_id": said})


def named_size(grammar: Grammar, rng: random.Random) -> Goal:
    """Ask which size of a product, which is named, fits."""
    pattern, arguments = grammar.pick("named_size", rng)
    said, size = _name(grammar, rng), grammar.pick("sizes", rng)
    text = grammar.fill(pattern, {"product": said, "size": size})
    given = dict.fromkeys(arguments, size)
    return goal_of(grammar, "named_size", _shy(text, grammar, rng, said), "advise_size", {"product_id": said, **given})


def on_page(grammar: Grammar, rng: random.Random) -> Goal:
    """Ask about, or want, the product whose page is open."""
    said, tool, arguments = grammar.pick("page", rng)
    product_id, name = page_product(grammar, rng)
    slots = {"size": grammar.pick("sizes", rng), "postcode": grammar.pick("postcodes", rng)}
    given = {key: grammar.fill(value, slots) if isinstance(value, str) else value for key, value in arguments.items()}
    given = {"product_id": product_id, **given} if tool != "estimate_delivery" else {**given, "product_id": product_id}
    text = grammar.fill(said, slots)
    text = text if "{" in said else dressed(text, grammar, rng)
    goal = goal_of(grammar, f"page_{tool}", text, tool, given)
    return goal.model_copy(update={"aside": aside(product_id, name, rng)})


def aside(product_id: str, name: str, rng: random.Random) -> str:
    """Return the line on page and cart, as the agent writes it (assistant/turns/page.py)."""
    pieces = rng.choice([0, 0, 0, 1, 2, 3])
    return f"[page: {product_id} {name}{f'; cart: {pieces} items' if pieces else ''}]"


def page_product(grammar: Grammar, rng: random.Random) -> tuple[str, str]:
    """Return the id and the short name of a product of the store; of a made-up one without a store."""
    if "products" in grammar and (rng.random() < 0.7 or not grammar.get("made_up", True)):
        product_id, name = grammar.pick("products", rng)
        return str(product_id), str(name)
    said, _ = thing(grammar, rng)
    digits = rng.randrange(10, 99999)
    return rng.choice([f"P{digits}", f"{digits}", f"sku-{digits}", f"B0{digits}K", f"item-{digits:05}"]), said


def _name(grammar: Grammar, rng: random.Random) -> str:
    """Return what a product is called: a name of the store's, or just what it is."""
    return page_product(grammar, rng)[1] if rng.random() < 0.7 else str(rng.choice(grammar.pick("things", rng)))


def _shy(text: str, grammar: Grammar, rng: random.Random, kept: str) -> str:
    """Dress a message, unless that would change what has to be given word for word."""
    said = dressed(text, grammar, rng)
    return said if kept in said else text
