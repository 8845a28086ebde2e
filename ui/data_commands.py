"""What goes into a store and comes out of it: products, policies, people, orders, coupons, events, or all at once."""

import os
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import AssistantError
from assistant.settings import Settings, load_settings
from ui.command_parts import Json, Store, told
from ui.progress import console, waiting

data = typer.Typer()


@data.command("import")
@told
def import_(
    file: Annotated[Path | None, typer.Argument(help="A product feed, or a folder of policies.")] = None,
    store: Store = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="Our field = theirs, such as price=cost.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit with an error if any row was left out.")] = False,
    policies: Annotated[Path | None, typer.Option(help="A folder of policies: Markdown, text, HTML, PDF.")] = None,
    partial: Annotated[bool, typer.Option("--partial", "--keep-missing", help="Keep what this feed lacks.")] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Let a feed remove more than half of the products.")
    ] = False,
    check_images: Annotated[bool, typer.Option("--check-images", help="Ask the web for every picture.")] = False,
    json_: Json = False,
) -> None:
    """Bring the shop to the state of a feed, doing only what changed. Bad rows are named and left out."""
    from ui.import_command import import_feed, import_policy_folder
    from ui.import_report import import_json

    if store is None and "SHELFTALK_STORE" not in os.environ:
        raise AssistantError("Say which store the products are for: shelftalk import FILE --store DIR")
    if file is not None and policies is None and file.is_dir():
        file, policies = None, file
    if file is None and policies is None:
        raise AssistantError("Say what to import: shelftalk import FILE, or --policies FOLDER")
    settings = load_settings(store=store)
    done, feed, texts = None, None, None
    if file is not None:
        done, feed = import_feed(
            file, settings, _mapping(map_ or []), strict, partial, allow_removals, check_images, quiet=json_
        )
    if policies is not None:
        texts = import_policy_folder(policies, settings.store, strict, partial, quiet=json_)
    if json_:
        print(import_json(settings.store, done, feed, texts))


@data.command()
@told
def export(
    format_: Annotated[str, typer.Option("--format", help="jsonl, csv, google-xml, google-tsv, shopify, json-ld…")],
    out: Annotated[Path | None, typer.Option(help="The file, also as .gz. Default: the standard output.")] = None,
    store: Store = None,
) -> None:
    """Write the shop's products as a feed."""
    from ui.export_command import export_products

    count = export_products(load_settings(store=store).store, format_, out)
    if out is not None:
        console.print(f"{count} products are in {out}.")


def _named_store(store: Path | None, what: str) -> Settings:
    """Return the settings of a store that was named: writing into the demo shop unasked helps nobody."""
    if store is None and "SHELFTALK_STORE" not in os.environ:
        raise AssistantError(f"Say which store it is for: shelftalk {what} FILE --store DIR")
    return load_settings(store=store)


@data.command()
@told
def stock(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL with id, variant_id, price, currency, stock.")],
    store: Store = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="Our field = theirs, such as stock=qty.")] = None,
    strict: Annotated[bool, typer.Option(help="Change nothing if any row is bad.")] = False,
    json_: Json = False,
) -> None:
    """Set prices and stock alone; the next search tells them. Bad rows are named and left out."""
    from ui.import_command import set_stock

    set_stock(file, _named_store(store, "stock"), _mapping(map_ or []), strict, json_)


@data.command()
@told
def customers(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL, also Shopify's export of customers.")],
    store: Store = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="Our field = theirs, such as postcode=plz.")] = None,
    strict: Annotated[bool, typer.Option(help="Change nothing if any row is bad.")] = False,
    json_: Json = False,
) -> None:
    """Bring the shop's customers to the state of a file; those it lacks stay. Bad rows are named and left out."""
    from ui.records_command import import_customers

    import_customers(file, _named_store(store, "customers"), _mapping(map_ or []), strict, json_)


@data.command()
@told
def orders(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL, also Shopify's export of orders.")],
    store: Store = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="Our field = theirs, such as total=sum.")] = None,
    strict: Annotated[bool, typer.Option(help="Change nothing if any row is bad.")] = False,
    json_: Json = False,
) -> None:
    """Bring the shop's orders to the state of a file; those it lacks stay. Bad rows are named and left out."""
    from ui.records_command import import_orders

    import_orders(file, _named_store(store, "orders"), _mapping(map_ or []), strict, json_)


