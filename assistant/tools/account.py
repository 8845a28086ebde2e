"""What the shop has saved of the customer, and changes of that."""

from uuid import uuid4

from assistant.errors import ToolError
from assistant.listening.addresses import new_address, one_line
from assistant.schema import AccountFound, Address, AddressChanged, Proposal, ToolResult
from assistant.telling.phrases import phrase
from assistant.tools.said import is_said
from assistant.tools.tool import ToolContext, tool


@tool(signed_in=True, personal=True)
def get_account(context: ToolContext) -> AccountFound:
    """Show the customer's saved address, e-mail, ways to pay and gift-card balance."""
    customer_id = context.signed_in()
    return AccountFound(
        customer=context.records.customers.get(customer_id), gift_cards=context.records.gift_cards.list(customer_id)
    )


@tool(writes=True, signed_in=True)
def change_saved_address(
    context: ToolContext,
    line1: str | None = None,
    line2: str | None = None,
    city: str | None = None,
    region: str | None = None,
    postcode: str | None = None,
    country: str | None = None,
) -> Proposal:
    """Change the address saved for the customer; orders that were placed keep theirs.

    Args:
        line1: Street and number.
        line2: Flat or suite.
        city: City.
        region: State or region.
        postcode: Postcode.
        country: Country code.
    """
    customer = context.records.customers.get(context.signed_in())
    parts = {"line1": line1, "line2": line2, "city": city, "region": region, "postcode": postcode, "country": country}
    given = {name: value for name, value in parts.items() if value and is_said(context, value)}
    address = new_address(customer.address, given)
    if address == customer.address:
        raise ToolError(f"The saved address is {one_line(address)}. Ask what should change.")
    return Proposal(
        id=uuid4().hex,
        tool="change_saved_address",
        arguments=given,
        summary=phrase("change_saved_address", context.language, address=one_line(address)),
        changes=(f"{one_line(customer.address)} → {one_line(address)}",),
        record_id=customer.id,
        record_version=0,
        resolved={
            "before": customer.address.model_dump(mode="json"),
            "after": address.model_dump(mode="json"),
        },
    )


@change_saved_address.applies
def _change(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
    # Needs no key: putting the same address twice in the place of the same one leaves it as it is.
    before, after = (Address.model_validate(proposal.resolved[name]) for name in ("before", "after"))
    return AddressChanged(customer=context.records.customers.change_address(context.signed_in(), before, after))
