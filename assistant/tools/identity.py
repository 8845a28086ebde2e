"""Who the customer is, proved in the conversation where the shop's page hasn't said it."""

import re
from collections.abc import Mapping
from itertools import pairwise

from assistant.errors import NotProven, ToolError
from assistant.schema import Customer, CustomerIdentified
from assistant.shop.rules import Proof
from assistant.tools.tool import ToolContext, tool

_CODE = re.compile(r"#?[A-Za-z0-9][A-Za-z0-9-]{2,11}", re.ASCII)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


@tool(signed_in=False, personal=True)
def identify_customer(
    context: ToolContext,
    email: str | None = None,
    name: str | None = None,
    postcode: str | None = None,
    order_id: str | None = None,
) -> CustomerIdentified:
    """Find out who the customer is, when nobody is signed in, from what the customer just gave.

    Args:
        email: E-mail address.
        name: First and last name.
        postcode: Postcode.
        order_id: An order's number.
    """
    if context.customer_id is not None:
        raise ToolError("The customer is signed in already. One conversation serves one customer.")
    if context.wrong_tries >= context.rules().identity.tries:
        raise ToolError("There were too many wrong tries; a human colleague has to look at it.")
    named: Mapping[Proof, str | None] = {"email": email, "name": name, "postcode": postcode, "order_id": order_id}
    given = {thing: value for thing, value in named.items() if value and _was_said(value, context)}
    if email and "email" not in given and (addresses := _EMAIL.findall(" ".join(context.customer_texts))):
        # A small model repeats what it made up before; the customer's own words are put in its place.
        given["email"] = addresses[-1]
    if not any(set(proof) <= set(given) for proof in context.rules().identity.proof):
        raise ToolError(f"That is not enough. Ask the customer for {wanted(context)}.")
    customer = _find(given, context)
    if customer is None:
        # Never which of the things was wrong: that would tell a stranger which ones are right.
        raise NotProven("This doesn't match a customer. Ask the customer to check it and give it once more.")
    return CustomerIdentified(customer=customer)


def proof_in_words(context: ToolContext) -> dict[str, str] | None:
    """Return the arguments of `identify_customer` that the customer's own words give, None where they aren't enough.

    It saves a small model the copying. Something of it must stand in the newest message: what was tried before isn't
    tried again.
    """
    if context.customer_id is not None or context.wrong_tries >= context.rules().identity.tries:
        return None
    said, newest = " ".join(context.customer_texts), _plain(context.customer_texts[-1])
    emails = _EMAIL.findall(said)
    codes = [code for code in _CODE.findall(_EMAIL.sub(" ", said)) if any(map(str.isdigit, code))]
    known: dict[Proof, str] = {"email": emails[-1]} if emails else {}
    if customer := _named_in(said, codes, context):
        known |= {"name": customer.name, "postcode": customer.address.postcode}
    if orders := [code for code in codes if _plain(code) != _plain(known.get("postcode", ""))]:
        known["order_id"] = orders[-1]
    for proof in context.rules().identity.proof:
        given: dict[str, str] = {thing: known[thing] for thing in proof if thing in known}
        if len(given) == len(proof) and any(_plain(value) in newest for value in given.values()):
            return given
    return None


def _named_in(said: str, codes: list[str], context: ToolContext) -> Customer | None:
    """Return the one customer whose name and postcode both stand in the words."""
    plain = _plain(said)
    pairs = [f"{first} {second}" for first, second in pairwise(codes)]
    found = {
        customer.id: customer
        for postcode in (*codes, *pairs)
        for customer in context.records.customers.find_by_postcode(postcode)
        if _plain(customer.name) in plain
    }
    return next(iter(found.values())) if len(found) == 1 else None


def wanted(context: ToolContext) -> str:
    """Say what the shop's rules take as proof, for the model."""
    words = {"email": "e-mail address", "name": "full name", "postcode": "postcode", "order_id": "an order number"}
    return ", or ".join(" and ".join(words[thing] for thing in proof) for proof in context.rules().identity.proof)


def _was_said(value: str, context: ToolContext) -> bool:
    """Tell whether the value is the customer's: a small model fills what it doesn't know with something."""
    said = _plain(" ".join(context.customer_texts))
    return all(_plain(part) in said for part in value.split())


def _find(given: Mapping[Proof, str], context: ToolContext) -> Customer | None:
    """Return the one customer whom everything that was given fits; a thing more than needed must fit as well."""
    customers = context.records.customers
    found = (
        [customers.find_by_email(given["email"])]
        if "email" in given
        else customers.find_by_name_and_postcode(given["name"], given["postcode"])
    )
    fitting = [customer for customer in found if customer is not None and _fits(customer, given, context)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(customer: Customer, given: Mapping[Proof, str], context: ToolContext) -> bool:
    if "name" in given and _plain(given["name"]) != _plain(customer.name):
        return False
    if "postcode" in given and _plain(given["postcode"]) != _plain(customer.address.postcode):
        return False
    if "order_id" not in given:
        return True
    order_id = given["order_id"].strip().lstrip("#").upper()
    return any(order.id.upper() == order_id for order in context.records.orders.list(customer.id))


def _plain(text: str) -> str:
    return "".join(text.casefold().replace("#", "").split())
