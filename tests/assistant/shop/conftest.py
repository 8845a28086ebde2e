"""A shop's records in a real SQLite file and on a real PostgreSQL server, and a few products to order."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from assistant.schema import Product
from assistant.shop.demo.personas import PERSONAS
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import ShopRecords, open_records
from retrieval.database import open_database
from tests.assistant.shop.makers import make_customer, make_order, make_product
from tests.postgres import running_server, server_programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server, without a database."""
    programs = server_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and CI tests with it.")
        pytest.skip("PostgreSQL is not installed. Get it with: apt-get install postgresql")
    with running_server(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without tables."""
    if request.param == "sqlite":
        engine = open_database(tmp_path)
    else:
        server, name = request.getfixturevalue("postgres"), f"shop_{uuid4().hex}"
        admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        engine = open_database(f"{server}/{name}")
    yield engine
    engine.dispose()


@pytest.fixture
def engine(empty: Engine) -> Engine:
    """A database with the records' tables."""
    upgrade_records(empty)
    return empty


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
