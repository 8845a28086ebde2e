"""What `shelftalk events`, `chances`, `consent` and `forget` do."""

import json
from datetime import UTC, datetime
from pathlib import Path

from assistant.app import open_shop_records
from assistant.errors import AssistantError
from assistant.history import History
from assistant.schema import Interaction
from assistant.settings import Settings
from assistant.shop.forgetting import Forgotten, forget
from assistant.shop.importers.events import read_event_file
from retrieval.database import open_database
from retrieval.product_store import ProductStore
from retrieval.recommending.indexed import items_of
from retrieval.schema import RowError
from ui.progress import console

_TOLD = 10
"""Bad rows, or chances, that are told one by one."""
_WORTH_SAYING = 0.01


def import_events(file: Path | None, settings: Settings, from_orders: bool, strict: bool, as_json: bool) -> None:
    """Write the file's events, and those that the orders say, each once; bad rows are told.

    Raises `AssistantError` with `strict` and a bad row, and where there is nothing to read.
    """
    if file is None and not from_orders:
        raise AssistantError("Say what to read: a CSV file, or --from-orders.")
    records = open_shop_records(settings)
    good: list[Interaction] = []
    bad: list[RowError] = []
    if file is not None:
        known = {customer.id for customer in records.customers.list()}
        for each in read_event_file(file, lambda given: given if given in known else None):
            (bad if isinstance(each, RowError) else good).append(each)  # type: ignore[arg-type]
    if from_orders:
        good += records.interactions.purchases_in_orders()
    for error in bad[:_TOLD]:
        console.print(str(error), style="yellow", markup=False, highlight=False)
    if strict and bad:
        raise AssistantError(f"{len(bad)} rows cannot be read; nothing was changed (--strict).")
    written = records.interactions.add_new(good)
    sold = {fact.id for fact in ProductStore(open_database(settings.store)).facts()}
    unknown = sum(event.product_id not in sold for event in good)
    figures = {"added": written, "known_already": len(good) - written, "left_out": len(bad), "not_sold_here": unknown}
    if as_json:
        print(json.dumps({**figures, "errors": [error.model_dump() for error in bad]}, ensure_ascii=False))
        return
    console.print(
        f"Events: {written} added, {figures['known_already']} were there or aren't allowed; {len(bad)} rows were left "
        f"out; {unknown} are of products that aren't sold here (kept, and not used).",
        highlight=False,
    )


def tell_chances(customer: str, days: int, settings: Settings, as_json: bool) -> None:
    """Print what a customer is likely to buy soon. Raises `RecordsError` for one of whom nothing is told."""
    store = ProductStore(open_database(settings.store))
    items = items_of(store.facts(), None)
    told = History(open_shop_records(settings)).chances(customer, items, datetime.now(UTC), days)
    if as_json:
        print(told.model_dump_json(indent=2))
        return
    if told.at_all is None:
        console.print(f"{customer} never bought anything, or the shop's orders go back too little to learn from.")
        return
    console.print(f"{customer} within {days} days: {told.at_all:.0%} for buying at all.", highlight=False)
    likely = [product_id for product_id, chance in told.products.items() if chance >= _WORTH_SAYING][:_TOLD]
    names = {product.id: f"{product.text('en').short_name} ({product.id})" for product in store.get_many(likely)}
    products = {names[product_id]: told.products[product_id] for product_id in likely if product_id in names}
    for title, chances in (("Again", products), ("Of a category again", told.categories)):
        for name, chance in list(chances.items())[:_TOLD]:
            if chance >= _WORTH_SAYING:
                console.print(f"{title:<20} {chance:>4.0%} {name}", markup=False, highlight=False)


def set_consent(customer: str, history: bool, settings: Settings) -> None:
    """Keep a customer's word on their history. Raises `RecordsError` for an unknown one."""
    records = open_shop_records(settings)
    records.customers.get(customer)
    records.consents.set(customer, history)
    word = "kept and used" if history else "not kept; what there was of it is gone"
    console.print(f"The history of {customer} is {word}.", highlight=False)


def forget_customer(customer: str, settings: Settings, as_json: bool) -> Forgotten:
    """Remove a customer and show what is left of them. Raises `RecordsError` for an unknown one."""
    url = settings.records_url
    open_shop_records(settings)
    done = forget(open_database(url.get_secret_value() if url else settings.store), customer)
    if as_json:
        print(done.model_dump_json(indent=2))
        return done
    for table, rows in done.removed.items():
        console.print(f"{table:<20} {rows:>6} rows removed", highlight=False)
    console.print(f"{'orders':<20} {done.orders:>6} kept for the books, without the customer", highlight=False)
    for table, found in done.tables.items():
        console.print(f"{table:<20} {found:>6} rows that say something of {customer}", highlight=False)
    if not done.left:
        console.print(f"Looked through every text of every table: nothing is left of {customer}.", highlight=False)
    return done
