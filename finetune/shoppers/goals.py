"""What a shopper wants with one message, and the call that a good assistant answers it with.

A goal is put into words by the grammar of a language; its arguments are what was said, never more.
"""

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import Field

from assistant.schema import Value
from finetune.shoppers.grammar import Grammar
from finetune.shoppers.moods import dressed

_AMOUNTS = (5, 8, 10, 12, 15, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90, 99, 100, 110, 120, 130, 150,
            175, 180, 199, 200, 220, 250, 280, 300, 350, 399, 400, 450, 499, 500, 600, 650, 700, 800, 900, 1000, 1200,
            1500, 1800, 2000, 2500, 3000)  # fmt: skip
_ORDER_FORMS = ("A{4}", "A{4}", "A{4}", "A{4}", "a{4}", "#A{4}", "#W{7}", "W{7}", "B{4}", "{5}", "#{6}", "SO-{5}",
                "ORD{6}", "{3}-{7}", "C{5}", "no. {6}")  # fmt: skip


_OFF = (("0.9", "九"), ("0.8", "八"), ("0.85", "八五"), ("0.7", "七"), ("0.75", "七五"), ("0.6", "六"), ("0.5", "五"),
        ("0.9", "9"), ("0.8", "8"), ("0.85", "85"), ("0.7", "7"), ("0.95", "九五"), ("0.88", "88"))  # fmt: skip
"""What is left of a price, and how a Chinese shop says it."""
_SIZED = 0.42
_NONE = {"musing": 2, "off_topic": 5, "injection": 5, "gibberish": 3, "thanks": 2, "greeting": 2}


class Goal(Value):
    """One message of a shopper's and what it calls for: a tool with its arguments, or no tool and a reply."""

    name: str
    language: str
    text: str
    tool: str | None = None
    arguments: dict[str, Any] = Field(default_factory=dict)
    reply: str | None = None
    aside: str | None = None
    """The line on page and cart that the model reads before the text."""


def search(grammar: Grammar, rng: random.Random) -> Goal:
    """Look for something, named by its noun, its traits and what it may cost."""
    kind = rng.random()
    if kind < 0.16 and "needs" in grammar:
        said, query = grammar.pick("needs", rng)
        return _priced(grammar, rng, "need", said, query)
    if kind < 0.3 and "gifts" in grammar:
        said, query = grammar.pick("gifts", rng)
        slots = {name: grammar.pick(f"{name[:-1]}ies" if name == "hobby" else f"{name}s", rng)
                 for name in ("relative", "hobby", "age")}  # fmt: skip
        gift = grammar.fill(said, slots)
        # A whole sentence stands for itself.
        frame = grammar.pick("gift_wants", rng) if said.startswith(("a ", "an ", "something", "送")) else "{gift}"
        wanted = grammar.fill(frame, {"gift": gift})
        return _priced(grammar, rng, "gift", wanted, grammar.fill(query, slots))
    if kind < _SIZED and "sized" in grammar:
        said, query = sized(grammar, rng)
        return _priced(grammar, rng, "sized", said, query, plain=True)
    said, query = thing(grammar, rng)
    return _priced(grammar, rng, "search", said, query, plain=True)


def sized(grammar: Grammar, rng: random.Random) -> tuple[str, str]:
    """Return something with a number that is no price: a size, an age, how many people, how much it holds."""
    said, query = grammar.pick("sized", rng)
    slots = {
        "thing": rng.choice(grammar.pick("things", rng)), "size": grammar.pick("sizes", rng),
        "age": grammar.pick("ages", rng), "count": grammar.pick("counts", rng),
        "capacity": grammar.pick("capacities", rng),
    }  # fmt: skip
    return grammar.fill(said, slots), grammar.fill(query, slots)


def thing(grammar: Grammar, rng: random.Random) -> tuple[str, str]:
    """Return something to look for as it is said, and as it is searched for."""
    noun = rng.choice(grammar.pick("things", rng))
    adjective = grammar.pick("adjectives", rng) if rng.random() < 0.35 else ""
    kind = rng.random()
    trait = grammar.pick("traits", rng) if kind < 0.3 else ""
    use = grammar.pick("uses", rng) if 0.3 <= kind < 0.42 else ""
    person = grammar.pick("people", rng) if 0.42 <= kind < 0.54 else ""
    if grammar.language == "zh":
        before = trait or (f"{use}用的" if use else "") or (f"给{person}的" if person else "")
        return f"{before}{adjective}{noun}", f"{trait or use}{adjective}{noun}".replace("的", "")
    joint = {"es": "para", "fr": "pour", "de": "für"}.get(grammar.language, "for")
    after = trait or (f"{joint} {use}" if use else "") or (f"{joint} {person}" if person else "")
    named = f"{noun} {adjective}" if grammar.language in {"es", "fr"} else f"{adjective} {noun}"
    said = f"{named.strip()} {after}".strip()
    return said, said


