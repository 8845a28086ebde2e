"""A shop's records in a real database file, and a few products to order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assistant.schema import Product
from assistant.shop.demo.personas import PERSONAS
from assistant.shop.records import ShopRecords, create_tables, open_records
from retrieval.database import open_database
from tests.assistant.shop.makers import make_customer, make_order, make_product


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path)
    create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def records(engine: Engine) -> ShopRecords:
    """The records of two customers: Ann with orders B1 (pending) and B2 (shipped), Bob with none."""
    records = open_records(engine)
    records.customers.add(make_customer("ann"), make_customer("bob", language="zh"))
    records.orders.add(make_order("B1", "pending", day=2), make_order("B2", "shipped", day=9))
    return records


@pytest.fixture(scope="session")
def products() -> list[Product]:
    """Six products of every type that a persona cares about, each in two colours and three sizes."""
    types = sorted({type_id for persona in PERSONAS for type_id in persona.types})
    return [make_product(type_id, number) for type_id in types for number in range(1, 7)]
