"""The people the shop knows."""

from uuid import uuid4

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from assistant.errors import RecordsError, ToolError
from assistant.schema import Address, Customer, PaymentMethod
from assistant.shop.changes import Changes, Outcome
from assistant.shop.outbox import Outbox
from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import AddressRow, CustomerRow, PaymentMethodRow


class Customers:
    """The customers in the shop's records."""

    def __init__(self, engine: Engine, outbox: Outbox | None = None) -> None:
        self._engine = engine
        self._outbox = outbox or Outbox(engine)

    def add(self, *customers: Customer) -> None:
        """Write new customers; an id or an e-mail address that is taken is a RecordsError and writes none of them."""
        with writing(self._engine) as session:
            session.add_all(_to_row(customer) for customer in customers)

    def put(self, *customers: Customer) -> Changes:
        """Write customers over those of the same id; all or, with a RecordsError, none.

        Saved payment methods stay where a newer record has none: an export of people doesn't hold them.
        """
        with writing(self._engine) as session:
            outcomes = [_put(session, customer) for customer in customers]
        return Changes.of(outcomes)

    def find(self, customer_id: str) -> Customer | None:
        """Return the customer, or None when nobody has this id."""
        with transaction(self._engine) as session:
            row = session.get(CustomerRow, customer_id)
            return None if row is None else _from_row(row)

    def get(self, customer_id: str) -> Customer:
        """Return the customer; an unknown id is a RecordsError, since a door let somebody in whom nobody knows."""
        customer = self.find(customer_id)
        if customer is None:
            raise RecordsError(f"No customer has the id '{customer_id}'. Check the id, or add the customer first.")
        return customer

    def languages(self) -> dict[str, str]:
        """Return the language that each customer speaks, by id."""
        with transaction(self._engine) as session:
            return {row.id: row.language for row in session.execute(select(CustomerRow.id, CustomerRow.language))}

    def find_by_email(self, email: str) -> Customer | None:
        """Return the customer with this e-mail address, letter case aside, or None."""
        with transaction(self._engine) as session:
            row = session.scalar(select(CustomerRow).where(func.lower(CustomerRow.email) == email.strip().lower()))
            return None if row is None else _from_row(row)

    def find_by_name_and_postcode(self, name: str, postcode: str) -> "tuple[Customer, ...]":
        """Return the customers of this name whose usual address has this postcode; case and spaces don't count."""
        wanted = _plain(postcode)
        same_name = select(CustomerRow).where(func.lower(CustomerRow.name) == " ".join(name.split()).lower())
        with transaction(self._engine) as session:
            found = tuple(_from_row(row) for row in session.scalars(same_name.order_by(CustomerRow.id)))
        return tuple(customer for customer in found if _plain(customer.address.postcode) == wanted)

    def find_by_postcode(self, postcode: str) -> "tuple[Customer, ...]":
        """Return the customers whose usual address has this postcode, as it is written there."""
        here = select(CustomerRow).join(CustomerRow.addresses)
        here = here.where(AddressRow.position == 0, func.lower(AddressRow.postcode) == postcode.strip().lower())
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(here.order_by(CustomerRow.id)))

    def change_address(self, customer_id: str, before: Address, address: Address) -> Customer:
        """Put `address` in the place of `before` and return the customer.

        Done already, it changes nothing. Raises ToolError when the saved address is neither of the two any more.
        """
        with writing(self._engine) as session:
            # Locks the customer, so that of two who write at once the second sees what the first has done.
            row = session.get_one(CustomerRow, customer_id, with_for_update=True)
            held = _from_row(row).address
            if held not in (before, address):
                raise ToolError("The saved address has changed since this was proposed. Read it and propose anew.")
            if held == address:
                return _from_row(row)
            for name, value in address.model_dump().items():
                setattr(row.addresses[0], name, value)
            session.flush()
            data = {"customer": _from_row(row).model_dump(mode="json", exclude={"payment_methods"})}
            self._outbox.write(session, uuid4().hex, "customer.address_changed", customer_id, data)
            return _from_row(row)

    def list(self, limit: int | None = None) -> tuple[Customer, ...]:
        """Return customers by id, at most `limit` of them."""
        with transaction(self._engine) as session:
            rows = session.scalars(select(CustomerRow).order_by(CustomerRow.id).limit(limit))
            return tuple(_from_row(row) for row in rows)


def _put(session: Session, customer: Customer) -> Outcome:
    row = session.get(CustomerRow, customer.id)
    if row is None:
        session.add(_to_row(customer))
        return "added"
    before = _from_row(row)
    customer = customer.model_copy(update={"payment_methods": customer.payment_methods or before.payment_methods})
    if customer == before:
        return "unchanged"
    session.merge(_to_row(customer))
    return "changed"


def _plain(postcode: str) -> str:
    return "".join(postcode.split()).casefold()


def _to_row(customer: Customer) -> CustomerRow:
    methods = enumerate(customer.payment_methods)
    return CustomerRow(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        language=customer.language,
        addresses=[AddressRow(position=0, **customer.address.model_dump())],
        payment_methods=[PaymentMethodRow(position=position, **method.model_dump()) for position, method in methods],
    )


def _from_row(row: CustomerRow) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        email=row.email,
        language=row.language,
        address=Address.model_validate({name: getattr(row.addresses[0], name) for name in Address.model_fields}),
        payment_methods=tuple(
            PaymentMethod.model_validate({"id": method.id, "kind": method.kind, "label": method.label})
            for method in row.payment_methods
        ),
    )