def _priced(
    grammar: Grammar, rng: random.Random, name: str, said: str, query: str, plain: bool = False, dress: bool = True
) -> Goal:
    """Return the goal of a search with or without limits. `plain`: what is said is a thing, not a sentence."""
    limit, arguments = limits(grammar, rng) if rng.random() < (0.55 if plain else 0.35) else ("", {})
    is_chinese = grammar.language == "zh"
    if plain:
        before = is_chinese and limit and rng.random() < 0.5
        frame = grammar.pick("want", rng)
        text = grammar.fill(frame, {"thing": f"{limit}的{said}" if before else said, "a_thing": with_article(said)})
        limit = "" if before else limit
    else:
        text = said
    if limit:
        gap = rng.choice(["，", "，", "", " "] if is_chinese else [" ", " ", ", ", ". ", " - "])
        text = f"{text}{gap}{limit}" if rng.random() < 0.88 else f"{limit}{'，' if is_chinese else ', '}{text}"
    if not is_chinese and plain and "rating" in grammar and rng.random() < 0.06:
        stars = rng.choice([3, 4, 4, 4.5])
        text += " " + grammar.fill(grammar.pick("rating", rng), {"rating": stars})
        arguments["min_rating"] = stars
    elif plain and "stock" in grammar and rng.random() < 0.05:
        text += ("，" if is_chinese else ", ") + grammar.pick("stock", rng)
        arguments["in_stock"] = True
    if "contexts" in grammar and rng.random() < 0.1:
        text = grammar.joined([grammar.pick("contexts", rng), text])
    said_so = dressed(text, grammar, rng) if dress else text
    return goal_of(grammar, name, said_so, "search_products", {"query": query, **arguments})


def limits(grammar: Grammar, rng: random.Random) -> tuple[str, dict[str, Any]]:
    """Return how price limits are said, and the arguments that they are."""
    low, high = sorted(rng.sample(_AMOUNTS, 2))
    kind = rng.random()
    form = grammar.pick("money", rng)
    if kind < 0.68:
        amount = rng.choice([low, high])
        return grammar.fill(grammar.pick("max", rng), {"max": _money(grammar, amount, form)}), {"max_price": amount}
    if kind < 0.8:
        return grammar.fill(grammar.pick("min", rng), {"min": _money(grammar, low, form)}), {"min_price": low}
    slots = {"min": _money(grammar, low, form), "max": _money(grammar, high, form)}
    if rng.random() < 0.4:
        slots["min"] = _money(grammar, low, "{n}")
    return grammar.fill(grammar.pick("between", rng), slots), {"max_price": high, "min_price": low}


def _money(grammar: Grammar, amount: int, form: str) -> str:
    spelled = grammar.get("spelled", {}).get(amount)
    if "{words}" in form and spelled is None:
        form = form.replace("{words}", "{n}")
    number = f"{amount:,}" if amount >= 1000 and grammar.language == "en" and amount % 3 else str(amount)
    return grammar.fill(form, {"n": number, "words": spelled or amount})


def money_said(grammar: Grammar, amount: int, rng: random.Random) -> str:
    """Return an amount as the language says it."""
    return _money(grammar, amount, grammar.pick("money", rng))


def with_article(said: str) -> str:
    """Return a thing with the article that English wants; what is plural has none."""
    head = re.split(r" (?:for|with|in|of|that|made|without|\d)", said)[0]
    if head.endswith("s") and not head.endswith("ss"):
        return said
    return f"{'an' if said[0] in 'aeiou' else 'a'} {said}"


def order_number(rng: random.Random) -> str:
    """Return an order's number in one of the forms that shops use."""
    form = rng.choice(_ORDER_FORMS)
    return re.sub(r"\{(\d)\}", lambda match: "".join(rng.choices("123456789", k=int(match[1]))), form)


def bare(number: str) -> str:
    """Return an order's number as it is given to a tool."""
    return number.removeprefix("no. ").lstrip("#")


def about_order(name: str, tool: str) -> Callable[[Grammar, random.Random], Goal]:
    """Return the goal of a question about one order, whose number is said."""

    def goal(grammar: Grammar, rng: random.Random) -> Goal:
        number = order_number(rng)
        text = dressed(grammar.fill(grammar.pick(name, rng), {"order": number}), grammar, rng)
        return goal_of(grammar, name, text, tool, {"order_id": bare(number)})

    return goal


