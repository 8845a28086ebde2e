"""Copies of a shop to talk in: a conversation under test never touches the shop's own store."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, select

from assistant.app import App, assemble, build_app, ranker_name
from assistant.chat_models import ChatModel
from assistant.kept_models import KeptModels
from assistant.listening.addresses import one_line
from assistant.schema import Address, CartLine, Conversation, Customer, Order, Value
from assistant.settings import Settings
from assistant.shop.carts import cart_owner
from assistant.shop.checkout import CheckoutLinks
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import open_records
from assistant.shop.rules import POLICY_FILE
from assistant.shop.sessions import transaction
from assistant.shop.shipping import SHIPPING_FILE
from assistant.shop.sizing import SIZES_FILE
from assistant.shop.tables import ExchangeRow, OrderRow, ReturnRow
from retrieval.database import DATABASE_FILE, open_database
from retrieval.errors import IndexDamaged
from retrieval.indexing import INDEX_FOLDER, damage_message
from retrieval.schema import Encoder

_PRISTINE = "pristine.sqlite"


class OrderState(Value):
    """What may change of an order, and whose it is."""

    customer_id: str
    status: str
    cancel_reason: str | None
    version: int
    address: str
    paid_with: str
    total: Decimal
    options: tuple[str, ...]
    returned: tuple[str, ...]
    exchanged: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A shop for one conversation, with fresh records."""

    app: App
    engine: Engine

    def orders(self) -> dict[str, OrderState]:
        """Return the state of every order, whoever placed it."""
        with transaction(self.engine) as session:
            requests: dict[tuple[str, str], list[str]] = {}
            for back in session.scalars(select(ReturnRow)):
                requests.setdefault(("returned", back.order_id), []).extend(line["title"] for line in back.lines)
            for swap in session.scalars(select(ExchangeRow)):
                requests.setdefault(("exchanged", swap.order_id), []).extend(line["title"] for line in swap.lines)
            return {row.id: _state_of(row, requests) for row in session.scalars(select(OrderRow))}

    def find_order(self, order_id: str) -> Order | None:
        """Return the order, whoever placed it, or None."""
        with transaction(self.engine) as session:
            owner = session.scalar(select(OrderRow.customer_id).where(OrderRow.id == order_id))
        return self.app.records.orders.get(order_id, owner) if owner else None

    def find_customer(self, customer_id: str) -> Customer | None:
        """Return the customer, or None."""
        return self.app.records.customers.find(customer_id)

    def cart(self, conversation: Conversation) -> tuple[CartLine, ...]:
        """Return what is in the cart of whoever is talking."""
        owner = cart_owner(conversation.customer_id, conversation.visitor_id, conversation.id)
        return self.app.records.carts.of(owner).lines

    def tickets(self, conversation_id: str) -> int:
        """Return how many tickets of the conversation wait for a human."""
        return sum(ticket.conversation_id == conversation_id for ticket in self.app.records.tickets.waiting())


def _state_of(row: OrderRow, requests: Mapping[tuple[str, str], Sequence[str]]) -> OrderState:
    return OrderState(
        customer_id=row.customer_id,
        status=row.status,
        cancel_reason=row.cancel_reason,
        version=row.version,
        address=one_line(Address.model_validate(row.address)),
        paid_with=row.payment_method["label"],
        total=row.total,
        options=tuple(", ".join(line.options.values()) for line in row.lines),
        returned=tuple(requests.get(("returned", row.id), ())),
        exchanged=tuple(requests.get(("exchanged", row.id), ())),
    )


class ShopCopy:
    """A store copied to a temporary folder, its index opened once; every stage gets records as they were then."""

    def __init__(self, folder: Path, app: App) -> None:
        self._folder = folder
        self._app = app

    @property
    def chat_model(self) -> ChatModel:
        """The chat model that the copy was opened with."""
        return self._app.chat_model

    @contextmanager
    def stage(self, chat_model: ChatModel) -> Iterator[Stage]:
        """Set up a shop whose records are fresh and whose agent asks `chat_model`."""
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="stage-") as folder:
            shutil.copyfile(self._folder / _PRISTINE, Path(folder) / DATABASE_FILE)
            engine = open_database(Path(folder))
            try:
                upgrade_records(engine)
                shop = self._app
                links = CheckoutLinks(shop.settings.store, engine)
                records = open_records(engine, shop.catalogue, links)
                yield Stage(assemble(shop.settings, shop.catalogue, records, shop.policies, chat_model), engine)
            finally:
                engine.dispose()


@contextmanager
def copy_shop(
    settings: Settings, chat_model: ChatModel | None = None, encoder: Encoder | None = None
) -> Iterator[ShopCopy]:
    """Copy the store that the settings name, and open the copy with the configured models or with those given.

    Raises what `build_app` raises.
    """
    store = settings.store
    if not (store / DATABASE_FILE).is_file():
        raise IndexDamaged(damage_message(store, f"there is no {DATABASE_FILE}"))
    with tempfile.TemporaryDirectory(prefix="shelftalk-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _back_up(store / DATABASE_FILE, folder / DATABASE_FILE)
        shutil.copyfile(folder / DATABASE_FILE, folder / _PRISTINE)
        for part in (INDEX_FOLDER, "policies"):
            if (store / part).is_dir():
                shutil.copytree(store / part, folder / part, ignore=shutil.ignore_patterns(".*"))
        for name_of_file in (POLICY_FILE, SHIPPING_FILE, SIZES_FILE):
            if (store / name_of_file).is_file():
                shutil.copyfile(store / name_of_file, folder / name_of_file)
        # The shop's own models stay where they are: the copy has none.
        adapter = KeptModels(store, "chat").folder() if settings.adapter == "shipped" else None
        own = {"ranker": ranker_name(settings), **({"adapter": str(adapter)} if adapter else {})}
        copied = settings.model_copy(update={"store": folder, "records_url": None, **own})
        yield ShopCopy(folder, build_app(copied, chat_model, encoder))


def _back_up(source: Path, target: Path) -> None:
    """Copy a database that may be in use: SQLite's own backup reads one state of it."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