@data.command()
@told
def coupons(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL: code, value (15% or 5.00 USD), ends_at, uses…")],
    store: Store = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="Our field = theirs, such as code=voucher.")] = None,
    strict: Annotated[bool, typer.Option(help="Change nothing if any row is bad.")] = False,
    json_: Json = False,
) -> None:
    """Bring the shop's coupons to the state of a file; those it lacks stay. Bad rows are named and left out."""
    from ui.records_command import import_coupons

    import_coupons(file, _named_store(store, "coupons"), _mapping(map_ or []), strict, json_)


@data.command()
@told
def gift_cards(
    file: Annotated[Path, typer.Argument(help="CSV, TSV or JSONL: id, customer_id or email, balance (25.00 USD).")],
    store: Store = None,
    map_: Annotated[list[str] | None, typer.Option("--map", help="Our field = theirs, such as balance=rest.")] = None,
    strict: Annotated[bool, typer.Option(help="Change nothing if any row is bad.")] = False,
    json_: Json = False,
) -> None:
    """Bring customers' gift cards to the state of a file; those it lacks stay. Bad rows are named and left out."""
    from ui.records_command import import_gift_cards

    import_gift_cards(file, _named_store(store, "gift-cards"), _mapping(map_ or []), strict, json_)


@data.command()
@told
def events(
    file: Annotated[
        Path | None, typer.Argument(help="CSV: customer_id or visitor_id, product_id, kind, at; known names are found.")
    ] = None,
    from_orders: Annotated[bool, typer.Option("--from-orders", help="A purchase for each line of the orders.")] = False,
    store: Store = None,
    strict: Annotated[bool, typer.Option(help="A bad row is an error, and nothing is changed.")] = False,
    json_: Json = False,
) -> None:
    """Add what customers looked at and bought, which recommendations are made from; a second time adds nothing."""
    from ui.people_command import import_events

    import_events(file, load_settings(store=store), from_orders, strict, json_)


@data.command()
@told
def chances(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    days: Annotated[int, typer.Option(min=7, max=180, help="How far ahead.")] = 30,
    store: Store = None,
    json_: Json = False,
) -> None:
    """Tell how likely a customer buys soon: at all, a product again, of a category again."""
    from ui.people_command import tell_chances

    tell_chances(customer, days, load_settings(store=store), json_)


@data.command()
@told
def consent(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    history: Annotated[bool, typer.Argument(help="yes or no.")],
    store: Store = None,
) -> None:
    """Say whether a customer lets the shop keep and use what they do; a no takes what there is."""
    from ui.people_command import set_consent

    set_consent(customer, history, load_settings(store=store))


@data.command()
@told
def forget(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    store: Store = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json_: Json = False,
) -> None:
    """Remove a customer everywhere, keep the orders without them, and show what is left: nothing."""
    from ui.people_command import forget_customer

    if not yes:
        typer.confirm(f"Forget {customer}? This cannot be undone", abort=True)
    if forget_customer(customer, load_settings(store=store), json_).left:
        raise typer.Exit(1)


@data.command()
@told
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, such as shop.tar.gz.")], store: Store = None
) -> None:
    """Write the whole store to one file, also while the shop is open. It holds personal data: keep it safe."""
    from ui.backup_command import back_up

    settings = load_settings(store=store)
    with waiting("Packing…"):
        size = back_up(settings, file)
    console.print(f"{settings.store} is in {file}, {size / 1e6:.1f} MB.", highlight=False)


@data.command()
@told
def restore(file: Annotated[Path, typer.Argument(help="What `shelftalk backup` wrote.")], store: Store = None) -> None:
    """Make a store of a backup, in a place where there is none, and build its index."""
    from ui.backup_command import restore as unpack
    from ui.setup import reindex as build_anew

    settings = _named_store(store, "restore")
    with waiting("Unpacking…"):
        unpack(file, settings.store)
    build_anew(settings)


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    if len(mapping) != len(pairs):
        raise AssistantError("--map takes our field = theirs, such as --map price=cost")
    return mapping