def asked_for(name: str, tool: str) -> Callable[[Grammar, random.Random], Goal]:
    """Return the goal of what a tool answers without arguments."""

    def goal(grammar: Grammar, rng: random.Random) -> Goal:
        return goal_of(grammar, name, dressed(grammar.pick(name, rng), grammar, rng), tool, {})

    return goal


def cancel(grammar: Grammar, rng: random.Random) -> Goal:
    """Cancel an order, with or without its number and a reason."""
    number = order_number(rng)
    reason = grammar["cancel_plain_reason"]
    if "cancel_any" in grammar and rng.random() < 0.12:
        number, text = "", grammar.pick("cancel_any", rng)
    else:
        text = grammar.fill(grammar.pick("cancel", rng), {"order": number})
    if "cancel_reasons" in grammar and rng.random() < 0.5:
        why, reason = grammar.pick("cancel_reasons", rng)
        text = _beside(grammar, rng, text, why, " because ", "，因为")
    return goal_of(
        grammar, "cancel", dressed(text, grammar, rng), "cancel_pending_order",
        {"order_id": bare(number), "reason": reason},
    )  # fmt: skip


def send_back(grammar: Grammar, rng: random.Random) -> Goal:
    """Return an item of an order, or all of it."""
    number = order_number(rng)
    if "return_all" in grammar and rng.random() < 0.2:
        text, items = grammar.fill(grammar.pick("return_all", rng), {"order": number}), ["all"]
    else:
        items = rng.sample(grammar["items"], 2 if rng.random() < 0.2 else 1)
        both = {"zh": "和", "en": " and ", "es": " y ", "de": " und ", "fr": " et "}[grammar.language].join(items)
        text = grammar.fill(grammar.pick("return", rng), {"order": number, "item": both})
    arguments: dict[str, Any] = {"order_id": bare(number), "items": items}
    if "refund_to" in grammar and rng.random() < 0.25:
        where, arguments["refund_to"] = grammar.pick("refund_to", rng)
        text = _beside(grammar, rng, text, where, ", ", "，")
    return goal_of(grammar, "return", dressed(text, grammar, rng), "return_delivered_items", arguments)


def swap(name: str, tool: str) -> Callable[[Grammar, random.Random], Goal]:
    """Return the goal of another variant of an item, of a delivered or a pending order."""

    def goal(grammar: Grammar, rng: random.Random) -> Goal:
        number, item, option = order_number(rng), grammar.pick("items", rng), grammar.pick("options", rng)
        text = grammar.fill(grammar.pick(name, rng), {"order": number, "item": item, "option": option})
        arguments = {"order_id": bare(number), "changes": {item: option}}
        return goal_of(grammar, name, dressed(text, grammar, rng), tool, arguments)

    return goal


def move(name: str, tool: str) -> Callable[[Grammar, random.Random], Goal]:
    """Return the goal of another address, of an order or of the account; sometimes it isn't said yet."""

    def goal(grammar: Grammar, rng: random.Random) -> Goal:
        said, how = grammar.pick(name, rng)
        city, region, postcode = grammar.pick("cities", rng)
        street, house = grammar.pick("streets", rng), rng.randrange(1, 999)
        line1 = f"{street}{house}号" if grammar.language == "zh" else f"{house} {street}"
        number = order_number(rng)
        slots = {"line1": line1, "city": city, "region": region, "postcode": postcode}
        given = {key: value for key, value in slots.items() if how == "full" and f"{{{key}}}" in said}
        arguments = ({"order_id": bare(number)} if "{order}" in said else {}) | given
        text = grammar.fill(said, {"order": number, **slots})
        return goal_of(grammar, name, dressed(text, grammar, rng), tool, arguments)

    return goal


def half_said(grammar: Grammar, rng: random.Random) -> Goal:
    """Want something done and leave out what it takes: what wasn't said stays empty, and code asks for it."""
    said, tool, arguments = grammar.pick("half_said", rng)
    number, (city, _, _) = order_number(rng), grammar.pick("cities", rng)
    street, house = grammar.pick("streets", rng), rng.randrange(1, 999)
    slots = {
        "order": number, "item": grammar.pick("items", rng), "option": grammar.pick("options", rng), "city": city,
        "line1": f"{street}{house}号" if grammar.language == "zh" else f"{house} {street}",
        "method": grammar.pick("methods", rng),
    }  # fmt: skip
    text = grammar.fill(said, slots)
    given = _filled(arguments, {**slots, "order": bare(number)}, grammar)
    return goal_of(grammar, f"half_{tool}", text if "{item}" in said else dressed(text, grammar, rng), tool, given)


def _filled(value: Any, slots: Mapping[str, object], grammar: Grammar) -> Any:
    """Return a value with its slots filled, also within lists and maps."""
    match value:
        case str():
            return grammar.fill(value, slots)
        case list():
            return [_filled(part, slots, grammar) for part in value]
        case dict():
            return {_filled(name, slots, grammar): _filled(part, slots, grammar) for name, part in value.items()}
        case _:
            return value


def pay_otherwise(grammar: Grammar, rng: random.Random) -> Goal:
    """Have an order paid by another method."""
    number, method = order_number(rng), grammar.pick("methods", rng)
    text = grammar.fill(grammar.pick("change_payment", rng), {"order": number, "method": method})
    arguments = {"order_id": bare(number), "pay_with": method.removeprefix("my ").removeprefix("我的")}
    return goal_of(grammar, "change_payment", dressed(text, grammar, rng), "change_pending_order_payment", arguments)


def policy(grammar: Grammar, rng: random.Random) -> Goal:
    """Ask about a rule of the shop's; nothing is to be done."""
    topic = rng.choice(list(grammar["policies"]))
    asked = rng.choice(grammar["policies"][topic])
    opening = grammar.pick("policy_openings", rng) if "policy_openings" in grammar else ""
    question = asked if asked.endswith(("?", "？")) or grammar.language == "zh" else f"{asked}?"
    return goal_of(
        grammar, f"policy_{topic}", dressed(opening + asked, grammar, rng), "search_policies", {"question": question}
    )


def hand_over(name: str) -> Callable[[Grammar, random.Random], Goal]:
    """Return the goal of a complaint, or of the wish for a person."""

    def goal(grammar: Grammar, rng: random.Random) -> Goal:
        said, reason = grammar.pick(name, rng)
        slots = {"item": grammar.pick("items", rng)}
        text = grammar.fill(said, slots)
        if name == "complaints" and "complaint_openings" in grammar and rng.random() < 0.4:
            text = grammar.pick("complaint_openings", rng) + text + grammar.pick("complaint_endings", rng)
        if name == "complaints" and grammar.language in {"en", "zh"} and rng.random() < 0.2:
            # The number of an order doesn't make a question about its status of a complaint.
            text = _beside(
                grammar, rng, text, f"{'订单' if grammar.language == 'zh' else 'order '}{order_number(rng)}", ", ", "，"
            )
        reason = grammar.fill(reason, slots)
        return goal_of(grammar, name, dressed(text, grammar, rng), "hand_over_to_human", {"reason": reason})

    return goal


def add_up(grammar: Grammar, rng: random.Random) -> Goal:
    """Work out a sum."""
    said, expression = grammar.pick("sums", rng)
    tenths, told = rng.choice(_OFF)
    slots = {
        "z": tenths, "zn": told,
        "a": rng.randrange(2, 9), "b": rng.choice([5, 10, 15, 20, 25, 30, 50]),
        "x": rng.choice([rng.randrange(5, 200), f"{rng.randrange(5, 200)}.{rng.choice(['99', '50', '95'])}"]),
        "y": rng.randrange(200, 400),
    }  # fmt: skip
    return goal_of(
        grammar, "sum", dressed(grammar.fill(said, slots), grammar, rng), "calculate",
        {"expression": grammar.fill(expression, slots)},
    )  # fmt: skip


def no_tool(grammar: Grammar, rng: random.Random) -> Goal:
    """Say what calls for no tool: small talk, something else's business, an attack, nothing at all."""
    kinds: Mapping[str, Any] = grammar["none"]
    (kind,) = rng.choices(list(kinds), weights=[_NONE.get(kind, 1) for kind in kinds])
    said, reply = rng.choice(kinds[kind]["say"]), rng.choice(kinds[kind]["reply"])
    said = grammar.worded(str(said), rng)
    text = said if kind == "gibberish" or rng.random() < 0.4 else _punctuate(said, rng)
    if kind in {"off_topic", "injection"} and rng.random() < 0.3:
        text = dressed(said, grammar, rng)
    return Goal(name=f"none_{kind}", language=grammar.language, text=text, reply=reply)


def _punctuate(text: str, rng: random.Random) -> str:
    return text[0].upper() + text[1:] + ("" if not text[-1].isalnum() else rng.choice(["", "?", "!", "."]))


def _beside(grammar: Grammar, rng: random.Random, text: str, more: str, joint: str, chinese_joint: str) -> str:
    """Put a second half before or behind a message."""
    if grammar.language == "zh":
        return f"{text}{chinese_joint}{more}" if rng.random() < 0.6 else f"{more}，{text}"
    return f"{text}{rng.choice([joint, '. ', ', '])}{more}" if rng.random() < 0.7 else f"{more}, {text}"


def goal_of(grammar: Grammar, name: str, text: str, tool: str, arguments: dict[str, Any]) -> Goal:
    """Return a goal in the grammar's language."""
    return Goal(name=name, language=grammar.language, text=text, tool=tool, arguments=arguments)
